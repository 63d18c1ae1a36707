/*
 * Two connections joined: whatever arrives on one goes out on the other, as it is (relay). Until
 * the second is there, the first waits, and is not read.
 */
#include "node/passage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "crypto/random.h"
#include "ws/upgrade.h"

#define PASSAGE_PENDING_TIME TIME_S(5)

/* Makes a connection a leg. What its link has still to say goes first. */
static int attach(struct node_passage *passage, struct leg *leg, struct node_conn *conn)
{
    struct nectar_view said;
    int error;

    nectar_link_output(conn->link, &said);
    error = bytes_append(&leg->out, said.data, said.len);
    if (!error)
        error = node_conn_detach(conn);
    if (error)
        return error;
    conn->passage = passage;
    leg->conn = conn;
    return 0;
}

int node_passage_new(struct node_passage **out, struct node_conn *conn, const char *to)
{
    struct nectar_node *node = conn->node;
    struct node_passage *passage = calloc(1, sizeof *passage);
    uint8_t seed[RANDOM_SEED_BYTES];

    if (!passage)
        return NECTAR_ENOMEM;
    passage->node = node;
    snprintf(passage->to, sizeof passage->to, "%s", to);
    snprintf(passage->from, sizeof passage->from, "%s", conn->peer);
    for (int i = 0; i < 2; i++)
        bytes_init(&passage->legs[i].out, RELAY_ROOM + WS_FORWARD_CONTROL + WS_UPGRADE_MAX);
    passage->asker = node_peer_hold(node, conn->peer);
    if (!passage->asker || attach(passage, &passage->legs[0], conn)) {
        node_peer_release(node, passage->asker);
        bytes_free(&passage->legs[0].out);
        free(passage);
        return NECTAR_ENOMEM;
    }
    random_bytes(seed, sizeof seed); /* masks hide nothing: they are no secret */
    random_stream_init(&passage->masks, seed);
    conn->open_by = time_after(net_loop_now(node->loop), PASSAGE_PENDING_TIME);
    TAILQ_INSERT_TAIL(&node->passages, passage, all);
    TAILQ_INSERT_TAIL(&passage->asker->passages, passage, same);
    passage->asker->waiting++;
    node->waiting_passages++;
    *out = passage;
    return 0;
}

void node_passage_await(struct node_passage *passage, struct node_conn *conn)
{
    conn->passage = passage;
    passage->dialled = conn;
}

void node_passage_join(struct node_passage *passage, struct node_conn *conn)
{
    struct leg *legs = passage->legs;
    bool dialled = !conn->inbound;

    passage->dialled = NULL;
    if (attach(passage, &legs[1], conn)) {
        conn->passage = NULL;
        node_passage_end(passage, nectar_error_text(NECTAR_ENOMEM));
        node_conn_fail(conn, NECTAR_STAGE_ROUTER, NECTAR_ENOMEM, nectar_error_text(NECTAR_ENOMEM));
        return;
    }
    ws_forward_init(&legs[0].forward, true, dialled, &passage->masks);
    ws_forward_init(&legs[1].forward, !dialled, false, &passage->masks);
    passage->open = true;
    passage->asker->waiting--;
    passage->node->waiting_passages--;
    passage->node->open_passages++;
    passage->opened = net_loop_now(passage->node->loop);
    node_route_note(passage->node, NECTAR_ROUTING_OPEN, passage->from, passage->to, "");
    for (int i = 0; i < 2; i++) {
        legs[i].conn->open_by = TIME_NEVER;
        node_conn_resume(legs[i].conn);
        node_conn_touch(legs[i].conn);
    }
}

static void free_conn(struct node_conn *conn)
{
    if (!conn)
        return;
    conn->passage = NULL;
    node_conn_free(conn);
}

static void passage_free(struct node_passage *passage)
{
    struct nectar_node *node = passage->node;

    free_conn(passage->dialled);
    for (int i = 0; i < 2; i++) {
        free_conn(passage->legs[i].conn);
        bytes_free(&passage->legs[i].out);
    }
    if (passage->open) {
        node->open_passages--;
    } else {
        node->waiting_passages--;
        passage->asker->waiting--;
    }
    TAILQ_REMOVE(&passage->asker->passages, passage, same);
    TAILQ_REMOVE(&node->passages, passage, all);
    node_peer_release(node, passage->asker);
    random_stream_wipe(&passage->masks);
    free(passage);
}

static void tell_end(struct node_passage *passage, const char *why)
{
    struct nectar_node *node = passage->node;
    struct nectar_routing *routing;

    if (!passage->open) {
        node_route_refused(node, node_offence(node_offence(0, passage->from), passage->to),
                           passage->from, passage->to, why);
        return;
    }
    routing = node_route_note(node, NECTAR_ROUTING_CLOSE, passage->from, passage->to, why);
    if (!routing)
        return;
    routing->bytes_out = passage->legs[0].bytes;
    routing->bytes_in = passage->legs[1].bytes;
    routing->elapsed = net_loop_now(node->loop) - passage->opened;
}

void node_passage_end(struct node_passage *passage, const char *why)
{
    if (!passage->ending)
        tell_end(passage, why);
    passage_free(passage);
}

/* One side has ended. What it said last still goes to the other, which then ends too. */
void node_passage_lost(struct node_conn *conn, const char *why)
{
    struct node_passage *passage = conn->passage;
    struct leg *mine = leg_of(conn);
    struct node_conn *rest = other_leg(conn)->conn;

    if (mine->conn != conn || !rest || !passage->open || passage->ending) {
        node_passage_end(passage, why);
        return;
    }
    tell_end(passage, why);
    passage->ending = true;
    conn->passage = NULL;
    mine->conn = NULL;
    node_conn_free(conn);
    rest->open_by = time_after(net_loop_now(passage->node->loop), NODE_LAST_WORDS_TIME);
    node_conn_touch(rest);
}

struct node_passage *node_passage_waiting(const struct nectar_node *node, const char *from,
                                          const char *to)
{
    struct node_peer *asker = node_peer_find(node, from);
    struct node_passage *passage;

    if (!asker || asker->waiting == 0)
        return NULL;
    /* The newest: earlier ones may have been given up without our having heard of it yet. */
    TAILQ_FOREACH_REVERSE (passage, &asker->passages, node_passages, same)
        if (!passage->open && strcmp(passage->to, to) == 0)
            return passage;
    return NULL;
}

size_t node_passages_between(const struct nectar_node *node, const char *from, const char *to)
{
    const struct node_peer *asker = node_peer_find(node, from);
    const struct node_passage *passage;
    size_t count = 0;

    if (!asker)
        return 0;
    TAILQ_FOREACH (passage, &asker->passages, same)
        count += strcmp(passage->to, to) == 0;
    return count;
}

size_t node_passages_waiting_of(const struct nectar_node *node, const char *from)
{
    const struct node_peer *asker = node_peer_find(node, from);

    return asker ? asker->waiting : 0;
}

void node_passage_tell(const struct node_conn *conn, struct nectar_peer *out)
{
    const struct node_passage *passage = conn->passage;
    const struct leg *mine = leg_of(conn);

    snprintf(out->from, sizeof out->from, "%s", passage->from);
    snprintf(out->to, sizeof out->to, "%s", passage->to);
    out->joined = passage->open;
    out->bytes = mine->bytes;
}

void node_passages_free(struct nectar_node *node)
{
    while (!TAILQ_EMPTY(&node->passages))
        passage_free(TAILQ_FIRST(&node->passages));
}
