#include "node/trim.h"

#include <stdlib.h>

#include <nectar/error.h>

#include "base/mem.h"

enum { TRIM_LEAST = 256 << 10 }; /* bytes for which it is worth while */

/* By then the rest of the crowd has left, too; and a node that is busy is not kept from it. */
#define TRIM_TIME TIME_S(1)

struct node_trim {
    struct net_timer *timer;
    size_t freed;
    bool is_due;
};

static void on_timer(void *context)
{
    struct node_trim *trim = context;

    trim->is_due = false;
    trim->freed = 0;
    mem_trim();
}

int node_trim_begin(struct nectar_node *node)
{
    node->trim = calloc(1, sizeof *node->trim);
    return node->trim ? net_timer_new(&node->trim->timer, node->loop, on_timer, node->trim)
                      : NECTAR_ENOMEM;
}

void node_trim_end(struct nectar_node *node)
{
    if (node->trim)
        net_timer_free(node->trim->timer);
    free(node->trim);
    node->trim = NULL;
}

void node_trim_note(struct nectar_node *node, size_t bytes)
{
    struct node_trim *trim = node->trim;

    if (!trim)
        return; /* the node itself is being freed */
    trim->freed += bytes;
    if (trim->is_due || trim->freed < TRIM_LEAST)
        return;
    trim->is_due = true;
    net_timer_set(trim->timer, time_after(net_loop_now(node->loop), TRIM_TIME));
}
