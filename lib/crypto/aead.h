/*
 * ChaCha20-Poly1305 (RFC 8439) with the nonce of Noise: 4 zero bytes and a 64-bit little-endian
 * counter. libsodium below AEAD_LARGE bytes, libcrypto from there on: it is three times as fast in
 * bulk, but its providers cost a process most of a millisecond, so they are opened at the first
 * large message.
 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AEAD_KEY_BYTES = 32, AEAD_TAG_BYTES = 16, AEAD_LARGE = 1024 };

/* Writes len + AEAD_TAG_BYTES to out, which may be in. */
void aead_seal(uint8_t *out, const uint8_t key[AEAD_KEY_BYTES], uint64_t nonce, const uint8_t *ad,
               size_t ad_len, const uint8_t *in, size_t len);

/* Opens len bytes, tag included, to out, which may be in. False, and no plaintext left in out, if
 * the tag does not verify or len is under AEAD_TAG_BYTES. */
bool aead_open(uint8_t *out, const uint8_t key[AEAD_KEY_BYTES], uint64_t nonce, const uint8_t *ad,
               size_t ad_len, const uint8_t *in, size_t len);

#endif
