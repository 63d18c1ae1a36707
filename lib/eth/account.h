/* What an account is made of. */
#ifndef ETH_ACCOUNT_H
#define ETH_ACCOUNT_H

#include <nectar/account.h>

#include "base/bytes.h"
#include "crypto/scrypt.h"
#include "crypto/secp256k1.h"

struct nectar_account {
    uint8_t secret[NECTAR_ACCOUNT_SECRET_BYTES];
    uint8_t address[NECTAR_ACCOUNT_BYTES];
};

/* Signs a hash. NECTAR_EINTERNAL. */
int account_sign(struct secp_signature *out, const struct nectar_account *account,
                 const uint8_t hash[SECP_HASH_BYTES]);

/* Appends the text of a file, sealed at that cost or (passphrase NULL) plain. NECTAR_EFORMAT scrypt
 * does not allow the cost, NECTAR_ETOOBIG, NECTAR_ENOMEM. */
int account_write(struct bytes *out, const struct nectar_account *account, const char *passphrase,
                  const struct scrypt_cost *cost);

#endif
