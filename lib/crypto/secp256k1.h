/*
 * ECDSA on secp256k1 as Ethereum signs (SEC 1, SEC 2; RFC 6979; EIP-2), by libsecp256k1.
 * Where that library cannot be opened, every call is NECTAR_EINTERNAL.
 */
#ifndef CRYPTO_SECP256K1_H
#define CRYPTO_SECP256K1_H

#include <stdint.h>

enum {
    SECP_SECRET_BYTES = 32,
    SECP_PUBLIC_BYTES = 64, /* x and y, big-endian, without the 0x04 of SEC 1 */
    SECP_HASH_BYTES = 32,
    SECP_SCALAR_BYTES = 32,
};

/* Big-endian. With the hash it gives the public key back. */
struct secp_signature {
    uint8_t r[SECP_SCALAR_BYTES];
    uint8_t s[SECP_SCALAR_BYTES];
    uint8_t parity; /* 0 or 1: y of the point whose x is r */
};

/* The public key of a secret. NECTAR_EFORMAT the secret is 0, or not under the group's order. */
int secp_public(uint8_t out[SECP_PUBLIC_BYTES], const uint8_t secret[SECP_SECRET_BYTES]);

/* Signs a hash: deterministic (RFC 6979, nothing added), s at most half the order. The errors of
 * secp_public. */
int secp_sign(struct secp_signature *out, const uint8_t secret[SECP_SECRET_BYTES],
              const uint8_t hash[SECP_HASH_BYTES]);

/* Whose signature that is. NECTAR_EFORMAT nobody's, or s is over half the order (EIP-2). */
int secp_recover(uint8_t out[SECP_PUBLIC_BYTES], const struct secp_signature *signature,
                 const uint8_t hash[SECP_HASH_BYTES]);

#endif
