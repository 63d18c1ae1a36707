/* BLAKE2s, HMAC, HKDF and SHA-1. Values without another source are those of Python's hashlib. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/blake2s.h"
#include "crypto/hkdf.h"
#include "crypto/sha1.h"
#include "unit/shared/vectors.h"

static uint8_t counting[1280]; /* 0 to 255, again and again */

static void expect(const uint8_t *actual, size_t len, const char *hex)
{
    uint8_t expected[64];

    assert_int_equal(vectors_hex(expected, sizeof expected, hex), len);
    assert_memory_equal(actual, expected, len);
}

static const struct {
    size_t len;
    const char *hash;
} HASHES[] = {
    {0, "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"},
    {63, "e57cb79487dd57902432b250733813bd96a84efce59f650fac26e6696aefafc3"},
    {64, "56f34e8b96557e90c1f24b52d0c89d51086acf1b00f634cf1dde9233b8eaaa3e"},
    {65, "1b53ee94aaf34e4b159d48de352c7f0661d0a40edff95a0b1639b4090e974472"},
    {127, "f18417b39d617ab1c18fdf91ebd0fc6d5516bb34cf39364037bce81fa04cecb1"},
    {128, "1fa877de67259d19863a2a34bcc6962a2b25fcbf5cbecd7ede8f1fa36688a796"},
    {129, "5bd169e67c82c2c2e98ef7008bdf261f2ddf30b1c00f9e7f275bb3e8a28dc9a2"},
    {1280, "52ea240758fbbcd27c605dfb70ef0957c9009335d6d0a8d60d219e611ba2e23f"},
};

static void blake2s_of_whole_texts(void **state)
{
    uint8_t out[BLAKE2S_HASH_BYTES];

    (void)state;
    blake2s_hash(out, "abc", 3); /* RFC 7693, appendix B */
    expect(out, 32, "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982");
    for (size_t i = 0; i < sizeof HASHES / sizeof HASHES[0]; i++) {
        blake2s_hash(out, counting, HASHES[i].len);
        expect(out, 32, HASHES[i].hash);
    }
}

static void blake2s_of_all_lengths(void **state)
{
    uint8_t out[BLAKE2S_HASH_BYTES];
    struct blake2s_stream all;

    (void)state;
    blake2s_stream_init(&all);
    for (size_t len = 0; len <= sizeof counting; len++) {
        blake2s_hash(out, counting, len);
        blake2s_stream_add(&all, out, sizeof out);
    }
    blake2s_stream_end(&all, out);
    expect(out, 32, "ad75998872adfc47e0e4169fd758fbfd2f099c25d6b23505d7d9c019001b7ecd");
}

static void blake2s_in_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof HASHES / sizeof HASHES[0]; i++)
        for (size_t piece = 1; piece < 200; piece += 9) {
            uint8_t out[BLAKE2S_HASH_BYTES];
            struct blake2s_stream stream;

            blake2s_stream_init(&stream);
            for (size_t at = 0; at < HASHES[i].len; at += piece) {
                size_t left = HASHES[i].len - at;

                blake2s_stream_add(&stream, counting + at, left < piece ? left : piece);
                blake2s_stream_add(&stream, NULL, 0);
            }
            blake2s_stream_end(&stream, out);
            expect(out, 32, HASHES[i].hash);
        }
}

static void hmac_with_keys_of_all_lengths(void **state)
{
    static const struct {
        size_t key_len;
        const char *mac;
    } rows[] = {
        {0, "1abca9f6d22739229704a9d23be3855021d435ab7844581573e6f10f388afc43"},
        {1, "1abca9f6d22739229704a9d23be3855021d435ab7844581573e6f10f388afc43"},
        {32, "a81c95080ba2a7c4ed1b7b4c21dec2c4fd6dc9f03ff37b6d65289dc95a7d1ef1"},
        {63, "569f7b82fb7988caff0603a7ce2b93e4ec98aa4fe7c58ad27d83bc95504d01e4"},
        {64, "647576eb06d7546ce6db9b3c0c1509a64cc7fae9cb732ee3845e7b486ad26edc"},
        {65, "4d894a9b0c1b7a406335539f60699f246e0a65bf63a2b24b18393b71e4adce5e"},
        {200, "8c4601d7bf7bab245e212d3dc0c65bd1036bebbf30689a3d08ce88db58e982d0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[BLAKE2S_HASH_BYTES];

        blake2s_hmac(out, counting, rows[i].key_len, counting, 100);
        expect(out, 32, rows[i].mac);
    }
}

static void hmac_with_a_key_for_several_texts(void **state)
{
    struct blake2s_mac_key key;
    struct blake2s_stream all;
    uint8_t out[BLAKE2S_HASH_BYTES], once[BLAKE2S_HASH_BYTES];

    (void)state;
    blake2s_stream_init(&all);
    for (size_t len = 1; len <= 300; len++) {
        blake2s_mac_key_init(&key, counting, len);
        for (int again = 0; again < 2; again++)
            blake2s_mac(out, &key, counting, len);
        blake2s_hmac(once, counting, len, counting, len);
        assert_memory_equal(out, once, sizeof out);
        blake2s_stream_add(&all, out, sizeof out);
    }
    blake2s_stream_end(&all, out);
    expect(out, 32, "78be49b54147613a55269b727a75420d431d21bc0699c549d785dea4cf674f41");
}

static void hkdf_with_and_without_material(void **state)
{
    uint8_t first[HKDF_BYTES], second[HKDF_BYTES];

    (void)state;
    hkdf_two(first, second, counting, NULL, 0);
    expect(first, 32, "7a38c34bf2b8738d7374ca77c44ecb309a11d2b2528304fa86052c365e722624");
    expect(second, 32, "1a17621f346abdc520746a9fb64d8eb03231d674fc15687537b0780fd9c060fd");
    /* The outputs may take the place of what went in. */
    memcpy(first, counting, 32);
    memcpy(second, counting + 32, 32);
    hkdf_two(first, second, first, second, 32);
    expect(first, 32, "6a96444e20e8d4c1cee974416acae1c10b3c92886010e54ed94dafb2c3b80ea0");
    expect(second, 32, "57af120b0de7acbe7907ec149c5ae870a2dbb74232b65777ba4123f1f7f888f5");
}

static void sha1_of_the_rfc(void **state)
{
    uint8_t out[SHA1_BYTES];

    (void)state;
    sha1_hash(out, "abc", 3);
    expect(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
    sha1_hash(out, "", 0);
    expect(out, 20, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blake2s_of_whole_texts),
        cmocka_unit_test(blake2s_of_all_lengths),
        cmocka_unit_test(blake2s_in_pieces),
        cmocka_unit_test(hmac_with_keys_of_all_lengths),
        cmocka_unit_test(hmac_with_a_key_for_several_texts),
        cmocka_unit_test(hkdf_with_and_without_material),
        cmocka_unit_test(sha1_of_the_rfc),
    };

    for (size_t i = 0; i < sizeof counting; i++)
        counting[i] = (uint8_t)i;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
