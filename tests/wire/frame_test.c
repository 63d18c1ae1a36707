/*
 * WebSocket beneath a link, before, in and behind the handshake: upgrades that are none, frames
 * that may not be, fragments that may.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "wire/shared/puppet.h"

enum { PROTOCOL = 1002, UNSUPPORTED = 1003, TOO_BIG = 1009 };

/* First bytes of frames: the final bit, reserved bits, the opcode. */
enum { FINAL = 0x80, TEXT = 0x01, BINARY = 0x02, CLOSE = 0x08, PING = 0x09, PONG = 0x0a };

static const enum nectar_role ROLES[] = {NECTAR_INITIATOR, NECTAR_RESPONDER};

/* How far the opening goes before the offence. */
enum phase { UPGRADED, GREETED, OPEN, PHASES };

static void reach(struct puppet *puppet, enum nectar_role role, enum phase phase)
{
    puppet_begin(puppet, role, NULL);
    if (phase == OPEN) {
        puppet_open(puppet);
        return;
    }
    puppet_upgrade(puppet);
    if (phase == GREETED)
        puppet_greet(puppet);
}

static void wrong_frame_in_every_phase(void **state)
{
    static const struct {
        uint8_t first;
        size_t len;
        int error;
        uint16_t code;
    } rows[] = {
        {FINAL | TEXT, 5, NECTAR_ETEXT, UNSUPPORTED}, {TEXT, 0, NECTAR_ETEXT, UNSUPPORTED},
        {FINAL | 0x3, 5, NECTAR_EFRAME, PROTOCOL},    {FINAL | 0x7, 0, NECTAR_EFRAME, PROTOCOL},
        {FINAL | 0xb, 5, NECTAR_EFRAME, PROTOCOL},    {FINAL | 0xf, 0, NECTAR_EFRAME, PROTOCOL},
        {FINAL, 5, NECTAR_EFRAME, PROTOCOL},          {0, 0, NECTAR_EFRAME, PROTOCOL},
        {0xc0 | BINARY, 5, NECTAR_EFRAME, PROTOCOL},  {0xa0 | BINARY, 5, NECTAR_EFRAME, PROTOCOL},
        {0x90 | BINARY, 5, NECTAR_EFRAME, PROTOCOL},  {PING, 0, NECTAR_EFRAME, PROTOCOL},
        {FINAL | PING, 126, NECTAR_EFRAME, PROTOCOL}, {CLOSE, 2, NECTAR_EFRAME, PROTOCOL},
        {FINAL | CLOSE, 1, NECTAR_EFRAME, PROTOCOL},
    };
    static const uint8_t payload[126] = {3, 0xe8};

    (void)state;
    for (size_t r = 0; r < 2; r++)
        for (enum phase phase = UPGRADED; phase < PHASES; phase++)
            for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                struct puppet puppet;

                reach(&puppet, ROLES[r], phase);
                puppet_frame(&puppet, rows[i].first, payload, rows[i].len);
                puppet_assert_ends(&puppet, rows[i].error, rows[i].code);
                puppet_end(&puppet);
            }
}

