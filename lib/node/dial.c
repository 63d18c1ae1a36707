/* Connections that we make. */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/text.h"
#include "node/node.h"

int node_resolve(struct nectar_node *node, const char *peer, bool fresh,
                 struct nectar_record *record, bool *cached, char *reason)
{
    struct nectar_answer answer = {.cached = false};
    int error = nectar_registry_lookup(node->registry, peer, fresh, record, &answer);

    *cached = answer.cached;
    text_copy(reason, NECTAR_REASON_MAX + 1,
              error && *answer.reason ? answer.reason : nectar_error_text(error));
    if (!error)
        log_line(node->log, NECTAR_LOG_DETAIL, "registry: %s is in %s", peer, answer.source);
    return error;
}

static void on_dialled(void *context, const struct net_dialled *dialled)
{
    struct node_conn *conn = context;
    bool resolving = dialled->phase == NET_DIAL_RESOLVING;
    int error;

    conn->dial = NULL;
    if (!dialled->stream) {
        node_conn_fail(conn, resolving ? NECTAR_STAGE_DNS : NECTAR_STAGE_TCP, 0, dialled->reason);
        return;
    }
    log_line(conn->node->log, NECTAR_LOG_STAGE, "%s %s: tcp connected", conn->addr, conn->peer);
    error = node_conn_start(conn, dialled->stream, conn->addr);
    if (error)
        node_conn_fail(conn, NECTAR_STAGE_TCP, error, nectar_error_text(error));
}

static bool already_dialling(const struct nectar_node *node, const char *peer)
{
    const struct node_conn *conn;

    TAILQ_FOREACH (conn, &node->conns, all)
        if (!conn->inbound && !conn->exclusive && conn->state != CONN_OPEN && !conn->over &&
            !*conn->via && !conn->router && strcmp(conn->peer, peer) == 0)
            return true;
    return false;
}

/* Ends a call for which there is nothing to dial. */
static void refuse(struct node_call *call, int error, enum nectar_stage stage, const char *reason)
{
    struct node_end end = {.stage = stage, .cause = error};

    snprintf(end.reason, sizeof end.reason, "%s", reason);
    node_call_end(call, error, &end, "");
}

int node_dial(struct node_conn *conn, const struct nectar_record *record)
{
    struct nectar_node *node = conn->node;
    int error = net_dial_new(&conn->dial, node->loop, &record->ws, on_dialled, conn);

    if (error)
        return error;
    nectar_address_format(conn->addr, sizeof conn->addr, &record->ws);
    node_conn_rearm(conn);
    log_line(node->log, NECTAR_LOG_STAGE, "%s %s: dialling%s%s", conn->addr, conn->peer,
             *conn->via ? " by way of " : "", conn->via);
    return 0;
}

static int begin(struct node_call *call, const struct nectar_record *record, bool cached)
{
    struct node_conn *conn;
    int error = node_conn_new(&conn, call->node, false);

    if (error)
        return error;
    snprintf(conn->peer, sizeof conn->peer, "%s", call->peer);
    memcpy(conn->key, record->key, sizeof conn->key);
    conn->key_cached = cached;
    conn->exclusive = call->no_reply;
    error = node_dial(conn, record);
    if (error)
        node_conn_free(conn);
    else if (conn->exclusive)
        call->conn = conn;
    return error;
}

/* Is somebody on the way whom this call can go with? */
static bool is_under_way(const struct node_call *call)
{
    if (call->no_reply)
        return false;
    return (!*call->via && already_dialling(call->node, call->peer)) ||
           node_race_under_way(call->node, call->peer, call->via);
}

bool node_dial_for(struct node_call *call)
{
    struct nectar_record record;
    char reason[NECTAR_REASON_MAX + 1];
    bool cached;
    int error;

    if (is_under_way(call))
        return false;
    error = node_resolve(call->node, call->peer, false, &record, &cached, reason);
    if (error)
        refuse(call, error, NECTAR_STAGE_REGISTRY, reason);
    else if (!record.has_key)
        refuse(call, NECTAR_EUNKNOWN, NECTAR_STAGE_REGISTRY, "it has no networking key");
    else if (!nectar_record_is_direct(&record) && record.router_count == 0)
        refuse(call, NECTAR_EUNKNOWN, NECTAR_STAGE_REGISTRY, "it has no address and no routers");
    else if (nectar_record_is_direct(&record) && record.ws.port == 0 && !*call->via)
        refuse(call, NECTAR_EOFFLINE, NECTAR_STAGE_TCP,
               "it publishes no WebSocket address, and only that can be dialled");
    else {
        error = record.ws.port == 0 || *call->via ? node_race_begin(call, &record, cached)
                                                  : begin(call, &record, cached);
        if (!error)
            return true;
        refuse(call, error, NECTAR_STAGE_TCP, nectar_error_text(error));
    }
    return false;
}
