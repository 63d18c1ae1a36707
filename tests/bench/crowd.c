/*
 * crowd REGISTRY KEY-FILE ROUTER ADDRESS PROCESS REGISTERED PASSTHROUGHS
 *
 * What a router spends on each node that registers with it and on each passthrough, idle: memory,
 * and processor time to get there. Nodes are simulated (shared/crowd); the registry must know
 * n0.nec to as many as are to register. Prints what, figure and limit, a line each:
 *
 *   memory, KiB     of the router's process; limit: the sockets of it in the kernel, measured here
 *                   on bare ones: one for a node, two for a passthrough
 *   processor, us   of the router's process; limit: its operations with public keys alone
 *   seconds         that all of them took, the simulation on the other processor; no limit
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/shared/crowd.h"
#include "bench/shared/tool.h"
#include "crypto/x25519.h"

enum {
    WINDOW = 64,        /* under way at once */
    SETTLE = 1500000,   /* us: buffers that are no longer needed are given back within */
    SOCKET_PAIRS = 400, /* made in each round */
    ROUNDS = 5,
    REPEATS = 100,
};

struct spent {
    double memory, cpu; /* KiB, s */
    uint64_t time;      /* us */
};

static struct spent spent_by(pid_t process)
{
    return (struct spent){resident_kib(process), cpu_s(process), now_us()};
}

/* Both ends of so many connections, watched; they stay, or the next would take what they leave. */
static void open_sockets(int listener, int epoll, const struct sockaddr_in *at)
{
    for (int i = 0; i < SOCKET_PAIRS; i++) {
        int fds[2] = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

        must(fds[0] >= 0 && connect(fds[0], (const struct sockaddr *)at, sizeof *at) == 0,
             "not connected");
        fds[1] = accept(listener, NULL, NULL);
        must(fds[1] >= 0, "not accepted");
        for (int end = 0; end < 2; end++) {
            struct epoll_event readable = {.events = EPOLLIN, .data.fd = fds[end]};

            must(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[end], &readable) == 0, "epoll_ctl");
        }
    }
}

/* KiB of the kernel's for one end of a connection that is watched. The others of this machine make
 * and free such memory too: a median. */
static double socket_kib(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), epoll = epoll_create1(0);
    double values[ROUNDS];

    must(listener >= 0 && epoll >= 0 && bind(listener, (struct sockaddr *)&at, len) == 0 &&
             listen(listener, 16) == 0 && getsockname(listener, (struct sockaddr *)&at, &len) == 0,
         "no listener");
    for (int round = 0; round < ROUNDS; round++) {
        double before = slab_kib();

        open_sockets(listener, epoll, &at);
        values[round] = (slab_kib() - before) / (2.0 * SOCKET_PAIRS);
    }
    close(epoll);
    close(listener);
    return median(values, ROUNDS);
}

/* us for the operations of a responder: two key pairs, three shared secrets, a signature made and
 * one checked. */
static void handshake_keys(const struct nectar_key *key)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES], point[X25519_BYTES];

    for (int i = 0; i < 2; i++)
        x25519_public(point, nectar_key_public(key));
    for (int i = 0; i < 3; i++)
        must(x25519_shared(point, nectar_key_public(key), point), "X25519");
    nectar_key_sign(signature, key, point, sizeof point);
    must(nectar_key_verify(signature, nectar_key_public(key), point, sizeof point), "Ed25519");
}

/* The same for a passthrough: each side signs its request. */
static void passage_keys(const struct nectar_key *key)
{
    static uint8_t signature[NECTAR_SIGNATURE_BYTES];
    static bool is_signed;

    if (!is_signed)
        nectar_key_sign(signature, key, "n0.nec", 6);
    is_signed = true;
    for (int i = 0; i < 2; i++)
        must(nectar_key_verify(signature, nectar_key_public(key), "n0.nec", 6), "Ed25519");
}

static double keys_us(void (*work)(const struct nectar_key *), const struct nectar_key *key)
{
    double values[ROUNDS];

    for (int round = 0; round < ROUNDS; round++) {
        double start = cpu_s(0);

        for (int i = 0; i < REPEATS; i++)
            work(key);
        values[round] = (cpu_s(0) - start) * 1e6 / REPEATS;
    }
    return median(values, ROUNDS);
}

/* Under way at most WINDOW at once. */
static void register_all(struct crowd *crowd, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        crowd_register(crowd, i);
        if (i + 1 > from + WINDOW)
            crowd_await(crowd, CROWD_REGISTERED, i + 1 - WINDOW);
    }
    crowd_await(crowd, CROWD_REGISTERED, to);
}

/* Each registered node calls the next one, around. */
static void call_all(struct crowd *crowd, size_t from, size_t to, size_t registered)
{
    for (size_t i = from; i < to; i++) {
        crowd_call(crowd, i % registered, (i + 1 + i / registered) % registered);
        if (i + 1 > from + WINDOW)
            crowd_await(crowd, CROWD_CALLER, i + 1 - WINDOW);
    }
    crowd_await(crowd, CROWD_CALLER, to);
    crowd_await(crowd, CROWD_CALLED, to);
}

static void tell(struct crowd *crowd, pid_t process, const struct spent *before, size_t count,
                 const char *what, double socket_limit, double keys_limit)
{
    double cpu = cpu_s(process) - before->cpu;
    double seconds = (double)(now_us() - before->time) / 1e6;

    crowd_live(crowd, SETTLE);
    printf("%s: memory, KiB\t%.1f\t%.1f\n", what,
           (resident_kib(process) - before->memory) / (double)count, socket_limit);
    printf("%s: processor time, us\t%.0f\t%.0f\n", what, cpu * 1e6 / (double)count, keys_limit);
    printf("%s: all %zu of them, s\t%.2f\t0\n", what, count, seconds);
}

int main(int argc, char **argv)
{
    struct crowd crowd;
    struct spent before;
    size_t registered, passages;
    pid_t process;
    double kernel;

    if (argc != 8) {
        fprintf(stderr, "usage: crowd REGISTRY KEY-FILE ROUTER ADDRESS PROCESS REGISTERED "
                        "PASSTHROUGHS\n");
        return 2;
    }
    process = (pid_t)number(argv[5]);
    registered = number(argv[6]);
    passages = number(argv[7]);
    pin(false);
    kernel = socket_kib();
    crowd_begin(&crowd, argv[1], argv[2], argv[3], argv[4]);
    /* What it takes once is not counted. */
    register_all(&crowd, 0, 2);
    call_all(&crowd, 0, 1, 2);
    crowd_live(&crowd, SETTLE);
    before = spent_by(process);
    register_all(&crowd, 2, 2 + registered);
    tell(&crowd, process, &before, registered, "a registered node", kernel,
         keys_us(handshake_keys, crowd.key));
    before = spent_by(process);
    call_all(&crowd, 1, 1 + passages, 2 + registered);
    tell(&crowd, process, &before, passages, "a passthrough", 2 * kernel,
         keys_us(passage_keys, crowd.key));
    return 0;
}
