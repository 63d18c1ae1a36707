/* The log of Hypermap: each name is told once, when it is made ("minted"), by its label, its
 * parent's hash and its own. What is told is believed only where the hashes agree. */
#ifndef PKI_HYPERMAP_LOG_H
#define PKI_HYPERMAP_LOG_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "pki/hypermap_name.h"

/* Mint(bytes32,bytes32,bytes,bytes), as the first topic of its logs; 64 digits after 0x. */
#define HYPERMAP_MINT_TOPIC "0xb59dae5eda69178326b6517bb1aa33e208bf2ac347e30d3a5daf0ecb6249f7b1"

enum { HYPERMAP_TOPICS = 4 };

/* A name that was made. */
struct hypermap_mint {
    uint8_t parent[HYPERMAP_HASH_BYTES];
    uint8_t hash[HYPERMAP_HASH_BYTES];
    struct nectar_view label; /* well formed; lies in the data of the log */
};

/* Reads such a log. NECTAR_EFORMAT it is none, or says what cannot be. */
int hypermap_mint_read(struct hypermap_mint *out,
                       const uint8_t topics[HYPERMAP_TOPICS][HYPERMAP_HASH_BYTES],
                       struct nectar_view data);

#endif
