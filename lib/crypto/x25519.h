/* X25519 (RFC 7748), by libsodium. */
#ifndef CRYPTO_X25519_H
#define CRYPTO_X25519_H

#include <stdbool.h>
#include <stdint.h>

enum { X25519_BYTES = 32 };

/* The public key of a secret (clamped inside, as the RFC has it). */
void x25519_public(uint8_t out[X25519_BYTES], const uint8_t secret[X25519_BYTES]);

/* Those of two secrets at once, which is cheaper than one by one. */
void x25519_public_two(uint8_t first[X25519_BYTES], const uint8_t first_secret[X25519_BYTES],
                       uint8_t second[X25519_BYTES], const uint8_t second_secret[X25519_BYTES]);

/* The shared secret. False if it is all zero: the peer's key is of low order. */
bool x25519_shared(uint8_t out[X25519_BYTES], const uint8_t secret[X25519_BYTES],
                   const uint8_t public_key[X25519_BYTES]);

#endif
