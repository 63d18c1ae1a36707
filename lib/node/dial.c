/* Connections that we make. */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/text.h"
#include "node/node.h"
#include "pki/list.h"

static void on_dialled(void *context, const struct net_dialled *dialled)
{
    struct node_conn *conn = context;
    bool resolving = dialled->phase == NET_DIAL_RESOLVING;
    int error;

    conn->dial = NULL;
    if (!dialled->stream) {
        /* A router is tried again, or another time. */
        if (conn->addr_cached && (*conn->via || conn->router || conn->passage))
            pki_list_age(conn->node->registry, *conn->via ? conn->via : conn->peer);
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
    conn->heard = net_loop_now(node->loop);
    nectar_address_format(conn->addr, sizeof conn->addr, &record->ws);
    node_conn_rearm(conn);
    log_line(node->log, NECTAR_LOG_STAGE, "%s %s: dialling%s%s", conn->addr, conn->peer,
             *conn->via ? " by way of " : "", conn->via);
    return 0;
}

/* Dials whom the record is of; why not, with the reason, if that cannot be. */
static int dial_found(struct node_conn *conn, const struct nectar_found *found, char *reason)
{
    const struct nectar_record *record = &found->record;
    bool direct = strcmp(found->name, conn->peer) == 0;
    int error = found->error;

    text_copy(reason, NECTAR_REASON_MAX + 1, found->answer.reason);
    if (error)
        return error;
    if (direct && !record->has_key) {
        text_copy(reason, NECTAR_REASON_MAX + 1, "it has no networking key");
        return NECTAR_EUNKNOWN;
    }
    if (record->ws.port == 0) {
        text_copy(reason, NECTAR_REASON_MAX + 1, "it publishes no WebSocket address");
        return NECTAR_EUNKNOWN;
    }
    if (direct) {
        memcpy(conn->key, record->key, sizeof conn->key);
        conn->key_cached = found->answer.cached;
    }
    conn->addr_cached = found->answer.cached;
    error = node_dial(conn, record);
    if (error)
        text_copy(reason, NECTAR_REASON_MAX + 1, nectar_error_text(error));
    return error;
}

static void on_name_found(void *context, const struct nectar_found *found)
{
    struct node_conn *conn = context;
    char reason[NECTAR_REASON_MAX + 1];
    int error;

    conn->ask = NULL;
    error = dial_found(conn, found, reason);
    if (error)
        node_conn_fail(conn, NECTAR_STAGE_REGISTRY, error, reason);
}

int node_dial_name(struct node_conn *conn, const char *name, char *reason)
{
    struct node_query query = {.name = name, .route = true, .done = on_name_found, .context = conn};
    struct nectar_found found;

    if (node_resolve(&found, &conn->ask, conn->node, &query))
        return dial_found(conn, &found, reason);
    node_conn_rearm(conn);
    return 0;
}

static int begin(struct node_call *call, const struct nectar_record *record, bool cached)
{
    struct node_conn *conn;
    int error = node_conn_new(&conn, call->node, false);

    if (error)
        return error;
    /* The attempt began when its name was asked for. */
    conn->open_by = time_earlier(conn->open_by, call->due);
    text_copy(conn->peer, sizeof conn->peer, call->peer);
    memcpy(conn->key, record->key, sizeof conn->key);
    conn->key_cached = conn->addr_cached = cached;
    conn->exclusive = call->no_reply;
    error = node_dial(conn, record);
    if (error)
        node_conn_free(conn);
    else if (conn->exclusive)
        call->conn = conn;
    return error;
}

bool node_dial_under_way(const struct node_call *call)
{
    if (call->no_reply)
        return false;
    return (!*call->via && already_dialling(call->node, call->peer)) ||
           node_race_under_way(call->node, call->peer, call->via);
}

/* What was kept of the peer did not help: is there anything else? Ends the call if not. */
static bool is_no_help(struct node_call *call, const struct nectar_found *found)
{
    const struct nectar_failure *failure = &call->failure;
    struct node_end end = {.stage = failure->stage, .cause = failure->cause};
    char addr[NECTAR_ADDRESS_TEXT_SIZE];

    nectar_address_format(addr, sizeof addr, &found->record.ws);
    if (found->error ? found->error != NECTAR_EUNREACHABLE : strcmp(addr, failure->addr) != 0)
        return false;
    text_copy(end.reason, sizeof end.reason, failure->reason);
    text_copy(addr, sizeof addr, failure->addr);
    node_call_end(call, NECTAR_EOFFLINE, &end, addr);
    return true;
}

/* Makes a connection for a call, given the record of its peer; false if it ends over that. */
static bool begin_found(struct node_call *call, const struct nectar_found *found)
{
    const struct nectar_record *record = &found->record;
    bool direct = !found->error && nectar_record_is_direct(record);
    int error = found->error;

    if (call->fresh && is_no_help(call, found))
        return false;
    if (error)
        refuse(call, error, NECTAR_STAGE_REGISTRY, found->answer.reason);
    else if (!record->has_key)
        refuse(call, NECTAR_EUNKNOWN, NECTAR_STAGE_REGISTRY, "it has no networking key");
    else if (!direct && record->router_count == 0)
        refuse(call, NECTAR_EUNKNOWN, NECTAR_STAGE_REGISTRY, "it has no address and no routers");
    else if (direct && record->ws.port == 0 && !*call->via)
        refuse(call, NECTAR_EOFFLINE, NECTAR_STAGE_TCP,
               "it publishes no WebSocket address, and only that can be dialled");
    else {
        error = record->ws.port == 0 || *call->via
                    ? node_race_begin(call, record, found->answer.cached)
                    : begin(call, record, found->answer.cached);
        if (!error)
            return true;
        refuse(call, error, NECTAR_STAGE_TCP, nectar_error_text(error));
    }
    return false;
}

static void on_peer_found(void *context, const struct nectar_found *found)
{
    struct node_call *call = context;

    call->ask = NULL;
    /* The peer may have called meanwhile, or another send have been first. */
    if (!node_call_goes_along(call) && !node_dial_under_way(call))
        (void)begin_found(call, found);
}

bool node_dial_for(struct node_call *call)
{
    struct nectar_node *node = call->node;
    struct node_query query = {.name = call->peer,
                               .fresh = call->fresh,
                               .route = true,
                               .done = on_peer_found,
                               .context = call};
    struct nectar_found found;

    if (node_dial_under_way(call))
        return false;
    call->due = time_after(net_loop_now(node->loop), node->connect_timeout);
    if (node_resolve(&found, &call->ask, node, &query))
        return begin_found(call, &found);
    net_timer_set(node->calls_timer, call->due);
    return true;
}
