#include "ws/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

#include "unit/shared/frames.h"

static void the_mask_must_suit_the_side(void **state)
{
    static const int opcodes[] = {WS_BINARY, WS_PING, WS_PONG, WS_CLOSE};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        for (int masked = 0; masked < 2; masked++)
            for (int len = 0; len < 3; len += 2) {
                struct bytes in;

                bytes_init(&in, 100);
                frames_put(&in, masked, FIN | opcodes[i], len ? "\x03\xe8" : "");
                frames_expect(&in, masked, NECTAR_EFRAME, "");
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
            frames_put(&in, false, WS_BINARY, "x");
            frames_put(&in, false, first, len ? "y" : "");
            frames_expect(&in, true, NECTAR_EFRAME, "");
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
            frames_put(&in, true, orders[i][j], "x");
        frames_expect(&in, false, NECTAR_EFRAME, out[i]);
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
        frames_put(&in, true, opcode, "\x03\xe8");
        frames_expect(&in, false, NECTAR_EFRAME, "");
        text[125] = 'x';
        text[126] = '\0';
        frames_put(&in, true, FIN | opcode, text);
        frames_expect(&in, false, NECTAR_EFRAME, "");
        if (opcode == WS_CLOSE)
            continue;
        text[125] = '\0';
        frames_put(&in, true, FIN | opcode, text);
        for (size_t i = 0; i < STEPS_COUNT; i++) {
            char transcript[TRANSCRIPT];

            assert_int_equal(frames_decode(transcript, false, &in, STEPS[i], NULL), 0);
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
    frames_put_as(&in, true, FIN | WS_CLOSE, body, len + strlen(reason), SHORTEST);
    frames_expect(&in, false, error, error ? "" : expected);
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
    frames_expect_raw(RAW("\x88\x00"), true, 0, "close1005()");
    frames_expect_raw(RAW("\x88\x01\x03"), true, NECTAR_EFRAME, "");
    frames_expect_raw(RAW("\x88\x02\x03\xe8"), true, 0, "close1000()");
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
        frames_put_as(&in, true, FIN | WS_BINARY, data, bad[i].len, bad[i].form);
        frames_expect(&in, false, NECTAR_EFRAME, "");
    }
    frames_expect_raw(RAW("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00x"), true, NECTAR_EFRAME, "");
    frames_expect_raw(RAW("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xffx"), true, NECTAR_EFRAME, "");
}

static void a_length_over_the_maximum_is_refused_at_once(void **state)
{
    (void)state;
    frames_expect_raw(RAW("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx"), true, NECTAR_ETOOBIG, "");
    frames_expect_raw(RAW("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00x"), true, NECTAR_ETOOBIG, "");
    frames_expect_raw(RAW("\x02\x01x\x00\x7e\xff\xffx"), true, NECTAR_ETOOBIG, "");
    frames_expect_raw(RAW("\x02\x01x\x80\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx"), true,
                      NECTAR_ETOOBIG, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mask_must_suit_the_side),
        cmocka_unit_test(reserved_bits_and_opcodes_are_refused),
        cmocka_unit_test(fragments_out_of_order_are_refused),
        cmocka_unit_test(control_frames_are_short_and_whole),
        cmocka_unit_test(close_codes),
        cmocka_unit_test(close_bodies),
        cmocka_unit_test(lengths_must_be_in_their_shortest_form),
        cmocka_unit_test(a_length_over_the_maximum_is_refused_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
