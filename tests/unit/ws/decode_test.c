#include "ws/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

enum { FIN = 0x80, CONTINUE = 0, TRANSCRIPT = 4096 };

/* How a frame's length is written. */
enum form { SHORTEST, IN_ONE, IN_TWO, IN_EIGHT };

static struct random_stream masks;

/* Appends a frame; masked with a key of its own if asked for. */
static void put_as(struct bytes *to, bool masked, int first, const void *payload, size_t len,
                   enum form form)
{
    static const uint8_t key[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t mask_bit = masked ? 0x80 : 0;
    const uint8_t *data = payload;

    if (form == SHORTEST)
        form = len > 65535 ? IN_EIGHT : len > 125 ? IN_TWO : IN_ONE;
    assert_int_equal(bytes_append_byte(to, (uint8_t)first), 0);
    assert_int_equal(bytes_append_byte(to, (uint8_t)(mask_bit | (form == IN_ONE   ? len
                                                                 : form == IN_TWO ? 126
                                                                                  : 127))),
                     0);
    for (size_t i = form == IN_ONE ? 0 : form == IN_TWO ? 2 : 8; i > 0; i--)
        assert_int_equal(bytes_append_byte(to, (uint8_t)(len >> (8 * (i - 1)))), 0);
    if (masked)
        assert_int_equal(bytes_append(to, key, sizeof key), 0);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes_append_byte(to, (uint8_t)(data[i] ^ (masked ? key[i % 4] : 0))), 0);
}

static void put(struct bytes *to, bool masked, int first, const char *text)
{
    put_as(to, masked, first, text, strlen(text), SHORTEST);
}

static void note(char *out, const struct ws_message *message)
{
    const char *name = message->opcode == WS_BINARY  ? "binary"
                       : message->opcode == WS_CLOSE ? "close"
                       : message->opcode == WS_PING  ? "ping"
                                                     : "pong";
    size_t at = strlen(out);

    at += (size_t)snprintf(out + at, TRANSCRIPT - at, "%s", name);
    if (message->opcode == WS_CLOSE)
        at += (size_t)snprintf(out + at, TRANSCRIPT - at, "%d", message->code);
    snprintf(out + at, TRANSCRIPT - at, "(%.*s)", (int)message->len, (const char *)message->data);
}

/* Decodes in steps of so many bytes; what came out is written to out. */
static int decode(char *out, bool client, const struct bytes *in, size_t step, bool *under_way)
{
    struct ws_frames *frames;
    size_t at = 0, used;
    int error = 0;

    out[0] = '\0';
    assert_int_equal(ws_frames_new(&frames, client, &masks), 0);
    assert_false(ws_under_way(frames));
    while (!error && at < in->len) {
        size_t n = in->len - at < step ? in->len - at : step, taken = 0;
        struct ws_message message;

        /* A copy of the very bytes, so that a sanitizer sees what reads beyond them. */
        uint8_t *piece = malloc(n);

        assert_non_null(piece);
        memcpy(piece, in->data + at, n);
        do {
            error = ws_decode(frames, piece + taken, n - taken, &used, &message);
            assert_true(used <= n - taken);
            taken += used;
            if (!error && message.opcode != WS_NONE)
                note(out, &message);
        } while (!error && (message.opcode != WS_NONE || taken < n));
        free(piece);
        at += n;
    }
    if (error) {
        struct ws_message message;

        assert_int_equal(ws_decode(frames, in->data, in->len, &used, &message), error);
        assert_true(used == 0 && message.opcode == WS_NONE && !message.data);
    }
    if (under_way)
        *under_way = ws_under_way(frames);
    ws_frames_free(frames);
    return error;
}

static const size_t STEPS[] = {1, 2, 3, 7, 100000};

enum { STEPS_COUNT = sizeof STEPS / sizeof STEPS[0] };

/* Checks what comes out of in, and frees it. */
static void expect(struct bytes *in, bool client, int error, const char *expected)
{
    for (size_t i = 0; i < STEPS_COUNT; i++) {
        char transcript[TRANSCRIPT];

        assert_int_equal(decode(transcript, client, in, STEPS[i], NULL), error);
        assert_string_equal(transcript, expected);
    }
    bytes_free(in);
}

static void expect_raw(const void *data, size_t len, bool client, int error, const char *expected)
{
    struct bytes in;

    bytes_init(&in, len);
    assert_int_equal(bytes_append(&in, data, len), 0);
    expect(&in, client, error, expected);
}

#define RAW(text) (text), sizeof(text) - 1

