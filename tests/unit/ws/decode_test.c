#include "ws/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

#include "unit/shared/frames.h"

static void the_examples_of_the_rfc(void **state)
{
    (void)state;
    /* Section 5.7, with binary for text where the example is text. */
    frames_expect_raw(RAW("\x82\x05\x48\x65\x6c\x6c\x6f"), true, 0, "binary(Hello)");
    frames_expect_raw(RAW("\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), false, 0,
                      "binary(Hello)");
    frames_expect_raw(RAW("\x02\x03\x48\x65\x6c\x80\x02\x6c\x6f"), true, 0, "binary(Hello)");
    frames_expect_raw(RAW("\x89\x05\x48\x65\x6c\x6c\x6f"), true, 0, "ping(Hello)");
    frames_expect_raw(RAW("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), false, 0, "pong(Hello)");
    frames_expect_raw(RAW("\x81\x05\x48\x65\x6c\x6c\x6f"), true, NECTAR_ETEXT, "");
    frames_expect_raw(RAW("\x01\x03\x48\x65\x6c"), true, NECTAR_ETEXT, "");
}

static void both_length_forms_of_the_rfc(void **state)
{
    static uint8_t data[65536];
    struct ws_frames *frames;
    struct ws_message message;
    struct bytes in;
    size_t used;

    (void)state;
    for (size_t len = 256; len <= 65536; len *= 256) {
        bytes_init(&in, 100000);
        frames_put_as(&in, false, FIN | WS_BINARY, data, len, SHORTEST);
        assert_int_equal(ws_frames_new(&frames, true, NULL), 0);
        if (len == 256) {
            assert_memory_equal(in.data, "\x82\x7e\x01\x00", 4);
            assert_int_equal(ws_decode(frames, in.data, in.len, &used, &message), 0);
            assert_int_equal(message.len, 256);
        } else {
            assert_memory_equal(in.data, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10);
            assert_int_equal(ws_decode(frames, in.data, in.len, &used, &message), NECTAR_ETOOBIG);
        }
        bytes_free(&in);
        ws_frames_free(frames);
    }
}

static void control_frames_among_fragments(void **state)
{
    for (int masked = 0; masked < 2; masked++) {
        struct bytes in;

        (void)state;
        bytes_init(&in, 4096);
        frames_put(&in, masked, WS_BINARY, "one ");
        frames_put(&in, masked, FIN | WS_PING, "p");
        frames_put(&in, masked, CONTINUE, "");
        frames_put(&in, masked, FIN | WS_PONG, "");
        frames_put(&in, masked, CONTINUE, "two ");
        frames_put(&in, masked, FIN | WS_PING, "q");
        frames_put(&in, masked, FIN | WS_PING, "r");
        frames_put(&in, masked, FIN | CONTINUE, "three");
        frames_put(&in, masked, FIN | WS_BINARY, "next");
        frames_put(&in, masked, FIN | WS_BINARY, "");
        frames_put(&in, masked, WS_BINARY, "");
        frames_put(&in, masked, FIN | CONTINUE, "");
        frames_put(&in, masked, WS_BINARY, "cut");
        frames_put(&in, masked, FIN | WS_CLOSE, "\x03\xe8gone");
        frames_expect(&in, !masked, 0,
                      "ping(p)pong()ping(q)ping(r)binary(one two three)binary(next)binary()binary()"
                      "close1000(gone)");
    }
}

static void what_follows_a_close_is_not_looked_at(void **state)
{
    struct bytes in;
    char transcript[TRANSCRIPT];
    bool under_way;

    (void)state;
    bytes_init(&in, 4096);
    frames_put(&in, true, WS_BINARY, "half");
    frames_put(&in, true, FIN | WS_CLOSE, "");
    frames_put(&in, true, FIN | WS_BINARY, "late");
    assert_int_equal(bytes_append(&in, "\xff\xff\xff", 3), 0);
    assert_int_equal(frames_decode(transcript, false, &in, 5, &under_way), 0);
    assert_false(under_way);
    frames_expect(&in, false, 0, "close1005()");
}

static void the_longest_message_passes(void **state)
{
    static uint8_t data[WS_MESSAGE_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < STEPS_COUNT; i++) {
        struct ws_frames *frames;
        struct ws_message message = {.opcode = WS_NONE};
        struct bytes in;
        size_t at = 0, used;

        bytes_init(&in, 100000);
        frames_put_as(&in, true, WS_BINARY, data, 3000, SHORTEST);
        frames_put_as(&in, true, CONTINUE, data + 3000, 60000, SHORTEST);
        frames_put_as(&in, true, FIN | CONTINUE, data + 63000, sizeof data - 63000, SHORTEST);
        assert_int_equal(ws_frames_new(&frames, false, NULL), 0);
        while (message.opcode == WS_NONE && at < in.len) {
            size_t n = in.len - at < STEPS[i] ? in.len - at : STEPS[i];

            assert_int_equal(ws_decode(frames, in.data + at, n, &used, &message), 0);
            at += used;
        }
        assert_int_equal(message.opcode, WS_BINARY);
        assert_int_equal(message.len, sizeof data);
        assert_memory_equal(message.data, data, sizeof data);
        assert_false(ws_under_way(frames));
        ws_release(frames);
        ws_frames_free(frames);
        bytes_free(&in);
    }
}

static void under_way_until_the_last_byte(void **state)
{
    struct bytes in, part;
    char transcript[TRANSCRIPT];
    bool under_way;

    (void)state;
    bytes_init(&in, 1000);
    frames_put(&in, true, WS_BINARY, "one");
    frames_put(&in, true, FIN | WS_PING, "p");
    frames_put(&in, true, FIN | CONTINUE, "two");
    part = in;
    for (part.len = 1; part.len <= in.len; part.len++)
        for (size_t i = 0; i < STEPS_COUNT; i++) {
            assert_int_equal(frames_decode(transcript, false, &part, STEPS[i], &under_way), 0);
            assert_int_equal(under_way, part.len < in.len);
            assert_int_equal(strstr(transcript, "binary(onetwo)") != NULL, part.len == in.len);
        }
    bytes_free(&in);
}

static void released_memory_is_taken_again(void **state)
{
    struct ws_frames *frames;
    struct ws_message message;
    struct bytes in;
    size_t used;

    (void)state;
    bytes_init(&in, 1000);
    frames_put(&in, true, FIN | WS_BINARY, "one");
    assert_int_equal(ws_frames_new(&frames, false, NULL), 0);
    /* Released between every two bytes: only what is whole may go. */
    for (int round = 0; round < 3; round++)
        for (size_t at = 0; at < in.len; at++) {
            ws_release(frames);
            assert_int_equal(ws_decode(frames, in.data + at, 1, &used, &message), 0);
            assert_int_equal(used, 1);
            assert_int_equal(message.opcode, at == in.len - 1 ? WS_BINARY : WS_NONE);
            if (message.opcode == WS_BINARY)
                assert_memory_equal(message.data, "one", 3);
        }
    ws_frames_free(frames);
    ws_frames_free(NULL);
    bytes_free(&in);
}

/* Bytes of any kind, decoded whole and one by one, give the same. */
static void any_bytes_decode_alike_in_any_steps(void **state)
{
    static const uint8_t first[] = {0x00, 0x02, 0x80, 0x82, 0x89, 0x8a, 0x88, 0x01, 0xc2, 0x83};

    (void)state;
    for (unsigned seed = 0; seed < 3000; seed++) {
        uint8_t key[RANDOM_SEED_BYTES] = {(uint8_t)seed, (uint8_t)(seed >> 8)};
        char whole[TRANSCRIPT], other[TRANSCRIPT];
        struct random_stream stream;
        struct bytes in;
        int error;

        random_stream_init(&stream, key);
        bytes_init(&in, 1000);
        for (int i = 0; i < 12; i++) {
            uint8_t dice[4];
            uint8_t payload[16];

            random_stream_take(&stream, dice, sizeof dice);
            random_stream_take(&stream, payload, sizeof payload);
            for (size_t j = 0; j < sizeof payload; j++)
                payload[j] = 'a' + payload[j] % 26;
            frames_put_as(&in, dice[3] > 5, first[dice[0] % (dice[3] % 16 ? 6 : 10)], payload,
                          dice[2] % 16, SHORTEST);
        }
        error = frames_decode(whole, false, &in, in.len, NULL);
        for (size_t i = 0; i < STEPS_COUNT; i++) {
            assert_int_equal(frames_decode(other, false, &in, STEPS[i], NULL), error);
            assert_string_equal(whole, other);
        }
        bytes_free(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc),
        cmocka_unit_test(both_length_forms_of_the_rfc),
        cmocka_unit_test(control_frames_among_fragments),
        cmocka_unit_test(what_follows_a_close_is_not_looked_at),
        cmocka_unit_test(the_longest_message_passes),
        cmocka_unit_test(under_way_until_the_last_byte),
        cmocka_unit_test(released_memory_is_taken_again),
        cmocka_unit_test(any_bytes_decode_alike_in_any_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
