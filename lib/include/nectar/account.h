/*
 * An account of Ethereum that keys of its own control: a secp256k1 key and the address that it
 * gives. Such a key owns names in a registry on a chain, and pays for what is written there. It is
 * kept in a keystore file of version 3 (Web3 Secret Storage), as other wallets keep theirs, or as
 * 64 hex digits in a file of mode 0600.
 */
#ifndef NECTAR_ACCOUNT_H
#define NECTAR_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_ACCOUNT_BYTES        20
#define NECTAR_ACCOUNT_SECRET_BYTES 32
#define NECTAR_ACCOUNT_TEXT_SIZE    43 /* "0x", 40 digits and a NUL */

/* --- addresses --- */

/* The text of an address, with its checksum in the case of the letters (EIP-55), and a NUL. */
NECTAR_API void nectar_account_format(char out[NECTAR_ACCOUNT_TEXT_SIZE],
                                      const uint8_t address[NECTAR_ACCOUNT_BYTES]);

/*
 * Reads "0x" and 40 hex digits. Letters of both cases are a checksum (EIP-55), and must be right;
 * letters of one case are none. NECTAR_EADDRESS, and out is unchanged.
 */
NECTAR_API int nectar_account_parse(uint8_t out[NECTAR_ACCOUNT_BYTES], const char *text);

/* --- keys --- */

/* A key and its address, opaque: it lives in locked memory left out of core files, and is wiped
 * when freed. */
struct nectar_account;

/* A new random one. NECTAR_ENOMEM; NECTAR_EINTERNAL libsecp256k1 cannot be opened (so of every
 * call below that makes one). */
NECTAR_API int nectar_account_generate(struct nectar_account **out);

/* The account of a secret key (borrowed for the call). NECTAR_EFORMAT it is none of the curve's,
 * NECTAR_ENOMEM. */
NECTAR_API int nectar_account_from_secret(struct nectar_account **out,
                                          const uint8_t secret[NECTAR_ACCOUNT_SECRET_BYTES]);

/* Wipes and frees; NULL is allowed. */
NECTAR_API void nectar_account_free(struct nectar_account *account);

/* The 20 bytes of its address, valid as long as the account. */
NECTAR_API const uint8_t *nectar_account_address(const struct nectar_account *account);

/* --- files --- */

/*
 * Loads a key file. passphrase: NUL-terminated, NULL if there is none to give. NECTAR_ENOKEY no
 * such file, NECTAR_EKEYMODE group or others may read or write it, NECTAR_EKEYFILE not a key file
 * (also one that asks more of its reader than 512 MiB or 10,000,000 rounds, or whose key has
 * another address than it notes), NECTAR_ESEALED a passphrase is needed, NECTAR_EPASSPHRASE it does
 * not open the file (a damaged sealed part looks the same), NECTAR_EIO (errno set), NECTAR_ENOMEM.
 */
NECTAR_API int nectar_account_load(struct nectar_account **out, const char *path,
                                   const char *passphrase);

/* The same of a key file's text, from wherever it came. */
NECTAR_API int nectar_account_from_text(struct nectar_account **out, const char *text, size_t len,
                                        const char *passphrase);

/*
 * The address of a key file, without its passphrase: what a keystore notes is taken for its word.
 * NECTAR_ESEALED it notes none; else the errors of loading.
 */
NECTAR_API int nectar_account_inspect(uint8_t address[NECTAR_ACCOUNT_BYTES], const char *path);
NECTAR_API int nectar_account_inspect_text(uint8_t address[NECTAR_ACCOUNT_BYTES], const char *text,
                                           size_t len);

/*
 * The text of a key file, ending in a newline: a keystore (scrypt, 256 MiB) or, where passphrase is
 * NULL, the hex digits of the key. *out is a new string of *len bytes: nectar_account_text_free()
 * wipes and frees it. NECTAR_ENOMEM.
 */
NECTAR_API int nectar_account_write_text(char **out, size_t *len,
                                         const struct nectar_account *account,
                                         const char *passphrase);
NECTAR_API void nectar_account_text_free(char *text, size_t len);

/*
 * Writes a key file of mode 0600, whole and durable or not at all; a missing folder is made (0700).
 * NECTAR_EEXISTS if path exists, unless replace: then the old file is first renamed to
 * PATH.old-TIME (UTC, YYYYMMDDThhmmssZ, with -N added should that exist too). NECTAR_EIO (errno
 * set), NECTAR_ENOMEM.
 */
NECTAR_API int nectar_account_save(const struct nectar_account *account, const char *path,
                                   const char *passphrase, bool replace);

#ifdef __cplusplus
}
#endif
#endif
