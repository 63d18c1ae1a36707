/* What comes over a connection, made into events. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/log.h"
#include "base/text.h"
#include "base/view.h"
#include "msg/action.h"
#include "msg/address.h"
#include "node/node.h"
#include "node/passage.h"
#include "ws/frame.h"

enum { CLOSE_REASON_SHOWN = 48 };

/* The peer has ended the stream. */
static void end_of_stream(struct node_conn *conn)
{
    int cause = nectar_link_end(conn->link);
    struct node_end end = {
        .stage = nectar_link_stage(conn->link),
        .cause = cause,
        .abrupt = cause != 0,
        .clean = cause == 0 && net_stream_taken(conn->stream),
    };

    text_copy(end.reason, sizeof end.reason,
              cause ? nectar_link_reason(conn->link) : "closed in good order");
    node_conn_end(conn, &end);
}

/* The peer's Close, answered by the link. */
static void end_by_close(struct node_conn *conn, const struct nectar_link_event *close)
{
    char said[NECTAR_ESCAPE_SIZE(CLOSE_REASON_SHOWN)];
    struct nectar_view reason = close->reason;
    bool ordinary = close->code == WS_CLOSE_NORMAL || close->code == WS_CLOSE_AWAY ||
                    close->code == WS_CLOSE_NO_CODE;
    struct node_end end = {
        .stage = nectar_link_stage(conn->link),
        .cause = NECTAR_ECLOSED,
        .handled_nothing = close->code == WS_CLOSE_AWAY && !conn->said_away,
        .clean = conn->leaving && ordinary && close->code != WS_CLOSE_AWAY,
    };

    if (reason.len > CLOSE_REASON_SHOWN)
        reason.len = CLOSE_REASON_SHOWN;
    nectar_escape(said, reason, false);
    if (ordinary)
        snprintf(end.reason, sizeof end.reason, "closed by the peer");
    else
        snprintf(end.reason, sizeof end.reason, "refused by the peer: %u%s%s",
                 (unsigned)close->code, *said ? " " : "", said);
    /* Our identity is all that a peer refuses by that code (section 3). */
    if (close->code == WS_CLOSE_POLICY)
        end.stage = NECTAR_STAGE_AUTH;
    node_conn_last_words(conn, &end);
}

/* The record of whom it says it is. */
static void identified(struct node_conn *conn, const struct nectar_found *found)
{
    const uint8_t *key = NULL;
    int error = found->error;

    if (error == NECTAR_EUNREACHABLE && !conn->inbound)
        key = conn->key; /* nothing newer is to be had: judge by what we have */
    else if (!error && found->record.has_key)
        key = found->record.key;
    if (!key || error)
        node_warn(conn, "says it is %s: %s", found->name,
                  error ? found->answer.reason : "it has no networking key");
    if (error && error != NECTAR_EUNKNOWN && conn->inbound)
        nectar_link_refuse(conn->link, error);
    else
        nectar_link_authenticate(conn->link, key, found->answer.cached,
                                 net_loop_now(conn->node->loop));
}

static void on_identified(void *context, const struct nectar_found *found)
{
    struct node_conn *conn = context;

    conn->ask = NULL;
    identified(conn, found);
    node_conn_resume(conn);
    node_conn_touch(conn);
}

static void identify(struct node_conn *conn, const struct nectar_link_event *event)
{
    struct nectar_node *node = conn->node;
    struct node_query query = {
        .name = event->peer,
        .fresh = event->fresh,
        .stranger = conn->inbound,
        .done = on_identified,
        .context = conn,
    };
    struct nectar_found found;

    if (conn->race)
        node_race_won(conn);
    if (!conn->inbound && !event->fresh)
        nectar_link_authenticate(conn->link, conn->key, conn->key_cached, net_loop_now(node->loop));
    else if (node_resolve(&found, &conn->ask, node, &query))
        identified(conn, &found);
}

