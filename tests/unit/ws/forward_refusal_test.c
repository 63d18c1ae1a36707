/* What does not pass: violations, control frames, and what follows a Close; and our own frames. */
#include "ws/forward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

#include "unit/shared/passage.h"

enum { PLENTY = 1000000 };

/* What passes of in, and with which error, in all pieces; frees it. */
static void expect(struct bytes *in, struct legs legs, int error, const char *messages)
{
    for (size_t i = 0; i < STEPS_COUNT; i++) {
        struct gist gist;
        struct bytes out;

        passage_run(&gist, &out, legs, in, STEPS[i], PLENTY);
        assert_int_equal(gist.error, error);
        assert_string_equal(gist.messages, messages);
        bytes_free(&out);
    }
    bytes_free(in);
}

static void the_mask_must_suit_the_leg(void **state)
{
    static const int opcodes[] = {WS_BINARY, WS_PING, WS_PONG, WS_CLOSE};

    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++)
        for (size_t j = 0; j < 4; j++) {
            struct bytes in;

            bytes_init(&in, 100);
            frames_put(&in, LEGS[i].from_client, FIN | WS_BINARY, "right");
            frames_put(&in, !LEGS[i].from_client, FIN | opcodes[j], "");
            expect(&in, LEGS[i], NECTAR_EFRAME, "(right)");
        }
}

static void reserved_bits_opcodes_and_text_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++)
        for (int first = 0; first < 256; first++) {
            int opcode = first & 0xf;
            bool legal =
                (first & 0x70) == 0 && (opcode == WS_BINARY || (opcode >= 8 && opcode <= 10));
            bool text = (first & 0x70) == 0 && opcode == WS_TEXT;
            struct bytes in;

            if (legal)
                continue;
            bytes_init(&in, 100);
            frames_put(&in, LEGS[i].from_client, FIN | WS_BINARY, "right");
            frames_put(&in, LEGS[i].from_client, first, "y");
            expect(&in, LEGS[i], text ? NECTAR_ETEXT : NECTAR_EFRAME, "(right)");
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
    static const char *const passed[] = {"", "", "", "", "", "(xx)", "(x)", ""};

    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++)
        for (size_t j = 0; j < sizeof orders / sizeof orders[0]; j++) {
            struct bytes in;

            bytes_init(&in, 100);
            for (int k = 0; k < 3 && orders[j][k] >= 0; k++)
                frames_put(&in, LEGS[i].from_client, orders[j][k], "x");
            expect(&in, LEGS[i], NECTAR_EFRAME, passed[j]);
        }
}

static void control_frames_are_short_and_whole(void **state)
{
    static const uint8_t body[126];
    static const char *const close[] = {"\x03", "\x03\xe7", "\x03\xed", "\x03\xe8\xff"};

    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++) {
        bool masked = LEGS[i].from_client;
        struct bytes in;

        for (int opcode = WS_CLOSE; opcode <= WS_PONG; opcode++) {
            bytes_init(&in, 200);
            frames_put(&in, masked, opcode, "");
            expect(&in, LEGS[i], NECTAR_EFRAME, "");
            frames_put_as(&in, masked, FIN | opcode, body, sizeof body, SHORTEST);
            expect(&in, LEGS[i], NECTAR_EFRAME, "");
            frames_put_as(&in, masked, FIN | opcode, body, 2, IN_TWO);
            expect(&in, LEGS[i], NECTAR_EFRAME, "");
        }
        for (size_t j = 0; j < 4; j++) {
            bytes_init(&in, 200);
            frames_put(&in, masked, FIN | WS_CLOSE, close[j]);
            expect(&in, LEGS[i], NECTAR_EFRAME, "");
        }
    }
}

static void lengths_must_be_in_their_shortest_form(void **state)
{
    static const uint8_t data[65536];
    static const struct {
        size_t len;
        enum form form;
    } bad[] = {{0, IN_TWO}, {125, IN_TWO}, {0, IN_EIGHT}, {126, IN_EIGHT}, {65535, IN_EIGHT}};
    struct bytes in;

    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++)
        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            bytes_init(&in, 100000);
            frames_put_as(&in, LEGS[i].from_client, FIN | WS_BINARY, data, bad[j].len, bad[j].form);
            expect(&in, LEGS[i], NECTAR_EFRAME, "");
        }
    bytes_init(&in, 100);
    assert_int_equal(bytes_append(&in, RAW("\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00x")), 0);
    expect(&in, (struct legs){false, true}, NECTAR_EFRAME, "");
}

