/*
 * Joins network namespaces by carrying the packets between them, and does to them what networks do:
 * late, lost, doubled, out of order, too slow, or not at all. Needs TUN devices, and either root or
 * user namespaces; no qdisc.
 *
 *   relay SOCKET              makes SOCKET, prints "ready", and carries until it is ended
 *   relay SOCKET COMMAND...   has the one that runs do something, and prints its answer
 *
 * Commands (control.c; CONTRIBUTING.md shows them at work):
 *
 *   place NAME ADDRESS        a new namespace with this address; the answer is for nsenter
 *   link A B OPTION VALUE...  between the two, or "*": delay MS, jitter MS, loss PERCENT,
 *                             duplicate PERCENT, rate BYTES-A-SECOND, queue BYTES,
 *                             largest BYTES-OF-A-PACKET, until BYTES-ARRIVED, cut on|off
 *   way FROM TO ...           the same in one direction
 *   passed FROM TO            how many packets and bytes have arrived, how many were lost
 *   seed N                    heals everything; another throw of the dice
 *
 * The namespaces end with the relay and what still runs in them. Exits 77 if this machine lets us
 * make none.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fault/control.h"

#define NS_PER_S 1000000000u

enum {
    EXIT_IMPOSSIBLE = 77,
    BURST = 64, /* packets read from one place before the next has its turn */
    IP_HEADER = 20,
    IP_DESTINATION = 16,
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* The place with the address that an IPv4 packet goes to; the count of places: none. */
static size_t destination(const struct relay *relay, const uint8_t *data, size_t len)
{
    size_t i = relay->count;

    if (len < IP_HEADER || data[0] >> 4 != 4)
        return relay->count;
    for (i = 0; i < relay->count; i++)
        if (memcmp(data + IP_DESTINATION, &relay->places[i].address, sizeof(struct in_addr)) == 0)
            break;
    return i;
}

/* Takes what a place has sent. */
static void read_place(struct relay *relay, size_t from)
{
    static uint8_t data[WAY_PACKET_MAX];

    for (int i = 0; i < BURST; i++) {
        ssize_t len = read(relay->places[from].tun, data, sizeof data);
        size_t to;

        if (len <= 0)
            return;
        to = destination(relay, data, (size_t)len);
        if (to < relay->count)
            wire_take(&relay->wire, &relay->ways[from][to], relay->places[to].tun, data,
                      (size_t)len, now_ns());
    }
}

/* One command of one client, who waits for the answer. */
static void serve(struct relay *relay, int listener)
{
    int fd = accept(listener, NULL, NULL);
    struct timeval patience = {.tv_sec = 1};
    char line[CONTROL_LINE_MAX], answer[CONTROL_LINE_MAX];
    ssize_t len;

    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    len = recv(fd, line, sizeof line - 1, 0);
    if (len > 0) {
        line[len] = '\0';
        control_do(relay, line, answer, sizeof answer);
        send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    }
    close(fd);
}

static void carry(struct relay *relay, int listener)
{
    struct pollfd fds[1 + CONTROL_PLACES_MAX];

    for (;;) {
        uint64_t now = now_ns(), next, span;
        struct timespec wait;

        wire_deliver(&relay->wire, now, &next);
        span = next > now ? next - now : 0;
        wait.tv_sec = (time_t)(span / NS_PER_S);
        wait.tv_nsec = (long)(span % NS_PER_S);
        fds[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (size_t i = 0; i < relay->count; i++)
            fds[1 + i] = (struct pollfd){.fd = relay->places[i].tun, .events = POLLIN};
        if (ppoll(fds, 1 + relay->count, next == UINT64_MAX ? NULL : &wait, NULL) < 0)
            die("poll");
        for (size_t i = 0; i < relay->count; i++)
            if (fds[1 + i].revents)
                read_place(relay, i);
        if (fds[0].revents)
            serve(relay, listener);
    }
}

static int open_socket(struct sockaddr_un *address, const char *path)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    if (fd < 0)
        die("socket");
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if ((size_t)snprintf(address->sun_path, sizeof address->sun_path, "%s", path) >=
        sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    return fd;
}

/* Has the relay that runs do something; 1 if it cannot. */
static int ask(const char *path, char **words, int count)
{
    struct sockaddr_un address;
    int fd = open_socket(&address, path);
    char line[CONTROL_LINE_MAX];
    size_t used = 0;
    ssize_t len = -1;

    for (int i = 0; i < count && used < sizeof line; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s ", words[i]);
    if (used >= sizeof line) {
        errno = E2BIG;
        die("command");
    }
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die(path);
    if (send(fd, line, used, MSG_NOSIGNAL) < 0 || (len = recv(fd, line, sizeof line - 1, 0)) <= 0)
        die("no answer");
    line[len] = '\0';
    close(fd);
    puts(line);
    return strncmp(line, "error: ", 7) == 0;
}

int main(int argc, char **argv)
{
    static struct relay relay;
    struct sockaddr_un address;
    struct stat left;
    int listener;

    if (argc < 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: relay SOCKET [COMMAND...]\n");
        return 2;
    }
    if (argc > 2)
        return ask(argv[1], argv + 2, argc - 2);
    if (!place_prepare(&relay.alien)) {
        fprintf(stderr, "relay: no network namespaces with TUN devices here: %s\n",
                strerror(errno));
        return EXIT_IMPOSSIBLE;
    }
    listener = open_socket(&address, argv[1]);
    if (lstat(argv[1], &left) == 0 && S_ISSOCK(left.st_mode))
        unlink(argv[1]); /* by one that was killed */
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(listener, SOMAXCONN) < 0)
        die(argv[1]);
    puts("ready");
    fflush(stdout);
    carry(&relay, listener);
}
