#include "fuzz/shared/frames.h"

#include <stdlib.h>

#include <nectar/error.h>

#include "ws/state.h"

enum { TOLD_MAX = 8 << 20, KEPT_MIN = 1024 };

void told_init(struct told *told)
{
    *told = (struct told){.error = 0};
    bytes_init(&told->messages, TOLD_MAX);
    bytes_init(&told->controls, TOLD_MAX);
}

void told_free(struct told *told)
{
    bytes_free(&told->messages);
    bytes_free(&told->controls);
}

static void put(struct bytes *to, const void *data, size_t n)
{
    fuzz_assert(bytes_append(to, data, n) == 0);
}

void told_note(struct told *told, const struct ws_message *message)
{
    bool control = message->opcode != WS_BINARY;
    struct bytes *to = control ? &told->controls : &told->messages;
    int opcode = message->opcode;
    uint32_t size = (uint32_t)message->len;

    fuzz_assert(opcode == WS_BINARY || opcode == WS_CLOSE || opcode == WS_PING ||
                opcode == WS_PONG);
    fuzz_assert(message->data);
    fuzz_assert(message->len <= (control ? (size_t)WS_CONTROL_MAX : (size_t)WS_MESSAGE_MAX));
    fuzz_assert(opcode == WS_CLOSE ? message->code >= 1000 && message->code <= 4999
                                   : message->code == 0);
    put(to, &size, sizeof size);
    put(to, &opcode, sizeof opcode);
    put(to, &message->code, sizeof message->code);
    put(to, message->data, message->len);
}

void told_assert_same(const struct told *a, const struct told *b)
{
    fuzz_assert(a->error == b->error);
    fuzz_assert(fuzz_same(bytes_view(&a->messages), bytes_view(&b->messages)));
    fuzz_assert(fuzz_same(bytes_view(&a->controls), bytes_view(&b->controls)));
    fuzz_assert(a->error || a->under_way == b->under_way);
}

static void check_error_sticks(struct ws_frames *frames, int error)
{
    uint8_t ping[2] = {0x89, 0};
    struct ws_message message;
    size_t used = 1;

    fuzz_assert(error == NECTAR_EFRAME || error == NECTAR_ETEXT || error == NECTAR_ETOOBIG);
    fuzz_assert(ws_decode(frames, ping, sizeof ping, &used, &message) == error);
    fuzz_assert(used == 0 && message.opcode == WS_NONE && !message.data);
}

/* All of a piece, which comes to be before what it is a part of is known to be whole. */
static void decode_piece(struct told *out, struct ws_frames *frames, struct nectar_view piece,
                         bool *closed)
{
    struct ws_message message = {.opcode = WS_NONE};

    do {
        size_t used = 0;

        out->error = ws_decode(frames, piece.data, piece.len, &used, &message);
        fuzz_assert(used <= piece.len);
        fuzz_take(&piece, used);
        fuzz_assert(!(out->error || *closed) || message.opcode == WS_NONE);
        if (message.opcode == WS_NONE)
            break;
        *closed = message.opcode == WS_CLOSE;
        told_note(out, &message);
    } while (!out->error);
    fuzz_assert(out->error || piece.len == 0);
}

void told_decode(struct told *out, struct nectar_view in, bool masked, uint8_t how)
{
    struct ws_frames *frames;
    bool closed = false;
    size_t came = 0;

    told_init(out);
    fuzz_assert(ws_frames_new(&frames, !masked, NULL) == 0);
    for (size_t nth = 0; in.len > 0 && !out->error; nth++) {
        struct nectar_view piece = fuzz_take(&in, fuzz_piece(how, nth, in.len));
        uint8_t *copy = fuzz_copy(piece);

        decode_piece(out, frames, (struct nectar_view){copy, piece.len}, &closed);
        free(copy);
        came += piece.len;
        fuzz_assert(frames->message.cap <= 2 * came + KEPT_MIN);
    }
    out->under_way = ws_under_way(frames);
    fuzz_assert(!closed || !out->under_way);
    if (out->error)
        check_error_sticks(frames, out->error);
    ws_frames_free(frames);
}
