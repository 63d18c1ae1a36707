#include "node/node.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "node/control.h"
#include "node/passage.h"
#include "node/trim.h"

int nectar_node_new(struct nectar_node **out, const struct nectar_node_config *config)
{
    uint8_t seed[RANDOM_SEED_BYTES];
    struct nectar_node *node;
    int error = nectar_name_check(config->name);

    assert(config->key && config->registry);
    if (error)
        return error;
    node = calloc(1, sizeof *node);
    if (!node)
        return NECTAR_ENOMEM;
    snprintf(node->name, sizeof node->name, "%s", config->name);
    snprintf(node->source, sizeof node->source, "%s@%s", node->name, NODE_OUR_PROCESS);
    node->key = config->key;
    node->registry = config->registry;
    node->log = config->log;
    node->connect_timeout = config->connect_timeout ? config->connect_timeout : NODE_CONNECT_TIME;
    node->probe_time = config->probe_time ? config->probe_time : NODE_PROBE_TIME;
    node->compat = config->compat;
    node->policy = config->router;
    node->max_per_address = config->max_per_address ? config->max_per_address : NODE_PER_ADDRESS;
    node->max_partial = config->max_partial ? config->max_partial : NODE_PARTIAL_MAX;
    node->started = net_loop_now(NULL);
    TAILQ_INIT(&node->conns);
    TAILQ_INIT(&node->ready);
    TAILQ_INIT(&node->dirty);
    TAILQ_INIT(&node->crowded);
    TAILQ_INIT(&node->openings);
    TAILQ_INIT(&node->calls);
    TAILQ_INIT(&node->ended);
    TAILQ_INIT(&node->unrouted);
    TAILQ_INIT(&node->known);
    TAILQ_INIT(&node->notices);
    node_inquiries_init(&node->inquiries);
    TAILQ_INIT(&node->races);
    TAILQ_INIT(&node->routers);
    TAILQ_INIT(&node->passages);
    random_bytes(seed, sizeof seed);
    random_stream_init(&node->ids, seed);
    mem_wipe(seed, sizeof seed);
    node->input = malloc(NODE_INPUT);
    error = node->input ? net_loop_new(&node->loop) : NECTAR_ENOMEM;
    if (!error)
        error = net_timer_new(&node->calls_timer, node->loop, node_calls_due, node);
    if (!error)
        error = node_trim_begin(node);
    if (!error)
        error = node_lookups_new(node);
    if (error) {
        nectar_node_free(node);
        return error;
    }
    *out = node;
    return 0;
}

static void free_calls(struct node_calls *calls)
{
    struct node_call *call;

    while ((call = TAILQ_FIRST(calls))) {
        TAILQ_REMOVE(calls, call, all);
        node_call_free(call);
    }
}

void nectar_node_free(struct nectar_node *node)
{
    struct node_conn *conn;

    if (!node)
        return;
    net_listen_free(node->listen);
    node->listen = NULL;
    node_trim_end(node);
    node_passages_free(node);
    node_races_free(node);
    TAILQ_FOREACH (conn, &node->conns, all)
        conn->router = NULL;
    node_join_free(node);
    while ((conn = TAILQ_FIRST(&node->conns)))
        node_conn_free(conn);
    node_origins_free(node);
    node_peers_free(node);
    free_calls(&node->calls);
    free_calls(&node->ended);
    node_call_free(node->shown);
    node_inquiries_free(&node->inquiries);
    node_lookups_free(node);
    node_control_free(node);
    node_tastes_free(node);
    node_notices_free(node);
    net_timer_free(node->calls_timer);
    net_loop_free(node->loop);
    if (node->input)
        mem_wipe(node->input, NODE_INPUT);
    free(node->input);
    random_stream_wipe(&node->ids);
    free(node);
}

void nectar_node_rekey(struct nectar_node *node, const struct nectar_key *key)
{
    struct node_conn *conn;

    node->key = key;
    TAILQ_FOREACH (conn, &node->conns, all)
        if (conn->link)
            nectar_link_rekey(conn->link, key);
}

void nectar_node_interrupt(struct nectar_node *node)
{
    net_loop_wake(node->loop);
}
