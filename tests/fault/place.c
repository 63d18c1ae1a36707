#include "fault/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define OWN_SPACE "/proc/self/ns/net"
#define TUN       "/dev/net/tun"

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return done;
}

/* A user namespace in which we are who we were, and may do what we want with the network. */
static bool leave_home(void)
{
    unsigned uid = getuid(), gid = getgid();
    char map[64];

    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 || !write_text("/proc/self/setgroups", "deny"))
        return false;
    snprintf(map, sizeof map, "%u %u 1\n", uid, uid);
    if (!write_text("/proc/self/uid_map", map))
        return false;
    snprintf(map, sizeof map, "%u %u 1\n", gid, gid);
    if (!write_text("/proc/self/gid_map", map))
        return false;
    /* Who enters our places does so through /proc/PID/fd, which the move has closed to others. */
    return prctl(PR_SET_DUMPABLE, 1) == 0;
}

/* A fresh TUN device in the namespace we are in; -1, errno set. */
static int open_tun(struct ifreq *request)
{
    int tun = open(TUN, O_RDWR | O_CLOEXEC | O_NONBLOCK);

    request->ifr_flags = IFF_TUN | IFF_NO_PI;
    if (tun >= 0 && ioctl(tun, TUNSETIFF, request) < 0) {
        int error = errno;

        close(tun);
        errno = error;
        return -1;
    }
    return tun;
}

bool place_prepare(bool *alien)
{
    struct ifreq request = {.ifr_name = "wire"};
    int tun;

    *alien = unshare(CLONE_NEWNET) < 0;
    if (*alien && (errno != EPERM || !leave_home()))
        return false;
    tun = open_tun(&request);
    if (tun < 0)
        return false;
    close(tun);
    return true;
}

static void set_address(struct ifreq *request, struct in_addr address)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = address};

    memcpy(&request->ifr_addr, &in, sizeof in);
}

/* Gives the device its address, and puts it and the loopback up. */
static bool configure(struct ifreq *request, struct in_addr address)
{
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool done;

    if (fd < 0)
        return false;
    set_address(request, address);
    done = ioctl(fd, SIOCSIFADDR, request) == 0;
    set_address(request, (struct in_addr){.s_addr = htonl(0xffffff00u)});
    done = done && ioctl(fd, SIOCSIFNETMASK, request) == 0;
    request->ifr_flags = IFF_UP | IFF_RUNNING;
    done = done && ioctl(fd, SIOCSIFFLAGS, request) == 0 && ioctl(fd, SIOCSIFFLAGS, &loopback) == 0;
    close(fd);
    return done;
}

bool place_make(struct place *place, const char *name, struct in_addr address)
{
    struct ifreq request = {.ifr_name = "wire"};

    /* We stay in the newest: a TUN device belongs to where it was made, whoever reads it. */
    if (unshare(CLONE_NEWNET) < 0)
        return false;
    place->tun = open_tun(&request);
    if (place->tun < 0)
        return false;
    place->space = open(OWN_SPACE, O_RDONLY | O_CLOEXEC);
    if (place->space < 0 || !configure(&request, address)) {
        close(place->tun);
        return false;
    }
    snprintf(place->name, sizeof place->name, "%s", name);
    place->address = address;
    return true;
}
