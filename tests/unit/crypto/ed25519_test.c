#include "crypto/ed25519.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/vectors.h"

struct row {
    const char *seed, *public_key, *message, *signature;
};

/* RFC 8032, section 7.1, tests 1 to 3. */
static const struct row ROWS[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
     "b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
     "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
     "c6594a7c15e9716ed28dc027beceea1ec40a"},
};

static void vectors_of_the_rfc(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        uint8_t seed[32], public_key[32], message[8], expected[64], signature[64];
        size_t len = vectors_hex(message, sizeof message, ROWS[i].message);
        struct ed25519_key key;

        vectors_hex(seed, 32, ROWS[i].seed);
        vectors_hex(public_key, 32, ROWS[i].public_key);
        vectors_hex(expected, 64, ROWS[i].signature);
        ed25519_from_seed(&key, seed);
        assert_memory_equal(key.seed, seed, 32);
        assert_memory_equal(key.public_key, public_key, 32);
        ed25519_sign(signature, &key, message, len);
        assert_memory_equal(signature, expected, 64);
        assert_true(ed25519_verify(signature, public_key, message, len));
    }
}

static void every_flipped_bit_is_refused(void **state)
{
    uint8_t seed[32] = {5}, data[64 + 32 + 8] = {0};
    struct ed25519_key key;

    (void)state;
    ed25519_from_seed(&key, seed);
    memcpy(data + 64, key.public_key, 32);
    memcpy(data + 96, "message", 8);
    ed25519_sign(data, &key, data + 96, 8);
    assert_true(ed25519_verify(data, data + 64, data + 96, 8));
    for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(ed25519_verify(data, data + 64, data + 96, 8));
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_false(ed25519_verify(data, data + 64, data + 96, 7));
}

/* S + L is the same number modulo the order L: it must not pass as a second signature. */
static void malleable_signatures_are_refused(void **state)
{
    uint8_t order[32], signature[64], seed[32] = {6};
    struct ed25519_key key;
    unsigned carry = 0;

    (void)state;
    vectors_hex(order, 32, "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    ed25519_from_seed(&key, seed);
    ed25519_sign(signature, &key, "m", 1);
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)signature[32 + i] + order[i];
        signature[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
    assert_false(ed25519_verify(signature, key.public_key, "m", 1));
}

/* Under a public key of small order, R = the neutral element and S = 0 would fit many messages. */
static void small_order_keys_are_refused(void **state)
{
    static const char *const points[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    };

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        uint8_t public_key[32], signature[64] = {1};

        vectors_hex(public_key, 32, points[i]);
        for (uint8_t message = 0; message < 64; message++)
            assert_false(ed25519_verify(signature, public_key, &message, 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_rfc),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(malleable_signatures_are_refused),
        cmocka_unit_test(small_order_keys_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
