/* Our sends on their connection: written, waited for, lost. */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/text.h"
#include "node/node.h"
#include "ws/frame.h"

/* Does this call wait for this connection? */
static bool waits_for(const struct node_call *call, const struct node_conn *conn)
{
    if (call->state != CALL_WAITING ||
        (*call->via ? strcmp(call->via, conn->via) != 0 : conn->is_forced))
        return false;
    if (conn->exclusive || call->no_reply)
        return call->conn == conn;
    return strcmp(call->peer, conn->peer) == 0;
}

static void set_due(struct node_call *call, uint64_t now)
{
    call->due = time_after(now, call->reply_timeout);
    net_timer_set(call->node->calls_timer, call->due);
}

static int transmit(struct node_call *call, struct node_conn *conn, uint64_t now)
{
    int error = nectar_link_send(conn->link, &call->message, &call->mark, now);

    if (error)
        return error;
    node_call_routed(call);
    call->state = CALL_SENT;
    call->conn = conn;
    call->seen_written = nectar_link_written_total(conn->link);
    set_due(call, now);
    if (call->no_reply) {
        conn->leaving = true;
        nectar_link_close(conn->link, WS_CLOSE_NORMAL, "");
    }
    node_conn_touch(conn);
    return 0;
}

void node_calls_transmit(struct node_conn *conn)
{
    struct node_call *call, *next;
    uint64_t now = net_loop_now(conn->node->loop);

    for (call = TAILQ_FIRST(&conn->node->calls); call; call = next) {
        int error;

        next = TAILQ_NEXT(call, all);
        if (!waits_for(call, conn))
            continue;
        error = transmit(call, conn, now);
        if (error == NECTAR_EFULL || error == NECTAR_ECLOSED)
            return;
        if (error) {
            struct node_end end = {.stage = NECTAR_STAGE_FRAME, .cause = error};

            snprintf(end.reason, sizeof end.reason, "%s", nectar_error_text(error));
            node_call_end(call, error, &end, conn->addr);
        }
    }
}

/* Bytes have gone: calls whose last byte is among them begin to wait for their answer. */
void node_calls_written(struct node_conn *conn)
{
    uint64_t written = nectar_link_written_total(conn->link);
    uint64_t now = net_loop_now(conn->node->loop);
    struct node_call *call;

    TAILQ_FOREACH (call, &conn->node->calls, all) {
        if (call->conn != conn || call->state != CALL_SENT || call->written_at)
            continue;
        if (written >= call->mark)
            call->written_at = conn->wrote_at;
        if (written > call->seen_written)
            set_due(call, now);
        call->seen_written = written;
    }
}

/* Time is up for a call: no answer, or its peer has stopped reading in the middle of it. */
static void expire(struct node_call *call)
{
    struct node_conn *conn = call->conn;
    bool written = call->written_at != 0;
    struct node_end end = {
        .stage = written ? NECTAR_STAGE_REPLY : NECTAR_STAGE_FRAME,
        .cause = NECTAR_EDEADLINE,
        .waited = call->reply_timeout,
    };

    snprintf(end.reason, sizeof end.reason, "%s",
             written ? "no reply" : "timed out: the peer has stopped reading");
    node_call_end(call, written ? NECTAR_ETIMEOUT : NECTAR_EOFFLINE, &end, conn->addr);
    /* It may have forgotten this connection without saying so: the next use makes a new one. */
    if (conn->exclusive)
        node_conn_fail(conn, end.stage, NECTAR_EDEADLINE, end.reason);
    else
        node_retire(conn, NODE_REPLACED_QUIET,
                    time_after(net_loop_now(conn->node->loop), NODE_REPLACED_TIME));
}

/* Its attempt is over before it is known whom to dial. */
static void give_up(struct node_call *call)
{
    struct node_end end = {.stage = NECTAR_STAGE_REGISTRY, .cause = NECTAR_EDEADLINE};

    snprintf(end.reason, sizeof end.reason, "registry: no answer within %g s",
             (double)call->node->connect_timeout / TIME_S(1));
    node_call_end(call, NECTAR_EUNREACHABLE, &end, "");
}

