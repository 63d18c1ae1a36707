/* Connections that we make. */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "node/node.h"

int node_resolve(struct nectar_node *node, const char *peer, bool fresh,
                 struct nectar_record *record, bool *cached, char *reason)
{
    struct nectar_answer answer = {.cached = false};
    int error = nectar_registry_lookup(node->registry, peer, fresh, record, &answer);

    *cached = answer.cached;
    snprintf(reason, NECTAR_REASON_MAX + 1, "%s",
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
            strcmp(conn->peer, peer) == 0)
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

static int begin(struct node_call *call, struct nectar_node *node,
                 const struct nectar_record *record, bool cached)
{
    struct node_conn *conn;
    int error = node_conn_new(&conn, node, false);

    if (error)
        return error;
    snprintf(conn->peer, sizeof conn->peer, "%s", call->peer);
    nectar_address_format(conn->addr, sizeof conn->addr, &record->ws);
    memcpy(conn->key, record->key, sizeof conn->key);
    conn->key_cached = cached;
    conn->exclusive = call->no_reply;
    error = net_dial_new(&conn->dial, node->loop, &record->ws, on_dialled, conn);
    if (error) {
        node_conn_free(conn);
        return error;
    }
    if (conn->exclusive)
        call->conn = conn;
    node_conn_rearm(conn);
    log_line(node->log, NECTAR_LOG_STAGE, "%s %s: dialling", conn->addr, conn->peer);
    return 0;
}

void node_dial_for(struct nectar_node *node, struct node_call *call)
{
    struct nectar_record record;
    char reason[NECTAR_REASON_MAX + 1];
    bool cached;
    int error;

    if (!call->no_reply && already_dialling(node, call->peer))
        return;
    error = node_resolve(node, call->peer, false, &record, &cached, reason);
    if (error)
        refuse(call, error, NECTAR_STAGE_REGISTRY, reason);
    else if (!record.has_key)
        refuse(call, NECTAR_EUNKNOWN, NECTAR_STAGE_REGISTRY, "it has no networking key");
    else if (!nectar_record_is_direct(&record) && record.router_count == 0)
        refuse(call, NECTAR_EUNKNOWN, NECTAR_STAGE_REGISTRY, "it has no address and no routers");
    else if (record.ws.port == 0)
        refuse(call, NECTAR_EOFFLINE, NECTAR_STAGE_ROUTER,
               "it publishes no WebSocket address, and only that can be dialled");
    else if ((error = begin(call, node, &record, cached)))
        refuse(call, error, NECTAR_STAGE_TCP, nectar_error_text(error));
}
