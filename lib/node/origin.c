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

/* The link that leads to this origin, or to the end of its chain. */
static struct node_origin **find(struct node_origins *origins, uint64_t key)
{
    uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
    struct node_origin **link = &origins->buckets[hash >> (64 - ORIGIN_BITS)];

    while (*link && (*link)->key != key)
        link = &(*link)->next;
    return link;
}

bool node_origin_enter(struct nectar_node *node, uint64_t key)
{
    struct node_origin **link;

    if (!node->origins)
        node->origins = calloc(1, sizeof *node->origins);
    if (!node->origins)
        return false;
    link = find(node->origins, key);
    if (!*link)
        *link = calloc(1, sizeof **link);
    if (!*link || (*link)->count >= node->max_per_address)
        return false;
    (*link)->key = key;
    (*link)->count++;
    return true;
}

void node_origin_leave(struct nectar_node *node, uint64_t key)
{
    struct node_origin **link = find(node->origins, key), *gone = *link;

    assert(gone);
    if (--gone->count > 0)
        return;
    *link = gone->next;
    free(gone);
}

void node_origins_free(struct nectar_node *node)
{
    free(node->origins); /* with the last connection, the last origin has gone */
}