/* A client that does not mask, a server that does, and lengths in a longer form than need be. */
static void wrong_headers(void **state)
{
    static const uint8_t plain[] = {0x82, 1, 'x'}, masked[] = {0x82, 0x81, 1, 2, 3, 4, 'x'};
    static const uint8_t longer[] = {0x82, 0xfe, 0, 1, 1, 2, 3, 4, 'x'};
    static const uint8_t longest[] = {0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 'x'};
    static const uint8_t huge[] = {0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4, 'x'};
    static const uint8_t negative[] = {0x82, 0xff, 0xff, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4, 'x'};
    static const struct {
        enum nectar_role role;
        const uint8_t *data;
        size_t len;
        int error;
        uint16_t code;
    } rows[] = {
        {NECTAR_INITIATOR, plain, sizeof plain, NECTAR_EFRAME, PROTOCOL},
        {NECTAR_RESPONDER, masked, sizeof masked, NECTAR_EFRAME, PROTOCOL},
        {NECTAR_INITIATOR, longer, sizeof longer, NECTAR_EFRAME, PROTOCOL},
        {NECTAR_INITIATOR, longest, sizeof longest, NECTAR_EFRAME, PROTOCOL},
        {NECTAR_INITIATOR, huge, sizeof huge, NECTAR_ETOOBIG, TOO_BIG},
        {NECTAR_INITIATOR, negative, sizeof negative, NECTAR_EFRAME, PROTOCOL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum phase phase = UPGRADED; phase < PHASES; phase++) {
            struct puppet puppet;

            reach(&puppet, rows[i].role, phase);
            puppet_raw(&puppet, rows[i].data, rows[i].len);
            puppet_assert_ends(&puppet, rows[i].error, rows[i].code);
            puppet_end(&puppet);
        }
}

/* A Noise message is at most 65,535 bytes, in however many fragments. */
static void too_large_in_fragments(void **state)
{
    static const uint8_t half[40000];

    (void)state;
    for (size_t r = 0; r < 2; r++) {
        struct puppet puppet;

        reach(&puppet, ROLES[r], OPEN);
        puppet_frame(&puppet, BINARY, half, sizeof half);
        puppet_frame(&puppet, 0, half, sizeof half);
        puppet_assert_ends(&puppet, NECTAR_ETOOBIG, TOO_BIG);
        puppet_end(&puppet);
    }
}

/* Cuts the one frame that was said into fragments of size bytes, a ping between each two. Returns
 * how many pings. */
static size_t fragment(struct puppet *puppet, size_t size)
{
    struct bytes whole = puppet->said;
    bool masked = puppet->role == NECTAR_INITIATOR;
    size_t header = 2 + (size_t)((whole.data[1] & 0x7f) == 126 ? 2 : 0), pings = 0;
    const uint8_t *mask = whole.data + header;
    size_t begin = header + (masked ? 4 : 0);

    for (size_t i = begin; masked && i < whole.len; i++)
        whole.data[i] ^= mask[(i - begin) % 4];
    bytes_init(&puppet->said, whole.max);
    for (size_t at = begin; at < whole.len; at += size) {
        bool last = whole.len - at <= size;

        puppet_frame(puppet, (uint8_t)((last ? FINAL : 0) | (at == begin ? BINARY : 0)),
                     whole.data + at, last ? whole.len - at : size);
        if (last)
            break;
        puppet_frame(puppet, FINAL | PING, "between", 7);
        puppet_frame(puppet, 0, "", 0);
        pings++;
    }
    bytes_free(&whole);
    return pings;
}

static void fragments(void **state)
{
    (void)state;
    for (size_t r = 0; r < 2; r++)
        for (size_t size = 1; size < 120; size += 7) {
            struct puppet puppet;
            struct nectar_message hello;
            struct ws_message heard;
            size_t pings;

            reach(&puppet, ROLES[r], OPEN);
            hello = puppet_hello(&puppet);
            puppet_message(&puppet, &hello, SIZE_MAX);
            pings = fragment(&puppet, size);
            assert_int_equal(side_feed_slowly(&puppet.side, puppet.said.data, puppet.said.len, 3),
                             0);
            side_assert_same(&side_note(&puppet.side, NECTAR_LINK_MESSAGE, 0)->message, &hello);
            while ((heard = puppet_hear(&puppet)).opcode == WS_PONG) {
                assert_int_equal(heard.len, 7);
                assert_memory_equal(heard.data, "between", 7);
                pings--;
            }
            assert_int_equal(pings, 0);
            puppet_end(&puppet);
        }
}

/* The handshake in fragments, too. */
static void fragmented_handshake(void **state)
{
    struct puppet puppet;

    (void)state;
    reach(&puppet, NECTAR_INITIATOR, UPGRADED);
    puppet_frame(&puppet, BINARY, puppet.noise.e_public, 10);
    puppet_frame(&puppet, FINAL | PONG, "", 0);
    puppet_frame(&puppet, FINAL, puppet.noise.e_public + 10, 22);
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_int_equal(puppet_hear(&puppet).opcode, WS_BINARY);
    puppet_end(&puppet);
}

/* First messages that are no bare e: cut, with something behind (a RoutingRequest, which only a
 * router takes, is as long), or a key of low order. */
static void first_messages(void **state)
{
    uint8_t message[200] = {0};

    (void)state;
    for (size_t len = 0; len <= sizeof message; len++) {
        struct puppet puppet;

        reach(&puppet, NECTAR_INITIATOR, UPGRADED);
        if (len != NOISE_KEY_BYTES)
            memcpy(message, puppet.noise.e_public, NOISE_KEY_BYTES);
        else
            memset(message, 0, NOISE_KEY_BYTES);
        puppet_frame(&puppet, FINAL | BINARY, message, len);
        puppet_assert_ends(&puppet, NECTAR_EHANDSHAKE, PROTOCOL);
        puppet_end(&puppet);
    }
}

/* Answers to an e that are none: every length, and another initiator's e. */
static void second_messages(void **state)
{
    static const uint8_t nines[200] = {9};

    (void)state;
    for (size_t len = 0; len <= sizeof nines; len++) {
        struct puppet puppet;

        reach(&puppet, NECTAR_RESPONDER, UPGRADED);
        puppet_frame(&puppet, FINAL | BINARY, nines, len);
        puppet_assert_ends(&puppet, len < 32 + 48 ? NECTAR_EHANDSHAKE : NECTAR_EDECRYPT, PROTOCOL);
        puppet_end(&puppet);
    }
}

static void upgrade_refused(const char *request, const char *answer)
{
    struct side bob;

    side_begin(&bob, NECTAR_RESPONDER, NULL);
    assert_int_equal(side_feed(&bob, (const uint8_t *)request, strlen(request)), NECTAR_EUPGRADE);
    assert_true(bob.wrote.len > strlen(answer));
    assert_memory_equal(bob.wrote.data, answer, strlen(answer));
    assert_int_equal(nectar_link_stage(bob.link), NECTAR_STAGE_UPGRADE);
    side_end(&bob);
}

static void upgrades(void **state)
{
    static const uint8_t junk[9000] = {0};
    char many[9000];
    struct side bob;

    (void)state;
    upgrade_refused("GET /x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ");
    upgrade_refused("POST / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 ");
    upgrade_refused("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 426 ");
    upgrade_refused("GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1 400 ");
    upgrade_refused("GET / HTTP/1.0\r\nHost: a\r\n\r\n", "HTTP/1.1 400 ");
    side_begin(&bob, NECTAR_RESPONDER, NULL);
    assert_int_equal(side_feed(&bob, junk, sizeof junk), NECTAR_EUPGRADE);
    assert_memory_equal(bob.wrote.data, "HTTP/1.1 400 ", 13);
    side_end(&bob);
    memset(many, 'a', sizeof many);
    memcpy(many, "GET / HTTP/1.1\r\nX: ", 19);
    side_begin(&bob, NECTAR_RESPONDER, NULL);
    assert_int_equal(side_feed(&bob, (const uint8_t *)many, sizeof many), NECTAR_ETOOBIG);
    assert_memory_equal(bob.wrote.data, "HTTP/1.1 431 ", 13);
    side_end(&bob);
}

/* The answer to another nonce. */
#define WRONG_ACCEPT                                                                               \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

static void confirmations(void **state)
{
    static const char *const answers[] = {"HTTP/1.1 404 Not Found\r\n\r\n", WRONG_ACCEPT,
                                          "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                                          "HTTP/1.1 500 \xff\x1b[2J\r\n\r\n"};

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct side alice;
        size_t wrote;

        side_begin(&alice, NECTAR_INITIATOR, NULL);
        wrote = alice.wrote.len;
        assert_int_equal(side_feed(&alice, (const uint8_t *)answers[i], strlen(answers[i])),
                         NECTAR_EUPGRADE);
        assert_int_equal(alice.wrote.len, wrote);
        assert_int_equal(nectar_link_stage(alice.link), NECTAR_STAGE_UPGRADE);
        side_end(&alice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_frame_in_every_phase),
        cmocka_unit_test(wrong_headers),
        cmocka_unit_test(too_large_in_fragments),
        cmocka_unit_test(fragments),
        cmocka_unit_test(fragmented_handshake),
        cmocka_unit_test(first_messages),
        cmocka_unit_test(second_messages),
        cmocka_unit_test(upgrades),
        cmocka_unit_test(confirmations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
