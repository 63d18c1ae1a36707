/* Accounts where libsecp256k1 is not installed: an error, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <dlfcn.h>

#include <cmocka.h>
#include <nectar/account.h>
#include <nectar/error.h>

#include "crypto/secp256k1.h"

/* Stands in for the system's. */
void *dlopen(const char *name, int flags)
{
    (void)name, (void)flags;
    return NULL;
}

static const char DIGITS[] = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

static void nothing_is_made(void **state)
{
    const uint8_t secret[SECP_SECRET_BYTES] = {[31] = 1}, hash[SECP_HASH_BYTES] = {1};
    struct secp_signature signature = {.parity = 0};
    uint8_t public_key[SECP_PUBLIC_BYTES], address[NECTAR_ACCOUNT_BYTES];
    struct nectar_account *account = NULL;

    (void)state;
    assert_int_equal(secp_public(public_key, secret), NECTAR_EINTERNAL);
    assert_int_equal(secp_sign(&signature, secret, hash), NECTAR_EINTERNAL);
    assert_int_equal(secp_recover(public_key, &signature, hash), NECTAR_EINTERNAL);
    assert_int_equal(nectar_account_generate(&account), NECTAR_EINTERNAL);
    assert_int_equal(nectar_account_from_secret(&account, secret), NECTAR_EINTERNAL);
    assert_int_equal(nectar_account_from_text(&account, DIGITS, 64, NULL), NECTAR_EINTERNAL);
    assert_int_equal(nectar_account_inspect_text(address, DIGITS, 64), NECTAR_EINTERNAL);
    assert_null(account);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_made)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
