/* A node, and a liar to whom it sends. */
#ifndef UNIT_SCENE_H
#define UNIT_SCENE_H

#include "unit/shared/liar.h"

enum { CLOSE_NORMAL = 1000, CLOSE_AWAY = 1001, CLOSE_NO_CODE = 1005, CLOSE_LATER = 1013 };

/* How a connection can be lost besides by a Close of one of those codes: without a word. */
enum { END_CUT = 1, END_RESET = 2 };

struct scene {
    struct town town;
    struct liar liar; /* b.nec */
    size_t a;         /* the node, a.nec */
    in_port_t port;   /* where it listens */
};

/* taste: what the node knows of the liar. */
void scene_begin(struct scene *scene, enum nectar_taste taste);
void scene_end(struct scene *scene);

/* Lets both do what there is to do; what happened at the node. */
struct nectar_node_event scene_step(struct scene *scene);

/* The node's next event; IDLE if none comes. */
struct nectar_node_event scene_next(struct scene *scene);

/* Until the liar has read so many requests, or its nth connection is open, or so long: nothing
 * happens at the node meanwhile. */
void scene_await_requests(struct scene *scene, size_t count);
struct liar_conn *scene_await_open(struct scene *scene, size_t n);
void scene_quiet(struct scene *scene, unsigned ms);

/* A hello to the liar, one with a body, the same without an answer, one that waits 20 s for its
 * answer; its id. */
uint64_t scene_send(struct scene *scene, bool no_reply, bool no_retry);
uint64_t scene_send_body(struct scene *scene, struct nectar_view body, bool no_retry);
uint64_t scene_send_note(struct scene *scene, struct nectar_view body);
uint64_t scene_send_patiently(struct scene *scene);

void scene_lose(struct liar_conn *conn, int how);

/* The node's next event is that. */
void scene_assert_failed(struct scene *scene, uint64_t id, enum nectar_stage stage);
void scene_assert_replied(struct scene *scene, uint64_t id, bool retried);
void scene_assert_delivered(struct scene *scene, uint64_t id, bool retried);

#endif
