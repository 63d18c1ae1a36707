/* A node of a chain with a Nectar registry of the TLD "nec", as far as lookups need one. */
#ifndef UNIT_CHAIN_NODE_H
#define UNIT_CHAIN_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define CHAIN_NODE_CONTRACT "0x5fbdb2315678afecb367f032d93f642f64180aa3"

struct chain_node {
    uint64_t chain, head, time; /* its newest block, and when that was */
    uint8_t key; /* the first byte of the key that "a" has, which is at ::1, port 1 */
    bool empty;  /* not even "a" is known; nobody else ever is */
};

/* Its reply to a batch; nothing where there is no memory. */
void chain_node_answer(struct bytes *out, struct nectar_view request,
                       const struct chain_node *node);

#endif