/* Known from the header on: nothing of the frame in question passes. */
static void a_message_over_the_maximum_is_refused_at_once(void **state)
{
    static const uint8_t data[65536];
    static const size_t parts[][3] = {{65536, 0, 0}, {65535, 1, 0}, {1, 65535, 0}, {3, 0, 65533}};

    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++)
        for (size_t j = 0; j < sizeof parts / sizeof parts[0]; j++) {
            size_t before = 0, last = 0, headers = 0;
            struct bytes in, out;
            struct gist gist;

            bytes_init(&in, 200000);
            for (size_t k = 0; k < 3 && (k < 2 || parts[j][k] > 0); k++) {
                if (k > 0 && parts[j][0] > 65535)
                    break;
                before += last;
                last = parts[j][k];
                headers += k > 0 ? 1 : 0;
                frames_put_as(&in, LEGS[i].from_client, k ? CONTINUE : WS_BINARY, data, last,
                              SHORTEST);
            }
            in.len -= last; /* the header is enough */
            passage_run(&gist, &out, LEGS[i], &in, 1000, PLENTY);
            assert_int_equal(gist.error, NECTAR_ETOOBIG);
            if (LEGS[i].to_server)
                passage_bare(&out);
            assert_int_equal(out.len, before + 2 * headers + (before > 125 ? 2 : 0));
            bytes_free(&out);
            bytes_free(&in);
        }
}

static void nothing_passes_after_a_close(void **state)
{
    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++)
        for (size_t j = 0; j < STEPS_COUNT; j++) {
            bool masked = LEGS[i].from_client;
            struct bytes in, out;
            struct gist gist;

            bytes_init(&in, 1000);
            frames_put(&in, masked, FIN | WS_BINARY, "before");
            frames_put(&in, masked, FIN | WS_CLOSE, "");
            frames_put(&in, masked, FIN | WS_BINARY, "behind");
            assert_int_equal(bytes_append(&in, "\xff\xff\xff", 3), 0);
            passage_run(&gist, &out, LEGS[i], &in, STEPS[j], PLENTY);
            assert_int_equal(gist.error, 0);
            assert_string_equal(gist.messages, "(before)");
            assert_string_equal(gist.controls, "close1005()");
            bytes_free(&out);
            bytes_free(&in);
        }
}

/* A pong of ours, at every moment of a frame's passage: before it, behind it, never within. */
static void our_own_frames_stand_between_frames(void **state)
{
    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++) {
        struct bytes in;

        bytes_init(&in, 1000);
        frames_put(&in, LEGS[i].from_client, WS_BINARY, "half");
        frames_put(&in, LEGS[i].from_client, FIN | WS_PING, "ours to answer");
        frames_put(&in, LEGS[i].from_client, FIN | CONTINUE, "other half");
        for (size_t cut = 0; cut <= in.len; cut++) {
            struct random_stream keys;
            struct ws_forward forward;
            struct ws_message event;
            struct bytes out;
            struct gist gist;
            size_t used;
            bool within;

            passage_keys(&keys, 1);
            ws_forward_init(&forward, LEGS[i].from_client, LEGS[i].to_server, &keys);
            bytes_init(&out, 1000);
            for (size_t at = 0; at < cut; at += used)
                assert_int_equal(
                    ws_forward(&forward, in.data + at, cut - at, &used, &out, PLENTY, &event), 0);
            within = ws_forward_in_frame(&forward);
            used = out.len;
            assert_int_equal(ws_forward_control(&forward, &out, WS_PONG, "older", 5), 0);
            assert_int_equal(out.len - used, within ? 0 : LEGS[i].to_server ? 11 : 7);
            assert_int_equal(ws_forward_control(&forward, &out, WS_PONG, "newer", 5), 0);
            for (size_t at = cut; at < in.len; at += used)
                assert_int_equal(
                    ws_forward(&forward, in.data + at, in.len - at, &used, &out, PLENTY, &event),
                    0);
            gist_decode(&gist, &out, LEGS[i].to_server);
            assert_int_equal(gist.error, 0);
            assert_string_equal(gist.messages, "(halfother half)");
            assert_string_equal(gist.controls, within ? "pong(newer)" : "pong(older)pong(newer)");
            bytes_free(&out);
        }
        bytes_free(&in);
    }
}

