#include "crypto/x25519.h"

#include <sodium.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/montgomery.h"
#include "crypto/sodium.h"

#ifdef HAVE_MONTGOMERY
_Static_assert((int)MONTGOMERY_BYTES == (int)X25519_BYTES, "a coordinate is a key");

/*
 * The multiples of the base point on the Edwards form of the curve, brought over: half of what the
 * ladder takes. False if libsodium will not; it refuses only 0, which no clamped secret is, nor a
 * multiple of the point's order.
 */
static bool by_edwards(uint8_t *const *out, const uint8_t *const *secrets, size_t count)
{
    uint8_t edwards[MONTGOMERY_MAX][X25519_BYTES], clamped[X25519_BYTES];
    bool made = true;

    for (size_t i = 0; i < count && made; i++) {
        memcpy(clamped, secrets[i], sizeof clamped);
        clamped[0] &= 0xf8;
        clamped[31] = (uint8_t)((clamped[31] & 0x7f) | 0x40);
        made = crypto_scalarmult_ed25519_base_noclamp(edwards[i], clamped) == 0;
    }
    if (made)
        montgomery_from_edwards(out, edwards, count);
    mem_wipe(clamped, sizeof clamped);
    return made;
}
#else
static bool by_edwards(uint8_t *const *out, const uint8_t *const *secrets, size_t count)
{
    (void)out, (void)secrets, (void)count;
    return false;
}
#endif

static void make(uint8_t *const *out, const uint8_t *const *secrets, size_t count)
{
    sodium_ready();
    if (by_edwards(out, secrets, count))
        return;
    for (size_t i = 0; i < count; i++)
        (void)crypto_scalarmult_curve25519_base(out[i], secrets[i]);
}

void x25519_public(uint8_t out[X25519_BYTES], const uint8_t secret[X25519_BYTES])
{
    make(&out, &secret, 1);
}

void x25519_public_two(uint8_t first[X25519_BYTES], const uint8_t first_secret[X25519_BYTES],
                       uint8_t second[X25519_BYTES], const uint8_t second_secret[X25519_BYTES])
{
    make((uint8_t *const[]){first, second}, (const uint8_t *const[]){first_secret, second_secret},
         2);
}

bool x25519_shared(uint8_t out[X25519_BYTES], const uint8_t secret[X25519_BYTES],
                   const uint8_t public_key[X25519_BYTES])
{
    sodium_ready();
    return crypto_scalarmult_curve25519(out, secret, public_key) == 0;
}
