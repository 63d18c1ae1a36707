#include "key/keypair.h"

#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/secret.h"

_Static_assert((int)NECTAR_SEED_BYTES == (int)ED25519_SEED_BYTES, "seed sizes differ");
_Static_assert((int)NECTAR_PUBLIC_BYTES == (int)ED25519_PUBLIC_BYTES, "key sizes differ");
_Static_assert((int)NECTAR_SIGNATURE_BYTES == (int)ED25519_SIGNATURE_BYTES, "signatures differ");

int nectar_key_from_seed(struct nectar_key **out, const uint8_t seed[NECTAR_SEED_BYTES],
                         const char *name)
{
    struct nectar_key *key;

    if (name && nectar_name_check(name) != 0)
        return NECTAR_ENAME;
    key = secret_new(sizeof *key);
    if (!key)
        return NECTAR_ENOMEM;
    ed25519_from_seed(&key->pair, seed);
    if (name)
        snprintf(key->name, sizeof key->name, "%s", name);
    *out = key;
    return 0;
}

int nectar_key_generate(struct nectar_key **out, const char *name)
{
    uint8_t seed[NECTAR_SEED_BYTES];
    int error;

    random_bytes(seed, sizeof seed);
    error = nectar_key_from_seed(out, seed, name);
    mem_wipe(seed, sizeof seed);
    return error;
}

void nectar_key_free(struct nectar_key *key)
{
    secret_free(key);
}

const uint8_t *nectar_key_public(const struct nectar_key *key)
{
    return key->pair.public_key;
}

const char *nectar_key_name(const struct nectar_key *key)
{
    return key->name[0] ? key->name : NULL;
}

void nectar_key_sign(uint8_t signature[NECTAR_SIGNATURE_BYTES], const struct nectar_key *key,
                     const void *data, size_t len)
{
    ed25519_sign(signature, &key->pair, data, len);
}

bool nectar_key_verify(const uint8_t signature[NECTAR_SIGNATURE_BYTES],
                       const uint8_t public_key[NECTAR_PUBLIC_BYTES], const void *data, size_t len)
{
    return ed25519_verify(signature, public_key, data, len);
}
