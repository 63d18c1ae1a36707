#include "crypto/kdf.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include <nectar/error.h>

#include "crypto/sodium.h"

static bool allowed(size_t passphrase_len, uint64_t ops, uint64_t mem)
{
    return ops >= crypto_pwhash_argon2id_OPSLIMIT_MIN &&
           ops <= crypto_pwhash_argon2id_OPSLIMIT_MAX &&
           mem >= crypto_pwhash_argon2id_MEMLIMIT_MIN &&
           mem <= crypto_pwhash_argon2id_MEMLIMIT_MAX &&
           passphrase_len <= crypto_pwhash_argon2id_PASSWD_MAX;
}

int kdf_argon2id(uint8_t *out, size_t len, const char *passphrase, size_t passphrase_len,
                 const uint8_t salt[KDF_SALT_BYTES], uint64_t ops, uint64_t mem)
{
    assert(len >= KDF_OUT_MIN && len <= KDF_OUT_MAX);
    sodium_ready();
    memset(out, 0, len);
    if (!allowed(passphrase_len, ops, mem))
        return NECTAR_EFORMAT;
    if (crypto_pwhash_argon2id(out, len, passphrase, passphrase_len, salt, ops, (size_t)mem,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
        memset(out, 0, len);
        return NECTAR_ENOMEM;
    }
    return 0;
}

void box_seal(uint8_t *out, const uint8_t key[BOX_KEY_BYTES], const uint8_t nonce[BOX_NONCE_BYTES],
              const void *ad, size_t ad_len, const uint8_t *in, size_t len)
{
    sodium_ready();
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, in, len, ad, ad_len, NULL, nonce,
                                                     key);
}

bool box_open(uint8_t *out, const uint8_t key[BOX_KEY_BYTES], const uint8_t nonce[BOX_NONCE_BYTES],
              const void *ad, size_t ad_len, const uint8_t *in, size_t len)
{
    sodium_ready();
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, in, len, ad, ad_len, nonce,
                                                      key) == 0;
}
