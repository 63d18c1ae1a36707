/* A connection: a link, its socket, and the time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/mem.h"
#include "crypto/random.h"
#include "node/node.h"
#include "node/passage.h"
#include "node/trim.h"

enum { CONN_MEMORY = 8 << 10 }; /* about what one takes */

static void on_timer(void *context);

int node_conn_new(struct node_conn **out, struct nectar_node *node, bool inbound)
{
    struct node_conn *conn = calloc(1, sizeof *conn);
    uint64_t now = net_loop_now(node->loop);
    int error;

    if (!conn)
        return NECTAR_ENOMEM;
    conn->node = node;
    conn->serial = ++node->serial;
    conn->since = conn->heard = now;
    conn->inbound = inbound;
    conn->state = CONN_DIALING;
    conn->open_by = inbound ? TIME_NEVER : time_after(now, node->connect_timeout);
    conn->retire_quiet = conn->retire_by = TIME_NEVER;
    bytes_init(&conn->parked, NODE_INPUT);
    error = net_timer_new(&conn->timer, node->loop, on_timer, conn);
    if (error) {
        free(conn);
        return error;
    }
    TAILQ_INSERT_TAIL(&node->conns, conn, all);
    *out = conn;
    return 0;
}

static void make_ready(struct node_conn *conn)
{
    if (conn->is_ready)
        return;
    conn->is_ready = true;
    TAILQ_INSERT_TAIL(&conn->node->ready, conn, ready);
}

static void on_ready(void *context, bool readable, bool writable)
{
    struct node_conn *conn = context;

    if (writable) {
        conn->stuck = false;
        node_conn_touch(conn);
    }
    if (readable && !conn->is_reading)
        conn->hung_up = true;
    if (readable)
        make_ready(conn);
}

/* The socket stands: a link begins on it. host is the initiator's Host header. */
int node_conn_start(struct node_conn *conn, struct net_stream *stream, const char *host)
{
    struct nectar_node *node = conn->node;
    uint8_t seed[NECTAR_LINK_SEED_BYTES];
    int error;

    conn->stream = stream;
    conn->state = CONN_OPENING;
    conn->heard = net_loop_now(node->loop);
    random_bytes(seed, sizeof seed);
    error = nectar_link_new(&conn->link,
                            &(struct nectar_link_config){
                                .role = conn->inbound ? NECTAR_RESPONDER : NECTAR_INITIATOR,
                                .via = *conn->via ? conn->via : NULL,
                                .relay = conn->passage != NULL,
                                .open_time = conn->inbound ? 0 : node->connect_timeout,
                                .proxy_request = conn->router != NULL,
                                .allow_proxy = node->policy != NULL,
                                .allow_routing = node->policy != NULL,
                                .name = node->name,
                                .key = node->key,
                                .peer = *conn->peer ? conn->peer : NULL,
                                .host = host,
                                .log = node->log,
                                .seed = seed,
                            },
                            net_loop_now(node->loop));
    mem_wipe(seed, sizeof seed);
    if (error)
        return error;
    net_stream_attach(stream, on_ready, conn);
    node_conn_touch(conn);
    return 0;
}

/* Its output or its deadlines may have changed: it is seen to before the node next waits. */
void node_conn_touch(struct node_conn *conn)
{
    if (conn->is_dirty)
        return;
    conn->is_dirty = true;
    TAILQ_INSERT_TAIL(&conn->node->dirty, conn, dirty);
}

static void clean(struct node_conn *conn)
{
    if (conn->is_dirty)
        TAILQ_REMOVE(&conn->node->dirty, conn, dirty);
    conn->is_dirty = false;
}

/* Writes what the socket takes. An error is left to the next read, which may first find what the
 * peer had to say about it. */
static void write_output(struct node_conn *conn)
{
    struct nectar_view out;
    size_t n;

    nectar_link_output(conn->link, &out);
    while (out.len > 0 && !conn->stuck && !conn->broken) {
        uint64_t now = net_loop_now(conn->node->loop);

        if (net_stream_write(conn->stream, out.data, out.len, &n)) {
            conn->broken = true;
            return;
        }
        conn->stuck = n < out.len;
        if (n > 0 || !conn->was_stuck)
            conn->stuck_at = now;
        conn->was_stuck = conn->stuck;
        conn->wrote_at = now;
        nectar_link_written(conn->link, n, now);
        nectar_link_output(conn->link, &out);
    }
}

