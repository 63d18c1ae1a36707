/*
 * Names as Hypermap has them, the registry of the running network: a tree. A name is a label under
 * its parent's name ("alice" under "os"), and stands in the contract, in its logs and in other
 * names' routers by a hash of 32 bytes (its namehash), from which it cannot be had back. What a
 * name says of itself are notes: labels under it with a tilde in front, "~ip.alice.os".
 */
#ifndef PKI_HYPERMAP_NAME_H
#define PKI_HYPERMAP_NAME_H

#include <stdint.h>

#include <nectar/identity.h>
#include <nectar/view.h>

#include "crypto/keccak.h"

enum {
    HYPERMAP_HASH_BYTES = KECCAK_HASH_BYTES,
    HYPERMAP_LABEL_MAX = 63, /* bytes, its tilde included */
    HYPERMAP_TILDE = '~',    /* what the label of a note begins with */
};

/* The hash of a label under a parent. All-zero: the root, which is the parent of the TLDs. */
void hypermap_hash_child(uint8_t out[HYPERMAP_HASH_BYTES],
                         const uint8_t parent[HYPERMAP_HASH_BYTES], struct nectar_view label);

/* The hash of a name; of "" the root. Nothing is made of the bytes: no case, no Unicode. */
void hypermap_hash_name(uint8_t out[HYPERMAP_HASH_BYTES], const char *name);

/*
 * Would the contract take this label, after that prefix (HYPERMAP_TILDE, or 0 for a name's)? NULL,
 * or the name of the error that it would answer with, "LabelTooLong()". Static storage.
 */
const char *hypermap_label_refusal(struct nectar_view label, char prefix);

#endif