static void proven(struct node_conn *conn, const struct nectar_link_event *event)
{
    struct nectar_node *node = conn->node;

    text_copy(conn->peer, sizeof conn->peer, event->peer);
    if (!node_peer_join(conn)) {
        node_conn_fail(conn, NECTAR_STAGE_AUTH, NECTAR_ENOMEM, nectar_error_text(NECTAR_ENOMEM));
        return;
    }
    conn->state = CONN_OPEN;
    node_conn_settle(conn);
    log_line(node->log, NECTAR_LOG_STAGE, "%s %s: open, %s", conn->addr, conn->peer,
             conn->inbound ? "inbound" : "outbound");
    if (conn->race)
        node_race_over(conn);
    if (conn->router)
        node_join_opened(conn);
    if (event->proxy_request && conn->inbound && !node_route_register(conn))
        return;
    if (conn->inbound)
        node_accept_proven(conn);
    if (node->draining)
        node_retire(conn, 0, TIME_NEVER);
    node_conn_touch(conn);
}

/* A peer that has answered takes what it was sent. */
static enum nectar_taste learn_from(struct nectar_node *node, const struct node_call *call)
{
    enum nectar_taste taste = call->taste;

    if (taste == NECTAR_TASTE_UNKNOWN)
        taste = call->message.form == NECTAR_FORM_BIN ? NECTAR_TASTE_BIN : NECTAR_TASTE_ARRAY;
    /* Without memory for it, it is found out again. */
    nectar_node_learn(node, call->peer, taste);
    return taste;
}

static bool show_response(struct node_conn *conn, const struct nectar_message *message,
                          struct nectar_node_event *event)
{
    struct nectar_node *node = conn->node;
    struct node_call *call = node_call_match(conn, message->id);
    uint64_t now = net_loop_now(node->loop);

    if (call && call->no_reply) {
        node_call_told(call); /* whoever answers has read it */
        return false;
    }
    if (!call && conn->router) {
        node_join_answered(conn, message->id);
        return false;
    }
    if (!call && conn->registered && node_route_rejected(conn, message))
        return false;
    if (!call) {
        log_line(node->log, NECTAR_LOG_DETAIL, "%s: a response nobody waits for", conn->peer);
        return false;
    }
    node->shown = call;
    *event = (struct nectar_node_event){
        .type = NECTAR_NODE_REPLY,
        .id = message->id,
        .connection = conn->serial,
        .peer = call->peer,
        .via = *conn->via ? conn->via : NULL,
        .message = message,
        .rtt = call->written_at ? now - call->written_at : 0,
        .retried = call->retried,
        .taste = learn_from(node, call),
    };
    node_conn_touch(conn);
    return true;
}

/* Is it for the node itself, and no hello? */
static bool is_for_node(struct node_conn *conn, const struct nectar_message *message, bool *hello)
{
    struct nectar_view name, process;
    enum msg_action action = MSG_HELLO;

    *hello = false;
    if (!msg_address_on(&process, message->target, conn->node->name) ||
        !view_equal_text(process, MSG_NET_PROCESS))
        return false;
    action = msg_action_decode(message->body, &name);
    *hello = action == MSG_HELLO;
    if (action == MSG_CONNECTION_REQUEST)
        node_join_answer(conn, message, name);
    else if (!*hello)
        log_line(conn->node->log, NECTAR_LOG_DETAIL, "%s: a registry update, dropped", conn->peer);
    return !*hello;
}

static bool show_request(struct node_conn *conn, const struct nectar_message *message,
                         struct nectar_node_event *event)
{
    bool hello;

    /* After our Close: its sender reads from the code that this was not handled. */
    if (conn->leaving || is_for_node(conn, message, &hello))
        return false;
    if (hello || message->expects_response)
        conn->unanswered++;
    else
        conn->has_ignored = true; /* handled, and its sender cannot know it from an answer */
    *event = (struct nectar_node_event){
        .type = NECTAR_NODE_MESSAGE,
        .id = message->id,
        .connection = conn->serial,
        .peer = conn->peer,
        .via = *conn->via ? conn->via : NULL,
        .message = message,
        .hello = hello,
    };
    return true;
}

static void asked_for_way(struct node_conn *conn, const struct nectar_link_event *asked)
{
    snprintf(conn->peer, sizeof conn->peer, "%s", asked->peer);
    node_way_asked(conn, asked);
}

static bool show_message(struct node_conn *conn, const struct nectar_message *message,
                         struct nectar_node_event *event)
{
    conn->has_spoken = true;
    return message->kind == NECTAR_RESPONSE ? show_response(conn, message, event)
                                            : show_request(conn, message, event);
}

