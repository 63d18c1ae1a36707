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

#ifdef __cplusplus
}
#endif
#endif
