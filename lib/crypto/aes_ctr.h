/* AES-128 in counter mode (SP 800-38A), by nettle. It hides and does not authenticate. */
#ifndef CRYPTO_AES_CTR_H
#define CRYPTO_AES_CTR_H

#include <stddef.h>
#include <stdint.h>

enum { AES_CTR_KEY_BYTES = 16, AES_CTR_IV_BYTES = 16 };

/* Seals or opens len bytes to out, which may be in. iv: the first counter block, big-endian. */
void aes_ctr(uint8_t *out, const uint8_t key[AES_CTR_KEY_BYTES], const uint8_t iv[AES_CTR_IV_BYTES],
             const uint8_t *in, size_t len);

#endif