static void the_examples_of_the_rfc(void **state)
{
    (void)state;
    /* Section 5.7, with binary for text where the example is text. */
    expect_raw(RAW("\x82\x05\x48\x65\x6c\x6c\x6f"), true, 0, "binary(Hello)");
    expect_raw(RAW("\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), false, 0, "binary(Hello)");
    expect_raw(RAW("\x02\x03\x48\x65\x6c\x80\x02\x6c\x6f"), true, 0, "binary(Hello)");
    expect_raw(RAW("\x89\x05\x48\x65\x6c\x6c\x6f"), true, 0, "ping(Hello)");
    expect_raw(RAW("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), false, 0, "pong(Hello)");
    expect_raw(RAW("\x81\x05\x48\x65\x6c\x6c\x6f"), true, NECTAR_ETEXT, "");
    expect_raw(RAW("\x01\x03\x48\x65\x6c"), true, NECTAR_ETEXT, "");
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
        put_as(&in, false, FIN | WS_BINARY, data, len, SHORTEST);
        assert_int_equal(ws_frames_new(&frames, true, &masks), 0);
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
        put(&in, masked, WS_BINARY, "one ");
        put(&in, masked, FIN | WS_PING, "p");
        put(&in, masked, CONTINUE, "");
        put(&in, masked, FIN | WS_PONG, "");
        put(&in, masked, CONTINUE, "two ");
        put(&in, masked, FIN | WS_PING, "q");
        put(&in, masked, FIN | WS_PING, "r");
        put(&in, masked, FIN | CONTINUE, "three");
        put(&in, masked, FIN | WS_BINARY, "next");
        put(&in, masked, FIN | WS_BINARY, "");
        put(&in, masked, WS_BINARY, "");
        put(&in, masked, FIN | CONTINUE, "");
        put(&in, masked, WS_BINARY, "cut");
        put(&in, masked, FIN | WS_CLOSE, "\x03\xe8gone");
        expect(&in, !masked, 0,
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
    put(&in, true, WS_BINARY, "half");
    put(&in, true, FIN | WS_CLOSE, "");
    put(&in, true, FIN | WS_BINARY, "late");
    assert_int_equal(bytes_append(&in, "\xff\xff\xff", 3), 0);
    assert_int_equal(decode(transcript, false, &in, 5, &under_way), 0);
    assert_false(under_way);
    expect(&in, false, 0, "close1005()");
}

static void the_mask_must_suit_the_side(void **state)
{
    static const int opcodes[] = {WS_BINARY, WS_PING, WS_PONG, WS_CLOSE};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int masked = 0; masked < 2; masked++)
            for (int len = 0; len < 3; len += 2) {
                struct bytes in;

                bytes_init(&in, 100);
                put(&in, masked, FIN | opcodes[i], len ? "\x03\xe8" : "");
                expect(&in, masked, NECTAR_EFRAME, "");
            }
}

static void reserved_bits_and_opcodes_are_refused(void **state)
{
    (void)state;
    for (int first = 0; first < 256; first++) {
        struct bytes in;
        int opcode = first & 0xf;
        bool legal = (first & 0x70) == 0 && (opcode <= WS_BINARY || (opcode >= 8 && opcode <= 10));

        if (legal)
            continue;
        for (int len = 0; len < 2; len++) {
            bytes_init(&in, 100);
            put(&in, false, WS_BINARY, "x");
            put(&in, false, first, len ? "y" : "");
            expect(&in, true, NECTAR_EFRAME, "");
        }
    }
}

static void fragments_out_of_order_are_refused(void **state)
{
    static const int orders[][3] = {
        {CONTINUE, -1},
        {FIN | CONTINUE, -1},
        {WS_BINARY, WS_BINARY, -1},
        {WS_BINARY, FIN | WS_BINARY, -1},
        {WS_BINARY, WS_TEXT, -1},
        {WS_BINARY, FIN | CONTINUE, FIN | CONTINUE},
        {FIN | WS_BINARY, FIN | CONTINUE, -1},
        {FIN | WS_PING, CONTINUE, -1},
    };
    static const char *const out[] = {"", "", "", "", "", "binary(xx)", "binary(x)", "ping(x)"};

    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct bytes in;

        bytes_init(&in, 100);
        for (int j = 0; j < 3 && orders[i][j] >= 0; j++)
            put(&in, true, orders[i][j], "x");
        expect(&in, false, NECTAR_EFRAME, out[i]);
    }
}

static void control_frames_are_short_and_whole(void **state)
{
    char text[127];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    for (int opcode = WS_CLOSE; opcode <= WS_PONG; opcode++) {
        struct bytes in;

        bytes_init(&in, 1000);
        put(&in, true, opcode, "\x03\xe8");
        expect(&in, false, NECTAR_EFRAME, "");
        text[125] = 'x';
        text[126] = '\0';
        put(&in, true, FIN | opcode, text);
        expect(&in, false, NECTAR_EFRAME, "");
        if (opcode == WS_CLOSE)
            continue;
        text[125] = '\0';
        put(&in, true, FIN | opcode, text);
        for (size_t i = 0; i < STEPS_COUNT; i++) {
            char transcript[TRANSCRIPT];

            assert_int_equal(decode(transcript, false, &in, STEPS[i], NULL), 0);
            assert_int_equal(strlen(transcript), 125 + strlen("ping()"));
        }
        bytes_free(&in);
    }
}

/* A Close with a code; a code under 0 is left out. */
static void expect_close(int code, const char *reason, int error)
{
    char body[200], expected[200];
    size_t len = 0;
    struct bytes in;

    if (code >= 0) {
        body[0] = (char)(code >> 8);
        body[1] = (char)code;
        len = 2;
    }
    snprintf(body + len, sizeof body - len, "%s", reason);
    snprintf(expected, sizeof expected, "close%d(%s)", code, reason);
    bytes_init(&in, 200);
    put_as(&in, true, FIN | WS_CLOSE, body, len + strlen(reason), SHORTEST);
    expect(&in, false, error, error ? "" : expected);
}

static void close_codes(void **state)
{
    static const int good[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010,
                               1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999};
    static const int bad[] = {0,    1,    999,  1004, 1005, 1006,  1015,
                              1016, 1100, 2000, 2999, 5000, 65535, 0x8000};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        expect_close(good[i], "bye", 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_close(bad[i], "bye", NECTAR_EFRAME);
}

static void close_bodies(void **state)
{
    (void)state;
    expect_raw(RAW("\x88\x00"), true, 0, "close1005()");
    expect_raw(RAW("\x88\x01\x03"), true, NECTAR_EFRAME, "");
    expect_raw(RAW("\x88\x02\x03\xe8"), true, 0, "close1000()");
    expect_close(1000, "gr\xc3\xbc\xc3\x9f", 0);
    expect_close(1000, "\xc3", NECTAR_EFRAME);
    expect_close(1000, "\xed\xa0\x80", NECTAR_EFRAME);
    expect_close(1000, "\xc0\x80", NECTAR_EFRAME);
    expect_close(1000, "\xff", NECTAR_EFRAME);
}

static void lengths_must_be_in_their_shortest_form(void **state)
{
    static const uint8_t data[65536];
    static const struct {
        size_t len;
        enum form form;
    } bad[] = {{0, IN_TWO},   {1, IN_TWO},     {125, IN_TWO},
               {0, IN_EIGHT}, {126, IN_EIGHT}, {65535, IN_EIGHT}};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct bytes in;

        bytes_init(&in, 100000);
        put_as(&in, true, FIN | WS_BINARY, data, bad[i].len, bad[i].form);
        expect(&in, false, NECTAR_EFRAME, "");
    }
    expect_raw(RAW("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00x"), true, NECTAR_EFRAME, "");
    expect_raw(RAW("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xffx"), true, NECTAR_EFRAME, "");
}

static void a_length_over_the_maximum_is_refused_at_once(void **state)
{
    (void)state;
    expect_raw(RAW("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx"), true, NECTAR_ETOOBIG, "");
    expect_raw(RAW("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00x"), true, NECTAR_ETOOBIG, "");
    expect_raw(RAW("\x02\x01x\x00\x7e\xff\xffx"), true, NECTAR_ETOOBIG, "");
    expect_raw(RAW("\x02\x01x\x80\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx"), true, NECTAR_ETOOBIG, "");
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
        put_as(&in, true, WS_BINARY, data, 3000, SHORTEST);
        put_as(&in, true, CONTINUE, data + 3000, 60000, SHORTEST);
        put_as(&in, true, FIN | CONTINUE, data + 63000, sizeof data - 63000, SHORTEST);
        assert_int_equal(ws_frames_new(&frames, false, &masks), 0);
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
    put(&in, true, WS_BINARY, "one");
    put(&in, true, FIN | WS_PING, "p");
    put(&in, true, FIN | CONTINUE, "two");
    part = in;
    for (part.len = 1; part.len <= in.len; part.len++)
        for (size_t i = 0; i < STEPS_COUNT; i++) {
            assert_int_equal(decode(transcript, false, &part, STEPS[i], &under_way), 0);
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
    put(&in, true, FIN | WS_BINARY, "one");
    assert_int_equal(ws_frames_new(&frames, false, &masks), 0);
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
            put_as(&in, dice[3] > 5, first[dice[0] % (dice[3] % 16 ? 6 : 10)], payload,
                   dice[2] % 16, SHORTEST);
        }
        error = decode(whole, false, &in, in.len, NULL);
        for (size_t i = 0; i < STEPS_COUNT; i++) {
            assert_int_equal(decode(other, false, &in, STEPS[i], NULL), error);
            assert_string_equal(whole, other);
        }
        bytes_free(&in);
    }
}

int main(void)
{
    static const uint8_t seed[RANDOM_SEED_BYTES];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc),
        cmocka_unit_test(both_length_forms_of_the_rfc),
        cmocka_unit_test(control_frames_among_fragments),
        cmocka_unit_test(what_follows_a_close_is_not_looked_at),
        cmocka_unit_test(the_mask_must_suit_the_side),
        cmocka_unit_test(reserved_bits_and_opcodes_are_refused),
        cmocka_unit_test(fragments_out_of_order_are_refused),
        cmocka_unit_test(control_frames_are_short_and_whole),
        cmocka_unit_test(close_codes),
        cmocka_unit_test(close_bodies),
        cmocka_unit_test(lengths_must_be_in_their_shortest_form),
        cmocka_unit_test(a_length_over_the_maximum_is_refused_at_once),
        cmocka_unit_test(the_longest_message_passes),
        cmocka_unit_test(under_way_until_the_last_byte),
        cmocka_unit_test(released_memory_is_taken_again),
        cmocka_unit_test(any_bytes_decode_alike_in_any_steps),
    };

    random_stream_init(&masks, seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
