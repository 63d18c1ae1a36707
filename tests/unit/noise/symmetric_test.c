#include "base/mem.h"
#include "noise/symmetric.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

#include "crypto/random.h"
#include "unit/shared/naive.h"

#define XX "Noise_XX_25519_ChaChaPoly_BLAKE2s"

enum { TEXT_MAX = 2000, OPERATIONS = 40, RUNS = 200 };

static struct random_stream dice;

static size_t roll(size_t below)
{
    uint32_t n;

    random_stream_take(&dice, &n, sizeof n);
    return n % below;
}

/* One operation of any kind, on the sender, the receiver and the naive state alike. */
static void operate(struct noise_symmetric *sender, struct noise_symmetric *receiver,
                    struct naive *naive)
{
    uint8_t text[TEXT_MAX], out[TEXT_MAX + 16], expected[TEXT_MAX + 16];
    size_t len = roll(4) ? roll(100) : roll(TEXT_MAX), out_len;

    random_stream_take(&dice, text, sizeof text);
    switch (roll(3)) {
    case 0:
        noise_mix_key(sender, text);
        noise_mix_key(receiver, text);
        naive_mix_key(naive, text);
        break;
    case 1:
        noise_mix_hash(sender, (struct nectar_view){text, len});
        noise_mix_hash(receiver, (struct nectar_view){text, len});
        naive_mix_hash(naive, text, len);
        break;
    default:
        out_len = naive_encrypt_and_hash(naive, expected, text, len);
        assert_int_equal(len + noise_symmetric_overhead(sender), out_len);
        assert_int_equal(noise_encrypt_and_hash(sender, out, text, len), 0);
        assert_memory_equal(out, expected, out_len);
        assert_int_equal(noise_decrypt_and_hash(receiver, out, out, out_len), 0);
        assert_memory_equal(out, text, len);
    }
    assert_memory_equal(sender->h, naive->h, 32);
    assert_memory_equal(receiver->h, naive->h, 32);
    assert_memory_equal(sender->ck, naive->ck, 32);
}

static void agrees_with_the_naive_one(void **state)
{
    (void)state;
    for (int run = 0; run < RUNS; run++) {
        const char *name = run % 3 == 0   ? XX
                           : run % 3 == 1 ? "short"
                                          : "of thirty-two bytes, as a hash i";
        struct noise_symmetric sender, receiver;
        struct noise_cipher first, second;
        uint8_t keys[2][32];
        struct naive naive;

        noise_symmetric_init(&sender, name);
        noise_symmetric_init(&receiver, name);
        naive_init(&naive, name);
        for (int i = 0; i < OPERATIONS; i++)
            operate(&sender, &receiver, &naive);
        noise_symmetric_split(&sender, &first, &second);
        naive_split(&naive, keys[0], keys[1]);
        assert_memory_equal(first.key, keys[0], 32);
        assert_memory_equal(second.key, keys[1], 32);
        assert_true(first.nonce == 0 && second.nonce == 0);
        mem_wipe(&sender, sizeof sender);
    }
}

/* A text that is refused leaves the state where it was. */
static void a_refused_text_changes_nothing(void **state)
{
    struct noise_symmetric sender, receiver, before;
    uint8_t out[100 + NOISE_CIPHER_TAG_BYTES], plain[sizeof out], key[32] = {1};

    (void)state;
    noise_symmetric_init(&sender, XX);
    noise_mix_key(&sender, key);
    receiver = before = sender;
    memset(plain, 7, sizeof plain);
    assert_int_equal(noise_encrypt_and_hash(&sender, out, plain, 100), 0);
    out[3] ^= 1;
    assert_int_equal(noise_decrypt_and_hash(&receiver, plain, out, sizeof out), NECTAR_EDECRYPT);
    assert_memory_equal(receiver.h, before.h, 32);
    assert_int_equal(receiver.cipher.nonce, 0);
    out[3] ^= 1;
    assert_int_equal(noise_decrypt_and_hash(&receiver, plain, out, sizeof out), 0);
    assert_memory_equal(receiver.h, sender.h, 32);
    assert_int_equal(noise_decrypt_and_hash(&receiver, plain, out, 15), NECTAR_EDECRYPT);
}

static void wiping_leaves_nothing(void **state)
{
    static const struct noise_symmetric zero;
    struct noise_symmetric symmetric;
    uint8_t key[32] = {1};

    (void)state;
    noise_symmetric_init(&symmetric, XX);
    noise_mix_key(&symmetric, key);
    mem_wipe(&symmetric, sizeof symmetric);
    assert_memory_equal(&symmetric, &zero, sizeof zero);
}

int main(void)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {9};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_naive_one),
        cmocka_unit_test(a_refused_text_changes_nothing),
        cmocka_unit_test(wiping_leaves_nothing),
    };

    random_stream_init(&dice, seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
