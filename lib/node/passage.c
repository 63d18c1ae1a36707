/*
 * Two connections joined: whatever arrives on one goes out on the other, as it is (ws/forward).
 * Until the second is there, the first waits, and is not read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "crypto/random.h"
#include "node/node.h"
#include "ws/forward.h"
#include "ws/upgrade.h"

enum {
    PASSAGE_ROOM = 256 << 10, /* bytes that wait for a leg before the other is read no further */
    PASSAGE_KEEP = 4096,      /* bytes of buffer that an idle leg may keep */
};

#define PASSAGE_PENDING_TIME TIME_S(5)

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
    TAILQ_ENTRY(node_passage) waiting; /* not open: among those of its asker */
    struct node_peer *asker;           /* not open; else NULL */
    struct nectar_node *node;
    char from[NECTAR_NAME_MAX + 1];
    char to[NECTAR_NAME_MAX + 1];
    bool open;
    bool ending; /* one side has ended: the other is written what is left */
    uint64_t opened;
    struct random_stream masks;
    struct leg legs[2]; /* of the one who asked, and of its target */
};

static struct leg *leg_of(const struct node_conn *conn)
{
    struct node_passage *passage = conn->passage;

    return &passage->legs[passage->legs[1].conn == conn];
}

static struct leg *other_leg(const struct node_conn *conn)
{
    struct node_passage *passage = conn->passage;

    return &passage->legs[passage->legs[0].conn == conn];
}

static size_t pending(const struct leg *leg)
{
    return leg->out.len - leg->gone;
}

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
        bytes_init(&passage->legs[i].out, PASSAGE_ROOM + WS_FORWARD_CONTROL + WS_UPGRADE_MAX);
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
    TAILQ_INSERT_TAIL(&passage->asker->waiting, passage, waiting);
    passage->asker->waiting_count++;
    node->waiting_passages++;
    *out = passage;
    return 0;
}

/* It waits no longer: it is open, or it is gone. */
static void stop_waiting(struct node_passage *passage)
{
    struct node_peer *asker = passage->asker;

    if (!asker)
        return;
    passage->asker = NULL;
    TAILQ_REMOVE(&asker->waiting, passage, waiting);
    asker->waiting_count--;
    passage->node->waiting_passages--;
    node_peer_release(passage->node, asker);
}

void node_passage_join(struct node_passage *passage, struct node_conn *conn)
{
    struct leg *legs = passage->legs;
    bool dialled = !conn->inbound;

    if (attach(passage, &legs[1], conn)) {
        conn->passage = NULL;
        node_passage_end(passage, nectar_error_text(NECTAR_ENOMEM));
        node_conn_fail(conn, NECTAR_STAGE_ROUTER, NECTAR_ENOMEM, nectar_error_text(NECTAR_ENOMEM));
        return;
    }
    ws_forward_init(&legs[0].forward, true, dialled, &passage->masks);
    ws_forward_init(&legs[1].forward, !dialled, false, &passage->masks);
    stop_waiting(passage);
    passage->open = true;
    passage->node->open_passages++;
    passage->opened = net_loop_now(passage->node->loop);
    node_route_note(passage->node, NECTAR_ROUTING_OPEN, passage->from, passage->to, "");
    for (int i = 0; i < 2; i++) {
        legs[i].conn->open_by = TIME_NEVER;
        node_conn_resume(legs[i].conn);
        node_conn_touch(legs[i].conn);
    }
}

