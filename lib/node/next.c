/* One event at a time: the loop that joins sockets, links and sends. */
#include <stdlib.h>

#include <nectar/error.h>

#include "node/control.h"
#include "node/node.h"

/* The oldest send that has ended and not been told. */
static bool tell_ended(struct nectar_node *node, struct nectar_node_event *event)
{
    struct node_call *call = TAILQ_FIRST(&node->ended);

    if (!call)
        return false;
    TAILQ_REMOVE(&node->ended, call, all);
    node->shown = call;
    *event = (struct nectar_node_event){
        .type = call->delivered ? NECTAR_NODE_DELIVERED : NECTAR_NODE_FAILED,
        .id = call->message.id,
        .peer = call->peer,
        .retried = call->retried,
        .failure = call->delivered ? NULL : &call->failure,
    };
    return true;
}

static void flush_all(struct nectar_node *node)
{
    struct node_conn *conn;

    while ((conn = TAILQ_FIRST(&node->dirty)))
        node_conn_flush(conn);
}

static struct node_conn *take_ready(struct nectar_node *node)
{
    struct node_conn *conn = TAILQ_FIRST(&node->ready);

    if (conn) {
        TAILQ_REMOVE(&node->ready, conn, ready);
        conn->is_ready = false;
    }
    return conn;
}

static bool all_quiet(const struct nectar_node *node)
{
    return TAILQ_EMPTY(&node->ended) && TAILQ_EMPTY(&node->notices) &&
           TAILQ_EMPTY(&node->inquiries.ended) && TAILQ_EMPTY(&node->ready) &&
           TAILQ_EMPTY(&node->dirty) && !node_control_waits(node);
}

/* What waits to be told, else what the next connection with input has to say. */
static bool tell(struct nectar_node *node, struct nectar_node_event *event)
{
    if (tell_ended(node, event) || node_notice_tell(node, event) ||
        node_inquiry_tell(&node->inquiries, event) || node_control_tell(node, event))
        return true;
    if (!node->current)
        node->current = take_ready(node);
    return node->current && node_receive(node->current, event);
}

static uint64_t left(uint64_t until, uint64_t now)
{
    if (until == TIME_NEVER)
        return TIME_NEVER;
    return until > now ? until - now : 0;
}

int nectar_node_next(struct nectar_node *node, uint64_t timeout, struct nectar_node_event *event)
{
    uint64_t until = TIME_NEVER; /* once it is known that there is a wait */
    bool polled = false;

    node_call_free(node->shown);
    node->shown = NULL;
    free(node->shown_notice);
    node->shown_notice = NULL;
    node_inquiry_told(&node->inquiries);
    *event = (struct nectar_node_event){.type = NECTAR_NODE_IDLE};
    for (;;) {
        uint64_t now;

        if (tell(node, event)) {
            if (!node_control_takes(node, event))
                return 0;
            continue;
        }
        if (node->current || !TAILQ_EMPTY(&node->ready))
            continue;
        flush_all(node);
        if (!all_quiet(node))
            continue;
        if (net_loop_woken(node->loop)) {
            event->type = NECTAR_NODE_INTERRUPTED;
            return 0;
        }
        if (node->draining && TAILQ_EMPTY(&node->conns) && TAILQ_EMPTY(&node->calls)) {
            event->type = NECTAR_NODE_CLOSED;
            return 0;
        }
        now = net_loop_now(node->loop);
        if (!polled)
            until = time_after(now, timeout);
        else if (now >= until)
            return 0;
        net_loop_run(node->loop, node_calls_dial(node) ? 0 : left(until, now));
        polled = true;
    }
}

void nectar_node_close(struct nectar_node *node, uint64_t timeout)
{
    uint64_t until = time_after(net_loop_now(node->loop), timeout);
    struct nectar_node_event event = {.type = NECTAR_NODE_IDLE};
    struct node_conn *conn;

    nectar_node_drain(node);
    TAILQ_FOREACH (conn, &node->conns, all) {
        conn->has_ignored |= conn->unanswered > 0;
        conn->unanswered = 0;
    }
    while (event.type != NECTAR_NODE_CLOSED) {
        uint64_t now = net_loop_now(node->loop);

        if (now >= until || nectar_node_next(node, until - now, &event))
            return;
        if (event.type == NECTAR_NODE_MESSAGE)
            nectar_node_ignore(node, event.connection);
    }
}
