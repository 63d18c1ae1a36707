#include "crypto/aead.h"

#include <sodium.h>

#include "crypto/aead_large.h"
#include "crypto/sodium.h"

_Static_assert((int)AEAD_NONCE_BYTES == (int)crypto_aead_chacha20poly1305_ietf_NPUBBYTES,
               "RFC 8439");

static void write_nonce(uint8_t out[AEAD_NONCE_BYTES], uint64_t nonce)
{
    for (size_t i = 0; i < 4; i++)
        out[i] = 0;
    for (size_t i = 0; i < 8; i++)
        out[4 + i] = (uint8_t)(nonce >> (8 * i));
}

void aead_seal(uint8_t *out, const uint8_t key[AEAD_KEY_BYTES], uint64_t nonce, const uint8_t *ad,
               size_t ad_len, const uint8_t *in, size_t len)
{
    uint8_t n[AEAD_NONCE_BYTES];

    write_nonce(n, nonce);
    if (len >= AEAD_LARGE && aead_large_seal(out, key, n, ad, ad_len, in, len))
        return;
    sodium_ready();
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, in, len, ad, ad_len, NULL, n, key);
}

bool aead_open(uint8_t *out, const uint8_t key[AEAD_KEY_BYTES], uint64_t nonce, const uint8_t *ad,
               size_t ad_len, const uint8_t *in, size_t len)
{
    uint8_t n[AEAD_NONCE_BYTES];

    write_nonce(n, nonce);
    if (len >= AEAD_LARGE + AEAD_TAG_BYTES) {
        enum aead_verdict verdict = aead_large_open(out, key, n, ad, ad_len, in, len);

        if (verdict != AEAD_UNAVAILABLE)
            return verdict == AEAD_GENUINE;
    }
    sodium_ready();
    return crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, in, len, ad, ad_len, n,
                                                     key) == 0;
}
