#include "crypto/pbkdf2.h"

#include <assert.h>
#include <nettle/pbkdf2.h>
#include <sodium.h>

enum { STACK_BYTES = 4096 };

void pbkdf2_derive(uint8_t *out, size_t len, struct nectar_view passphrase, struct nectar_view salt,
                   uint32_t rounds)
{
    static const uint8_t nothing[1];

    assert(rounds > 0 && len > 0);
    pbkdf2_hmac_sha256(passphrase.len, passphrase.len ? passphrase.data : nothing, rounds, salt.len,
                       salt.len ? salt.data : nothing, len, out);
    /* nettle keeps the state of the HMAC there. */
    sodium_stackzero(STACK_BYTES);
}
