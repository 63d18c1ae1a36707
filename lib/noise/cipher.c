#include "noise/cipher.h"

#include <string.h>

#include <nectar/error.h>

#include "crypto/aead.h"

void noise_cipher_init(struct noise_cipher *cipher, const uint8_t key[NOISE_CIPHER_KEY_BYTES])
{
    memcpy(cipher->key, key, sizeof cipher->key);
    cipher->nonce = 0;
}

int noise_cipher_encrypt(struct noise_cipher *cipher, uint8_t *out, struct nectar_view ad,
                         const uint8_t *in, size_t len)
{
    if (cipher->nonce == NOISE_NONCE_RESERVED)
        return NECTAR_ENONCE;
    aead_seal(out, cipher->key, cipher->nonce, ad.data, ad.len, in, len);
    cipher->nonce++;
    return 0;
}

int noise_cipher_decrypt(struct noise_cipher *cipher, uint8_t *out, struct nectar_view ad,
                         const uint8_t *in, size_t len)
{
    if (cipher->nonce == NOISE_NONCE_RESERVED)
        return NECTAR_ENONCE;
    if (len < NOISE_CIPHER_TAG_BYTES ||
        !aead_open(out, cipher->key, cipher->nonce, ad.data, ad.len, in, len))
        return NECTAR_EDECRYPT;
    cipher->nonce++;
    return 0;
}
