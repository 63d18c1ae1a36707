#include <string.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "base/view.h"
#include "crypto/pbkdf2.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "eth/keystore.h"

enum {
    NEW_SALT_BYTES = 32,
    MAC_KEY_BYTES = 16,
    DERIVED_BYTES = AES_CTR_KEY_BYTES + MAC_KEY_BYTES, /* in this order */
};

static int derive(uint8_t out[DERIVED_BYTES], const struct keystore *keystore,
                  const char *passphrase)
{
    struct nectar_view salt = {keystore->salt, keystore->salt_len};
    struct nectar_view text = view_of_text(passphrase);

    if (!keystore->rounds)
        return scrypt_derive(out, DERIVED_BYTES, text, salt, &keystore->cost);
    pbkdf2_derive(out, DERIVED_BYTES, text, salt, keystore->rounds);
    return 0;
}

static void make_mac(uint8_t out[KECCAK_HASH_BYTES], const uint8_t derived[DERIVED_BYTES],
                     const struct keystore *keystore)
{
    struct keccak_stream stream;

    keccak_stream_init(&stream);
    keccak_stream_add(&stream, derived + AES_CTR_KEY_BYTES, MAC_KEY_BYTES);
    keccak_stream_add(&stream, keystore->sealed, keystore->sealed_len);
    keccak_stream_end(&stream, out);
}

/* Random, and marked as such: version 4 of RFC 4122. */
static void make_id(uint8_t id[KEYSTORE_UUID_BYTES])
{
    random_bytes(id, KEYSTORE_UUID_BYTES);
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x40);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
}

int keystore_seal(struct keystore *out, const uint8_t secret[SECP_SECRET_BYTES],
                  const uint8_t address[ETH_ADDRESS_BYTES], const char *passphrase,
                  const struct scrypt_cost *cost)
{
    uint8_t derived[DERIVED_BYTES];
    int error;

    memset(out, 0, sizeof *out);
    out->has_address = true;
    memcpy(out->address, address, sizeof out->address);
    make_id(out->id);
    out->cost = *cost;
    out->salt_len = NEW_SALT_BYTES;
    random_bytes(out->salt, out->salt_len);
    random_bytes(out->iv, sizeof out->iv);
    error = derive(derived, out, passphrase);
    if (!error) {
        out->sealed_len = sizeof out->sealed;
        aes_ctr(out->sealed, derived, out->iv, secret, out->sealed_len);
        make_mac(out->mac, derived, out);
    }
    mem_wipe(derived, sizeof derived);
    return error;
}

int keystore_open(uint8_t out[SECP_SECRET_BYTES], const struct keystore *keystore,
                  const char *passphrase)
{
    size_t zeros = SECP_SECRET_BYTES - keystore->sealed_len;
    uint8_t derived[DERIVED_BYTES];
    uint8_t mac[KECCAK_HASH_BYTES];
    int error = derive(derived, keystore, passphrase);

    memset(out, 0, SECP_SECRET_BYTES);
    if (error == NECTAR_EFORMAT)
        error = NECTAR_EKEYFILE;
    if (error)
        goto done;
    make_mac(mac, derived, keystore);
    if (secret_equal(mac, keystore->mac, sizeof mac))
        aes_ctr(out + zeros, derived, keystore->iv, keystore->sealed, keystore->sealed_len);
    else
        error = NECTAR_EPASSPHRASE;
done:
    mem_wipe(derived, sizeof derived);
    return error;
}
