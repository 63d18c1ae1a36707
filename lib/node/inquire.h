/* Names that the program looks up. */
#ifndef NODE_INQUIRE_H
#define NODE_INQUIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <nectar/node.h>

#include "node/resolve.h"

struct node_inquiry {
    TAILQ_ENTRY(node_inquiry) all;
    struct nectar_node *node;
    uint64_t id;
    struct node_ask *ask; /* NULL: it has ended */
    struct nectar_found found;
    char name[NECTAR_NAME_MAX + 1];
};

TAILQ_HEAD(node_inquiry_list, node_inquiry);

struct node_inquiries {
    struct node_inquiry_list waiting;
    struct node_inquiry_list ended; /* to be told */
    struct node_inquiry *shown;     /* the one that the last event told of */
    size_t count;                   /* waiting and ended */
    uint64_t serial;
};

void node_inquiries_init(struct node_inquiries *inquiries);
bool node_inquiry_tell(struct node_inquiries *inquiries, struct nectar_node_event *event);
/* The one that was told of is needed no more. */
void node_inquiry_told(struct node_inquiries *inquiries);
void node_inquiries_free(struct node_inquiries *inquiries);

#endif
