#include "crypto/kdf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

#include "unit/shared/vectors.h"

static const uint8_t SALT[KDF_SALT_BYTES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* The values are those of the reference implementation, libargon2, with one lane. */
static void argon2id_matches_the_reference(void **state)
{
    static const struct {
        uint64_t ops, kib;
        const char *passphrase, *key;
    } rows[] = {
        {1, 8, "password", "3a008963c65f7ffa7331a90babd1fd17ea9f03bd05356b857ceb43f7b7080adc"},
        {3, 64, "", "438cc9435932d59d4b31839da73a6a7438832e9ba0322d41a3e267003812badd"},
        {2, 1024, "correct horse",
         "77237b8a217dfd77699617e3893817f9fa215bff881849f3c007154da0b4788d"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[32], expected[32];

        vectors_hex(expected, 32, rows[i].key);
        assert_int_equal(kdf_argon2id(out, 32, rows[i].passphrase, strlen(rows[i].passphrase), SALT,
                                      rows[i].ops, rows[i].kib * 1024),
                         0);
        assert_memory_equal(out, expected, 32);
    }
}

static void impossible_costs_are_refused(void **state)
{
    static const uint8_t zero[32];
    uint8_t out[32];

    (void)state;
    memset(out, 1, 32);
    assert_int_equal(kdf_argon2id(out, 32, "p", 1, SALT, 0, 8192), NECTAR_EFORMAT);
    assert_memory_equal(out, zero, 32);
    assert_int_equal(kdf_argon2id(out, 32, "p", 1, SALT, 1, 8191), NECTAR_EFORMAT);
    assert_int_equal(kdf_argon2id(out, 32, "p", 1, SALT, 1, UINT64_MAX), NECTAR_EFORMAT);
    assert_int_equal(kdf_argon2id(out, 32, "p", 1, SALT, UINT64_MAX, 8192), NECTAR_EFORMAT);
}

static const char *const PLAIN = "Ladies and Gentlemen of the class of '99: If I could offer you "
                                 "only one tip for the future, sunscreen would be it.";

/* draft-irtf-cfrg-xchacha-03, appendix A.3.1. */
static void box_of_the_draft(void **state)
{
    uint8_t key[32], nonce[24], ad[12], out[200], expected[16];
    size_t len = strlen(PLAIN);

    (void)state;
    vectors_hex(key, 32, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    vectors_hex(nonce, 24, "404142434445464748494a4b4c4d4e4f5051525354555657");
    vectors_hex(ad, 12, "50515253c0c1c2c3c4c5c6c7");
    box_seal(out, key, nonce, ad, sizeof ad, (const uint8_t *)PLAIN, len);
    vectors_hex(expected, 16, "bd6d179d3e83d43b9576579493c0e939");
    assert_memory_equal(out, expected, 16);
    vectors_hex(expected, 16, "c0875924c1c7987947deafd8780acf49");
    assert_memory_equal(out + len, expected, 16);
    assert_true(box_open(out, key, nonce, ad, sizeof ad, out, len + BOX_TAG_BYTES));
    assert_memory_equal(out, PLAIN, len);
}

static void every_flipped_bit_and_cut_is_refused(void **state)
{
    uint8_t key[32] = {1}, nonce[24] = {2}, sealed[32 + BOX_TAG_BYTES], out[sizeof sealed];

    (void)state;
    box_seal(sealed, key, nonce, "ad", 2, (const uint8_t *)PLAIN, 32);
    assert_true(box_open(out, key, nonce, "ad", 2, sealed, sizeof sealed));
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(out, 0, sizeof out);
        assert_false(box_open(out, key, nonce, "ad", 2, sealed, sizeof sealed));
        assert_memory_not_equal(out, PLAIN, 32);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < sizeof sealed; cut++)
        assert_false(box_open(out, key, nonce, "ad", 2, sealed, cut));
    assert_false(box_open(out, key, nonce, "aD", 2, sealed, sizeof sealed));
    assert_false(box_open(out, key, nonce, "ad", 1, sealed, sizeof sealed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(argon2id_matches_the_reference),
        cmocka_unit_test(impossible_costs_are_refused),
        cmocka_unit_test(box_of_the_draft),
        cmocka_unit_test(every_flipped_bit_and_cut_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
