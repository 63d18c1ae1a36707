/* Being reached through routers: a connection to each, for ever, and answers to who asks for us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/view.h"
#include "crypto/random.h"
#include "msg/action.h"
#include "msg/address.h"
#include "node/node.h"

#define JOIN_FIRST_DELAY TIME_MS(200)
#define JOIN_LAST_DELAY  TIME_MS(1500) /* a router that is back is joined within 2 s */

enum {
    JOIN_ANSWERS_MAX = 256, /* calls of one router being answered at once */
    JOIN_BODY_MAX = 512,
};

struct node_router {
    TAILQ_ENTRY(node_router) all;
    struct nectar_node *node;
    char name[NECTAR_NAME_MAX + 1];
    struct node_conn *conn; /* NULL: none just now */
    struct net_timer *timer;
    uint64_t delay; /* us, before the next try */
    uint64_t next_try;
    uint64_t probe;    /* the hello that it is to answer; 0: none */
    uint64_t probe_by; /* and by when; without one, when the next is due */
    bool up;
};

static void probe(struct node_router *router);

/* After a delay between a half and the whole of what it has grown to. */
static void try_later(struct node_router *router)
{
    uint32_t random;

    random_bytes(&random, sizeof random);
    router->next_try = time_after(net_loop_now(router->node->loop),
                                  router->delay / 2 + random % (router->delay / 2));
    router->delay = time_earlier(router->delay * 2, JOIN_LAST_DELAY);
    net_timer_set(router->timer, router->next_try);
}

static int dial(struct node_router *router, char *reason)
{
    struct node_conn *conn;
    int error = node_conn_new(&conn, router->node, false);

    snprintf(reason, NECTAR_REASON_MAX + 1, "%s", nectar_error_text(error));
    if (error)
        return error;
    snprintf(conn->peer, sizeof conn->peer, "%s", router->name);
    error = node_dial_name(conn, router->name, reason);
    if (error) {
        node_conn_free(conn);
        return error;
    }
    conn->router = router;
    router->conn = conn;
    return 0;
}

/* The connection stands or is being made: is it time to ask, or too late for an answer? */
static void see_to_probe(struct node_router *router)
{
    if (router->conn->state != CONN_OPEN)
        return;
    if (net_loop_now(router->node->loop) < router->probe_by)
        net_timer_set(router->timer, router->probe_by);
    else if (router->probe)
        node_conn_fail(router->conn, NECTAR_STAGE_REPLY, NECTAR_EDEADLINE, "no reply");
    else
        probe(router);
}

static void on_timer(void *context)
{
    struct node_router *router = context;
    char reason[NECTAR_REASON_MAX + 1];

    if (router->conn) {
        see_to_probe(router);
        return;
    }
    if (router->node->draining)
        return;
    if (net_loop_now(router->node->loop) < router->next_try) {
        net_timer_set(router->timer, router->next_try);
        return;
    }
    if (dial(router, reason)) {
        log_line(router->node->log, NECTAR_LOG_STAGE, "router %s: %s", router->name, reason);
        try_later(router);
    }
}

static int join_one(struct nectar_node *node, const char *name)
{
    struct node_router *router = calloc(1, sizeof *router);
    int error = router ? 0 : NECTAR_ENOMEM;

    if (!error)
        error = net_timer_new(&router->timer, node->loop, on_timer, router);
    if (error) {
        free(router);
        return error;
    }
    router->node = node;
    router->delay = JOIN_FIRST_DELAY;
    snprintf(router->name, sizeof router->name, "%s", name);
    TAILQ_INSERT_TAIL(&node->routers, router, all);
    net_timer_set(router->timer, 0);
    return 0;
}

/* Our record names it no longer. */
static void leave(struct node_router *router)
{
    struct nectar_node *node = router->node;
    struct node_conn *conn = router->conn;
    uint64_t by = time_after(net_loop_now(node->loop), NODE_REPLACED_TIME);

    if (router->up)
        node_notice_new(node, NECTAR_NODE_ROUTER_DOWN, router->name, "no longer ours");
    router->up = false;
    if (conn && conn->state == CONN_OPEN) {
        conn->router = NULL;
        node_retire(conn, 0, by);
    } else if (conn) {
        node_conn_fail(conn, NECTAR_STAGE_ROUTER, NECTAR_ECLOSED, "no longer ours");
    }
    TAILQ_REMOVE(&node->routers, router, all);
    net_timer_free(router->timer);
    free(router);
}

static bool is_listed(const struct nectar_record *own, const char *name)
{
    for (size_t i = 0; i < own->router_count; i++)
        if (strcmp(own->routers[i], name) == 0)
            return true;
    return false;
}

static bool is_joined(const struct nectar_node *node, const char *name)
{
    const struct node_router *router;

    TAILQ_FOREACH (router, &node->routers, all)
        if (strcmp(router->name, name) == 0)
            return true;
    return false;
}

int nectar_node_join(struct nectar_node *node, const struct nectar_record *own)
{
    struct node_router *router, *next;
    int error = 0;

    for (router = TAILQ_FIRST(&node->routers); router; router = next) {
        next = TAILQ_NEXT(router, all);
        if (!is_listed(own, router->name))
            leave(router);
    }
    for (size_t i = 0; i < own->router_count && !error; i++)
        if (!is_joined(node, own->routers[i]))
            error = join_one(node, own->routers[i]);
    return error;
}