void node_calls_due(void *context)
{
    struct nectar_node *node = context;
    uint64_t now = net_loop_now(node->loop), first = TIME_NEVER;
    struct node_call *call, *next;

    for (call = TAILQ_FIRST(&node->calls); call; call = next) {
        next = TAILQ_NEXT(call, all);
        if (call->state != CALL_SENT && !call->ask)
            continue;
        if (now >= call->due && call->ask)
            give_up(call);
        else if (now >= call->due)
            expire(call);
        else
            first = time_earlier(first, call->due);
    }
    net_timer_set(node->calls_timer, first);
}

/* May it have been its form that made the peer hang up? */
static bool may_be_form(const struct node_call *call, const struct node_conn *conn,
                        const struct node_end *end)
{
    return end->abrupt && !conn->has_spoken && call->written_at && !call->no_reply &&
           call->taste == NECTAR_TASTE_UNKNOWN && call->message.form == NECTAR_FORM_BIN;
}

/* Sends a call again, on a fresh connection. */
static void retry(struct node_call *call, const char *why)
{
    log_line(call->node->log, NECTAR_LOG_STAGE, "%s: %s", call->peer, why);
    call->retried = true;
    call->state = CALL_WAITING;
    call->conn = NULL;
    call->written_at = 0;
    node_call_route(call);
}

static void lose_sent(struct node_call *call, const struct node_conn *conn,
                      const struct node_end *end)
{
    struct node_end how = *end;

    if (call->no_reply && end->clean && call->written_at) {
        node_call_deliver(call);
        return;
    }
    if (!call->retried && !call->no_retry && end->stage != NECTAR_STAGE_AUTH) {
        if (end->handled_nothing || !call->written_at) {
            retry(call,
                  call->written_at ? "not handled, sent again" : "not wholly written, sent again");
            return;
        }
        if (may_be_form(call, conn, end)) {
            call->message.form = NECTAR_FORM_ARRAY;
            if (node_call_check_size(call) == 0) {
                retry(call, "hung up at once, sent again as arrays");
                return;
            }
        }
    }
    if (call->written_at && end->stage != NECTAR_STAGE_AUTH)
        how.stage = NECTAR_STAGE_REPLY;
    node_call_end(call, NECTAR_EOFFLINE, &how, conn->addr);
}

/* It was to go with a connection that stood, and nothing of it is written: another is made for it,
 * once. */
static void lose_waiting(struct node_call *call, const struct node_conn *conn,
                         const struct node_end *end)
{
    if (call->is_unrouted || call->ask || node_dial_under_way(call))
        return;
    if (call->left_behind) {
        node_call_end(call, NECTAR_EOFFLINE, end, conn->addr);
        return;
    }
    call->left_behind = true;
    node_call_route(call);
}

static void ask_again(struct node_call *call, const struct node_conn *conn,
                      const struct node_end *end)
{
    struct nectar_failure *failure = &call->failure;

    log_line(call->node->log, NECTAR_LOG_STAGE, "%s %s: asking the registry: its address was kept",
             conn->addr, conn->peer);
    failure->stage = end->stage;
    failure->cause = end->cause;
    text_copy(failure->reason, sizeof failure->reason, end->reason);
    text_copy(failure->addr, sizeof failure->addr, conn->addr);
    call->fresh = true;
    call->conn = NULL;
    node_call_route(call);
}

/* The attempt that it waited for has failed: its peer may have another address by now. */
static void lose_attempt(struct node_call *call, const struct node_conn *conn,
                         const struct node_end *end)
{
    if (conn->addr_cached && !*conn->via && end->stage < NECTAR_STAGE_AUTH && !call->fresh)
        ask_again(call, conn, end);
    else
        node_call_end(call, NECTAR_EOFFLINE, end, conn->addr);
}

/* A connection has ended: what becomes of the calls on it, and of those that waited for it. */
void node_calls_lost(struct node_conn *conn, const struct node_end *end)
{
    /* A race or a registration that fails to open goes on without it. */
    bool opening = !conn->inbound && conn->state != CONN_OPEN && !*conn->via && !conn->router;
    struct node_call *call, *next;

    for (call = TAILQ_FIRST(&conn->node->calls); call; call = next) {
        next = TAILQ_NEXT(call, all);
        if (call->state == CALL_SENT && call->conn == conn)
            lose_sent(call, conn, end);
        else if (waits_for(call, conn) && (opening || conn->exclusive))
            lose_attempt(call, conn, end);
        else if (waits_for(call, conn) && conn->state == CONN_OPEN)
            lose_waiting(call, conn, end);
    }
}
