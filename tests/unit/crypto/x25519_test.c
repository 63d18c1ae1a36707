#include "crypto/x25519.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/vectors.h"

static void expect_shared(const char *secret_hex, const char *point_hex, const char *expected_hex)
{
    uint8_t secret[32], point[32], expected[32], out[32];

    vectors_hex(secret, 32, secret_hex);
    vectors_hex(point, 32, point_hex);
    vectors_hex(expected, 32, expected_hex);
    assert_true(x25519_shared(out, secret, point));
    assert_memory_equal(out, expected, 32);
}

static void vectors_of_the_rfc(void **state)
{
    (void)state;
    /* RFC 7748, section 5.2. */
    expect_shared("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                  "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
                  "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    expect_shared("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                  "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
                  "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

static void iterated_as_in_the_rfc(void **state)
{
    uint8_t k[32] = {9}, u[32] = {9}, out[32], expected[32];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_true(x25519_shared(out, k, u));
        memcpy(u, k, 32);
        memcpy(k, out, 32);
        vectors_hex(expected, 32,
                    "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
        if (i == 0)
            assert_memory_equal(k, expected, 32);
    }
    vectors_hex(expected, 32, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
    assert_memory_equal(k, expected, 32);
}

static void both_sides_agree(void **state)
{
    uint8_t a[32], b[32], a_public[32], b_public[32], expected[32], out[32];

    (void)state;
    /* RFC 7748, section 6.1. */
    vectors_hex(a, 32, "77076d0a7318a57d3c16c17251b26645df4c2f92ebc099266d9fb6f5a8e4d62a");
    vectors_hex(b, 32, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    x25519_public(a_public, a);
    x25519_public(b_public, b);
    vectors_hex(expected, 32, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    assert_memory_equal(b_public, expected, 32);
    assert_true(x25519_shared(out, a, b_public));
    assert_true(x25519_shared(expected, b, a_public));
    assert_memory_equal(out, expected, 32);
}

static void low_order_points_are_refused(void **state)
{
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    uint8_t secret[32] = {1, 2, 3}, point[32], out[32];

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        vectors_hex(point, 32, points[i]);
        assert_false(x25519_shared(out, secret, point));
        point[31] |= 0x80; /* the bit that X25519 masks off */
        assert_false(x25519_shared(out, secret, point));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_rfc),
        cmocka_unit_test(iterated_as_in_the_rfc),
        cmocka_unit_test(both_sides_agree),
        cmocka_unit_test(low_order_points_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
