#include "ws/forward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

#include "unit/shared/passage.h"

enum { PLENTY = 1000000 };

static const size_t ROOMS[] = {1, 7, WS_FORWARD_ROOM, 9, 20, PLENTY};
enum { ROOMS_COUNT = sizeof ROOMS / sizeof ROOMS[0] };

/* Fragments, control frames among them, frames without payload; what passes of it if not all. */
static void put_talk(struct bytes *to, bool masked, bool all)
{
    frames_put(to, masked, WS_BINARY, "one ");
    if (all)
        frames_put(to, masked, FIN | WS_PING, "p");
    frames_put(to, masked, CONTINUE, "");
    frames_put(to, masked, CONTINUE, "two, and more of it ");
    if (all) {
        frames_put(to, masked, FIN | WS_PONG, "");
        frames_put(to, masked, FIN | WS_PING, "longer than a word");
    }
    frames_put(to, masked, FIN | CONTINUE, "three");
    frames_put(to, masked, FIN | WS_BINARY, "next");
    frames_put(to, masked, FIN | WS_BINARY, "");
    frames_put(to, masked, WS_BINARY, "");
    frames_put(to, masked, FIN | CONTINUE, "");
    frames_put(to, masked, WS_BINARY, "cut");
    if (all)
        frames_put(to, masked, FIN | WS_CLOSE, "\x03\xe8gone");
}

/* All that is passed on, whatever the pieces and the room: the same frames, under other masks. */
static void what_arrives_passes_frame_by_frame(void **state)
{
    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++) {
        struct bytes in, bare, out;

        bytes_init(&in, 1000);
        bytes_init(&bare, 1000);
        put_talk(&in, LEGS[i].from_client, true);
        put_talk(&bare, false, false);
        for (size_t step = 1; step <= in.len; step++)
            for (int j = 0; j < ROOMS_COUNT; j++) {
                struct gist gist;

                passage_run(&gist, &out, LEGS[i], &in, step, ROOMS[j]);
                assert_int_equal(gist.error, 0);
                assert_string_equal(gist.messages, "(one two, and more of it three)(next)()()");
                assert_string_equal(gist.controls,
                                    "ping(p)pong()ping(longer than a word)close1000(gone)");
                if (LEGS[i].to_server)
                    passage_bare(&out);
                assert_int_equal(out.len, bare.len);
                assert_memory_equal(out.data, bare.data, bare.len);
                bytes_free(&out);
            }
        bytes_free(&in);
        bytes_free(&bare);
    }
}

/* In two pieces, cut at every place; and nothing that is here is held back but a cut header. */
static void nothing_waits_for_the_rest(void **state)
{
    static const char text[] = "a payload of more than a word, and then some";

    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++) {
        size_t head_in = LEGS[i].from_client ? 6 : 2, head_out = LEGS[i].to_server ? 6 : 2;
        struct random_stream keys;
        struct bytes in, out;

        passage_keys(&keys, 1);
        bytes_init(&in, 1000);
        frames_put(&in, LEGS[i].from_client, FIN | WS_BINARY, text);
        for (size_t cut = 1; cut < in.len; cut++) {
            size_t used, passed = cut < head_in ? 0 : head_out + cut - head_in;
            struct ws_forward forward;
            struct ws_message event;

            bytes_init(&out, 1000);
            ws_forward_init(&forward, LEGS[i].from_client, LEGS[i].to_server, &keys);
            assert_false(ws_forward_under_way(&forward));
            assert_int_equal(ws_forward(&forward, in.data, cut, &used, &out, PLENTY, &event), 0);
            assert_int_equal(used, cut);
            assert_int_equal(out.len, passed);
            assert_true(ws_forward_under_way(&forward));
            assert_int_equal(ws_forward_in_frame(&forward), cut >= head_in);
            assert_int_equal(
                ws_forward(&forward, in.data + cut, in.len - cut, &used, &out, PLENTY, &event), 0);
            assert_int_equal(used, in.len - cut);
            assert_false(ws_forward_under_way(&forward) || ws_forward_in_frame(&forward));
            if (LEGS[i].to_server)
                passage_bare(&out);
            assert_int_equal(out.len, 2 + strlen(text));
            assert_memory_equal(out.data + 2, text, strlen(text));
            bytes_free(&out);
        }
        bytes_free(&in);
    }
}

