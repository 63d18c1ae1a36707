/* Events that do not belong to a message and wait to be told. */
#include <stdio.h>
#include <stdlib.h>

#include "node/node.h"

/* Without memory for it, an event goes untold: NULL. */
struct node_notice *node_notice_new(struct nectar_node *node, enum nectar_node_event_type type,
                                    const char *peer, const char *reason)
{
    struct node_notice *notice = calloc(1, sizeof *notice);

    if (!notice)
        return NULL;
    notice->type = type;
    snprintf(notice->peer, sizeof notice->peer, "%s", peer);
    snprintf(notice->reason, sizeof notice->reason, "%s", reason);
    TAILQ_INSERT_TAIL(&node->notices, notice, all);
    return notice;
}

bool node_notice_tell(struct nectar_node *node, struct nectar_node_event *event)
{
    struct node_notice *notice = TAILQ_FIRST(&node->notices);

    if (!notice)
        return false;
    TAILQ_REMOVE(&node->notices, notice, all);
    node->shown_notice = notice;
    *event = (struct nectar_node_event){.type = notice->type};
    if (notice->type == NECTAR_NODE_ROUTING) {
        event->routing = &notice->routing;
        return true;
    }
    event->peer = notice->peer;
    event->reason = notice->reason;
    return true;
}

void node_notices_free(struct nectar_node *node)
{
    struct node_notice *notice;

    free(node->shown_notice);
    node->shown_notice = NULL;
    while ((notice = TAILQ_FIRST(&node->notices))) {
        TAILQ_REMOVE(&node->notices, notice, all);
        free(notice);
    }
}