bool node_conn_is_full(const struct node_conn *conn)
{
    struct nectar_view out;

    nectar_link_output(conn->link, &out);
    return out.len >= NODE_OUTPUT_FULL && conn->answered > nectar_link_written_total(conn->link);
}

/* A peer that does not read its answers is not read either, until it hangs up: then what it
 * still said is read, however much waits for it. */
static void watch(struct node_conn *conn)
{
    bool full = node_conn_is_full(conn);
    bool gone = conn->broken || conn->hung_up;
    bool held = conn->is_crowded || node_conn_awaits(conn);

    if (conn->is_parked && !held && (!full || gone))
        make_ready(conn);
    conn->is_reading = !held && (gone || (!full && !conn->is_parked));
    if (conn->is_reading || gone)
        net_stream_watch(conn->stream, conn->is_reading, conn->stuck && !conn->broken);
    else
        net_stream_watch_end(conn->stream, conn->stuck);
}

void node_conn_flush(struct node_conn *conn)
{
    clean(conn);
    if (conn->state == CONN_LEG) {
        node_relay_flush(conn);
        return;
    }
    if (!conn->link || conn->lingering)
        return;
    if (nectar_link_error(conn->link)) {
        struct node_end end = {.stage = nectar_link_stage(conn->link),
                               .cause = nectar_link_error(conn->link)};

        snprintf(end.reason, sizeof end.reason, "%s", nectar_link_reason(conn->link));
        if (conn->passage)
            node_conn_end(conn, &end); /* who waits for this way need wait no longer */
        else
            node_conn_last_words(conn, &end);
        return;
    }
    write_output(conn);
    node_calls_written(conn);
    if (conn->state == CONN_OPEN)
        node_calls_transmit(conn);
    watch(conn);
    node_conn_rearm(conn);
}

/* When a peer that does not read what it is sent is given up. */
static uint64_t stall_at(const struct node_conn *conn)
{
    return conn->stuck ? time_after(conn->stuck_at, NODE_STALL_TIME) : TIME_NEVER;
}

void node_conn_rearm(struct node_conn *conn)
{
    uint64_t at = conn->state == CONN_OPEN || conn->lingering ? TIME_NEVER : conn->open_by;

    if (!conn->lingering)
        at = time_earlier(at, stall_at(conn));
    if (conn->link && !conn->lingering)
        at = time_earlier(at, nectar_link_deadline(conn->link));
    net_timer_set(conn->timer, time_earlier(at, node_retire_at(conn)));
}

/* Where an attempt that has run out of time stood. */
static enum nectar_stage attempt_stage(const struct node_conn *conn)
{
    if (conn->ask)
        return NECTAR_STAGE_REGISTRY;
    if (conn->link)
        return nectar_link_stage(conn->link);
    return conn->dial && net_dial_at(conn->dial) == NET_DIAL_RESOLVING ? NECTAR_STAGE_DNS
                                                                       : NECTAR_STAGE_TCP;
}

static void on_timer(void *context)
{
    struct node_conn *conn = context;
    uint64_t now = net_loop_now(conn->node->loop);

    if (conn->lingering) {
        node_conn_free(conn);
        return;
    }
    if (conn->state == CONN_LEG) {
        if (now >= conn->open_by || now >= stall_at(conn))
            node_passage_end(conn->passage, "timed out");
        else
            node_conn_rearm(conn);
        return;
    }
    if (conn->state != CONN_OPEN && now >= conn->open_by && conn->way) {
        node_way_give_up(conn);
        return;
    }
    if (conn->state != CONN_OPEN && now >= conn->open_by) {
        node_conn_fail(conn, attempt_stage(conn), NECTAR_EDEADLINE, "timed out");
        return;
    }
    if (now >= stall_at(conn)) {
        node_conn_fail(conn, nectar_link_stage(conn->link), NECTAR_EDEADLINE,
                       "timed out: the peer has stopped reading");
        return;
    }
    if (conn->link) {
        nectar_link_tick(conn->link, now); /* an error is sticky: the flush deals with it */
        node_room_take(conn);              /* what was kept may be given back */
    }
    if (conn->link && now >= node_retire_at(conn)) {
        node_retire_due(conn);
        return;
    }
    if (conn->link)
        node_conn_touch(conn);
    else
        node_conn_rearm(conn);
}

