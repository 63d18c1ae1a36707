/*
 * The text of a key file. Plain:
 *   {"nectar_key":1,"name":"squid.nec","public_key":"<64 hex>","sealed":false,"seed":"<64 hex>"}
 * Sealed, instead of the seed:
 *   "kdf":{"alg":"argon2id13","salt":"<32 hex>","ops":2,"mem":67108864},"nonce":"<48 hex>",
 *   "box":"<96 hex>"
 * The box holds the seed; name and public key are bound into it as associated data.
 */
#ifndef KEY_KEYFILE_H
#define KEY_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/key.h>

#include "crypto/kdf.h"

enum {
    KEYFILE_MAX = 8192, /* bytes of a key file */
    KEYFILE_BOX_BYTES = NECTAR_SEED_BYTES + BOX_TAG_BYTES,
    KEYFILE_OPS = 2,             /* what new files are sealed with: libsodium's "interactive" */
    KEYFILE_MEM = 64 << 20,      /* bytes */
    KEYFILE_OPS_MAX = 16,        /* the most a file may ask of its reader */
    KEYFILE_MEM_MAX = 256 << 20, /* bytes */
    KEYFILE_MEM_MIN = 8192,      /* bytes: Argon2's own minimum */
};

/* All a key file says. May hold a secret: keyfile_wipe. */
struct keyfile {
    struct nectar_key_info info;
    uint8_t seed[NECTAR_SEED_BYTES]; /* if not sealed, and below if sealed */
    uint8_t salt[KDF_SALT_BYTES];
    uint64_t ops;
    uint64_t mem;
    uint8_t nonce[BOX_NONCE_BYTES];
    uint8_t box[KEYFILE_BOX_BYTES];
};

void keyfile_wipe(struct keyfile *file);

/* NECTAR_EKEYFILE, NECTAR_ENOMEM; on error out holds nothing. */
int keyfile_parse(struct keyfile *out, const char *text, size_t len);

/* A new text of *len bytes and a NUL, ending in a newline. NECTAR_ENOMEM. */
int keyfile_format(char **out, size_t *len, const struct keyfile *file);

/* Fills file with a key, sealed under a passphrase or (NULL) plain. NECTAR_ENOMEM. */
int keyfile_from_key(struct keyfile *out, const struct nectar_key *key, const char *passphrase);

/* The key of a file. NECTAR_ESEALED, NECTAR_EPASSPHRASE, NECTAR_EKEYFILE the seed has another
 * public key, NECTAR_ENOMEM. */
int keyfile_to_key(struct nectar_key **out, const struct keyfile *file, const char *passphrase);

#endif