static void every_frame_gets_a_key_of_ours(void **state)
{
    (void)state;
    for (int masked = 0; masked < 2; masked++) {
        const struct legs legs = {masked, true};
        struct random_stream keys;
        struct bytes in, out;
        struct gist gist;

        bytes_init(&in, 1000);
        for (int i = 0; i < 20; i++)
            frames_put(&in, masked, FIN | WS_BINARY, "same");
        passage_run(&gist, &out, legs, &in, in.len, PLENTY);
        passage_keys(&keys, 7);
        assert_int_equal(out.len, 20 * 10);
        for (size_t i = 0; i < 20; i++) {
            uint8_t key[4];

            random_stream_take(&keys, key, sizeof key);
            assert_memory_equal(out.data + i * 10 + 2, key, sizeof key);
        }
        bytes_free(&out);
        bytes_free(&in);
    }
}

/* A stream of chance: mostly right, now and then not. */
static void put_chance(struct bytes *to, bool masked, unsigned seed)
{
    static const int firsts[] = {WS_BINARY,       CONTINUE,      FIN | CONTINUE,
                                 FIN | WS_BINARY, FIN | WS_PING, FIN | WS_PONG,
                                 FIN | WS_CLOSE,  FIN | WS_TEXT, 0x40 | WS_BINARY};
    struct random_stream chance;
    bool fragmented = false;

    passage_keys(&chance, seed);
    for (int i = 0; i < 14; i++) {
        uint8_t dice[4], payload[300];
        int first;

        random_stream_take(&chance, dice, sizeof dice);
        random_stream_take(&chance, payload, sizeof payload);
        for (size_t j = 0; j < sizeof payload; j++)
            payload[j] = 'a' + payload[j] % 26;
        first = firsts[dice[0] % 32 ? (fragmented ? 1 : 0) + dice[0] % 2 * (fragmented ? 1 : 3)
                                    : dice[1] % 9];
        if (dice[0] % 8 == 3)
            first = FIN | (dice[1] % 2 ? WS_PING : WS_PONG);
        if ((first & 8) == 0)
            fragmented = !(first & FIN);
        frames_put_as(to, dice[3] ? masked : !masked, first, payload,
                      (first & 8) || dice[2] < 200 ? dice[2] % 40 : sizeof payload, SHORTEST);
    }
}

static void any_stream_means_the_same_behind_it(void **state)
{
    int failed = 0, messages = 0;

    (void)state;
    for (unsigned seed = 0; seed < 1500; seed++)
        for (int i = 0; i < LEGS_COUNT; i++) {
            struct gist before, behind;
            struct bytes in, out;

            bytes_init(&in, 10000);
            put_chance(&in, LEGS[i].from_client, seed);
            gist_decode(&before, &in, LEGS[i].from_client);
            passage_run(&behind, &out, LEGS[i], &in, 1 + seed % 61, seed % 2 ? PLENTY : seed % 100);
            assert_int_equal(behind.error, before.error);
            assert_string_equal(behind.messages, before.messages);
            assert_string_equal(behind.controls, before.controls);
            failed += before.error != 0;
            messages += before.messages[0] != '\0';
            bytes_free(&out);
            bytes_free(&in);
        }
    /* The streams are not all of one kind. */
    assert_true(failed > 500 && failed < 5500 && messages > 3000);
}