static void passage_free(struct node_passage *passage)
{
    struct node_conn *conn, *next;

    for (conn = TAILQ_FIRST(&passage->node->conns); conn; conn = next) {
        next = TAILQ_NEXT(conn, all);
        if (conn->passage != passage)
            continue;
        conn->passage = NULL; /* one that was being dialled is among them */
        node_conn_free(conn);
    }
    TAILQ_REMOVE(&passage->node->passages, passage, all);
    stop_waiting(passage);
    passage->node->open_passages -= passage->open;
    for (int i = 0; i < 2; i++)
        bytes_free(&passage->legs[i].out);
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

/* Takes a control frame that came from this leg. False if it was a Close, and all is over. */
static bool take_control(struct leg *mine, struct leg *other, const struct ws_message *frame)
{
    if (frame->opcode == WS_PING)
        ws_forward_control(&other->forward, &mine->out, WS_PONG, frame->data, frame->len);
    return frame->opcode != WS_CLOSE;
}

/* Passes input on as far as there is room. False if the passage has ended over it. */
static bool pass(struct node_conn *conn)
{
    struct leg *mine = leg_of(conn), *other = other_leg(conn);
    struct ws_message frame = {.opcode = WS_NONE};
    size_t used;

    do {
        size_t room = pending(other) < PASSAGE_ROOM ? PASSAGE_ROOM - pending(other) : 0;
        int error;

        if (other->gone > 0) {
            bytes_consume(&other->out, other->gone);
            other->gone = 0;
        }
        error = ws_forward(&mine->forward, conn->input.data, conn->input.len, &used, &other->out,
                           room, &frame);
        mine->bytes += used;
        conn->input.data += used;
        conn->input.len -= used;
        if (error || !take_control(mine, other, &frame)) {
            node_passage_lost(conn, error ? nectar_error_text(error) : "closed");
            return false;
        }
    } while (frame.opcode != WS_NONE);
    return true;
}

void node_passage_receive(struct node_conn *conn)
{
    struct node_passage *passage = conn->passage;

    if (!passage->open) {
        node_passage_end(passage, "it has not waited");
        return;
    }
    if (passage->ending) {
        /* Thrown away: closing a socket with unread input would take back what was written. */
        if (node_receive_begin(conn))
            node_receive_end(conn, false);
        return;
    }
    if (!node_receive_begin(conn) || !pass(conn))
        return;
    node_conn_touch(other_leg(conn)->conn);
    node_receive_end(conn, conn->input.len > 0);
}

/* Writes what the socket takes; false if that has failed. */
static bool write_leg(struct leg *leg)
{
    struct node_conn *conn = leg->conn;
    size_t n = 1;

    while (pending(leg) > 0 && !conn->stuck && n > 0) {
        if (net_stream_write(conn->stream, leg->out.data + leg->gone, pending(leg), &n))
            return false;
        conn->stuck = n < pending(leg);
        if (n > 0 || !conn->was_stuck)
            conn->stuck_at = net_loop_now(conn->node->loop);
        conn->was_stuck = conn->stuck;
        leg->gone += n;
    }
    if (pending(leg) > 0)
        return true;
    bytes_clear(&leg->out);
    leg->gone = 0;
    if (leg->out.cap > PASSAGE_KEEP)
        bytes_free(&leg->out);
    return true;
}

void node_passage_flush(struct node_conn *conn)
{
    struct node_passage *passage = conn->passage;
    struct leg *mine = leg_of(conn), *other = other_leg(conn);

    if (!write_leg(mine)) {
        node_passage_lost(conn, "connection lost");
        return;
    }
    if (passage->ending && pending(mine) == 0)
        net_stream_finish(conn->stream);
    if (other->conn && other->conn->is_parked && pending(mine) < PASSAGE_ROOM / 2)
        node_conn_resume(other->conn);
    /* One who waits is read no further, but may leave. */
    if (passage->open || conn->stuck)
        net_stream_watch(conn->stream, passage->open && (!conn->is_parked || passage->ending),
                         conn->stuck);
    else
        net_stream_watch_end(conn->stream);
    node_conn_rearm(conn);
}

struct node_passage *node_passage_waiting(struct nectar_node *node, const char *from,
                                          const char *to)
{
    struct node_peer *asker = node_peer_find(node, from);
    struct node_passage *passage;

    if (!asker)
        return NULL;
    /* The newest: earlier ones may have been given up without our having heard of it yet. */
    TAILQ_FOREACH_REVERSE (passage, &asker->waiting, node_passages, waiting)
        if (strcmp(passage->to, to) == 0)
            return passage;
    return NULL;
}

size_t node_passages_between(const struct nectar_node *node, const char *from, const char *to)
{
    const struct node_passage *passage;
    size_t count = 0;

    TAILQ_FOREACH (passage, &node->passages, all)
        count += strcmp(passage->from, from) == 0 && strcmp(passage->to, to) == 0;
    return count;
}

size_t node_passages_waiting_of(const struct nectar_node *node, const char *from)
{
    const struct node_peer *asker = node_peer_find(node, from);

    return asker ? asker->waiting_count : 0;
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
