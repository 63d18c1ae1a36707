/* Who may have a way through us, and to whom (PROTOCOL: routing). */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "msg/action.h"
#include "msg/address.h"
#include "node/node.h"
#include "node/passage.h"
#include "ws/frame.h"

enum {
    ROUTE_MAX_PEERS = 1024,
    ROUTE_MAX_OPEN = 1024,
    ROUTE_MAX_PENDING = 1024,
    ROUTE_MAX_PER_PEER = 64,
    ROUTE_MAX_BETWEEN = 128, /* of the same two, pending and open: a replay gains no more */
    ROUTE_EXPECTS = 5,       /* s: what running nodes ask for */
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

static size_t or_default(size_t limit, size_t value)
{
    return limit ? limit : value;
}

static bool is_allowed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return count == 0;
}

/* The newest connection by which this peer has us route for it. */
static struct node_conn *registered(struct nectar_node *node, const char *name)
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
    bool another = conn->known->registered > 0;
    const char *why = NULL;

    if (!is_allowed(policy->allow, policy->allow_count, conn->peer))
        why = "we do not route for it";
    else if (!another && node->registered >= or_default(policy->max_peers, ROUTE_MAX_PEERS))
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

/* Is the request signed by whom it names: over the target's name and ours? NULL, or why not. */
static const char *check_signature(struct nectar_node *node, const struct nectar_link_event *asked)
{
    struct nectar_record record;
    char reason[NECTAR_REASON_MAX + 1], names[2 * NECTAR_NAME_MAX + 1];
    bool cached = false;

    snprintf(names, sizeof names, "%s%s", asked->target, node->name);
    for (int fresh = 0; fresh < 2; fresh++) {
        if (node_resolve(node, asked->peer, fresh, &record, &cached, reason) || !record.has_key)
            return "it is not in the registry";
        if (nectar_key_verify(asked->signature.data, record.key, names, strlen(names)))
            return NULL;
        if (!cached)
            break;
    }
    return "bad signature";
}

static const char *check_limits(const struct nectar_node *node, const char *from, const char *to)
{
    const struct nectar_router_policy *policy = node->policy;

    if (node->open_passages >= or_default(policy->max_passthroughs, ROUTE_MAX_OPEN))
        return "too many passthroughs";
    if (node->waiting_passages >= or_default(policy->max_pending, ROUTE_MAX_PENDING))
        return "too many pending";
    if (node_passages_waiting_of(node, from) >=
        or_default(policy->max_per_peer, ROUTE_MAX_PER_PEER))
        return "too many pending of this peer";
    if (node_passages_between(node, from, to) >= ROUTE_MAX_BETWEEN)
        return "too many between these two";
    return NULL;
}

static const char *check(struct nectar_node *node, const struct nectar_link_event *asked)
{
    const struct nectar_router_policy *policy = node->policy;

    if (strcmp(asked->peer, asked->target) == 0)
        return "it asks for itself";
    if (strcmp(asked->target, node->name) == 0)
        return "it asks for us, and has us";
    /* One we route for may answer whoever has asked for it. */
    if (!is_allowed(policy->allow_from, policy->allow_from_count, asked->peer) &&
        !node_passage_waiting(node, asked->target, asked->peer))
        return "it may not ask";
    return check_signature(node, asked);
}

/* Tells a peer that routes through us that caller waits for it here. */
static int tell_registered(struct node_conn *conn, const char *caller)
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

/* Dials a direct target for the one who asked. */
static int dial_target(struct node_passage *passage, const struct nectar_record *record,
                       struct nectar_node *node)
{
    struct node_conn *conn;
    int error = node_conn_new(&conn, node, false);

    if (error)
        return error;
    snprintf(conn->peer, sizeof conn->peer, "%s", record->name);
    conn->exclusive = true;
    error = node_dial(conn, record);
    if (error)
        node_conn_free(conn);
    else
        node_passage_await(passage, conn);
    return error;
}

/* What is known of the target, if there may be a way to it; else why there is none. A name that
 * exists tells one offence from another: those made up do not. */
static const char *find_target(struct nectar_record *record, uint64_t *offence,
                               struct nectar_node *node, const char *to)
{
    char reason[NECTAR_REASON_MAX + 1];
    bool cached;
    int error = node_resolve(node, to, false, record, &cached, reason);

    if (error)
        return error == NECTAR_EUNKNOWN ? "its target is not in the registry"
                                        : "our registry does not answer";
    *offence = node_offence(*offence, to);
    if (record->ws.port == 0 && !registered(node, to))
        return "its target is not connected to us";
    return NULL;
}

/* Begins the way to the target, or says why it cannot. */
static const char *begin_way(struct node_passage *passage, struct nectar_node *node,
                             const struct nectar_record *target, const char *from)
{
    struct node_conn *conn;

    if (target->ws.port != 0)
        return dial_target(passage, target, node) ? "its target cannot be dialled" : NULL;
    conn = registered(node, target->name);
    return !conn || tell_registered(conn, from) ? "its target cannot be told" : NULL;
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

static void refuse(struct node_conn *conn, uint64_t offence, const struct nectar_link_event *asked,
                   const char *why)
{
    node_route_refused(conn->node, offence, asked->peer, asked->target, why);
    /* The one who asks is told why: it has to debug it. */
    nectar_link_close(conn->link, WS_CLOSE_TRY_LATER, why);
    nectar_link_refuse(conn->link, NECTAR_EREJECTED);
}

void node_route_asked(struct node_conn *conn, const struct nectar_link_event *asked)
{
    struct nectar_node *node = conn->node;
    struct node_passage *passage;
    const char *why = check(node, asked);
    struct nectar_record target;
    char from[NECTAR_NAME_MAX + 1];
    uint64_t offence;

    /* Names that prove nothing cost nothing: where they come from counts. */
    if (why) {
        refuse(conn, conn->origin, asked, why);
        return;
    }
    /* Someone waits for it already: the two meet. */
    passage = node_passage_waiting(node, asked->target, asked->peer);
    if (passage) {
        node_passage_join(passage, conn);
        return;
    }
    offence = node_offence(0, asked->peer);
    why = check_limits(node, asked->peer, asked->target);
    if (!why)
        why = find_target(&target, &offence, node, asked->target);
    snprintf(from, sizeof from, "%s", asked->peer);
    if (!why && node_passage_new(&passage, conn, target.name))
        why = nectar_error_text(NECTAR_ENOMEM);
    if (why) {
        refuse(conn, offence, asked, why);
        return;
    }
    node_route_note(node, NECTAR_ROUTING_PENDING, from, target.name, "");
    why = begin_way(passage, node, &target, from);
    if (why)
        node_passage_end(passage, why);
}
