#include "eth/account.h"

#include <string.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "eth/address.h"

_Static_assert((int)NECTAR_ACCOUNT_SECRET_BYTES == (int)SECP_SECRET_BYTES, "key sizes differ");

int nectar_account_from_secret(struct nectar_account **out,
                               const uint8_t secret[NECTAR_ACCOUNT_SECRET_BYTES])
{
    uint8_t public_key[SECP_PUBLIC_BYTES];
    struct nectar_account *account;
    int error = secp_public(public_key, secret);

    if (error)
        return error;
    account = secret_new(sizeof *account);
    if (!account)
        return NECTAR_ENOMEM;
    memcpy(account->secret, secret, sizeof account->secret);
    eth_address_of_public(account->address, public_key);
    *out = account;
    return 0;
}

int nectar_account_generate(struct nectar_account **out)
{
    uint8_t secret[NECTAR_ACCOUNT_SECRET_BYTES];
    int error;

    /* Nearly every 32 bytes are a key of the curve. */
    do {
        random_bytes(secret, sizeof secret);
        error = nectar_account_from_secret(out, secret);
    } while (error == NECTAR_EFORMAT);
    mem_wipe(secret, sizeof secret);
    return error;
}

void nectar_account_free(struct nectar_account *account)
{
    secret_free(account);
}

const uint8_t *nectar_account_address(const struct nectar_account *account)
{
    return account->address;
}

int account_sign(struct secp_signature *out, const struct nectar_account *account,
                 const uint8_t hash[SECP_HASH_BYTES])
{
    return secp_sign(out, account->secret, hash);
}
