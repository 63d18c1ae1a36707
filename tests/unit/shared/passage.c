#include "unit/shared/passage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const struct legs LEGS[LEGS_COUNT] = {{false, false}, {false, true}, {true, false}, {true, true}};

static void note(struct gist *gist, const struct ws_message *message)
{
    char *out = message->opcode == WS_BINARY ? gist->messages : gist->controls;
    size_t at = strlen(out);
    int len = (int)message->len;
    const char *text = len ? (const char *)message->data : "";

    if (message->opcode == WS_BINARY)
        snprintf(out + at, TRANSCRIPT - at, "(%.*s)", len, text);
    else if (message->opcode == WS_CLOSE)
        snprintf(out + at, TRANSCRIPT - at, "close%d(%.*s)", message->code, len, text);
    else
        snprintf(out + at, TRANSCRIPT - at, "%s(%.*s)",
                 message->opcode == WS_PING ? "ping" : "pong", len, text);
}

void gist_decode(struct gist *out, const struct bytes *in, bool masked)
{
    struct ws_frames *frames;
    size_t at = 0, used;

    memset(out, 0, sizeof *out);
    assert_int_equal(ws_frames_new(&frames, !masked, NULL), 0);
    while (!out->error && at < in->len) {
        struct ws_message message;

        out->error = ws_decode(frames, in->data + at, in->len - at, &used, &message);
        at += used;
        if (message.opcode != WS_NONE)
            note(out, &message);
    }
    ws_frames_free(frames);
}

void passage_keys(struct random_stream *keys, unsigned seed)
{
    const uint8_t bytes[RANDOM_SEED_BYTES] = {(uint8_t)seed, (uint8_t)(seed >> 8)};

    random_stream_init(keys, bytes);
}

/* One piece, until all of it is taken. */
static void push(struct gist *gist, struct bytes *out, struct ws_forward *forward,
                 const uint8_t *piece, size_t n, size_t room)
{
    size_t taken = 0, given = room;

    while (!gist->error && taken < n) {
        struct ws_message event;
        size_t used, before = out->len;

        gist->error = ws_forward(forward, piece + taken, n - taken, &used, out, given, &event);
        assert_true(used <= n - taken);
        assert_true(out->len - before <= given);
        taken += used;
        if (event.opcode != WS_NONE)
            note(gist, &event);
        if (used == 0 && !gist->error) {
            /* It only ever waits for room to begin a frame. */
            assert_true(given < WS_FORWARD_ROOM);
            given = WS_FORWARD_ROOM;
        } else {
            given = room;
        }
    }
}

void passage_run(struct gist *gist, struct bytes *out, struct legs legs, const struct bytes *in,
                 size_t step, size_t room)
{
    struct random_stream keys;
    struct ws_forward forward;
    struct gist passed;

    memset(gist, 0, sizeof *gist);
    passage_keys(&keys, 7);
    ws_forward_init(&forward, legs.from_client, legs.to_server, legs.to_server ? &keys : NULL);
    bytes_init(out, 3 * in->len + 1000000);
    for (size_t at = 0; !gist->error && at < in->len; at += step) {
        size_t n = in->len - at < step ? in->len - at : step;

        /* A copy of the very bytes, so that a sanitizer sees what reads beyond them. */
        uint8_t *piece = malloc(n);

        assert_non_null(piece);
        memcpy(piece, in->data + at, n);
        push(gist, out, &forward, piece, n, room);
        free(piece);
    }
    if (gist->error) {
        struct ws_message event;
        size_t used, before = out->len;

        assert_int_equal(ws_forward(&forward, in->data, in->len, &used, out, 1000, &event),
                         gist->error);
        assert_true(used == 0 && event.opcode == WS_NONE && out->len == before);
    }
    gist_decode(&passed, out, legs.to_server);
    assert_int_equal(passed.error, 0);
    assert_string_equal(passed.controls, "");
    memcpy(gist->messages, passed.messages, sizeof gist->messages);
}

void passage_bare(struct bytes *stream)
{
    size_t from = 0, to = 0;

    while (from < stream->len) {
        uint8_t *head = stream->data + from;
        size_t length = head[1] & 0x7f, size = 2, left = stream->len - from;
        uint8_t key[4];

        assert_true(left >= 6 && (head[1] & 0x80));
        if (length == 126) {
            assert_true(left >= 8);
            length = (size_t)(head[2] << 8 | head[3]);
            size = 4;
        }
        memcpy(key, head + size, sizeof key);
        head[1] &= 0x7f;
        memmove(stream->data + to, head, size);
        assert_true(length <= left - size - sizeof key);
        for (size_t i = 0; i < length; i++)
            stream->data[to + size + i] = head[size + sizeof key + i] ^ key[i % 4];
        from += size + sizeof key + length;
        to += size + length;
    }
    stream->len = to;
}
