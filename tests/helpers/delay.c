/*
 * delay PORT SECOND EACH JITTER SEED: passes TCP connections on to a port of 127.0.0.1, later. What
 * a client says after its first word (behind the upgrade) waits SECOND microseconds, all else,
 * either way, EACH; and each up to JITTER more, by the seed. Prints the port where it listens.
 * SIGHUP breaks all connections; it ends with SIGTERM, or after two minutes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t breaks;

enum { SECONDS = 120, CONNS_MAX = 1024, CHUNK = 16384 };

/* One direction: what was read and waits. */
struct way {
    int from, to;
    uint64_t due;
    size_t len, gone;
    unsigned said; /* how often */
    bool at_end, over;
    uint8_t data[CHUNK];
};

struct delay {
    int listener;
    in_port_t port; /* that is passed on to */
    uint64_t second, each, jitter, state;
    struct way *ways[2 * CONNS_MAX]; /* there and back, in pairs; NULL: free */
    struct pollfd fds[1 + 2 * CONNS_MAX];
};

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void on_hangup(int signal)
{
    (void)signal;
    breaks = 1;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t later(struct delay *delay, const struct way *way, bool from_client)
{
    uint64_t wait = from_client && way->said == 1 ? delay->second : delay->each;

    delay->state = delay->state * 6364136223846793005u + 1442695040888963407u;
    return now_us() + wait + (delay->jitter ? (delay->state >> 33) % delay->jitter : 0);
}

static struct sockaddr_in local(in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = port};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void end_pair(struct delay *delay, size_t pair)
{
    close(delay->ways[2 * pair]->from);
    close(delay->ways[2 * pair]->to);
    for (size_t i = 2 * pair; i < 2 * pair + 2; i++) {
        free(delay->ways[i]);
        delay->ways[i] = NULL;
    }
}

static void take(struct delay *delay)
{
    struct sockaddr_in address = local(delay->port);
    int client = accept4(delay->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t pair = 0;

    while (pair < CONNS_MAX && delay->ways[2 * pair])
        pair++;
    if (client < 0 || server < 0 || pair == CONNS_MAX ||
        connect(server, (struct sockaddr *)&address, sizeof address) < 0) {
        close(client);
        close(server);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        struct way *way = calloc(1, sizeof *way);

        if (!way)
            die("calloc");
        way->from = i ? server : client;
        way->to = i ? client : server;
        setsockopt(way->to, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        delay->ways[2 * pair + i] = way;
    }
}

static void break_all(struct delay *delay)
{
    breaks = 0;
    for (size_t pair = 0; pair < CONNS_MAX; pair++)
        if (delay->ways[2 * pair])
            end_pair(delay, pair);
}

/* false: the connection is lost. */
static bool fill(struct delay *delay, struct way *way, bool from_client)
{
    ssize_t n = recv(way->from, way->data, sizeof way->data, MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    way->due = later(delay, way, from_client);
    way->said++;
    way->at_end = n == 0;
    way->len = (size_t)n;
    way->gone = 0;
    return true;
}

static bool drain(struct way *way)
{
    ssize_t n;

    if (way->at_end) {
        way->over = true;
        shutdown(way->to, SHUT_WR);
        return true;
    }
    n = send(way->to, way->data + way->gone, way->len - way->gone, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    way->gone += (size_t)n;
    if (way->gone == way->len)
        way->len = 0;
    return true;
}

static bool is_held(const struct way *way)
{
    return way->len > 0 || way->at_end;
}

static void serve(struct delay *delay, uint64_t now)
{
    for (size_t i = 0; i < 2 * CONNS_MAX; i++) {
        struct way *way = delay->ways[i];
        bool stands = true;

        if (!way)
            continue;
        if (delay->fds[1 + i].revents && !is_held(way))
            stands = fill(delay, way, i % 2 == 0);
        else if (is_held(way) && !way->over && way->due <= now)
            stands = drain(way);
        if (!stands || (delay->ways[i ^ 1]->over && way->over))
            end_pair(delay, i / 2);
    }
}

/* Until what is held is to go; what is due and has not gone waits for its reader. */
static uint64_t time_to(const struct way *way, uint64_t now)
{
    return way->due > now ? way->due - now : 1000;
}

/* Waits for input where there is room for it, at most until what is held is due. */
static void await(struct delay *delay, uint64_t now)
{
    uint64_t wait = 1000000;
    struct timespec timeout;

    delay->fds[0] = (struct pollfd){.fd = delay->listener, .events = POLLIN};
    for (size_t i = 0; i < 2 * CONNS_MAX; i++) {
        const struct way *way = delay->ways[i];
        bool reads = way && !is_held(way);

        delay->fds[1 + i] = (struct pollfd){.fd = reads ? way->from : -1, .events = POLLIN};
        if (way && is_held(way) && !way->over && time_to(way, now) < wait)
            wait = time_to(way, now);
    }
    timeout = (struct timespec){(time_t)(wait / 1000000), (long)(wait % 1000000) * 1000};
    if (ppoll(delay->fds, 1 + 2 * CONNS_MAX, &timeout, NULL) < 0 && errno != EINTR)
        die("ppoll");
}

int main(int argc, char **argv)
{
    static struct delay delay;
    struct sockaddr_in address = local(0);
    socklen_t len = sizeof address;
    struct rlimit files;

    alarm(SECONDS);
    signal(SIGHUP, on_hangup);
    if (argc != 6)
        return 2;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    delay.port = htons((uint16_t)strtoul(argv[1], NULL, 10));
    delay.second = strtoull(argv[2], NULL, 10);
    delay.each = strtoull(argv[3], NULL, 10);
    delay.jitter = strtoull(argv[4], NULL, 10);
    delay.state = strtoull(argv[5], NULL, 10);
    delay.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (delay.listener < 0 || bind(delay.listener, (struct sockaddr *)&address, len) < 0 ||
        listen(delay.listener, 128) < 0 ||
        getsockname(delay.listener, (struct sockaddr *)&address, &len) < 0)
        die("listen");
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        await(&delay, now_us());
        if (breaks) {
            break_all(&delay);
            continue;
        }
        if (delay.fds[0].revents)
            take(&delay);
        serve(&delay, now_us());
    }
}
