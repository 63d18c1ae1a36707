/* Looking names up, without keeping everybody waiting. */
#ifndef NODE_RESOLVE_H
#define NODE_RESOLVE_H

#include <stdbool.h>

#include <nectar/node.h>

/* Waits for an answer; gone when it is told. */
struct node_ask;

typedef void node_resolved(void *context, const struct nectar_found *found);

struct node_query {
    const char *name;
    bool fresh;
    bool anew;     /* what was asked for before will not do */
    bool route;    /* to be dialled: what is kept in the cache, and has no route, will not do */
    bool stranger; /* somebody else gave us the name: such have not all of the threads */
    node_resolved *done;
    void *context;
};

/* The same threads serve all; nothing, where the registry is in files. NECTAR_ENOMEM. */
int node_lookups_new(struct nectar_node *node);
/* All asks are gone. */
void node_lookups_free(struct nectar_node *node);

/*
 * True: *found is the answer. False: it is waited for by *ask; done is called once, from
 * net_loop_run, and *ask is then gone. It has no deadline of its own.
 */
bool node_resolve(struct nectar_found *found, struct node_ask **ask, struct nectar_node *node,
                  const struct node_query *query);

/* Gives up; done is not called. NULL is allowed. */
void node_ask_free(struct node_ask *ask);

#endif
