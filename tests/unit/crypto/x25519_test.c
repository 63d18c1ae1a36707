#include "crypto/x25519.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "crypto/montgomery.h"
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

/* Ours go another way than libsodium's: by the Edwards form. */
static void expect_publics(const uint8_t a[32], const uint8_t b[32])
{
    uint8_t expected[2][32], out[2][32];

    assert_int_equal(crypto_scalarmult_base(expected[0], a), 0);
    assert_int_equal(crypto_scalarmult_base(expected[1], b), 0);
    x25519_public(out[0], a);
    assert_memory_equal(out[0], expected[0], 32);
    x25519_public_two(out[0], a, out[1], b);
    assert_memory_equal(out, expected, sizeof out);
}

static void public_keys_are_those_of_the_ladder(void **state)
{
    uint8_t a[32], b[32];

    (void)state;
    for (int i = 0; i < 3000; i++) {
        randombytes_buf(a, sizeof a);
        randombytes_buf(b, sizeof b);
        expect_publics(a, b);
    }
    /* All the same bit, one bit, all but one. */
    for (int fill = 0; fill < 2; fill++)
        for (size_t bit = 0; bit < 256; bit++) {
            memset(a, fill ? 0xff : 0, sizeof a);
            memcpy(b, a, sizeof b);
            b[bit / 8] = (uint8_t)(b[bit / 8] ^ 1 << bit % 8);
            expect_publics(a, b);
            expect_publics(b, a);
        }
    /* In place. */
    memcpy(b, a, sizeof b);
    x25519_public(a, a);
    x25519_public_two(b, b, b, b);
    assert_memory_equal(a, b, 32);
}

#ifdef HAVE_MONTGOMERY
/* By hand, in Python: (1 + y) * pow(1 - y, -1, p) % p. */
static const char *const COORDINATES[][2] = {
    {"0000000000000000000000000000000000000000000000000000000000000000",
     "0100000000000000000000000000000000000000000000000000000000000000"},
    {"0200000000000000000000000000000000000000000000000000000000000000",
     "eaffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
    {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
     "0000000000000000000000000000000000000000000000000000000000000000"},
    {"ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
     "a4aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2a"},
    {"0000000000000000000000000000000000000000000000000000000000000040",
     "9296969696969696969696969696969696969696969696969696969696969616"},
    {"ffffffffffff0700000000000000000000000000000000000000000000000000",
     "237662277662a7d8899dd8899d6227766227768a9dd8899dd829766227766227"},
    {"000000000000f8ffffffffff3f00000000000000000000000000000000000000",
     "f6747dba3e5d6fa439d21c690e1b900dc8066443e821f4107aa8c454622a3115"},
    {"00000000000000000000000000000000000000000000000000f0ffffffffff7f",
     "53ae7b8768ab78bdecccef63e3d1d997c8380c95f948f08592847e51b1ceb407"},
    {"ecfffffffffff7ffffffffffffffffffffffffffffffffffffffffffffffff7f",
     "151919191919999b9b9b9b9b9b919191919191b9b9b9b9b9b919191919191919"},
    {"ffffffffffff070000000000c0ffffffffffff010000000000f0ffffffffff7f",
     "5358f3296f3261db70cc432f56b3bd7f114b3d705aedeb1c3d916fc15a223059"},
    {"000000000000f8ffffffffff3f000000000000feffffffffff0f000000000000",
     "275988c810b379dd23eb0ed816533c5fd4314d66a754a0817d3eb167c756e10c"},
    {"f7ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff3f",
     "0300000000000000000000000000000000000000000000000000000000000000"},
};

static void coordinates_at_the_edges_of_the_field(void **state)
{
    uint8_t y[2][32], expected[2][32], u[2][32];

    (void)state;
    for (size_t i = 0; i < sizeof COORDINATES / sizeof COORDINATES[0]; i++)
        for (size_t j = 0; j < sizeof COORDINATES / sizeof COORDINATES[0]; j++) {
            vectors_hex(y[0], 32, COORDINATES[i][0]);
            vectors_hex(y[1], 32, COORDINATES[j][0]);
            vectors_hex(expected[0], 32, COORDINATES[i][1]);
            vectors_hex(expected[1], 32, COORDINATES[j][1]);
            y[j % 2][31] |= 0x80; /* the sign of x, which does not matter */
            montgomery_from_edwards((uint8_t *const[]){u[0], u[1]}, y, 2);
            assert_memory_equal(u, expected, sizeof u);
            montgomery_from_edwards((uint8_t *const[]){u[1]}, y, 1);
            assert_memory_equal(u[1], expected[0], 32);
        }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_rfc),
        cmocka_unit_test(iterated_as_in_the_rfc),
        cmocka_unit_test(both_sides_agree),
        cmocka_unit_test(low_order_points_are_refused),
        cmocka_unit_test(public_keys_are_those_of_the_ladder),
#ifdef HAVE_MONTGOMERY
        cmocka_unit_test(coordinates_at_the_edges_of_the_field),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
