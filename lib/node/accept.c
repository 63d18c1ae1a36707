/* Connections that others make to us. */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/text.h"
#include "node/node.h"

/* What would refuse it is told in the log, but to nobody else: it costs the least. */
static void turn_away(struct nectar_node *node, struct net_stream *stream,
                      const struct net_origin *from)
{
    uint64_t before;

    net_stream_free(stream);
    if (!node_is_repeat(node, node_offence(from->block, "turned away"), &before))
        log_line(node->log, NECTAR_LOG_WARNING,
                 "%s turned away: %zu connections from there are open (%llu more since the last "
                 "such line)",
                 from->address, node->max_per_address, (unsigned long long)before);
}

/*
 * There is so much room for those not yet proven, and no more: the one that has been at it the
 * longest makes way. Whoever means it has long been through; to hold off new ones instead would
 * hold off everyone for as long as others keep us waiting.
 */
static void make_room(struct nectar_node *node)
{
    struct node_conn *conn = TAILQ_FIRST(&node->openings);

    if (conn && node->opening >= NODE_OPENING_MAX)
        node_conn_fail(conn, nectar_link_stage(conn->link), NECTAR_EFULL,
                       "makes way for others: it has not said who it is");
}

static void on_accepted(void *context, struct net_stream *stream, const struct net_origin *from)
{
    struct nectar_node *node = context;
    struct node_conn *conn;

    make_room(node);
    if (!node_origin_enter(node, from->block)) {
        turn_away(node, stream, from);
        return;
    }
    if (node_conn_new(&conn, node, true)) {
        node_origin_leave(node, from->block);
        net_stream_free(stream);
        return;
    }
    conn->has_origin = true;
    conn->is_opening = true;
    TAILQ_INSERT_TAIL(&node->openings, conn, opening);
    node->opening++;
    conn->origin = from->block;
    text_copy(conn->addr, sizeof conn->addr, from->address);
    log_line(node->log, NECTAR_LOG_DETAIL, "%s: accepted", from->address);
    if (node_conn_start(conn, stream, NULL))
        node_conn_fail(conn, NECTAR_STAGE_TCP, NECTAR_ENOMEM, nectar_error_text(NECTAR_ENOMEM));
}

static int listen_at(struct nectar_node *node, const struct nectar_address *address, char *why)
{
    struct net_listen *fresh;
    struct nectar_address bound = *address;
    int error = net_listen_new(&fresh, node->loop, address, &bound, on_accepted, node, why);

    if (error)
        return error;
    net_listen_free(node->listen);
    node->listen = fresh;
    node->bound = bound;
    return 0;
}

/* It may be we ourselves who hold the port, at another address: try without, or go back. */
static int move(struct nectar_node *node, const struct nectar_address *address, char *why)
{
    struct nectar_address old = node->bound;
    char unasked[NET_REASON_SIZE];
    int error;

    net_listen_free(node->listen);
    node->listen = NULL;
    error = listen_at(node, address, why);
    if (error && listen_at(node, &old, unasked))
        log_line(node->log, NECTAR_LOG_WARNING, "no longer listening: %s", unasked);
    return error;
}

int nectar_node_listen(struct nectar_node *node, const struct nectar_address *address,
                       struct nectar_address *bound, char *reason)
{
    char why[NET_REASON_SIZE] = "";
    int error;

    if (!address) {
        net_listen_free(node->listen);
        node->listen = NULL;
        return 0;
    }
    error = listen_at(node, address, why);
    if (error == NECTAR_EBUSY && node->listen && address->port == node->bound.port)
        error = move(node, address, why);
    if (error && reason)
        snprintf(reason, NECTAR_REASON_MAX + 1, "%s", *why ? why : nectar_error_text(error));
    if (!error && bound)
        *bound = node->bound;
    return error;
}

/*
 * An inbound connection stands. Older inbound ones of that peer are replaced by it: they end when
 * nothing is in flight on them any more, and in a few seconds anyway. Ours to the peer stay.
 */
void node_accept_proven(struct node_conn *conn)
{
    struct nectar_node *node = conn->node;
    uint64_t by = time_after(net_loop_now(node->loop), NODE_REPLACED_TIME);
    struct node_conn *other;

    TAILQ_FOREACH (other, &conn->known->conns, same)
        if (other != conn && other->inbound && (conn->registered || !other->registered))
            node_retire(other, NODE_REPLACED_QUIET, by);
}
