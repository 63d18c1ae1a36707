#include "noise/handshake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

#include "crypto/random.h"
#include "unit/shared/vectors.h"

#define VECTORS "tests/vectors/noise-xx-25519-chachapoly-blake2s.json"

enum { SIZE = 1024 };

struct pair {
    struct noise_handshake side[2]; /* initiator, responder */
};

static struct nectar_view view(const void *data, size_t len)
{
    return (struct nectar_view){data, len};
}

/* Two sides with keys of their own. */
static void pair_init(struct pair *pair, uint8_t salt)
{
    uint8_t seed[RANDOM_SEED_BYTES] = {salt};
    uint8_t keys[4][NOISE_KEY_BYTES];
    struct random_stream stream;

    random_stream_init(&stream, seed);
    random_stream_take(&stream, keys, sizeof keys);
    noise_handshake_init(&pair->side[0], NOISE_INITIATOR, view("p", 1), keys[0], keys[1]);
    noise_handshake_init(&pair->side[1], NOISE_RESPONDER, view("p", 1), keys[2], keys[3]);
}

/* Lets the first n messages go by, each carrying "payload". */
static void pair_run(struct pair *pair, int n)
{
    for (int turn = 0; turn < n; turn++) {
        uint8_t message[SIZE], payload[SIZE];
        size_t len, payload_len;

        assert_int_equal(
            noise_handshake_write(&pair->side[turn % 2], message, &len, view("payload", 7)), 0);
        assert_int_equal(
            noise_handshake_read(&pair->side[1 - turn % 2], payload, &payload_len, message, len),
            0);
        assert_int_equal(payload_len, 7);
        assert_memory_equal(payload, "payload", 7);
    }
}

static void init_from_vector(struct noise_handshake *hs, enum noise_role role, const cJSON *vector)
{
    bool initiator = role == NOISE_INITIATOR;
    uint8_t prologue[SIZE], s[NOISE_KEY_BYTES], e[NOISE_KEY_BYTES];
    size_t len =
        vectors_hex_member(prologue, SIZE, vector, initiator ? "init_prologue" : "resp_prologue");

    vectors_hex_member(s, sizeof s, vector, initiator ? "init_static" : "resp_static");
    vectors_hex_member(e, sizeof e, vector, initiator ? "init_ephemeral" : "resp_ephemeral");
    noise_handshake_init(hs, role, view(prologue, len), s, e);
}

static void check_hash(const cJSON *vector, const uint8_t hash[32])
{
    uint8_t expected[32];

    if (!cJSON_GetObjectItemCaseSensitive(vector, "handshake_hash"))
        return;
    assert_int_equal(vectors_hex_member(expected, 32, vector, "handshake_hash"), 32);
    assert_memory_equal(hash, expected, 32);
}

struct step {
    uint8_t payload[SIZE], ciphertext[SIZE];
    size_t payload_len, ciphertext_len;
};

static void check_handshake_step(struct noise_handshake *writer, struct noise_handshake *reader,
                                 const struct step *step)
{
    uint8_t out[SIZE];
    size_t len;

    assert_true(noise_handshake_ours(writer));
    assert_false(noise_handshake_ours(reader));
    assert_int_equal(
        noise_handshake_write(writer, out, &len, view(step->payload, step->payload_len)), 0);
    assert_int_equal(len, step->ciphertext_len);
    assert_memory_equal(out, step->ciphertext, len);
    /* In place, as the contract allows. */
    assert_int_equal(noise_handshake_read(reader, out, &len, out, len), 0);
    assert_int_equal(len, step->payload_len);
    assert_memory_equal(out, step->payload, len);
}

static void check_transport_step(struct noise_transport *writer, struct noise_transport *reader,
                                 const struct step *step)
{
    uint8_t out[SIZE];
    size_t len;

    assert_int_equal(noise_seal(writer, out, step->payload, step->payload_len), 0);
    assert_int_equal(step->payload_len + NOISE_TAG_BYTES, step->ciphertext_len);
    assert_memory_equal(out, step->ciphertext, step->ciphertext_len);
    assert_int_equal(noise_open(reader, out, step->ciphertext_len, &len), 0);
    assert_int_equal(len, step->payload_len);
    assert_memory_equal(out, step->payload, len);
}

