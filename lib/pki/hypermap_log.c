#include "pki/hypermap_log.h"

#include <string.h>

#include <nectar/error.h>

#include "crypto/keccak.h"
#include "eth/abi.h"

enum topic { EVENT, PARENT, CHILD, LABEL };

/* Of Mint(bytes32,bytes32,bytes,bytes). */
static const uint8_t MINT[HYPERMAP_HASH_BYTES] = {
    0xb5, 0x9d, 0xae, 0x5e, 0xda, 0x69, 0x17, 0x83, 0x26, 0xb6, 0x51, 0x7b, 0xb1, 0xaa, 0x33, 0xe2,
    0x08, 0xbf, 0x2a, 0xc3, 0x47, 0xe3, 0x0d, 0x3a, 0x5d, 0xaf, 0x0e, 0xcb, 0x62, 0x49, 0xf7, 0xb1};

int hypermap_mint_read(struct hypermap_mint *out,
                       const uint8_t topics[HYPERMAP_TOPICS][HYPERMAP_HASH_BYTES],
                       struct nectar_view data)
{
    uint8_t hash[HYPERMAP_HASH_BYTES];
    struct nectar_view label;
    struct abi_reader r;

    abi_read_bare(&r, data, 1);
    label = abi_get_bytes(&r);
    if (abi_read_end(&r) != 0 || memcmp(topics[EVENT], MINT, sizeof MINT) != 0 ||
        hypermap_label_refusal(label, 0))
        return NECTAR_EFORMAT;
    keccak_hash(hash, label.data, label.len);
    if (memcmp(hash, topics[LABEL], sizeof hash) != 0)
        return NECTAR_EFORMAT;
    hypermap_hash_child(hash, topics[PARENT], label);
    if (memcmp(hash, topics[CHILD], sizeof hash) != 0)
        return NECTAR_EFORMAT;
    memcpy(out->parent, topics[PARENT], sizeof out->parent);
    memcpy(out->hash, hash, sizeof out->hash);
    out->label = label;
    return 0;
}