/* Deals with what the link says; true if that is an event for the node's caller. The connection
 * may be gone afterwards: then it is no longer the current one. */
static bool handle(struct node_conn *conn, const struct nectar_link_event *said,
                   struct nectar_node_event *event)
{
    if (said->type == NECTAR_LINK_IDENTIFY)
        identify(conn, said);
    else if (said->type == NECTAR_LINK_OPEN)
        proven(conn, said);
    else if (said->type == NECTAR_LINK_CLOSE)
        end_by_close(conn, said);
    else if (said->type == NECTAR_LINK_ROUTE)
        asked_for_way(conn, said);
    else if (said->type == NECTAR_LINK_RELAY)
        node_passage_join(conn->passage, conn);
    else
        return show_message(conn, said->message, event);
    return false;
}

bool node_conn_awaits(const struct node_conn *conn)
{
    return conn->ask || conn->way;
}

static void end_turn(struct node_conn *conn, bool park)
{
    conn->node->current = NULL;
    conn->is_parked = park;
    conn->input = (struct nectar_view){NULL, 0};
    node_conn_touch(conn);
}

int node_receive_park(struct node_conn *conn)
{
    /* It holds one read. */
    int error = bytes_append(&conn->parked, conn->input.data, conn->input.len);

    if (!error)
        end_turn(conn, true);
    return error;
}

void node_receive_end(struct node_conn *conn, bool park)
{
    if (!park)
        end_turn(conn, false);
    else if (node_receive_park(conn))
        node_conn_fail(conn, NECTAR_STAGE_FRAME, NECTAR_ENOMEM, nectar_error_text(NECTAR_ENOMEM));
}

/* Fetches this turn's input; false if there is none, the connection perhaps gone with it. */
bool node_receive_begin(struct node_conn *conn)
{
    struct nectar_node *node = conn->node;
    size_t n = conn->parked.len;
    /* What comes behind a handshake may have to wait for the registry, and there may be many. */
    size_t size = conn->state == CONN_OPENING ? NODE_INPUT_OPENING : NODE_INPUT;
    int error = 0;

    if (conn->is_parked) {
        memcpy(node->input, conn->parked.data ? conn->parked.data : node->input, n);
        bytes_free(&conn->parked);
        conn->is_parked = false;
    } else {
        error = net_stream_read(conn->stream, node->input, size, &n);
        if (error && conn->passage)
            node_passage_lost(conn, error == NECTAR_ECLOSED ? "ended" : strerror(errno));
        else if (error == NECTAR_ECLOSED)
            end_of_stream(conn);
        else if (error)
            node_conn_fail(conn, nectar_link_stage(conn->link), NECTAR_ECUT, strerror(errno));
        else if (n == 0)
            node->current = NULL;
        if (error || n == 0)
            return false;
        conn->heard = net_loop_now(node->loop);
    }
    conn->input = (struct nectar_view){node->input, n};
    return true;
}

/* For the registry, or until the peer reads its answers; one that is gone is read to its end. */
static bool must_wait(const struct node_conn *conn)
{
    return node_conn_awaits(conn) || (!conn->broken && !conn->hung_up && node_conn_is_full(conn));
}

bool node_receive(struct node_conn *conn, struct nectar_node_event *event)
{
    struct nectar_node *node = conn->node;

    if (conn->state == CONN_LEG) {
        node_relay_receive(conn);
        return false;
    }
    if (node_conn_awaits(conn)) {
        end_turn(conn, true); /* its end was told of */
        return false;
    }
    if (!conn->input.data && !node_receive_begin(conn))
        return false;
    if (conn->lingering) {
        node_receive_end(conn, false);
        net_stream_watch(conn->stream, true, false); /* the end may have come behind it */
        return false;
    }
    while (node->current == conn) {
        struct nectar_link_event said;
        size_t used;
        int error = nectar_link_receive(conn->link, conn->input.data, conn->input.len, &used, &said,
                                        net_loop_now(node->loop));

        conn->input.data += used;
        conn->input.len -= used;
        if (error || said.type == NECTAR_LINK_NONE)
            node_receive_end(conn, !error && !node_room_take(conn));
        else if (handle(conn, &said, event))
            return true;
        else if (node->current == conn && must_wait(conn))
            node_receive_end(conn, true);
    }
    return false;
}
