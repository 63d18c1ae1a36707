/* What keystores of Ethereum are sealed with: scrypt, PBKDF2 and AES in counter mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "crypto/aes_ctr.h"
#include "crypto/pbkdf2.h"
#include "crypto/scrypt.h"
#include "unit/shared/vectors.h"

enum { OUT = 64 };

static void expect(const uint8_t *actual, size_t len, const char *hex)
{
    uint8_t expected[OUT];

    assert_int_equal(vectors_hex(expected, sizeof expected, hex), len);
    assert_memory_equal(actual, expected, len);
}

/* RFC 7914, section 12. */
static void scrypt_of_the_rfc(void **state)
{
    static const struct {
        const char *passphrase, *salt;
        struct scrypt_cost cost;
        const char *key;
    } rows[] = {
        {"",
         "",
         {16, 1, 1},
         "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
         "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"},
        {"password",
         "NaCl",
         {1024, 8, 16},
         "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
         "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[OUT];

        assert_int_equal(scrypt_derive(out, sizeof out, view_of_text(rows[i].passphrase),
                                       view_of_text(rows[i].salt), &rows[i].cost),
                         0);
        expect(out, sizeof out, rows[i].key);
    }
}

static void impossible_costs_are_refused(void **state)
{
    static const struct scrypt_cost rows[] = {
        {0, 8, 1},
        {1, 8, 1},
        {3, 8, 1},
        {16, 0, 1},
        {16, 8, 0},
        {16, 1U << 30, 1},
        {16, 1U << 15, 1U << 15},
        {UINT64_C(1) << 63, 1, 1},
    };
    static const uint8_t zero[OUT];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[OUT];

        memset(out, 1, sizeof out);
        assert_int_equal(
            scrypt_derive(out, sizeof out, view_of_text("p"), view_of_text("s"), &rows[i]),
            NECTAR_EFORMAT);
        assert_memory_equal(out, zero, sizeof out);
    }
}

/* More memory than any machine has addresses for, in one piece. */
static void memory_that_is_not_there(void **state)
{
    const struct scrypt_cost cost = {UINT64_C(1) << 31, 1U << 20, 1};
    uint8_t out[OUT];

    (void)state;
    assert_int_equal(scrypt_derive(out, sizeof out, view_of_text("p"), view_of_text("s"), &cost),
                     NECTAR_ENOMEM);
}

/* RFC 7914, section 11. */
static void pbkdf2_of_the_rfc(void **state)
{
    uint8_t out[OUT];

    (void)state;
    pbkdf2_derive(out, sizeof out, view_of_text("passwd"), view_of_text("salt"), 1);
    expect(out, sizeof out,
           "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
           "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
    pbkdf2_derive(out, sizeof out, view_of_text("Password"), view_of_text("NaCl"), 80000);
    expect(out, sizeof out,
           "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
           "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}

/* SP 800-38A, F.5.1; then a counter that runs over. */
static void aes_of_the_standard(void **state)
{
    uint8_t key[AES_CTR_KEY_BYTES], iv[AES_CTR_IV_BYTES], text[OUT], out[OUT];

    (void)state;
    vectors_hex(key, sizeof key, "2b7e151628aed2a6abf7158809cf4f3c");
    vectors_hex(iv, sizeof iv, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    vectors_hex(text, sizeof text,
                "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
    aes_ctr(out, key, iv, text, sizeof text);
    expect(out, sizeof out,
           "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
           "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
    aes_ctr(out, key, iv, out, 33);
    assert_memory_equal(out, text, 33);
    assert_int_equal(iv[15], 0xff); /* as it was */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrypt_of_the_rfc),        cmocka_unit_test(impossible_costs_are_refused),
        cmocka_unit_test(memory_that_is_not_there), cmocka_unit_test(pbkdf2_of_the_rfc),
        cmocka_unit_test(aes_of_the_standard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
