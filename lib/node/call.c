/* Our sends, from nectar_node_send to their one event. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "msg/address.h"
#include "msg/kernel.h"
#include "node/node.h"

enum { SIZE_BETWEEN = 256 }; /* bytes of a message that are not its parts, at most */

_Static_assert(sizeof "@" MSG_NET_PROCESS <=
                   sizeof((struct node_call *)0)->target - NECTAR_NAME_MAX,
               "there is room for the default target");

/* Fills in what the caller left to us. */
static void complete(struct nectar_node *node, struct node_call *call)
{
    struct nectar_message *message = &call->message;

    if (!message->source.data)
        message->source = view_of_text(node->source);
    if (!message->target.data) {
        size_t len = strlen(call->peer);

        memcpy(call->target, call->peer, len);
        memcpy(call->target + len, "@" MSG_NET_PROCESS, sizeof "@" MSG_NET_PROCESS);
        message->target = view_of_text(call->target);
    }
    while (message->id == 0)
        random_stream_take(&node->ids, &message->id, sizeof message->id);
    if (message->kind == NECTAR_RESPONSE)
        call->no_reply = true;
    if (call->taste == NECTAR_TASTE_ARRAY ||
        (call->no_reply && call->taste == NECTAR_TASTE_UNKNOWN))
        message->form = NECTAR_FORM_ARRAY;
    if (message->kind == NECTAR_REQUEST && !call->no_reply) {
        message->expects_response = true;
        message->expects_s = (call->reply_timeout + TIME_S(1) - 1) / TIME_S(1);
    }
}

/* Whatever its form: twice its bytes, and what stands between them. Most need no closer look. */
static bool surely_fits(const struct nectar_message *message)
{
    const struct nectar_view *const parts[] = {
        &message->source, &message->target,   &message->rsvp,
        &message->body,   &message->metadata, &message->context,
        &message->blob,   &message->mime,     &message->capabilities};
    size_t size = SIZE_BETWEEN;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i]->len > NECTAR_MESSAGE_MAX)
            return false;
        size += 2 * parts[i]->len;
    }
    return size <= NECTAR_MESSAGE_MAX;
}

/* Is it small enough? To be known before a connection is made for it. */
int node_call_check_size(const struct node_call *call)
{
    struct msg_encoded encoded;
    int error;

    if (surely_fits(&call->message))
        return 0;
    msg_encoded_init(&encoded);
    error = msg_encode(&encoded, &call->message, call->message.form == NECTAR_FORM_ARRAY);
    msg_encoded_free(&encoded);
    return error;
}

int node_call_new(struct node_call **out, struct nectar_node *node, const struct nectar_send *send)
{
    struct node_call *call;
    int error = nectar_name_check(send->peer);

    if (!error && send->via)
        error = nectar_name_check(send->via);

    if (error)
        return error;
    if (node->call_count >= NODE_CALLS_MAX)
        return NECTAR_EFULL;
    call = calloc(1, sizeof *call);
    if (!call)
        return NECTAR_ENOMEM;
    call->message = *send->message;
    memcpy(call->peer, send->peer, strlen(send->peer) + 1); /* the check of a name is one of its */
    if (send->via)
        memcpy(call->via, send->via, strlen(send->via) + 1); /* length, too */
    call->no_reply = send->no_reply;
    call->no_retry = send->no_retry;
    call->reply_timeout = send->reply_timeout ? send->reply_timeout : NODE_REPLY_TIME;
    call->started = net_loop_now(node->loop);
    bytes_init(&call->owned, NECTAR_MESSAGE_MAX);
    call->node = node;
    call->taste = node_taste_of(node, call->peer);
    complete(node, call);
    error = node_call_check_size(call);
    if (error == NECTAR_ETOOBIG && call->taste == NECTAR_TASTE_UNKNOWN) {
        /* As arrays, to be safe, it is too large: then it has to be bin. */
        call->message.form = NECTAR_FORM_BIN;
        error = node_call_check_size(call);
    }
    if (error) {
        node_call_free(call);
        return error;
    }
    *out = call;
    return 0;
}

bool node_call_goes_along(const struct node_call *call)
{
    struct node_conn *conn =
        call->no_reply ? NULL : node_conn_find(call->node, call->peer, call->via);

    if (conn)
        node_conn_touch(conn); /* it is transmitted with the next flush */
    return conn;
}

