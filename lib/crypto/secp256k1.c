#include "crypto/secp256k1.h"

#include <pthread.h>
#include <sodium.h>
#include <stdalign.h>
#include <string.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "crypto/libsecp256k1.h"
#include "crypto/random.h"

enum {
    CONTEXT_ROOM = 2048,    /* it takes some 200 bytes */
    POINT_BYTES = 65,       /* 0x04, x, y */
    STACK_BYTES = 16 * 1024 /* what a call may have left secrets in */
};

/* Half the order of the group, rounded down: the highest s that Ethereum takes. */
static const uint8_t HALF_ORDER[SECP_SCALAR_BYTES] = {
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct libsecp256k1 secp;
static secp256k1_context *context; /* NULL: the library cannot be opened */

static void start(void)
{
    /* Its own allocation would end the process where memory is short. */
    static alignas(max_align_t) uint8_t room[CONTEXT_ROOM];
    uint8_t seed[32];
    secp256k1_context *made;

    if (!libsecp256k1_open(&secp))
        return;
    if (secp.secp256k1_context_preallocated_size(SECP256K1_CONTEXT_NONE) > sizeof room)
        return;
    made = secp.secp256k1_context_preallocated_create(room, SECP256K1_CONTEXT_NONE);
    random_bytes(seed, sizeof seed);
    /* Once, before anybody uses it: so threads may share it. */
    if (made && secp.secp256k1_context_randomize(made, seed))
        context = made;
    mem_wipe(seed, sizeof seed);
}

static bool ready(void)
{
    pthread_once(&once, start);
    return context != NULL;
}

static int write_public(uint8_t out[SECP_PUBLIC_BYTES], const secp256k1_pubkey *point)
{
    uint8_t text[POINT_BYTES];
    size_t len = sizeof text;

    if (!secp.secp256k1_ec_pubkey_serialize(context, text, &len, point, SECP256K1_EC_UNCOMPRESSED))
        return NECTAR_EINTERNAL;
    memcpy(out, text + 1, SECP_PUBLIC_BYTES);
    return 0;
}

int secp_public(uint8_t out[SECP_PUBLIC_BYTES], const uint8_t secret[SECP_SECRET_BYTES])
{
    secp256k1_pubkey point;
    int made;

    if (!ready())
        return NECTAR_EINTERNAL;
    made = secp.secp256k1_ec_pubkey_create(context, &point, secret);
    sodium_stackzero(STACK_BYTES);
    return made ? write_public(out, &point) : NECTAR_EFORMAT;
}

int secp_sign(struct secp_signature *out, const uint8_t secret[SECP_SECRET_BYTES],
              const uint8_t hash[SECP_HASH_BYTES])
{
    secp256k1_ecdsa_recoverable_signature signature;
    uint8_t compact[2 * SECP_SCALAR_BYTES];
    int parity = 0;
    int made;

    if (!ready())
        return NECTAR_EINTERNAL;
    made = secp.secp256k1_ecdsa_sign_recoverable(context, &signature, hash, secret, NULL, NULL);
    sodium_stackzero(STACK_BYTES);
    if (!made)
        return NECTAR_EFORMAT;
    secp.secp256k1_ecdsa_recoverable_signature_serialize_compact(context, compact, &parity,
                                                                 &signature);
    /* 2 and 3: r is over the order. Nobody will ever see one, and no transaction can hold it. */
    if (parity > 1)
        return NECTAR_EINTERNAL;
    memcpy(out->r, compact, sizeof out->r);
    memcpy(out->s, compact + sizeof out->r, sizeof out->s);
    out->parity = (uint8_t)parity;
    return 0;
}

int secp_recover(uint8_t out[SECP_PUBLIC_BYTES], const struct secp_signature *signature,
                 const uint8_t hash[SECP_HASH_BYTES])
{
    secp256k1_ecdsa_recoverable_signature parsed;
    uint8_t compact[2 * SECP_SCALAR_BYTES];
    secp256k1_pubkey point;

    if (!ready())
        return NECTAR_EINTERNAL;
    if (signature->parity > 1 || memcmp(signature->s, HALF_ORDER, sizeof HALF_ORDER) > 0)
        return NECTAR_EFORMAT;
    memcpy(compact, signature->r, sizeof signature->r);
    memcpy(compact + sizeof signature->r, signature->s, sizeof signature->s);
    if (!secp.secp256k1_ecdsa_recoverable_signature_parse_compact(context, &parsed, compact,
                                                                  signature->parity) ||
        !secp.secp256k1_ecdsa_recover(context, &point, &parsed, hash))
        return NECTAR_EFORMAT;
    return write_public(out, &point);
}
