/*
 * The networking key of a node (Ed25519) and the file it lives in. Key files are text (JSON, see
 * nectar-key(5)): name and public key stand unsealed, the 32-byte seed is sealed under a passphrase
 * (Argon2id, XChaCha20-Poly1305) or, when asked for, stands plain in a file of mode 0600.
 */
#ifndef NECTAR_KEY_H
#define NECTAR_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>
#include <nectar/identity.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_SEED_BYTES      32
#define NECTAR_SIGNATURE_BYTES 64

/* An Ed25519 key pair, opaque: it lives in locked memory left out of core files, and is wiped
 * when freed. */
struct nectar_key;

/* A new random key. name may be NULL. NECTAR_ENOMEM, NECTAR_ENAME. */
NECTAR_API int nectar_key_generate(struct nectar_key **out, const char *name);

/* The key of a seed (borrowed for the call). NECTAR_ENOMEM, NECTAR_ENAME. */
NECTAR_API int nectar_key_from_seed(struct nectar_key **out, const uint8_t seed[NECTAR_SEED_BYTES],
                                    const char *name);

/* Wipes and frees; NULL is allowed. */
NECTAR_API void nectar_key_free(struct nectar_key *key);

/* The 32 public bytes, valid as long as the key. */
NECTAR_API const uint8_t *nectar_key_public(const struct nectar_key *key);

/* The name noted in the key, or NULL. Valid as long as the key. */
NECTAR_API const char *nectar_key_name(const struct nectar_key *key);

/* Signs data. Deterministic (RFC 8032). */
NECTAR_API void nectar_key_sign(uint8_t signature[NECTAR_SIGNATURE_BYTES],
                                const struct nectar_key *key, const void *data, size_t len);

/* Is signature one of public_key over data? Refuses small-order keys and malleable signatures. */
NECTAR_API bool nectar_key_verify(const uint8_t signature[NECTAR_SIGNATURE_BYTES],
                                  const uint8_t public_key[NECTAR_PUBLIC_BYTES], const void *data,
                                  size_t len);

/* What can be told of a key file without its passphrase. */
struct nectar_key_info {
    char name[NECTAR_NAME_MAX + 1]; /* empty if none is noted */
    uint8_t public_key[NECTAR_PUBLIC_BYTES];
    bool sealed;
};

/*
 * Reads the unsealed part of a key file. NECTAR_ENOKEY no such file, NECTAR_EKEYMODE group or
 * others may read or write it, NECTAR_EKEYFILE not a key file (or larger than one can be),
 * NECTAR_EIO (errno set), NECTAR_ENOMEM.
 */
NECTAR_API int nectar_key_inspect(struct nectar_key_info *out, const char *path);

/* The same of a key file's text, from wherever it came. */
NECTAR_API int nectar_key_inspect_text(struct nectar_key_info *out, const char *text, size_t len);

/*
 * Loads a key. passphrase: NUL-terminated, NULL if there is none to give. Errors as inspect, and
 * NECTAR_ESEALED (a passphrase is needed), NECTAR_EPASSPHRASE (it does not open the file; a
 * damaged sealed part looks the same).
 */
NECTAR_API int nectar_key_load(struct nectar_key **out, const char *path, const char *passphrase);

/*
 * The text of a key file, ending in a newline. passphrase NULL writes the seed plain. *out is a
 * new string of *len bytes: nectar_key_text_free() wipes and frees it. NECTAR_ENOMEM (Argon2id
 * takes 64 MiB).
 */
NECTAR_API int nectar_key_write_text(char **out, size_t *len, const struct nectar_key *key,
                                     const char *passphrase);
NECTAR_API void nectar_key_text_free(char *text, size_t len);

/*
 * Writes a key file of mode 0600: whole and durable (temporary file, fsync, link, fsync of the
 * folder), or not at all. A missing folder is made (0700). NECTAR_EEXISTS if path exists, unless
 * replace: then the old file is first renamed to PATH.old-TIME (UTC, YYYYMMDDThhmmssZ, with -N
 * added should that exist too). NECTAR_EIO (errno set), NECTAR_ENOMEM.
 */
NECTAR_API int nectar_key_save(const struct nectar_key *key, const char *path,
                               const char *passphrase, bool replace);

#ifdef __cplusplus
}
#endif
#endif
