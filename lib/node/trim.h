/*
 * After a crowd has left, memory is to be as it was before. What is freed stays with the allocator,
 * which seldom gives back what lies between things still in use: it is asked to.
 */
#ifndef NODE_TRIM_H
#define NODE_TRIM_H

#include "node/node.h"

/* NECTAR_ENOMEM. */
int node_trim_begin(struct nectar_node *node);
void node_trim_end(struct nectar_node *node);

/* About so many bytes have been freed. */
void node_trim_note(struct nectar_node *node, size_t bytes);

#endif
