/*
 * Connections that are to go: replaced by a newer one, idle, or because the node winds up. Each
 * says Close, which tells the peer whether a request it sees unanswered was handled: with 1001 it
 * was not, and may be sent again.
 */
#include <nectar/error.h>

#include "node/node.h"
#include "node/passage.h"
#include "ws/frame.h"

static bool in_flight(const struct node_conn *conn)
{
    return conn->unanswered > 0 || nectar_link_is_receiving(conn->link) || node_calls_on(conn);
}

void node_retire(struct node_conn *conn, uint64_t quiet, uint64_t by)
{
    if (conn->leaving || conn->lingering)
        return;
    conn->retire_quiet = quiet;
    conn->retire_by = by;
    node_conn_touch(conn);
}

uint64_t node_retire_at(const struct node_conn *conn)
{
    uint64_t used, quiet = conn->retire_quiet;

    if (conn->lingering || conn->leaving || conn->state != CONN_OPEN || in_flight(conn))
        return conn->retire_by;
    /* A registration may be quiet for ever. */
    if (!conn->registered && !conn->router)
        quiet = time_earlier(quiet, NODE_IDLE_TIME);
    used = nectar_link_last_used(conn->link);
    return time_earlier(conn->retire_by, time_after(used, quiet));
}

/* Says Close, and waits a little for the peer's. */
void node_leave(struct node_conn *conn)
{
    conn->leaving = true;
    conn->retire_by = time_after(net_loop_now(conn->node->loop), NODE_LAST_WORDS_TIME);
    conn->said_away = !conn->unanswered && !conn->has_ignored;
    nectar_link_close(conn->link, conn->said_away ? WS_CLOSE_AWAY : WS_CLOSE_NORMAL, "");
    node_conn_touch(conn);
}

void node_retire_due(struct node_conn *conn)
{
    if (conn->leaving || conn->state != CONN_OPEN)
        node_conn_fail(conn, nectar_link_stage(conn->link), NECTAR_EDEADLINE, "timed out");
    else
        node_leave(conn);
}

void nectar_node_drain(struct nectar_node *node)
{
    struct node_conn *conn, *next;

    node->draining = true;
    net_listen_free(node->listen);
    node->listen = NULL;
    while (!TAILQ_EMPTY(&node->passages))
        node_passage_end(TAILQ_FIRST(&node->passages), "winding up");
    for (conn = TAILQ_FIRST(&node->conns); conn; conn = next) {
        next = TAILQ_NEXT(conn, all);
        if (conn->state == CONN_OPEN)
            node_retire(conn, 0, TIME_NEVER);
        else if (conn->inbound || (conn->router && conn->ask))
            node_conn_fail(conn, NECTAR_STAGE_FRAME, NECTAR_ECLOSED, "winding up");
    }
}
