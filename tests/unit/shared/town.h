/* Several nodes in one process, on real sockets and an embedded registry in a folder of their own.
 */
#ifndef UNIT_TOWN_H
#define UNIT_TOWN_H

#include <nectar/nectar.h>

enum { TOWN_MAX = 8 };

struct town {
    char folder[64];
    char uri[128];
    struct nectar_registry *registry;
    size_t count;
    struct nectar_key *keys[TOWN_MAX];
    struct nectar_node *nodes[TOWN_MAX];
    char names[TOWN_MAX][32];
    struct nectar_router_policy policy; /* of its routers */
    struct nectar_node_config config;   /* of nodes still to be added: limits and times */
};

void town_begin(struct town *town);
void town_end(struct town *town);

/* Adds a node NAME.nec with a fresh key; if listening, it takes connections on a free port of
 * 127.0.0.1 and is published there. Returns its index. */
size_t town_add(struct town *town, const char *name, bool listening);

/* Adds a router: a node that listens, and routes for anyone. */
size_t town_add_router(struct town *town, const char *name);

/* Adds a node that is reached through routers, and waits until the first of them stands. */
size_t town_add_indirect(struct town *town, const char *name, const size_t *routers, size_t count);

/* Publishes an address for a node. */
void town_publish(struct town *town, size_t who, const char *host, uint16_t port);

/* Publishes a key for a node that is not the one it has. */
void town_rekey(struct town *town, size_t who);

/* Sends a hello with this body; returns its id. */
uint64_t town_hello(struct town *town, size_t from, size_t to, const char *body);

/*
 * Lets all nodes run until `who` has an event other than IDLE, at most ms milliseconds. The others'
 * events are handled as a listener would: requests are answered "ack", the rest is dropped.
 */
struct nectar_node_event town_run(struct town *town, size_t who, unsigned ms);

/* Lets all run for ms milliseconds, answering requests; returns how many there were at `who`. */
size_t town_idle(struct town *town, size_t who, unsigned ms);

#endif
