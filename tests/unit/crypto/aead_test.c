#include "crypto/aead.h"

#include <pthread.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/vectors.h"

enum { LARGEST = 65535 };

static const uint8_t KEY[AEAD_KEY_BYTES] = {1, 2, 3};
static uint8_t plain[LARGEST];

/* On both sides of the change of library, of a slice, and of a block. */
static const size_t LENS[] = {0,    1,    15,   16,   17,    63,    64,    65,     255,  1007,
                              1008, 1009, 1023, 1024, 1025,  1039,  1040,  1041,   4096, 8191,
                              8192, 8193, 8208, 9999, 16384, 16385, 65519, LARGEST};

enum { LENS_COUNT = sizeof LENS / sizeof LENS[0] };

/* RFC 8439, appendix A.5: its nonce has the shape of Noise's. */
static void the_vector_of_the_rfc(void **state)
{
    static const char text[] =
        "Internet-Drafts are draft documents valid for a maximum of six months and may be updated, "
        "replaced, or obsoleted by other documents at any time. It is inappropriate to use "
        "Internet-Drafts as reference material or to cite them other than as "
        "/\xe2\x80\x9cwork in progress./\xe2\x80\x9d";
    uint8_t key[32], ad[12], out[400], expected[32];
    size_t len = sizeof text - 1;

    (void)state;
    assert_int_equal(len, 265);
    vectors_hex(key, 32, "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
    vectors_hex(ad, 12, "f33388860000000000004e91");
    aead_seal(out, key, 0x0807060504030201, ad, sizeof ad, (const uint8_t *)text, len);
    vectors_hex(expected, 32, "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2");
    assert_memory_equal(out, expected, 32);
    vectors_hex(expected, 16, "eead9d67890cbb22392336fea1851f38");
    assert_memory_equal(out + len, expected, 16);
    assert_true(aead_open(out, key, 0x0807060504030201, ad, sizeof ad, out, len + AEAD_TAG_BYTES));
    assert_memory_equal(out, text, len);
}

static void expect_as_libsodium(size_t len, size_t ad_len, uint64_t nonce)
{
    static uint8_t expected[LARGEST + AEAD_TAG_BYTES], out[sizeof expected];
    uint8_t n[12] = {0};

    memcpy(n + 4, &nonce, 8);
    crypto_aead_chacha20poly1305_ietf_encrypt(expected, NULL, plain, len, plain, ad_len, NULL, n,
                                              KEY);
    aead_seal(out, KEY, nonce, plain, ad_len, plain, len);
    assert_memory_equal(out, expected, len + AEAD_TAG_BYTES);
    memcpy(out, plain, len);
    aead_seal(out, KEY, nonce, plain, ad_len, out, len);
    assert_memory_equal(out, expected, len + AEAD_TAG_BYTES);
    assert_true(aead_open(out, KEY, nonce, plain, ad_len, expected, len + AEAD_TAG_BYTES));
    assert_memory_equal(out, plain, len);
    assert_true(aead_open(expected, KEY, nonce, plain, ad_len, expected, len + AEAD_TAG_BYTES));
    assert_memory_equal(expected, plain, len);
}

static void both_libraries_agree_at_every_length(void **state)
{
    static const size_t ad_lens[] = {0, 1, 16, 32, 8192, 20000};

    (void)state;
    for (size_t i = 0; i < LENS_COUNT; i++)
        for (size_t j = 0; j < sizeof ad_lens / sizeof ad_lens[0]; j++)
            expect_as_libsodium(LENS[i], ad_lens[j], (uint64_t)i << 60 | j);
    expect_as_libsodium(2000, 0, UINT64_MAX);
}

static bool any_of(const uint8_t *data, size_t len, const uint8_t *text)
{
    for (size_t i = 0; i + 8 <= len; i += 8)
        if (memcmp(data + i, text + i, 8) == 0)
            return true;
    return false;
}

static void expect_forged(uint8_t *sealed, size_t len, const uint8_t *ad, size_t ad_len)
{
    uint8_t *out = malloc(len + 1);

    assert_non_null(out);
    memset(out, 0xaa, len + 1);
    assert_false(aead_open(out, KEY, 7, ad, ad_len, sealed, len));
    if (len > AEAD_TAG_BYTES)
        assert_false(any_of(out, len - AEAD_TAG_BYTES, plain));
    free(out);
}

static void every_flipped_bit_is_refused(void **state)
{
    static const size_t lens[] = {0, 40, 1100};

    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        uint8_t sealed[1100 + AEAD_TAG_BYTES], ad[9] = {9};
        size_t len = lens[i] + AEAD_TAG_BYTES;

        aead_seal(sealed, KEY, 7, ad, sizeof ad, plain, lens[i]);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            expect_forged(sealed, len, ad, sizeof ad);
            sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * sizeof ad; bit++) {
            ad[bit / 8] ^= (uint8_t)(1 << bit % 8);
            expect_forged(sealed, len, ad, sizeof ad);
            ad[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        expect_forged(sealed, len, ad, sizeof ad - 1);
        assert_false(aead_open(sealed, KEY, 8, ad, sizeof ad, sealed, len));
    }
}

static void every_cut_is_refused(void **state)
{
    uint8_t sealed[1100 + AEAD_TAG_BYTES];

    (void)state;
    aead_seal(sealed, KEY, 7, NULL, 0, plain, 1100);
    for (size_t cut = 0; cut < sizeof sealed; cut++)
        expect_forged(sealed, cut, NULL, 0);
}

/* A message that is refused must not spoil the next one. */
static void the_next_message_opens(void **state)
{
    static uint8_t sealed[5000 + AEAD_TAG_BYTES];

    (void)state;
    for (int i = 0; i < 3; i++) {
        aead_seal(sealed, KEY, 7, NULL, 0, plain, 5000);
        sealed[0] ^= 1;
        expect_forged(sealed, sizeof sealed, NULL, 0);
        sealed[0] ^= 1;
        assert_true(aead_open(sealed, KEY, 7, NULL, 0, sealed, sizeof sealed));
        assert_memory_equal(sealed, plain, 5000);
    }
}

/* One after the other with keys and directions of their own, many threads at once. */
static void *seal_and_open(void *argument)
{
    uint8_t key[AEAD_KEY_BYTES] = {*(const uint8_t *)argument};
    uint8_t *sealed = malloc(4000 + AEAD_TAG_BYTES);
    bool good = sealed != NULL;

    for (uint64_t nonce = 0; good && nonce < 500; nonce++) {
        aead_seal(sealed, key, nonce, NULL, 0, plain, 4000);
        good = aead_open(sealed, key, nonce, NULL, 0, sealed, 4000 + AEAD_TAG_BYTES) &&
               memcmp(sealed, plain, 4000) == 0;
    }
    free(sealed);
    return good ? argument : NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    pthread_t threads[8];
    uint8_t numbers[8];

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        numbers[i] = (uint8_t)i;
        assert_int_equal(pthread_create(&threads[i], NULL, seal_and_open, &numbers[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        void *result;

        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, &numbers[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_of_the_rfc),
        cmocka_unit_test(both_libraries_agree_at_every_length),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(the_next_message_opens),
        cmocka_unit_test(threads_do_not_disturb_each_other),
    };

    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * 7 + i / 251);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
