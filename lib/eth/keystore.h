/*
 * Keystore files of version 3, as Ethereum's wallets write them (Web3 Secret Storage): JSON, with
 * the secret key under AES-128-CTR, its key made from a passphrase by scrypt or PBKDF2, and a
 * Keccak-256 over that key and the ciphertext. What else stands in a file is passed over.
 */
#ifndef ETH_KEYSTORE_H
#define ETH_KEYSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "crypto/aes_ctr.h"
#include "crypto/keccak.h"
#include "crypto/scrypt.h"
#include "crypto/secp256k1.h"
#include "eth/address.h"

enum {
    KEYSTORE_MAX = 16384, /* bytes of a file; others note more than is needed */
    KEYSTORE_SALT_MAX = 128,
    KEYSTORE_UUID_BYTES = 16,

    /* The most a file may ask of its reader: 512 MiB, and four times the work of KEYSTORE_COST. */
    KEYSTORE_SCRYPT_ROOM = 4 << 20, /* n * r: 128 bytes each */
    KEYSTORE_SCRYPT_WORK = 8 << 20, /* n * r * p */
    KEYSTORE_ROUNDS_MAX = 10000000, /* of PBKDF2 */
};

/* What files are written with: 256 MiB, like those of other wallets. */
#define KEYSTORE_COST ((struct scrypt_cost){.n = 262144, .r = 8, .p = 1})

/* What a file says; nothing in it is secret. */
struct keystore {
    bool has_address; /* not every file notes it */
    uint8_t address[ETH_ADDRESS_BYTES];
    uint8_t id[KEYSTORE_UUID_BYTES]; /* written, not read */
    uint32_t rounds;                 /* of PBKDF2; 0: scrypt */
    struct scrypt_cost cost;
    size_t salt_len;
    uint8_t salt[KEYSTORE_SALT_MAX];
    uint8_t iv[AES_CTR_IV_BYTES];
    size_t sealed_len; /* under 32, from 1, where zeros in front were left out */
    uint8_t sealed[SECP_SECRET_BYTES];
    uint8_t mac[KECCAK_HASH_BYTES];
};

/* NECTAR_EKEYFILE, also over a ceiling; NECTAR_ENOMEM. */
int keystore_parse(struct keystore *out, struct nectar_view text);

/* Appends the text, ending in a newline. NECTAR_ETOOBIG, NECTAR_ENOMEM. */
int keystore_format(struct bytes *out, const struct keystore *keystore);

/* A new keystore of a secret. NECTAR_EFORMAT scrypt does not allow the cost, NECTAR_ENOMEM. */
int keystore_seal(struct keystore *out, const uint8_t secret[SECP_SECRET_BYTES],
                  const uint8_t address[ETH_ADDRESS_BYTES], const char *passphrase,
                  const struct scrypt_cost *cost);

/* The secret; any 32 bytes. NECTAR_EPASSPHRASE (a damaged file looks the same), NECTAR_EKEYFILE
 * scrypt does not allow the cost, NECTAR_ENOMEM. On error out is zero. */
int keystore_open(uint8_t out[SECP_SECRET_BYTES], const struct keystore *keystore,
                  const char *passphrase);

#endif
