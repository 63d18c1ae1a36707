/* Answers to requests of others. */
#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "msg/address.h"
#include "node/node.h"

/* The answer goes to another node, or over a connection that is yet to be made. */
static int reply_elsewhere(struct nectar_node *node, const char *peer,
                           const struct nectar_message *response)
{
    struct node_call *call;
    int error =
        node_call_new(&call, node, &(struct nectar_send){.peer = peer, .message = response});

    if (error)
        return error;
    error = node_call_own(call);
    if (error) {
        node_call_free(call);
        return error;
    }
    call->silent = true;
    node_call_start(call);
    return 0;
}

static struct node_conn *way_back(struct nectar_node *node, uint64_t connection, const char *peer)
{
    struct node_conn *conn = node_conn_by_serial(node, connection);

    if (conn && strcmp(conn->peer, peer) == 0 && nectar_link_is_open(conn->link))
        return conn;
    return node_conn_find(node, peer, "");
}

void nectar_node_ignore(struct nectar_node *node, uint64_t connection)
{
    struct node_conn *conn = node_conn_by_serial(node, connection);

    if (!conn || conn->unanswered == 0)
        return;
    conn->unanswered--;
    conn->has_ignored = true;
    node_conn_touch(conn);
}

int nectar_node_reply(struct nectar_node *node, uint64_t connection,
                      const struct nectar_message *request, struct nectar_view body)
{
    struct nectar_message response = {
        .id = request->id,
        .kind = NECTAR_RESPONSE,
        .form = request->form, /* whoever writes bin takes it */
        .source = request->target,
        .target = request->rsvp.data ? request->rsvp : request->source,
        .body = body,
    };
    struct msg_address target;
    char peer[NECTAR_NAME_MAX + 1];
    struct node_conn *asked = node_conn_by_serial(node, connection);
    struct node_conn *conn;
    int error;

    if (!msg_address_parse(&target, response.target) ||
        !view_copy_text(peer, sizeof peer, target.node) || nectar_name_check(peer))
        return NECTAR_ENAME;
    conn = way_back(node, connection, peer);
    error = conn
                ? nectar_link_send(conn->link, &response, &conn->answered, net_loop_now(node->loop))
                : reply_elsewhere(node, peer, &response);
    if (conn)
        node_conn_touch(conn);
    if (!error && asked && asked->unanswered > 0) {
        asked->unanswered--;
        node_conn_touch(asked);
    }
    return error;
}