size_t node_join_list(const struct nectar_node *node, struct nectar_via *out, size_t max)
{
    const struct node_router *router;
    size_t count = 0;

    TAILQ_FOREACH (router, &node->routers, all) {
        if (count == max)
            break;
        snprintf(out[count].router, sizeof out[count].router, "%s", router->name);
        out[count++].up = router->up;
    }
    return count;
}

/* Asks the router something: when it answers, it knows us. */
static void probe(struct node_router *router)
{
    struct nectar_node *node = router->node;
    char target[NODE_SOURCE_SIZE];
    struct nectar_message hello = {.expects_response = true, .form = NECTAR_FORM_ARRAY};

    snprintf(target, sizeof target, "%s@%s", router->name, MSG_NET_PROCESS);
    hello.source = view_of_text(node->source);
    hello.target = view_of_text(target);
    hello.expects_s = (node->connect_timeout + TIME_S(1) - 1) / TIME_S(1);
    hello.body = view_of_text("registered?");
    while (hello.id == 0)
        random_stream_take(&node->ids, &hello.id, sizeof hello.id);
    router->probe = hello.id;
    router->probe_by = time_after(net_loop_now(node->loop), node->connect_timeout);
    net_timer_set(router->timer, router->probe_by);
    /* If it cannot be sent, it is not answered either. */
    nectar_link_send(router->conn->link, &hello, NULL, net_loop_now(node->loop));
    node_conn_touch(router->conn);
}

/* The connection stands, as far as we can see: the router has still to judge us. */
void node_join_opened(struct node_conn *conn)
{
    probe(conn->router);
}

void node_join_answered(struct node_conn *conn, uint64_t id)
{
    struct node_router *router = conn->router;

    if (id != router->probe)
        return;
    router->probe = 0;
    router->probe_by = time_after(net_loop_now(conn->node->loop), conn->node->probe_time);
    net_timer_set(router->timer, router->probe_by);
    router->delay = JOIN_FIRST_DELAY;
    if (!router->up)
        node_notice_new(conn->node, NECTAR_NODE_ROUTER_UP, router->name, "");
    router->up = true;
}

void node_join_lost(struct node_conn *conn, const struct node_end *end)
{
    struct node_router *router = conn->router;

    conn->router = NULL;
    router->conn = NULL;
    if (router->up)
        node_notice_new(conn->node, NECTAR_NODE_ROUTER_DOWN, router->name, end->reason);
    router->up = false;
    router->probe = 0;
    try_later(router);
}

static bool is_ours(const struct nectar_node *node, const struct node_conn *conn)
{
    const struct node_router *router;

    TAILQ_FOREACH (router, &node->routers, all)
        if (router->conn == conn)
            return true;
    return false;
}

/* Calls being answered through a router: what one of them does is not to cost the others. */
static size_t answers(const struct nectar_node *node, const char *router)
{
    const struct node_conn *conn;
    size_t count = 0;

    TAILQ_FOREACH (conn, &node->conns, all)
        count += conn->inbound && conn->state != CONN_OPEN && strcmp(conn->via, router) == 0;
    return count;
}

/* Tells our router that it need not let caller wait. */
static void reject(struct node_conn *conn, const struct nectar_message *request,
                   struct nectar_view caller)
{
    struct nectar_message response = {
        .id = request->id,
        .kind = NECTAR_RESPONSE,
        .form = NECTAR_FORM_ARRAY,
        .source = request->target,
        .target = request->source,
    };
    struct bytes body;

    bytes_init(&body, JOIN_BODY_MAX);
    if (!msg_action_encode_rejected(&body, caller)) {
        response.body = bytes_view(&body);
        /* What cannot be sent would only have saved the caller some time. */
        nectar_link_send(conn->link, &response, NULL, net_loop_now(conn->node->loop));
        node_conn_touch(conn);
    }
    bytes_free(&body);
}

/* Dials our router, to wait for caller there. */
static int answer(struct node_conn *conn, const char *caller)
{
    struct nectar_node *node = conn->node;
    char reason[NECTAR_REASON_MAX + 1];
    struct node_conn *answer;
    int error = node_conn_new(&answer, node, true);

    if (error)
        return error;
    answer->open_by = time_after(net_loop_now(node->loop), node->connect_timeout);
    snprintf(answer->peer, sizeof answer->peer, "%s", caller);
    snprintf(answer->via, sizeof answer->via, "%s", conn->peer);
    error = node_dial_name(answer, conn->peer, reason);
    if (error)
        node_conn_free(answer);
    return error;
}

/* A router says that caller asks for us. Only one that we are registered with may say so. */
void node_join_answer(struct node_conn *conn, const struct nectar_message *request,
                      struct nectar_view caller)
{
    struct nectar_node *node = conn->node;
    char name[NECTAR_NAME_MAX + 1];
    bool ours = is_ours(node, conn);

    if (!view_copy_text(name, sizeof name, caller) || nectar_name_check(name))
        ours = false;
    if (ours && !node->draining && answers(node, conn->peer) < JOIN_ANSWERS_MAX &&
        !answer(conn, name))
        return;
    node_warn(conn, "sends a connection request that is refused");
    if (ours)
        reject(conn, request, caller);
}

void node_join_free(struct nectar_node *node)
{
    struct node_router *router;

    while ((router = TAILQ_FIRST(&node->routers))) {
        TAILQ_REMOVE(&node->routers, router, all);
        net_timer_free(router->timer);
        free(router);
    }
}
