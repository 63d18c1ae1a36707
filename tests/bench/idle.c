/*
 * idle REGISTRY KEY-FILE NAME ADDRESS PROCESS CONNECTIONS
 *
 * Memory that a node takes for each connection that others have made to it and leave idle: of its
 * process, and of the kernel for its socket, measured on bare ones. The others are simulated
 * (shared/crowd): the registry must know n0.nec to as many. Prints what, figure and limit, KiB: the
 * kernel's alone is the limit.
 */
#include <stdio.h>

#include "bench/shared/crowd.h"
#include "bench/shared/limit.h"
#include "bench/shared/tool.h"

enum {
    WINDOW = 64,      /* under way at once */
    SETTLE = 1500000, /* us: buffers that are no longer needed are given back within */
};

/* Under way at most WINDOW at once. */
static void visit_all(struct crowd *crowd, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        crowd_visit(crowd, i);
        if (i + 1 > from + WINDOW)
            crowd_await(crowd, CROWD_VISITOR, i + 1 - WINDOW);
    }
    crowd_await(crowd, CROWD_VISITOR, to);
    crowd_live(crowd, SETTLE);
}

int main(int argc, char **argv)
{
    struct crowd crowd;
    double kernel, before;
    size_t count;
    pid_t process;

    if (argc != 7) {
        fprintf(stderr, "usage: idle REGISTRY KEY-FILE NAME ADDRESS PROCESS CONNECTIONS\n");
        return 2;
    }
    process = (pid_t)number(argv[5]);
    count = number(argv[6]);
    pin(false);
    kernel = limit_socket_kib();
    crowd_begin(&crowd, argv[1], argv[2], argv[3], argv[4]);
    /* What it takes once is not counted. */
    visit_all(&crowd, 0, 2);
    before = resident_kib(process);
    visit_all(&crowd, 2, 2 + count);
    printf("an idle connection, kernel included, KiB\t%.1f\t%.1f\n",
           (resident_kib(process) - before) / (double)count + kernel, kernel);
    return 0;
}
