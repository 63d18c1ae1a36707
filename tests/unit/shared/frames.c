#include "unit/shared/frames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const size_t STEPS[STEPS_COUNT] = {1, 2, 3, 7, 100000};

/* Appends a frame; masked with a key of its own if asked for. */
void frames_put_as(struct bytes *to, bool masked, int first, const void *payload, size_t len,
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

void frames_put(struct bytes *to, bool masked, int first, const char *text)
{
    frames_put_as(to, masked, first, text, strlen(text), SHORTEST);
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
int frames_decode(char *out, bool client, const struct bytes *in, size_t step, bool *under_way)
{
    struct ws_frames *frames;
    size_t at = 0, used;
    int error = 0;

    out[0] = '\0';
    assert_int_equal(ws_frames_new(&frames, client, NULL), 0);
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

/* Checks what comes out of in, and frees it. */
void frames_expect(struct bytes *in, bool client, int error, const char *expected)
{
    for (size_t i = 0; i < STEPS_COUNT; i++) {
        char transcript[TRANSCRIPT];

        assert_int_equal(frames_decode(transcript, client, in, STEPS[i], NULL), error);
        assert_string_equal(transcript, expected);
    }
    bytes_free(in);
}

void frames_expect_raw(const void *data, size_t len, bool client, int error, const char *expected)
{
    struct bytes in;

    bytes_init(&in, len);
    assert_int_equal(bytes_append(&in, data, len), 0);
    frames_expect(&in, client, error, expected);
}
