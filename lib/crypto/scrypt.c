#include "crypto/scrypt.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include <nectar/error.h>

#include "crypto/sodium.h"

enum { STACK_BYTES = 4096 };

/* The bounds of RFC 7914; also that nothing below wraps around. */
static bool allowed(const struct scrypt_cost *cost)
{
    uint64_t lanes = (uint64_t)cost->r * cost->p;

    return cost->n > 1 && (cost->n & (cost->n - 1)) == 0 && lanes > 0 && lanes < 1U << 30 &&
           cost->n <= SIZE_MAX / 128 / cost->r;
}

int scrypt_derive(uint8_t *out, size_t len, struct nectar_view passphrase, struct nectar_view salt,
                  const struct scrypt_cost *cost)
{
    static const uint8_t nothing[1];
    int failed;

    sodium_ready();
    memset(out, 0, len);
    if (!allowed(cost))
        return NECTAR_EFORMAT;
    failed = crypto_pwhash_scryptsalsa208sha256_ll(passphrase.len ? passphrase.data : nothing,
                                                   passphrase.len, salt.len ? salt.data : nothing,
                                                   salt.len, cost->n, cost->r, cost->p, out, len);
    sodium_stackzero(STACK_BYTES);
    if (!failed)
        return 0;
    memset(out, 0, len);
    return errno == ENOMEM ? NECTAR_ENOMEM : NECTAR_EFORMAT;
}
