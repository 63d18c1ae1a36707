#include "crypto/keccak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/vectors.h"

enum { PATTERN_MAX = 10000 };

static cJSON *vectors;
static uint8_t pattern[PATTERN_MAX]; /* byte i is i mod 251 */

static void hashes_of_texts(void **state)
{
    const cJSON *row;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(vectors, "keccak256"))
    {
        const char *text = cJSON_GetObjectItem(row, "utf8")->valuestring;
        uint8_t expected[KECCAK_HASH_BYTES], hash[KECCAK_HASH_BYTES];

        vectors_hex_of_0x(expected, sizeof expected, row, "hash");
        keccak_hash(hash, text, strlen(text));
        assert_memory_equal(hash, expected, sizeof hash);
        count++;
    }
    assert_int_equal(count, 6);
}

/* Whole, and in pieces: a block is 136 bytes. */
static void hashes_of_lengths(void **state)
{
    const cJSON *cases =
        cJSON_GetObjectItem(cJSON_GetObjectItem(vectors, "keccak256_pattern"), "cases");
    const cJSON *row;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(row, cases)
    {
        size_t len = (size_t)cJSON_GetObjectItem(row, "length")->valueint;
        uint8_t expected[KECCAK_HASH_BYTES], hash[KECCAK_HASH_BYTES];

        assert_true(len <= sizeof pattern);
        vectors_hex_of_0x(expected, sizeof expected, row, "hash");
        keccak_hash(hash, pattern, len);
        assert_memory_equal(hash, expected, sizeof hash);
        for (size_t piece = 1; piece < 300; piece += 27) {
            struct keccak_stream stream;

            keccak_stream_init(&stream);
            for (size_t at = 0; at < len; at += piece)
                keccak_stream_add(&stream, pattern + at, piece < len - at ? piece : len - at);
            keccak_stream_end(&stream, hash);
            assert_memory_equal(hash, expected, sizeof hash);
        }
        count++;
    }
    assert_int_equal(count, 14);
}

static void a_stream_leaves_nothing(void **state)
{
    static const struct keccak_stream nothing;
    uint8_t hash[KECCAK_HASH_BYTES];
    struct keccak_stream stream;

    (void)state;
    keccak_stream_init(&stream);
    keccak_stream_add(&stream, pattern, 50);
    keccak_stream_end(&stream, hash);
    assert_memory_equal(&stream, &nothing, sizeof stream);
}

static int set_up(void **state)
{
    (void)state;
    vectors = vectors_read("tests/vectors/eth-vectors.json");
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i % 251);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cJSON_Delete(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_of_texts),
        cmocka_unit_test(hashes_of_lengths),
        cmocka_unit_test(a_stream_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