void node_call_route(struct node_call *call)
{
    if (node_call_goes_along(call))
        return;
    call->is_unrouted = true;
    TAILQ_INSERT_TAIL(&call->node->unrouted, call, unrouted);
}

void node_call_routed(struct node_call *call)
{
    if (call->is_unrouted)
        TAILQ_REMOVE(&call->node->unrouted, call, unrouted);
    call->is_unrouted = false;
    node_ask_free(call->ask);
    call->ask = NULL;
}

bool node_calls_dial(struct nectar_node *node)
{
    struct node_call *call = TAILQ_FIRST(&node->unrouted);

    if (!call)
        return false;
    do
        node_call_routed(call);
    while ((node_call_goes_along(call) || !node_dial_for(call)) &&
           (call = TAILQ_FIRST(&node->unrouted)));
    return true;
}

void node_call_start(struct node_call *call)
{
    call->node->call_count++;
    TAILQ_INSERT_TAIL(&call->node->calls, call, all);
    node_call_route(call);
}

int nectar_node_send(struct nectar_node *node, const struct nectar_send *send, uint64_t *id)
{
    struct node_call *call;
    int error = node_call_new(&call, node, send);

    if (error)
        return error;
    *id = call->message.id;
    node_call_start(call);
    return 0;
}

/* Copies what a response's views point to, one after the other, into memory of the call. */
int node_call_own(struct node_call *call)
{
    struct nectar_view *const views[] = {&call->message.source, &call->message.target,
                                         &call->message.body};
    size_t at = 0;
    int error = 0;

    for (size_t i = 0; i < sizeof views / sizeof views[0] && !error; i++)
        error = bytes_append(&call->owned, views[i]->data, views[i]->len);
    for (size_t i = 0; i < sizeof views / sizeof views[0] && !error; i++) {
        views[i]->data = call->owned.data + at;
        at += views[i]->len;
    }
    return error;
}

void node_call_free(struct node_call *call)
{
    if (!call)
        return;
    node_ask_free(call->ask);
    bytes_free(&call->owned);
    free(call->tried);
    free(call);
}

static void unlist(struct node_call *call)
{
    node_call_routed(call);
    TAILQ_REMOVE(&call->node->calls, call, all);
    call->node->call_count--;
    call->conn = NULL;
}

static void finish(struct node_call *call)
{
    if (call->silent)
        node_call_free(call);
    else
        TAILQ_INSERT_TAIL(&call->node->ended, call, all);
}

static void end(struct node_call *call)
{
    unlist(call);
    finish(call);
}

void node_call_told(struct node_call *call)
{
    call->delivered = true;
    finish(call);
}

void node_call_deliver(struct node_call *call)
{
    call->delivered = true;
    end(call);
}

/* Without memory for it, what was tried goes untold. */
void node_call_note_tried(struct node_call *call, const struct nectar_tried *tried, size_t count)
{
    free(call->tried);
    call->tried = calloc(count, sizeof *tried);
    call->tried_count = call->tried ? count : 0;
    if (call->tried)
        memcpy(call->tried, tried, count * sizeof *tried);
}

void node_call_end(struct node_call *call, int error, const struct node_end *how, const char *addr)
{
    struct nectar_failure *failure = &call->failure;

    failure->error = error;
    failure->cause = how->cause;
    failure->stage = how->stage;
    failure->elapsed = net_loop_now(call->node->loop) - call->started;
    failure->waited = how->waited;
    failure->tried = call->tried;
    failure->tried_count = call->tried_count;
    snprintf(failure->addr, sizeof failure->addr, "%s", addr);
    snprintf(failure->reason, sizeof failure->reason, "%s", how->reason);
    end(call);
}

struct node_call *node_call_match(struct node_conn *conn, uint64_t id)
{
    struct node_call *call;

    TAILQ_FOREACH (call, &conn->node->calls, all)
        if (call->state == CALL_SENT && call->message.id == id &&
            strcmp(call->peer, conn->peer) == 0) {
            unlist(call);
            return call;
        }
    return NULL;
}

bool node_calls_on(const struct node_conn *conn)
{
    const struct node_call *call;

    TAILQ_FOREACH (call, &conn->node->calls, all)
        if (call->conn == conn)
            return true;
    return false;
}
