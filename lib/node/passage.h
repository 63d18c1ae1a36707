/*
 * What a router does: route (whom it routes for), way (that is asked for, and found), passage (two
 * connections joined) and relay (what goes from one to the other).
 */
#ifndef NODE_PASSAGE_H
#define NODE_PASSAGE_H

#include "node/node.h"
#include "ws/forward.h"

/* Bytes that wait for a leg before the other is read no further. */
enum { RELAY_ROOM = 256 << 10 };

/* One side. Its forward is the way from it to the other. */
struct leg {
    struct node_conn *conn; /* NULL: not there yet, or gone */
    struct ws_forward forward;
    struct bytes out; /* for this leg to write */
    size_t gone;      /* bytes at its front already written */
    uint64_t bytes;   /* that came from it */
};

struct node_passage {
    TAILQ_ENTRY(node_passage) all;
    TAILQ_ENTRY(node_passage) same; /* among those of its asker */
    struct node_peer *asker;
    struct nectar_node *node;
    char from[NECTAR_NAME_MAX + 1];
    char to[NECTAR_NAME_MAX + 1];
    bool open;
    bool ending; /* one side has ended: the other is written what is left */
    uint64_t opened;
    struct random_stream masks;
    struct node_conn *dialled; /* to the target, and not yet a leg */
    struct leg legs[2];        /* of the one who asked, and of its target */
};

static inline struct leg *leg_of(const struct node_conn *conn)
{
    struct node_passage *passage = conn->passage;

    return &passage->legs[passage->legs[1].conn == conn];
}

static inline struct leg *other_leg(const struct node_conn *conn)
{
    struct node_passage *passage = conn->passage;

    return &passage->legs[passage->legs[0].conn == conn];
}

/* way: from now on conn is not read, until there is one, or it is refused. */
void node_way_asked(struct node_conn *conn, const struct nectar_link_event *asked);
void node_way_give_up(struct node_conn *conn); /* the registry has not answered in time */
void node_way_free(struct node_way *way);

/* route */
bool node_route_allows(const char *const *names, size_t count, const char *name);
/* The newest connection by which this peer has us route for it; NULL: none. */
struct node_conn *node_route_registered(struct nectar_node *node, const char *name);
/* Tells it that caller waits for it here. */
int node_route_tell(struct node_conn *conn, const char *caller);
bool node_route_register(struct node_conn *conn); /* false: refused, and told */
/* Does the peer, routed for, say that it does not want to meet someone who waits? Then that is
 * over, and true. */
bool node_route_rejected(struct node_conn *conn, const struct nectar_message *response);
/* NULL: without memory for it, it goes untold. */
struct nectar_routing *node_route_note(struct nectar_node *node, enum nectar_routing_step step,
                                       const char *from, const char *to, const char *why);
/* The same of a refusal, which is told once a minute. offence: what tells it from others. */
void node_route_refused(struct nectar_node *node, uint64_t offence, const char *from,
                        const char *to, const char *why);

/* passage */
int node_passage_new(struct node_passage **out, struct node_conn *conn, const char *to);
/* The second leg is being dialled. */
void node_passage_await(struct node_passage *passage, struct node_conn *conn);
void node_passage_join(struct node_passage *passage, struct node_conn *conn);
void node_passage_end(struct node_passage *passage, const char *why);
void node_passage_lost(struct node_conn *conn, const char *why);
/* The newest that waits between these two, or NULL; how many of an asker wait; and how many there
 * are between these two, open or not. */
struct node_passage *node_passage_waiting(const struct nectar_node *node, const char *from,
                                          const char *to);
size_t node_passages_waiting_of(const struct nectar_node *node, const char *from);
size_t node_passages_between(const struct nectar_node *node, const char *from, const char *to);
/* What it is a leg of: whose way to whom, whether they are joined, and the bytes that came from it
 * and those still to be written to it. */
void node_passage_tell(const struct node_conn *conn, struct nectar_peer *out);
void node_passages_free(struct nectar_node *node);

/* relay */
void node_relay_receive(struct node_conn *conn);
void node_relay_flush(struct node_conn *conn);

#endif
