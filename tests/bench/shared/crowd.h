/*
 * Simulated nodes around one router, many in one process: each connection is a link over a socket
 * of its own. Node N is called nN.nec; all have the same key.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/nectar.h>

enum crowd_role {
    CROWD_REGISTERED, /* it has the router route for it */
    CROWD_CALLER,     /* it reaches another through the router */
    CROWD_CALLED,     /* and this one comes to meet it */
    CROWD_VISITOR,    /* it connects, and asks for nothing */
};

struct member {
    enum crowd_role role;
    size_t self, other;
    int fd;
    bool open;
    struct nectar_link *link;
    char name[16], peer[16]; /* ours, and that of the node at the other end */
};

struct crowd {
    const char *router; /* its name */
    uint8_t router_key[NECTAR_PUBLIC_BYTES];
    struct nectar_address address; /* where it listens */
    struct nectar_key *key;
    int epoll;
    struct member **members;
    size_t count, room;
    size_t open[4]; /* by role */
};

/* Knows the router by what the registry says of it, but finds it at address. */
void crowd_begin(struct crowd *crowd, const char *registry, const char *key_file,
                 const char *router, const char *address);

/* A node registers. Done when open[CROWD_REGISTERED] has grown. */
void crowd_register(struct crowd *crowd, size_t self);

/* A node connects. Done when open[CROWD_VISITOR] has grown. */
void crowd_visit(struct crowd *crowd, size_t self);

/* A node calls a registered one. Done when open[CROWD_CALLER] and [CROWD_CALLED] have grown. */
void crowd_call(struct crowd *crowd, size_t self, size_t other);

/* Reads and answers for a while. */
void crowd_live(struct crowd *crowd, uint64_t us);

/* Lives until so many of that role are open, some seconds at most. */
void crowd_await(struct crowd *crowd, enum crowd_role role, size_t count);

/* The connection of a node in that role, taken from the crowd: its socket is the caller's. */
int crowd_take(struct crowd *crowd, enum crowd_role role, size_t self);

#endif
