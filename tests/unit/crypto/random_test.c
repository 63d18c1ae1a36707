#include "crypto/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/vectors.h"

static void two_draws_differ(void **state)
{
    uint8_t one[32] = {0}, two[32] = {0};

    (void)state;
    random_bytes(one, sizeof one);
    random_bytes(two, sizeof two);
    assert_memory_not_equal(one, two, sizeof one);
}

static void a_stream_is_chacha20(void **state)
{
    uint8_t seed[RANDOM_SEED_BYTES] = {0}, out[32], expected[32];
    struct random_stream stream;

    (void)state;
    random_stream_init(&stream, seed);
    random_stream_take(&stream, out, sizeof out);
    /* RFC 8439, appendix A.1, test vector 1. */
    vectors_hex(expected, 32, "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7");
    assert_memory_equal(out, expected, sizeof out);
}

static void it_does_not_matter_how_it_is_taken(void **state)
{
    uint8_t seed[RANDOM_SEED_BYTES] = {3}, whole[3 * RANDOM_STREAM_BLOCK], parts[sizeof whole];
    struct random_stream stream;

    (void)state;
    random_stream_init(&stream, seed);
    random_stream_take(&stream, whole, sizeof whole);
    for (size_t step = 1; step < 1200; step += 37) {
        random_stream_init(&stream, seed);
        for (size_t at = 0; at < sizeof parts; at += step) {
            size_t left = sizeof parts - at;

            random_stream_take(&stream, parts + at, left < step ? left : step);
        }
        assert_memory_equal(parts, whole, sizeof whole);
    }
    for (size_t i = 0; i + RANDOM_STREAM_BLOCK < sizeof whole; i += RANDOM_STREAM_BLOCK)
        assert_memory_not_equal(whole + i, whole + i + RANDOM_STREAM_BLOCK, 64);
}

static void used_bytes_and_wiped_streams_are_gone(void **state)
{
    static const struct random_stream zero;
    uint8_t seed[RANDOM_SEED_BYTES] = {4}, out[100];
    struct random_stream stream;

    (void)state;
    random_stream_init(&stream, seed);
    random_stream_take(&stream, out, sizeof out);
    assert_memory_equal(stream.buffer, zero.buffer, sizeof out);
    random_stream_take(&stream, out, 0);
    random_stream_wipe(&stream);
    assert_memory_equal(&stream, &zero, sizeof zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_draws_differ),
        cmocka_unit_test(a_stream_is_chacha20),
        cmocka_unit_test(it_does_not_matter_how_it_is_taken),
        cmocka_unit_test(used_bytes_and_wiped_streams_are_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
