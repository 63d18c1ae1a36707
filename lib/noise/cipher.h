/* Noise's CipherState (revision 34, section 5.1): a key and a counter that is the nonce. */
#ifndef NOISE_CIPHER_H
#define NOISE_CIPHER_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

enum { NOISE_CIPHER_KEY_BYTES = 32, NOISE_CIPHER_TAG_BYTES = 16 };

/* The last nonce is reserved by Noise and never used. */
#define NOISE_NONCE_RESERVED UINT64_MAX

/* Secrets inside: wipe it. */
struct noise_cipher {
    uint8_t key[NOISE_CIPHER_KEY_BYTES];
    uint64_t nonce; /* of the next message */
};

/* A key, and the nonce 0. */
void noise_cipher_init(struct noise_cipher *cipher, const uint8_t key[NOISE_CIPHER_KEY_BYTES]);

/* Writes len + NOISE_CIPHER_TAG_BYTES to out, which may be in. NECTAR_ENONCE, nothing written. */
int noise_cipher_encrypt(struct noise_cipher *cipher, uint8_t *out, struct nectar_view ad,
                         const uint8_t *in, size_t len);

/*
 * Opens len bytes, tag included, to out, which may be in. NECTAR_EDECRYPT the tag does not verify
 * or len is shorter than one: then out holds no plaintext and the nonce has not moved.
 * NECTAR_ENONCE.
 */
int noise_cipher_decrypt(struct noise_cipher *cipher, uint8_t *out, struct nectar_view ad,
                         const uint8_t *in, size_t len);

#endif
