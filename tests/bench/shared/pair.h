/* Two nodes: one in this process, and another, which answers each request with "ack", in a process
 * of its own (helpers/burst listen). */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <nectar/nectar.h>

struct pair {
    const char *peer;
    pid_t process; /* the peer's */
    struct nectar_key *key;
    struct nectar_registry *registry;
    struct nectar_node *node; /* ours */
};

/* From the five arguments REGISTRY KEY-FILE NAME PEER PROCESS: whose they are, who the other is. */
void pair_begin(struct pair *pair, char **arguments);
void pair_end(struct pair *pair);

/* Sends a body so many times, at most window of them under way, and awaits each answer. Bodies go
 * in that form from now on. */
void pair_send(struct pair *pair, struct nectar_view body, bool array, size_t count, size_t window);

#endif
