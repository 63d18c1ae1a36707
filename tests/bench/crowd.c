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
#include <stdio.h>

#include "bench/shared/crowd.h"
#include "bench/shared/limit.h"
#include "bench/shared/tool.h"

enum {
    WINDOW = 64,      /* under way at once */
    SETTLE = 1500000, /* us: buffers that are no longer needed are given back within */
};

struct spent {
    double memory, cpu; /* KiB, s */
    uint64_t time;      /* us */
};

static struct spent spent_by(pid_t process)
{
    return (struct spent){resident_kib(process), cpu_s(process), now_us()};
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
    kernel = limit_socket_kib();
    crowd_begin(&crowd, argv[1], argv[2], argv[3], argv[4]);
    /* What it takes once is not counted. */
    register_all(&crowd, 0, 2);
    call_all(&crowd, 0, 1, 2);
    crowd_live(&crowd, SETTLE);
    before = spent_by(process);
    register_all(&crowd, 2, 2 + registered);
    tell(&crowd, process, &before, registered, "a registered node", kernel,
         limit_handshake_us(crowd.key));
    before = spent_by(process);
    call_all(&crowd, 1, 1 + passages, 2 + registered);
    tell(&crowd, process, &before, passages, "a passthrough", 2 * kernel,
         limit_passage_us(crowd.key));
    return 0;
}