static void check_vector(const cJSON *vector)
{
    struct noise_handshake hs[2];
    struct noise_transport transport[2];
    const cJSON *message;
    int turn = 0;

    init_from_vector(&hs[0], NOISE_INITIATOR, vector);
    init_from_vector(&hs[1], NOISE_RESPONDER, vector);
    cJSON_ArrayForEach(message, cJSON_GetObjectItemCaseSensitive(vector, "messages"))
    {
        struct step step;

        step.payload_len = vectors_hex_member(step.payload, SIZE, message, "payload");
        step.ciphertext_len = vectors_hex_member(step.ciphertext, SIZE, message, "ciphertext");
        if (turn < NOISE_MESSAGES) {
            check_handshake_step(&hs[turn % 2], &hs[1 - turn % 2], &step);
        } else {
            check_transport_step(&transport[turn % 2], &transport[1 - turn % 2], &step);
        }
        turn++;
        for (int side = 0; turn == NOISE_MESSAGES && side < 2; side++) {
            uint8_t hash[32];

            assert_true(noise_handshake_done(&hs[side]));
            noise_handshake_split(&hs[side], &transport[side], hash);
            check_hash(vector, hash);
        }
    }
    assert_true(turn > NOISE_MESSAGES);
}

static void vectors_match_byte_for_byte(void **state)
{
    cJSON *file = vectors_read(VECTORS);
    const cJSON *vector;
    int count = 0;

    (void)state;
    cJSON_ArrayForEach(vector, cJSON_GetObjectItemCaseSensitive(file, "vectors"))
    {
        check_vector(vector);
        count++;
    }
    assert_int_equal(count, 2);
    cJSON_Delete(file);
}

static void both_sides_learn_each_others_static_key(void **state)
{
    struct pair pair;

    (void)state;
    pair_init(&pair, 1);
    pair_run(&pair, 3);
    assert_memory_equal(pair.side[0].rs, pair.side[1].s_public, NOISE_KEY_BYTES);
    assert_memory_equal(pair.side[1].rs, pair.side[0].s_public, NOISE_KEY_BYTES);
}

/* The message of a turn, and a reader to try what becomes of it. */
static void message_of_turn(int turn, uint8_t *message, size_t *len, struct noise_handshake *reader)
{
    struct pair pair;

    pair_init(&pair, 2);
    pair_run(&pair, turn);
    assert_int_equal(noise_handshake_write(&pair.side[turn % 2], message, len, view("payload", 7)),
                     0);
    *reader = pair.side[1 - turn % 2];
}

/* Message 1 has no tag: cuts behind its key and flips in it show in message 2. */
static void check_only_later(const struct noise_handshake *reader, const uint8_t *message,
                             size_t len)
{
    struct noise_handshake responder = *reader;
    uint8_t payload[SIZE], answer[SIZE];
    size_t payload_len, answer_len;
    struct pair pair;

    pair_init(&pair, 2);
    assert_int_equal(noise_handshake_write(&pair.side[0], answer, &answer_len, view("payload", 7)),
                     0);
    assert_int_equal(noise_handshake_read(&responder, payload, &payload_len, message, len), 0);
    assert_int_equal(noise_handshake_write(&responder, answer, &answer_len, view("", 0)), 0);
    assert_int_equal(noise_handshake_read(&pair.side[0], payload, &payload_len, answer, answer_len),
                     NECTAR_EDECRYPT);
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    for (int turn = 0; turn < NOISE_MESSAGES; turn++) {
        struct noise_handshake reader;
        uint8_t message[SIZE], payload[SIZE];
        size_t len, payload_len;

        message_of_turn(turn, message, &len, &reader);
        for (size_t cut = 0; cut < len; cut++) {
            struct noise_handshake victim = reader;
            int error;

            if (turn == 0 && cut >= NOISE_KEY_BYTES) {
                check_only_later(&reader, message, cut);
                continue;
            }
            error = noise_handshake_read(&victim, payload, &payload_len, message, cut);
            assert_true(error == NECTAR_EHANDSHAKE || error == NECTAR_EDECRYPT);
            assert_int_equal(payload_len, 0);
            assert_false(noise_handshake_done(&victim));
        }
    }
}

