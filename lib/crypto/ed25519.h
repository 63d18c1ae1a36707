/* Ed25519 signatures (RFC 8032), by libsodium. */
#ifndef CRYPTO_ED25519_H
#define CRYPTO_ED25519_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ED25519_SEED_BYTES = 32, ED25519_PUBLIC_BYTES = 32, ED25519_SIGNATURE_BYTES = 64 };

/* What signing needs: the seed and the public key it gives. Secret: wipe it. */
struct ed25519_key {
    uint8_t seed[ED25519_SEED_BYTES];
    uint8_t public_key[ED25519_PUBLIC_BYTES];
};

void ed25519_from_seed(struct ed25519_key *out, const uint8_t seed[ED25519_SEED_BYTES]);
void ed25519_sign(uint8_t signature[ED25519_SIGNATURE_BYTES], const struct ed25519_key *key,
                  const void *data, size_t len);

/* Strict: refuses small-order public keys and non-canonical signatures. */
bool ed25519_verify(const uint8_t signature[ED25519_SIGNATURE_BYTES],
                    const uint8_t public_key[ED25519_PUBLIC_BYTES], const void *data, size_t len);

#endif
