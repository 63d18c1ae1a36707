#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/key.h>
#include <nectar/text.h>

static const char SEED[] = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
static const char PUBLIC[] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
static const char SIGNATURE[] = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                                "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

/* RFC 8032, section 7.1, test 1. */
static void the_rfc_vector(void **state)
{
    uint8_t seed[NECTAR_SEED_BYTES];
    uint8_t expected[NECTAR_SIGNATURE_BYTES];
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    struct nectar_key *key = NULL;

    (void)state;
    assert_int_equal(nectar_hex_decode(seed, sizeof seed, SEED), 0);
    assert_int_equal(nectar_key_from_seed(&key, seed, NULL), 0);
    assert_int_equal(nectar_hex_decode(expected, NECTAR_PUBLIC_BYTES, PUBLIC), 0);
    assert_memory_equal(nectar_key_public(key), expected, NECTAR_PUBLIC_BYTES);
    assert_int_equal(nectar_hex_decode(expected, sizeof expected, SIGNATURE), 0);
    nectar_key_sign(signature, key, "", 0);
    assert_memory_equal(signature, expected, sizeof expected);
    nectar_key_free(key);
}

static void every_flipped_bit_is_refused(void **state)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    uint8_t public_key[NECTAR_PUBLIC_BYTES];
    char text[] = "text";
    struct nectar_key *key = NULL;

    (void)state;
    assert_int_equal(nectar_key_generate(&key, NULL), 0);
    memcpy(public_key, nectar_key_public(key), sizeof public_key);
    nectar_key_sign(signature, key, text, sizeof text);
    assert_true(nectar_key_verify(signature, public_key, text, sizeof text));
    for (size_t bit = 0; bit < sizeof signature * 8; bit++) {
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(nectar_key_verify(signature, public_key, text, sizeof text));
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < sizeof public_key * 8; bit++) {
        public_key[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(nectar_key_verify(signature, public_key, text, sizeof text));
        public_key[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < sizeof text; len++)
        assert_false(nectar_key_verify(signature, public_key, text, len));
    nectar_key_free(key);
}

static void names_are_checked_and_kept(void **state)
{
    const uint8_t seed[NECTAR_SEED_BYTES] = {1};
    struct nectar_key *key = NULL;

    (void)state;
    assert_int_equal(nectar_key_generate(&key, "Squid"), NECTAR_ENAME);
    assert_int_equal(nectar_key_from_seed(&key, seed, ""), NECTAR_ENAME);
    assert_null(key);
    assert_int_equal(nectar_key_from_seed(&key, seed, "squid"), 0);
    assert_string_equal(nectar_key_name(key), "squid");
    nectar_key_free(key);
    nectar_key_free(NULL);
}

static void generated_keys_differ(void **state)
{
    struct nectar_key *a = NULL;
    struct nectar_key *b = NULL;

    (void)state;
    assert_int_equal(nectar_key_generate(&a, NULL), 0);
    assert_int_equal(nectar_key_generate(&b, NULL), 0);
    assert_memory_not_equal(nectar_key_public(a), nectar_key_public(b), NECTAR_PUBLIC_BYTES);
    nectar_key_free(a);
    nectar_key_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfc_vector),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(names_are_checked_and_kept),
        cmocka_unit_test(generated_keys_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