/* It is no longer one of those not yet proven, for which there is so much room and no more. */
void node_conn_settle(struct node_conn *conn)
{
    if (!conn->is_opening)
        return;
    conn->is_opening = false;
    TAILQ_REMOVE(&conn->node->openings, conn, opening);
    conn->node->opening--;
}

void node_conn_free(struct node_conn *conn)
{
    struct nectar_node *node = conn->node;

    clean(conn);
    if (conn->is_ready)
        TAILQ_REMOVE(&node->ready, conn, ready);
    if (node->current == conn)
        node->current = NULL;
    node_conn_settle(conn);
    node_room_leave(conn);
    node_peer_leave(conn);
    if (conn->has_origin)
        node_origin_leave(node, conn->origin);
    TAILQ_REMOVE(&node->conns, conn, all);
    node_ask_free(conn->ask);
    node_way_free(conn->way);
    net_dial_free(conn->dial);
    net_stream_free(conn->stream);
    net_timer_free(conn->timer);
    nectar_link_free(conn->link);
    bytes_free(&conn->parked);
    free(conn);
    node_trim_note(node, CONN_MEMORY);
}

static void tell_end(struct node_conn *conn, const struct node_end *end)
{
    conn->over = true;
    node_ask_free(conn->ask);
    node_way_free(conn->way);
    conn->ask = NULL;
    conn->way = NULL;
    if (conn->router)
        node_join_lost(conn, end);
    log_line(conn->node->log, NECTAR_LOG_STAGE, "%s %s: ended at %s: %s", conn->addr,
             *conn->peer ? conn->peer : "(unproven)", nectar_stage_name(end->stage), end->reason);
    if (conn->race)
        node_race_lost(conn, end);
    node_calls_lost(conn, end);
}

void node_conn_end(struct node_conn *conn, const struct node_end *end)
{
    if (conn->passage) {
        node_passage_lost(conn, end->reason);
        return;
    }
    if (!conn->lingering)
        tell_end(conn, end);
    node_conn_free(conn);
}

void node_conn_last_words(struct node_conn *conn, const struct node_end *end)
{
    struct nectar_node *node = conn->node;

    write_output(conn);
    node_calls_written(conn);
    tell_end(conn, end);
    conn->lingering = true;
    if (node->current == conn)
        node->current = NULL;
    conn->input = (struct nectar_view){NULL, 0};
    conn->is_parked = false;
    conn->retire_by = time_after(net_loop_now(node->loop), NODE_LINGER_TIME);
    net_stream_finish(conn->stream);
    net_stream_watch(conn->stream, true, false);
    node_conn_rearm(conn);
}

void node_conn_fail(struct node_conn *conn, enum nectar_stage stage, int cause, const char *reason)
{
    struct node_end end = {.stage = stage, .cause = cause, .abrupt = cause == NECTAR_ECUT};

    snprintf(end.reason, sizeof end.reason, "%s", reason);
    node_conn_end(conn, &end);
}

int node_conn_detach(struct node_conn *conn)
{
    /* What came behind the link's last byte waits until there is a way. */
    int error = conn->node->current == conn ? node_receive_park(conn) : 0;

    if (error)
        return error;
    nectar_link_free(conn->link);
    conn->link = NULL;
    conn->state = CONN_LEG;
    conn->is_parked = true;
    node_conn_settle(conn);
    net_stream_watch_end(conn->stream, false);
    net_stream_narrow(conn->stream);
    return 0;
}

void node_conn_resume(struct node_conn *conn)
{
    if (conn->is_parked)
        make_ready(conn);
}

struct node_conn *node_conn_by_serial(struct nectar_node *node, uint64_t serial)
{
    struct node_conn *conn = node->current;

    /* Most are answered while their input is being handled. */
    if (conn && conn->serial == serial)
        return conn;
    TAILQ_FOREACH (conn, &node->conns, all)
        if (conn->serial == serial)
            return conn;
    return NULL;
}
