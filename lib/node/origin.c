/* How many connections each address has open with us: an IPv4 address, or the first half of an
 * IPv6 one, since whoever has one such address has them all. */
#include <assert.h>
#include <stdlib.h>

#include "node/node.h"

enum { ORIGIN_BITS = 10, ORIGIN_BUCKETS = 1 << ORIGIN_BITS };

struct node_origin {
    struct node_origin *next;
    uint64_t key;
    size_t count;
};

struct node_origins {
    struct node_origin *buckets[ORIGIN_BUCKETS];
};

static struct node_origin **bucket(struct node_origins *origins, uint64_t key)
{
    uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);

    return &origins->buckets[hash >> (64 - ORIGIN_BITS)];
}

static struct node_origin *find(struct node_origins *origins, uint64_t key)
{
    struct node_origin *one = *bucket(origins, key);

    while (one && one->key != key)
        one = one->next;
    return one;
}

static struct node_origin *add(struct node_origins *origins, uint64_t key)
{
    struct node_origin **first = bucket(origins, key);
    struct node_origin *origin = calloc(1, sizeof *origin);

    if (!origin)
        return NULL;
    *origin = (struct node_origin){.next = *first, .key = key};
    *first = origin;
    return origin;
}

bool node_origin_enter(struct nectar_node *node, uint64_t key)
{
    struct node_origin *origin;

    if (!node->origins)
        node->origins = calloc(1, sizeof *node->origins);
    if (!node->origins)
        return false;
    origin = find(node->origins, key);
    if (!origin)
        origin = add(node->origins, key);
    if (!origin || origin->count >= node->max_per_address)
        return false;
    origin->count++;
    return true;
}

void node_origin_leave(struct nectar_node *node, uint64_t key)
{
    struct node_origin *origin = find(node->origins, key);
    struct node_origin **link;

    assert(origin);
    if (--origin->count > 0)
        return;
    for (link = bucket(node->origins, key); *link != origin; link = &(*link)->next)
        ;
    *link = origin->next;
    free(origin);
}

void node_origins_free(struct nectar_node *node)
{
    free(node->origins); /* with the last connection, the last origin has gone */
}
