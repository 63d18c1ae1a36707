/* Whom we route for, and what is told of it (PROTOCOL: routing). */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "msg/action.h"
#include "msg/address.h"
#include "node/node.h"
#include "node/passage.h"

enum {
    ROUTE_MAX_PEERS = 1024,
    ROUTE_EXPECTS = 5, /* s: what running nodes ask for */
    ROUTE_BODY_MAX = 512,
};

struct nectar_routing *node_route_note(struct nectar_node *node, enum nectar_routing_step step,
                                       const char *from, const char *to, const char *why)
{
    struct node_notice *notice = node_notice_new(node, NECTAR_NODE_ROUTING, from, why);
    struct nectar_routing *routing;

    if (!notice)
        return NULL;
    routing = &notice->routing;
    routing->step = step;
    snprintf(routing->from, sizeof routing->from, "%s", from);
    snprintf(routing->to, sizeof routing->to, "%s", to);
    snprintf(routing->why, sizeof routing->why, "%s", why);
    return routing;
}

void node_route_refused(struct nectar_node *node, uint64_t offence, const char *from,
                        const char *to, const char *why)
{
    struct nectar_routing *routing;
    uint64_t repeats;

    if (node_is_repeat(node, node_offence(offence, why), &repeats))
        return;
    routing = node_route_note(node, NECTAR_ROUTING_REFUSED, from, to, why);
    if (routing)
        routing->repeats = repeats;
}

bool node_route_allows(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count == 0;
}

struct node_conn *node_route_registered(struct nectar_node *node, const char *name)
{
    struct node_peer *peer = node_peer_find(node, name);
    struct node_conn *conn;

    if (!peer)
        return NULL;
    TAILQ_FOREACH_REVERSE (conn, &peer->conns, node_conns, same)
        if (conn->registered && !conn->over && nectar_link_is_open(conn->link))
            return conn;
    return NULL;
}

bool node_route_register(struct node_conn *conn)
{
    struct nectar_node *node = conn->node;
    const struct nectar_router_policy *policy = node->policy;
    size_t most = policy->max_peers ? policy->max_peers : ROUTE_MAX_PEERS;
    bool another = conn->known->registered > 0;
    const char *why = NULL;

    if (!node_route_allows(policy->allow, policy->allow_count, conn->peer))
        why = "we do not route for it";
    else if (!another && node->registered >= most)
        why = "too many peers";
    if (why) {
        node_route_refused(node, node_offence(0, conn->peer), conn->peer, "", why);
        node_leave(conn);
        return false;
    }
    conn->registered = true;
    conn->known->registered++;
    node->registered += !another;
    node_route_note(node, NECTAR_ROUTING_REGISTERED, conn->peer, "", "");
    return true;
}

int node_route_tell(struct node_conn *conn, const char *caller)
{
    struct nectar_node *node = conn->node;
    char source[NODE_SOURCE_SIZE], target[NODE_SOURCE_SIZE];
    struct nectar_message request = {.expects_response = true, .expects_s = ROUTE_EXPECTS};
    struct bytes body;
    int error;

    snprintf(source, sizeof source, "%s@%s", node->name, MSG_NET_PROCESS);
    snprintf(target, sizeof target, "%s@%s", conn->peer, MSG_NET_PROCESS);
    random_stream_take(&node->ids, &request.id, sizeof request.id);
    request.source = view_of_text(source);
    request.target = view_of_text(target);
    request.form = NECTAR_FORM_ARRAY;
    bytes_init(&body, ROUTE_BODY_MAX);
    error = msg_action_encode_connection_request(&body, view_of_text(caller));
    request.body = bytes_view(&body);
    if (!error)
        error = nectar_link_send(conn->link, &request, NULL, net_loop_now(node->loop));
    node_conn_touch(conn);
    bytes_free(&body);
    return error;
}

bool node_route_rejected(struct node_conn *conn, const struct nectar_message *response)
{
    struct node_passage *passage;
    struct nectar_view caller;
    char name[NECTAR_NAME_MAX + 1];

    if (!msg_action_is_rejected(response->body, &caller) ||
        !view_copy_text(name, sizeof name, caller))
        return false;
    passage = node_passage_waiting(conn->node, name, conn->peer);
    if (passage)
        node_passage_end(passage, "its target does not want it");
    return passage != NULL;
}
