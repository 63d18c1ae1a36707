#include "crypto/x25519.h"

#include <sodium.h>

#include "crypto/sodium.h"

void x25519_public(uint8_t out[X25519_BYTES], const uint8_t secret[X25519_BYTES])
{
    sodium_ready();
    (void)crypto_scalarmult_curve25519_base(out, secret);
}

bool x25519_shared(uint8_t out[X25519_BYTES], const uint8_t secret[X25519_BYTES],
                   const uint8_t public_key[X25519_BYTES])
{
    sodium_ready();
    return crypto_scalarmult_curve25519(out, secret, public_key) == 0;
}
