#include "crypto/ed25519.h"

#include <sodium.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/sodium.h"

void ed25519_from_seed(struct ed25519_key *out, const uint8_t seed[ED25519_SEED_BYTES])
{
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];

    sodium_ready();
    memmove(out->seed, seed, ED25519_SEED_BYTES);
    (void)crypto_sign_ed25519_seed_keypair(out->public_key, secret, out->seed);
    mem_wipe(secret, sizeof secret);
}

void ed25519_sign(uint8_t signature[ED25519_SIGNATURE_BYTES], const struct ed25519_key *key,
                  const void *data, size_t len)
{
    /* libsodium's secret key is the seed with the public key behind it. */
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];

    sodium_ready();
    memcpy(secret, key->seed, ED25519_SEED_BYTES);
    memcpy(secret + ED25519_SEED_BYTES, key->public_key, ED25519_PUBLIC_BYTES);
    (void)crypto_sign_ed25519_detached(signature, NULL, data, len, secret);
    mem_wipe(secret, sizeof secret);
}

bool ed25519_verify(const uint8_t signature[ED25519_SIGNATURE_BYTES],
                    const uint8_t public_key[ED25519_PUBLIC_BYTES], const void *data, size_t len)
{
    sodium_ready();
    return crypto_sign_ed25519_verify_detached(signature, data, len, public_key) == 0;
}
