/* Peers by name: what stands with each, found without looking through all there is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/node.h"

enum { PEERS_FIRST = 64 }; /* buckets; a power of two, doubled as peers come */

struct node_peers {
    uint64_t seed;
    size_t count, size;
    struct node_peer **buckets;
};

static struct node_peer **bucket(const struct node_peers *peers, const char *name)
{
    return &peers->buckets[node_offence(peers->seed, name) & (peers->size - 1)];
}

static bool grow(struct node_peers *peers)
{
    size_t size = peers->size ? 2 * peers->size : PEERS_FIRST;
    struct node_peers larger = {.seed = peers->seed, .count = peers->count, .size = size};

    larger.buckets = calloc(size, sizeof *larger.buckets);
    if (!larger.buckets)
        return false;
    for (size_t i = 0; i < peers->size; i++) {
        struct node_peer *one, *next;

        for (one = peers->buckets[i]; one; one = next) {
            struct node_peer **at = bucket(&larger, one->name);

            next = one->next;
            one->next = *at;
            *at = one;
        }
    }
    free(peers->buckets);
    *peers = larger;
    return true;
}

struct node_peer *node_peer_find(const struct nectar_node *node, const char *name)
{
    struct node_peer *one;

    if (!node->peers)
        return NULL;
    for (one = *bucket(node->peers, name); one; one = one->next)
        if (strcmp(one->name, name) == 0)
            return one;
    return NULL;
}

struct node_conn *node_conn_find(struct nectar_node *node, const char *peer, const char *via)
{
    struct node_peer *known = node_peer_find(node, peer);
    struct node_conn *conn;

    if (!known)
        return NULL;
    TAILQ_FOREACH_REVERSE (conn, &known->conns, node_conns, same)
        if (!conn->exclusive && !conn->leaving && !conn->over && conn->retire_quiet == TIME_NEVER &&
            nectar_link_is_open(conn->link) &&
            (*via ? strcmp(conn->via, via) == 0 : !conn->is_forced))
            return conn;
    return NULL;
}

static struct node_peers *peers_new(struct nectar_node *node)
{
    struct node_peers *peers = calloc(1, sizeof *peers);

    if (!peers)
        return NULL;
    random_stream_take(&node->ids, &peers->seed, sizeof peers->seed);
    if (grow(peers))
        return peers;
    free(peers);
    return NULL;
}

struct node_peer *node_peer_hold(struct nectar_node *node, const char *name)
{
    struct node_peer *one = node_peer_find(node, name);
    struct node_peer **at;
    size_t size = strlen(name) + 1;

    if (one) {
        one->holds++;
        return one;
    }
    if (!node->peers)
        node->peers = peers_new(node);
    if (!node->peers)
        return NULL;
    /* Without memory for more buckets, those there are do. */
    if (node->peers->count >= node->peers->size)
        grow(node->peers);
    one = calloc(1, sizeof *one + size);
    if (!one)
        return NULL;
    memcpy(one->name, name, size);
    one->holds = 1;
    TAILQ_INIT(&one->conns);
    TAILQ_INIT(&one->passages);
    at = bucket(node->peers, name);
    one->next = *at;
    *at = one;
    node->peers->count++;
    return one;
}

void node_peer_release(struct nectar_node *node, struct node_peer *peer)
{
    struct node_peer **at;

    if (!peer || --peer->holds > 0)
        return;
    for (at = bucket(node->peers, peer->name); *at != peer; at = &(*at)->next)
        ;
    *at = peer->next;
    node->peers->count--;
    free(peer);
}

bool node_peer_join(struct node_conn *conn)
{
    struct node_peer *peer = node_peer_hold(conn->node, conn->peer);

    if (!peer)
        return false;
    conn->known = peer;
    TAILQ_INSERT_TAIL(&peer->conns, conn, same);
    return true;
}

void node_peer_leave(struct node_conn *conn)
{
    struct node_peer *peer = conn->known;

    if (!peer)
        return;
    conn->known = NULL;
    TAILQ_REMOVE(&peer->conns, conn, same);
    if (conn->registered && --peer->registered == 0)
        conn->node->registered--;
    node_peer_release(conn->node, peer);
}

void node_peers_free(struct nectar_node *node)
{
    if (node->peers)
        free(node->peers->buckets); /* empty: who held a peer has released it */
    free(node->peers);
}
