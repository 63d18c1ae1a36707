/* Large messages without libcrypto: libsodium does them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dlfcn.h>

#include <cmocka.h>

#include "crypto/aead.h"
#include "crypto/aead_large.h"

/* Stands in for the system's, as where libcrypto is not installed. */
void *dlopen(const char *name, int flags)
{
    (void)name, (void)flags;
    return NULL;
}

static void large_messages_still_work(void **state)
{
    static uint8_t plain[20000], sealed[sizeof plain + AEAD_TAG_BYTES];
    uint8_t key[AEAD_KEY_BYTES] = {1}, nonce[AEAD_NONCE_BYTES] = {0};

    (void)state;
    assert_false(aead_large_seal(sealed, key, nonce, NULL, 0, plain, sizeof plain));
    assert_int_equal(aead_large_open(sealed, key, nonce, NULL, 0, sealed, sizeof sealed),
                     AEAD_UNAVAILABLE);
    memset(plain, 5, sizeof plain);
    aead_seal(sealed, key, 3, NULL, 0, plain, sizeof plain);
    assert_memory_not_equal(sealed, plain, sizeof plain);
    assert_true(aead_open(sealed, key, 3, NULL, 0, sealed, sizeof sealed));
    assert_memory_equal(sealed, plain, sizeof plain);
    aead_seal(sealed, key, 3, NULL, 0, plain, sizeof plain);
    sealed[9] ^= 1;
    assert_false(aead_open(sealed, key, 3, NULL, 0, sealed, sizeof sealed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(large_messages_still_work)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
