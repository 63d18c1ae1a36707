#include "crypto/aes_ctr.h"

#include <nettle/aes.h>
#include <nettle/ctr.h>
#include <string.h>

#include "base/mem.h"

/* nettle takes its ciphers without their types. */
static void encrypt(const void *context, size_t len, uint8_t *out, const uint8_t *in)
{
    aes128_encrypt(context, len, out, in);
}

void aes_ctr(uint8_t *out, const uint8_t key[AES_CTR_KEY_BYTES], const uint8_t iv[AES_CTR_IV_BYTES],
             const uint8_t *in, size_t len)
{
    struct aes128_ctx context;
    uint8_t counter[AES_CTR_IV_BYTES];

    memcpy(counter, iv, sizeof counter);
    aes128_set_encrypt_key(&context, key);
    ctr_crypt(&context, encrypt, sizeof counter, counter, len, out, in);
    mem_wipe(&context, sizeof context);
}
