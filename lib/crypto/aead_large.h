/* ChaCha20-Poly1305 by libcrypto, for large messages. Only crypto/aead.c calls it. */
#ifndef CRYPTO_AEAD_LARGE_H
#define CRYPTO_AEAD_LARGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/aead.h"

enum { AEAD_NONCE_BYTES = 12 };

enum aead_verdict {
    AEAD_GENUINE,
    AEAD_FORGED,      /* out is wiped */
    AEAD_UNAVAILABLE, /* libcrypto cannot do it; in and out are unchanged */
};

/* As aead_seal. False, and in and out are unchanged, if libcrypto cannot do it. */
bool aead_large_seal(uint8_t *out, const uint8_t key[AEAD_KEY_BYTES],
                     const uint8_t nonce[AEAD_NONCE_BYTES], const uint8_t *ad, size_t ad_len,
                     const uint8_t *in, size_t len);

/* As aead_open; len is at least AEAD_TAG_BYTES. */
enum aead_verdict aead_large_open(uint8_t *out, const uint8_t key[AEAD_KEY_BYTES],
                                  const uint8_t nonce[AEAD_NONCE_BYTES], const uint8_t *ad,
                                  size_t ad_len, const uint8_t *in, size_t len);

#endif
