#include "key/keyfile.h"

#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "crypto/random.h"
#include "key/keypair.h"

enum { AD_MAX = 16 + NECTAR_PUBLIC_BYTES + NECTAR_NAME_MAX + 1 };

void keyfile_wipe(struct keyfile *file)
{
    mem_wipe(file, sizeof *file);
}

/* What the box is bound to: a purpose, the public key and the name. */
static size_t associated_data(uint8_t out[AD_MAX], const struct nectar_key_info *info)
{
    static const char PURPOSE[] = "nectar key 1";
    size_t name_len = strlen(info->name);
    size_t len = sizeof PURPOSE;

    memcpy(out, PURPOSE, len);
    memcpy(out + len, info->public_key, sizeof info->public_key);
    len += sizeof info->public_key;
    memcpy(out + len, info->name, name_len);
    return len + name_len;
}

static int derive(uint8_t box_key[BOX_KEY_BYTES], const struct keyfile *file,
                  const char *passphrase)
{
    return kdf_argon2id(box_key, BOX_KEY_BYTES, passphrase, strlen(passphrase), file->salt,
                        file->ops, file->mem);
}

int keyfile_from_key(struct keyfile *out, const struct nectar_key *key, const char *passphrase)
{
    uint8_t box_key[BOX_KEY_BYTES] = {0};
    uint8_t ad[AD_MAX];
    int error = 0;

    memset(out, 0, sizeof *out);
    snprintf(out->info.name, sizeof out->info.name, "%s", key->name);
    memcpy(out->info.public_key, key->pair.public_key, sizeof out->info.public_key);
    out->info.sealed = passphrase != NULL;
    if (!passphrase) {
        memcpy(out->seed, key->pair.seed, sizeof out->seed);
        return 0;
    }
    out->ops = KEYFILE_OPS;
    out->mem = KEYFILE_MEM;
    random_bytes(out->salt, sizeof out->salt);
    random_bytes(out->nonce, sizeof out->nonce);
    error = derive(box_key, out, passphrase);
    if (!error)
        box_seal(out->box, box_key, out->nonce, ad, associated_data(ad, &out->info), key->pair.seed,
                 sizeof key->pair.seed);
    mem_wipe(box_key, sizeof box_key);
    return error;
}

static int unseal(uint8_t seed[NECTAR_SEED_BYTES], const struct keyfile *file,
                  const char *passphrase)
{
    uint8_t box_key[BOX_KEY_BYTES] = {0};
    uint8_t ad[AD_MAX];
    int error;

    if (!passphrase)
        return NECTAR_ESEALED;
    error = derive(box_key, file, passphrase);
    if (!error && !box_open(seed, box_key, file->nonce, ad, associated_data(ad, &file->info),
                            file->box, sizeof file->box))
        error = NECTAR_EPASSPHRASE;
    mem_wipe(box_key, sizeof box_key);
    return error == NECTAR_EFORMAT ? NECTAR_EKEYFILE : error;
}

int keyfile_to_key(struct nectar_key **out, const struct keyfile *file, const char *passphrase)
{
    uint8_t seed[NECTAR_SEED_BYTES] = {0};
    struct nectar_key *key = NULL;
    int error = 0;

    if (file->info.sealed)
        error = unseal(seed, file, passphrase);
    else
        memcpy(seed, file->seed, sizeof seed);
    if (!error)
        error = nectar_key_from_seed(&key, seed, file->info.name[0] ? file->info.name : NULL);
    if (!error && memcmp(nectar_key_public(key), file->info.public_key, NECTAR_PUBLIC_BYTES) != 0)
        error = NECTAR_EKEYFILE;
    mem_wipe(seed, sizeof seed);
    if (error)
        nectar_key_free(key);
    else
        *out = key;
    return error;
}