static void our_own_frame_is_dropped_if_there_is_no_place(void **state)
{
    struct ws_forward forward;
    struct ws_message event;
    struct bytes out;
    size_t used;

    (void)state;
    bytes_init(&out, 12);
    ws_forward_init(&forward, false, false, NULL);
    assert_int_equal(
        ws_forward(&forward, (const uint8_t *)"\x82\x06half", 6, &used, &out, 100, &event), 0);
    assert_int_equal(ws_forward_control(&forward, &out, WS_PONG, "too long", 8), 0);
    assert_int_equal(ws_forward(&forward, (const uint8_t *)"==", 2, &used, &out, 100, &event), 0);
    assert_int_equal(used, 2);
    assert_int_equal(out.len, 8);
    assert_memory_equal(out.data, "\x82\x06half==", 8);
    assert_int_equal(ws_forward_control(&forward, &out, WS_PONG, "too long", 8), NECTAR_ETOOBIG);
    assert_int_equal(out.len, 8);
    bytes_clear(&out);
    /* And if there is a place, it is room no more. */
    assert_int_equal(ws_forward(&forward, (const uint8_t *)"\x82\x01", 2, &used, &out, 100, &event),
                     0);
    assert_int_equal(ws_forward_control(&forward, &out, WS_PONG, "fit", 3), 0);
    assert_int_equal(
        ws_forward(&forward, (const uint8_t *)"x\x82\x01x\x82\x01x", 7, &used, &out, 100, &event),
        0);
    assert_int_equal(used, 1);
    assert_int_equal(out.len, 8);
    assert_memory_equal(out.data,
                        "\x82\x01x\x8a\x03"
                        "fit",
                        8);
    bytes_free(&out);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

static void refused_memory_is_final(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    /* The sanitizer ends a program that asks for so much; shown by the plain build. */
#else
    for (int i = 0; i < LEGS_COUNT; i++) {
        /* It can only grow to half the address space. */
        struct bytes in, out = {.len = SIZE_MAX / 4, .cap = SIZE_MAX / 4, .max = SIZE_MAX / 2};
        struct random_stream keys;
        struct ws_forward forward;
        struct ws_message event;
        size_t used;

        passage_keys(&keys, 1);
        bytes_init(&in, 1000);
        frames_put(&in, LEGS[i].from_client, FIN | WS_BINARY, "x");
        ws_forward_init(&forward, LEGS[i].from_client, LEGS[i].to_server, &keys);
        for (int again = 0; again < 2; again++)
            assert_int_equal(ws_forward(&forward, in.data, in.len, &used, &out, PLENTY, &event),
                             NECTAR_ENOMEM);
        assert_true(used == 0 && out.len == SIZE_MAX / 4);
        ws_forward_init(&forward, LEGS[i].from_client, LEGS[i].to_server, &keys);
        assert_int_equal(ws_forward_control(&forward, &out, WS_PONG, "", 0), NECTAR_ENOMEM);
        bytes_free(&in);
    }
#endif
}

/* The first message of a leg is ws_decode's; not a byte of what follows is lost, wherever a read
 * ended. */
static void a_leg_is_handed_over_behind_a_message(void **state)
{
    (void)state;
    for (int i = 0; i < LEGS_COUNT; i++) {
        struct bytes in;

        bytes_init(&in, 1000);
        frames_put(&in, LEGS[i].from_client, WS_BINARY, "first ");
        frames_put(&in, LEGS[i].from_client, FIN | CONTINUE, "message");
        frames_put(&in, LEGS[i].from_client, FIN | WS_BINARY, "second");
        frames_put(&in, LEGS[i].from_client, FIN | WS_BINARY, "third");
        for (size_t cut = 1; cut <= in.len; cut++) {
            struct ws_message message = {.opcode = WS_NONE};
            struct random_stream keys;
            struct ws_frames *frames;
            struct ws_forward forward;
            struct bytes out;
            struct gist gist;
            size_t at = 0, used;

            passage_keys(&keys, 1);
            bytes_init(&out, 1000);
            assert_int_equal(ws_frames_new(&frames, !LEGS[i].from_client, NULL), 0);
            while (message.opcode == WS_NONE) {
                size_t end = at < cut ? cut : in.len;

                assert_int_equal(ws_decode(frames, in.data + at, end - at, &used, &message), 0);
                at += used;
            }
            assert_int_equal(message.len, strlen("first message"));
            assert_false(ws_under_way(frames));
            ws_frames_free(frames);
            ws_forward_init(&forward, LEGS[i].from_client, LEGS[i].to_server, &keys);
            assert_int_equal(
                ws_forward(&forward, in.data + at, in.len - at, &used, &out, PLENTY, &message), 0);
            gist_decode(&gist, &out, LEGS[i].to_server);
            assert_string_equal(gist.messages, "(second)(third)");
            bytes_free(&out);
        }
        bytes_free(&in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mask_must_suit_the_leg),
        cmocka_unit_test(reserved_bits_opcodes_and_text_are_refused),
        cmocka_unit_test(fragments_out_of_order_are_refused),
        cmocka_unit_test(control_frames_are_short_and_whole),
        cmocka_unit_test(lengths_must_be_in_their_shortest_form),
        cmocka_unit_test(a_message_over_the_maximum_is_refused_at_once),
        cmocka_unit_test(nothing_passes_after_a_close),
        cmocka_unit_test(our_own_frames_stand_between_frames),
        cmocka_unit_test(our_own_frame_is_dropped_if_there_is_no_place),
        cmocka_unit_test(refused_memory_is_final),
        cmocka_unit_test(a_leg_is_handed_over_behind_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