static void the_longest_frame_passes(void **state)
{
    static uint8_t data[WS_MESSAGE_MAX];
    static const size_t steps[] = {1000, 65536, 100000};

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 + i / 256);
    for (int i = 0; i < LEGS_COUNT; i++)
        for (size_t j = 0; j < 3; j++) {
            struct bytes in, out;
            struct gist gist;

            bytes_init(&in, PLENTY);
            frames_put_as(&in, LEGS[i].from_client, FIN | WS_BINARY, data, sizeof data, SHORTEST);
            frames_put_as(&in, LEGS[i].from_client, WS_BINARY, data, 60000, SHORTEST);
            frames_put_as(&in, LEGS[i].from_client, FIN | CONTINUE, data, 5535, SHORTEST);
            passage_run(&gist, &out, LEGS[i], &in, steps[j], 5000);
            assert_int_equal(gist.error, 0);
            if (LEGS[i].to_server)
                passage_bare(&out);
            assert_int_equal(out.len, 2 * sizeof data + 12);
            assert_memory_equal(out.data + 4, data, sizeof data);
            assert_memory_equal(out.data + 4 + sizeof data + 4, data, 60000);
            assert_memory_equal(out.data + 4 + sizeof data + 4 + 60004, data, 5535);
            bytes_free(&out);
            bytes_free(&in);
        }
}

static void ten_thousand_small_ones_pass(void **state)
{
    static const size_t steps[] = {1, 4099, 65536, PLENTY * 2};
    enum { COUNT = 10000, SIZE = 160 };

    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++)
        for (size_t j = 0; j < sizeof steps / sizeof steps[0]; j++) {
            uint8_t payload[SIZE];
            struct bytes in, out;
            struct gist gist;

            bytes_init(&in, 2 * PLENTY);
            for (size_t n = 0; n < COUNT; n++) {
                memset(payload, (int)(n % 251), sizeof payload);
                frames_put_as(&in, LEGS[i].from_client, FIN | WS_BINARY, payload, SIZE, SHORTEST);
            }
            passage_run(&gist, &out, LEGS[i], &in, steps[j], j % 2 ? 1000 : PLENTY);
            assert_int_equal(gist.error, 0);
            if (LEGS[i].to_server)
                passage_bare(&out);
            assert_int_equal(out.len, COUNT * (SIZE + 4));
            for (size_t n = 0; n < COUNT; n++) {
                memset(payload, (int)(n % 251), sizeof payload);
                assert_memory_equal(out.data + n * (SIZE + 4), "\x82\x7e\x00\xa0", 4);
                assert_memory_equal(out.data + n * (SIZE + 4) + 4, payload, SIZE);
            }
            bytes_free(&out);
            bytes_free(&in);
        }
}

/* The output's own maximum is a bound on room like any other, and no error. */
static void a_full_output_only_waits(void **state)
{
    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++)
        for (size_t max = 0; max < 40; max++) {
            struct random_stream keys;
            struct ws_forward forward;
            struct ws_message event;
            struct bytes in, out, all;
            size_t at = 0, used;
            struct gist gist;

            passage_keys(&keys, 1);
            ws_forward_init(&forward, LEGS[i].from_client, LEGS[i].to_server, &keys);
            bytes_init(&in, 1000);
            put_talk(&in, LEGS[i].from_client, true);
            bytes_init(&out, max);
            bytes_init(&all, 1000);
            do {
                assert_int_equal(
                    ws_forward(&forward, in.data + at, in.len - at, &used, &out, PLENTY, &event),
                    0);
                at += used;
                assert_true(out.len <= max);
                assert_int_equal(bytes_append(&all, out.data, out.len), 0);
                bytes_clear(&out);
            } while (used > 0);
            assert_int_equal(at, max < WS_FORWARD_ROOM ? 0 : in.len);
            gist_decode(&gist, &all, LEGS[i].to_server);
            assert_string_equal(gist.messages, max < WS_FORWARD_ROOM
                                                   ? ""
                                                   : "(one two, and more of it three)(next)()()");
            bytes_free(&in);
            bytes_free(&out);
            bytes_free(&all);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_arrives_passes_frame_by_frame),
        cmocka_unit_test(nothing_waits_for_the_rest),
        cmocka_unit_test(every_frame_gets_a_key_of_ours),
        cmocka_unit_test(any_stream_means_the_same_behind_it),
        cmocka_unit_test(the_longest_frame_passes),
        cmocka_unit_test(ten_thousand_small_ones_pass),
        cmocka_unit_test(a_full_output_only_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
