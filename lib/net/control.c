#include "net/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <nectar/error.h>

#include "base/time.h"
#include "net/timer.h"

enum {
    CONTROL_BATCH = 16,   /* connections taken before others get their turn */
    CONTROL_BACKLOG = 64, /* that wait to be taken */
    CONTROL_TRIES = 100,  /* for the lock of the folder, CONTROL_PAUSE_US apart */
    CONTROL_PAUSE_US = 10000,
};

/* Out of descriptors, the queue is left alone for so long. */
#define CONTROL_REST TIME_MS(100)

struct net_control {
    struct net_loop *loop;
    struct net_stream *socket;
    struct net_timer *rest;
    net_control_accepted *accepted;
    void *context;
    char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
    bool made;
    dev_t device; /* what the path led to when it was ours */
    ino_t inode;
};

uint64_t net_control_pid(void)
{
    return (uint64_t)getpid();
}

static int fill(struct sockaddr_un *out, const char *path, char *reason)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof out->sun_path) {
        snprintf(reason, NET_REASON_SIZE, "the path is too long for a socket");
        return NECTAR_ETOOBIG;
    }
    memcpy(out->sun_path, path, strlen(path) + 1);
    return 0;
}

/* Is whoever is at the other end of our user, or root? */
static bool is_of_us(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

/* --- connecting ------------------------------------------------------------------------------ */

static int classify_connect(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
        return NECTAR_EOFFLINE;
    case EAGAIN:
        return NECTAR_EBUSY;
    case EACCES:
    case EPERM:
        return NECTAR_EREJECTED;
    default:
        return NECTAR_EIO;
    }
}

static int connect_to(int *out, const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error;

    if (fd < 0)
        return NECTAR_EIO;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0) {
        *out = fd;
        return 0;
    }
    error = classify_connect(errno);
    close(fd);
    return error;
}

int net_control_dial(struct net_stream **out, struct net_loop *loop, const char *path, char *reason)
{
    struct sockaddr_un address;
    int fd;
    int error = fill(&address, path, reason);

    if (error)
        return error;
    error = connect_to(&fd, &address);
    if (error) {
        snprintf(reason, NET_REASON_SIZE, "%s", strerror(errno));
        return error;
    }
    if (!is_of_us(fd)) {
        close(fd);
        snprintf(reason, NET_REASON_SIZE, "another user serves it");
        return NECTAR_EREJECTED;
    }
    return net_stream_new(out, loop, fd);
}

/* --- serving --------------------------------------------------------------------------------- */

static bool take(struct net_control *control)
{
    struct net_stream *stream;
    int fd = accept4(net_stream_fd(control->socket), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            net_stream_watch(control->socket, false, false);
            net_timer_set(control->rest, time_after(net_loop_now(control->loop), CONTROL_REST));
        }
        return errno == ECONNABORTED || errno == EINTR;
    }
    if (!is_of_us(fd))
        close(fd);
    else if (!net_stream_new(&stream, control->loop, fd))
        control->accepted(control->context, stream);
    return true;
}

static void on_ready(void *context, bool readable, bool writable)
{
    struct net_control *control = context;

    (void)readable, (void)writable;
    for (int i = 0; i < CONTROL_BATCH && take(control); i++)
        ;
}

static void on_rest(void *context)
{
    struct net_control *control = context;

    net_stream_watch(control->socket, true, false);
}

/* Opens the folder of a path, and holds it against others that would make or replace a socket. */
static int lock_folder(int *out, const char *path, char *reason)
{
    char folder[sizeof((struct sockaddr_un *)NULL)->sun_path];
    char *slash;
    struct stat info;
    int fd, tries = CONTROL_TRIES;

    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info)) {
        snprintf(reason, NET_REASON_SIZE, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return NECTAR_EIO;
    }
    if (info.st_uid != geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH))) {
        snprintf(reason, NET_REASON_SIZE, "its folder is not ours alone to write (chmod 700)");
        close(fd);
        return NECTAR_EREJECTED;
    }
    while (flock(fd, LOCK_EX | LOCK_NB) != 0 && tries-- > 0)
        usleep(CONTROL_PAUSE_US);
    if (tries < 0) {
        snprintf(reason, NET_REASON_SIZE, "its folder is locked");
        close(fd);
        return NECTAR_EBUSY;
    }
    *out = fd;
    return 0;
}

/* Makes room at the path: what stands there may only be a socket that nobody serves. */
static int clear(const struct sockaddr_un *address, char *reason)
{
    struct stat info;
    int fd, error;

    if (lstat(address->sun_path, &info) != 0)
        return 0;
    if (!S_ISSOCK(info.st_mode)) {
        snprintf(reason, NET_REASON_SIZE, "something that is no socket stands there");
        return NECTAR_EEXISTS;
    }
    error = connect_to(&fd, address);
    if (!error)
        close(fd);
    if (!error || error == NECTAR_EBUSY) {
        snprintf(reason, NET_REASON_SIZE, "another process serves it");
        return NECTAR_EBUSY;
    }
    unlink(address->sun_path);
    return 0;
}

/* Nobody can connect before it listens, and then its mode is set. */
static int make(struct net_control *control, int *out, char *reason)
{
    struct sockaddr_un address;
    struct stat info;
    int fd;
    int error = fill(&address, control->path, reason);

    if (!error)
        error = clear(&address, reason);
    if (error)
        return error;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        control->made = lstat(control->path, &info) == 0;
        control->device = info.st_dev;
        control->inode = info.st_ino;
        if (control->made && chmod(control->path, 0600) == 0 && listen(fd, CONTROL_BACKLOG) == 0) {
            *out = fd;
            return 0;
        }
    }
    snprintf(reason, NET_REASON_SIZE, "%s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return NECTAR_EIO;
}

int net_control_new(struct net_control **out, struct net_loop *loop, const char *path,
                    net_control_accepted *accepted, void *context, char *reason)
{
    struct net_control *control = calloc(1, sizeof *control);
    struct sockaddr_un unused;
    int fd = -1, folder;
    int error = control ? fill(&unused, path, reason) : NECTAR_ENOMEM;

    if (error)
        goto done;
    *control = (struct net_control){.loop = loop, .accepted = accepted, .context = context};
    snprintf(control->path, sizeof control->path, "%s", path);
    error = lock_folder(&folder, path, reason);
    if (error)
        goto done;
    error = make(control, &fd, reason);
    close(folder);
    if (!error)
        error = net_stream_new(&control->socket, loop, fd);
    if (!error)
        error = net_timer_new(&control->rest, loop, on_rest, control);
    if (error)
        goto done;
    net_stream_attach(control->socket, on_ready, control);
    net_stream_watch(control->socket, true, false);
    *out = control;
done:
    if (error)
        net_control_free(control);
    return error;
}

void net_control_free(struct net_control *control)
{
    struct stat info;

    if (!control)
        return;
    if (control->made && lstat(control->path, &info) == 0 && info.st_dev == control->device &&
        info.st_ino == control->inode)
        unlink(control->path);
    net_stream_free(control->socket);
    net_timer_free(control->rest);
    free(control);
}
