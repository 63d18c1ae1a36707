/*
 * What key files are sealed with, by libsodium: a key from a passphrase (Argon2id version 1.3, one
 * lane, RFC 9106) and a sealed box under that key (XChaCha20-Poly1305).
 */
#ifndef CRYPTO_KDF_H
#define CRYPTO_KDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    KDF_SALT_BYTES = 16,
    KDF_OUT_MIN = 16,
    KDF_OUT_MAX = 64,
    BOX_KEY_BYTES = 32,
    BOX_NONCE_BYTES = 24,
    BOX_TAG_BYTES = 16,
};

/*
 * len bytes (KDF_OUT_MIN to KDF_OUT_MAX) from a passphrase. ops: passes over mem bytes of memory.
 * NECTAR_EFORMAT ops or mem is one that Argon2id does not allow (under 1 pass, under 8 KiB, or out
 * of libsodium's range): the caller that reads them from a file sets its own ceiling first.
 * NECTAR_ENOMEM. On error out is zero.
 */
int kdf_argon2id(uint8_t *out, size_t len, const char *passphrase, size_t passphrase_len,
                 const uint8_t salt[KDF_SALT_BYTES], uint64_t ops, uint64_t mem);

/* Writes len + BOX_TAG_BYTES to out, which may be in. A nonce is used once with a key. */
void box_seal(uint8_t *out, const uint8_t key[BOX_KEY_BYTES], const uint8_t nonce[BOX_NONCE_BYTES],
              const void *ad, size_t ad_len, const uint8_t *in, size_t len);

/* Opens len bytes, tag included, to out, which may be in. False, and no plaintext left in out, if
 * the tag does not verify or len is under BOX_TAG_BYTES. */
bool box_open(uint8_t *out, const uint8_t key[BOX_KEY_BYTES], const uint8_t nonce[BOX_NONCE_BYTES],
              const void *ad, size_t ad_len, const uint8_t *in, size_t len);

#endif
