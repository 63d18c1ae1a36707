#include "base/mem.h"
#include "noise/transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

static const uint8_t KEYS[2][NOISE_CIPHER_KEY_BYTES] = {{1}, {2}};

/* Two ends that understand each other. */
static void ends_init(struct noise_transport ends[2])
{
    for (int i = 0; i < 2; i++) {
        noise_cipher_init(&ends[i].send, KEYS[i]);
        noise_cipher_init(&ends[i].receive, KEYS[1 - i]);
    }
}

static void messages_open_in_order_both_ways(void **state)
{
    static uint8_t plain[NOISE_PLAINTEXT_MAX], sealed[sizeof plain + NOISE_TAG_BYTES];
    static const size_t lens[] = {0, 1, 16, 1023, 1024, 5000, NOISE_PLAINTEXT_MAX};
    struct noise_transport ends[2];

    (void)state;
    memset(plain, 3, sizeof plain);
    ends_init(ends);
    for (size_t i = 0; i < 2 * sizeof lens / sizeof lens[0]; i++) {
        size_t len = lens[i / 2], out_len;

        assert_int_equal(noise_seal(&ends[i % 2], sealed, plain, len), 0);
        assert_int_equal(noise_open(&ends[1 - i % 2], sealed, len + NOISE_TAG_BYTES, &out_len), 0);
        assert_int_equal(out_len, len);
        assert_memory_equal(sealed, plain, len);
    }
}

static void sealing_in_place_is_the_same(void **state)
{
    uint8_t plain[100] = {5}, apart[sizeof plain + NOISE_TAG_BYTES], place[sizeof apart] = {5};
    struct noise_transport ends[2], copy;

    (void)state;
    ends_init(ends);
    copy = ends[0];
    assert_int_equal(noise_seal(&ends[0], apart, plain, sizeof plain), 0);
    assert_int_equal(noise_seal(&copy, place, place, sizeof plain), 0);
    assert_memory_equal(apart, place, sizeof apart);
}

static void cuts_and_flipped_bits_are_refused(void **state)
{
    static const char text[] = "sixty-four bytes of plaintext that nobody may see when forged!";
    uint8_t sealed[sizeof text + NOISE_TAG_BYTES], data[sizeof sealed];
    struct noise_transport ends[2];
    size_t out_len;

    (void)state;
    ends_init(ends);
    assert_int_equal(noise_seal(&ends[0], sealed, (const uint8_t *)text, sizeof text), 0);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        memcpy(data, sealed, sizeof data);
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(noise_open(&ends[1], data, sizeof data, &out_len), NECTAR_EDECRYPT);
        assert_int_equal(out_len, 0);
        for (size_t i = 0; i + 8 <= sizeof text; i += 8)
            assert_memory_not_equal(data + i, text + i, 8);
    }
    for (size_t cut = 0; cut < sizeof sealed; cut++) {
        memcpy(data, sealed, sizeof data);
        assert_int_equal(noise_open(&ends[1], data, cut, &out_len), NECTAR_EDECRYPT);
    }
    /* None of that has moved the nonce. */
    assert_int_equal(noise_open(&ends[1], sealed, sizeof sealed, &out_len), 0);
    assert_memory_equal(sealed, text, sizeof text);
}

static void repeated_and_swapped_messages_are_refused(void **state)
{
    uint8_t one[1 + NOISE_TAG_BYTES], two[sizeof one], copy[sizeof one];
    struct noise_transport ends[2];
    size_t len;

    (void)state;
    ends_init(ends);
    assert_int_equal(noise_seal(&ends[0], one, (const uint8_t *)"a", 1), 0);
    assert_int_equal(noise_seal(&ends[0], two, (const uint8_t *)"a", 1), 0);
    assert_memory_not_equal(one, two, sizeof one);
    memcpy(copy, two, sizeof two);
    assert_int_equal(noise_open(&ends[1], copy, sizeof copy, &len), NECTAR_EDECRYPT);
    memcpy(copy, one, sizeof one);
    assert_int_equal(noise_open(&ends[1], one, sizeof one, &len), 0);
    assert_int_equal(noise_open(&ends[1], copy, sizeof copy, &len), NECTAR_EDECRYPT);
    /* Nor does a message open at the end that sealed it. */
    assert_int_equal(noise_open(&ends[0], two, sizeof two, &len), NECTAR_EDECRYPT);
}

static void the_last_nonce_is_reserved(void **state)
{
    uint8_t sealed[1 + NOISE_TAG_BYTES], copy[sizeof sealed];
    struct noise_transport ends[2];
    size_t len;

    (void)state;
    ends_init(ends);
    ends[0].send.nonce = ends[1].receive.nonce = NOISE_NONCE_RESERVED - 1;
    assert_int_equal(noise_seal(&ends[0], sealed, (const uint8_t *)"z", 1), 0);
    assert_int_equal(noise_open(&ends[1], sealed, sizeof sealed, &len), 0);
    memset(sealed, 9, sizeof sealed);
    memcpy(copy, sealed, sizeof sealed);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(noise_seal(&ends[0], sealed, (const uint8_t *)"z", 1), NECTAR_ENONCE);
        assert_int_equal(noise_open(&ends[1], sealed, sizeof sealed, &len), NECTAR_ENONCE);
        assert_int_equal(len, 0);
        assert_memory_equal(sealed, copy, sizeof sealed);
    }
}

static void wiping_leaves_nothing(void **state)
{
    static const struct noise_transport zero;
    struct noise_transport ends[2];

    (void)state;
    ends_init(ends);
    mem_wipe(&ends[0], sizeof ends[0]);
    assert_memory_equal(&ends[0], &zero, sizeof zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_open_in_order_both_ways),
        cmocka_unit_test(sealing_in_place_is_the_same),
        cmocka_unit_test(cuts_and_flipped_bits_are_refused),
        cmocka_unit_test(repeated_and_swapped_messages_are_refused),
        cmocka_unit_test(the_last_nonce_is_reserved),
        cmocka_unit_test(wiping_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
