/* Which peers take bin, as far as we know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "node/node.h"

static struct node_acquaintance *find(const struct nectar_node *node, const char *peer)
{
    struct node_acquaintance *one;

    TAILQ_FOREACH (one, &node->known, all)
        if (strcmp(one->name, peer) == 0)
            return one;
    return NULL;
}

enum nectar_taste node_taste_of(const struct nectar_node *node, const char *peer)
{
    const struct node_acquaintance *one;

    if (node->compat)
        return NECTAR_TASTE_ARRAY;
    one = find(node, peer);
    return one ? one->taste : NECTAR_TASTE_UNKNOWN;
}

static void forget(struct nectar_node *node, struct node_acquaintance *one)
{
    TAILQ_REMOVE(&node->known, one, all);
    node->known_count--;
    free(one);
}

int nectar_node_learn(struct nectar_node *node, const char *peer, enum nectar_taste taste)
{
    struct node_acquaintance *one = find(node, peer);
    int error = nectar_name_check(peer);

    if (error)
        return error;
    if (!one) {
        one = calloc(1, sizeof *one);
        if (!one)
            return NECTAR_ENOMEM;
        snprintf(one->name, sizeof one->name, "%s", peer);
        TAILQ_INSERT_TAIL(&node->known, one, all);
        node->known_count++;
    }
    one->taste = taste;
    if (node->known_count > NODE_KNOWN_MAX)
        forget(node, TAILQ_FIRST(&node->known));
    return 0;
}

void node_tastes_free(struct nectar_node *node)
{
    struct node_acquaintance *one;

    while ((one = TAILQ_FIRST(&node->known)))
        forget(node, one);
}