static void every_flipped_bit_is_refused(void **state)
{
    (void)state;
    for (int turn = 0; turn < NOISE_MESSAGES; turn++) {
        struct noise_handshake reader;
        uint8_t message[SIZE], payload[SIZE];
        size_t len, payload_len;

        message_of_turn(turn, message, &len, &reader);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            struct noise_handshake victim = reader;

            message[bit / 8] ^= (uint8_t)(1 << bit % 8);
            if (turn == 0)
                check_only_later(&reader, message, len);
            else
                assert_int_equal(noise_handshake_read(&victim, payload, &payload_len, message, len),
                                 NECTAR_EDECRYPT);
            message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void trailing_bytes_are_refused(void **state)
{
    (void)state;
    for (int turn = 1; turn < NOISE_MESSAGES; turn++) {
        struct noise_handshake reader;
        uint8_t message[SIZE] = {0}, payload[SIZE];
        size_t len, payload_len;

        message_of_turn(turn, message, &len, &reader);
        assert_int_equal(noise_handshake_read(&reader, payload, &payload_len, message, len + 1),
                         NECTAR_EDECRYPT);
    }
}

static void overlong_message_is_refused(void **state)
{
    static uint8_t message[NOISE_MESSAGE_MAX + 1], payload[NOISE_MESSAGE_MAX + 1];
    struct pair pair;
    size_t len;

    (void)state;
    pair_init(&pair, 3);
    assert_int_equal(noise_handshake_read(&pair.side[1], payload, &len, message, sizeof message),
                     NECTAR_EHANDSHAKE);
}

/* The points of low order of RFC 7748's curve, and their forms that are not reduced. */
static const char *const LOW_ORDER[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void low_order_ephemerals_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof LOW_ORDER / sizeof LOW_ORDER[0]; i++) {
        uint8_t message[SIZE] = {0};
        struct pair pair;
        size_t len;

        vectors_hex(message, NOISE_KEY_BYTES, LOW_ORDER[i]);
        pair_init(&pair, 4);
        /* The responder finds out when it mixes ee. */
        assert_int_equal(
            noise_handshake_read(&pair.side[1], message, &len, message, NOISE_KEY_BYTES), 0);
        assert_int_equal(noise_handshake_write(&pair.side[1], message, &len, view("", 0)),
                         NECTAR_EHANDSHAKE);
        vectors_hex(message, NOISE_KEY_BYTES, LOW_ORDER[i]);
        assert_int_equal(noise_handshake_write(&pair.side[0], message + 512, &len, view("", 0)), 0);
        assert_int_equal(noise_handshake_read(&pair.side[0], message, &len, message, 96),
                         NECTAR_EHANDSHAKE);
    }
}

/* A peer whose static key is of low order: its own arithmetic must go on with zeros to get there,
 * so the point is put where the reader keeps what it has read. */
static void low_order_static_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof LOW_ORDER / sizeof LOW_ORDER[0]; i++) {
        uint8_t message[SIZE], payload[SIZE];
        size_t len, payload_len;
        struct pair pair;

        pair_init(&pair, 5);
        pair_run(&pair, 1);
        vectors_hex(pair.side[1].s_public, NOISE_KEY_BYTES, LOW_ORDER[i]);
        assert_int_equal(noise_handshake_write(&pair.side[1], message, &len, view("", 0)), 0);
        assert_int_equal(noise_handshake_read(&pair.side[0], payload, &payload_len, message, len),
                         NECTAR_EHANDSHAKE);
    }
}

static void another_prologue_is_refused(void **state)
{
    uint8_t message[SIZE], payload[SIZE], key[NOISE_KEY_BYTES] = {7};
    struct noise_handshake initiator;
    size_t len, payload_len;
    struct pair pair;

    (void)state;
    pair_init(&pair, 6);
    noise_handshake_init(&initiator, NOISE_INITIATOR, view(NULL, 0), key, key);
    assert_int_equal(noise_handshake_write(&initiator, message, &len, view(NULL, 0)), 0);
    assert_int_equal(noise_handshake_read(&pair.side[1], payload, &payload_len, message, len), 0);
    assert_int_equal(noise_handshake_write(&pair.side[1], message, &len, view(NULL, 0)), 0);
    assert_int_equal(len, NOISE_HANDSHAKE_OVERHEAD);
    assert_int_equal(noise_handshake_read(&initiator, payload, &payload_len, message, len),
                     NECTAR_EDECRYPT);
}

static void two_initiators_refuse_each_other(void **state)
{
    uint8_t message[SIZE], payload[SIZE];
    size_t len, payload_len;
    struct pair one, two;

    (void)state;
    pair_init(&one, 7);
    pair_init(&two, 8);
    assert_int_equal(noise_handshake_write(&one.side[0], message, &len, view(NULL, 0)), 0);
    assert_int_equal(len, NOISE_KEY_BYTES);
    assert_int_equal(noise_handshake_write(&two.side[0], message, &len, view(NULL, 0)), 0);
    assert_int_equal(noise_handshake_read(&one.side[0], payload, &payload_len, message, len),
                     NECTAR_EHANDSHAKE);
}

static void wiping_leaves_nothing(void **state)
{
    static const struct noise_handshake zero;
    struct pair pair;

    (void)state;
    pair_init(&pair, 9);
    pair_run(&pair, 3);
    noise_handshake_wipe(&pair.side[0]);
    assert_memory_equal(&pair.side[0], &zero, sizeof zero);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_match_byte_for_byte),
        cmocka_unit_test(both_sides_learn_each_others_static_key),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(trailing_bytes_are_refused),
        cmocka_unit_test(overlong_message_is_refused),
        cmocka_unit_test(low_order_ephemerals_are_refused),
        cmocka_unit_test(low_order_static_is_refused),
        cmocka_unit_test(another_prologue_is_refused),
        cmocka_unit_test(two_initiators_refuse_each_other),
        cmocka_unit_test(wiping_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
