/*
 * A link and a stream of any bytes. Input: what the link is, how the bytes are cut, then steps:
 * bytes, time, its owner. Where the link gives its stream away (ROUTE, RELAY), what follows from
 * the next unused byte on is passed on, as its owner would.
 */
#include <stdlib.h>

#include <nectar/error.h>

#include "fuzz/shared/end.h"
#include "link/link.h"
#include "ws/forward.h"

enum { STEPS_MAX = 300, HEAP_MIN = 1 << 19, HEAP_FACTOR = 8, PASSED_MAX = 1 << 20 };

struct stream {
    struct end end;
    uint8_t how;
    bool passes;
    struct ws_forward forward;
    struct random_stream masks;
    struct bytes passed;
};

/* What the owner does with the bytes of a stream that is his. */
static void pass(struct stream *stream, struct nectar_view bytes)
{
    bool from_client = !stream->end.link->dialled;
    struct ws_message event;
    int error = 0;
    size_t used;

    if (!stream->passes)
        ws_forward_init(&stream->forward, from_client, !from_client, &stream->masks);
    stream->passes = true;
    while (!error && bytes.len > 0) {
        error = ws_forward(&stream->forward, bytes.data, bytes.len, &used, &stream->passed,
                           PASSED_MAX, &event);
        fuzz_assert(used <= bytes.len);
        fuzz_assert(error || used > 0);
        fuzz_assert(event.opcode == WS_NONE || event.opcode == WS_PING || event.opcode == WS_PONG ||
                    event.opcode == WS_CLOSE);
        fuzz_take(&bytes, used);
    }
    fuzz_assert(!error || error == stream->forward.error);
}

static void feed(struct stream *stream, struct nectar_view bytes)
{
    size_t taken = end_feed_pieces(&stream->end, bytes, stream->how);

    fuzz_take(&bytes, taken);
    if (stream->end.over && !stream->end.error)
        pass(stream, bytes);
}

/* What was not taken while the link waited for its owner would come again; here it is lost. */
static void step(struct stream *stream, uint8_t op, struct nectar_view *in)
{
    uint8_t arg;
    size_t n;

    switch (op & 3) {
    case 0:
        feed(stream, fuzz_take(in, fuzz_byte(in)));
        break;
    case 1:
        n = (size_t)fuzz_byte(in) << 8;
        n |= fuzz_byte(in);
        feed(stream, fuzz_take(in, n));
        break;
    case 2:
        end_tick(&stream->end, op >> 4);
        break;
    default:
        arg = fuzz_byte(in);
        end_act(&stream->end, op >> 4, arg);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {3};
    static struct stream stream;
    struct nectar_view in = {data, len};
    uint8_t flags = fuzz_byte(&in), how = fuzz_byte(&in);

    end_key(END_ALICE), end_key(END_BOB), end_key(END_ROUTER), end_key("mallory.nec");
    fuzz_heap_begin();
    stream = (struct stream){.how = how};
    random_stream_init(&stream.masks, seed);
    bytes_init(&stream.passed, PASSED_MAX);
    end_begin(&stream.end, flags);
    for (int i = 0; i < STEPS_MAX && in.len > 0; i++)
        step(&stream, fuzz_byte(&in), &in);
    fuzz_assert(fuzz_heap_peak() <=
                HEAP_MIN + HEAP_FACTOR * (stream.end.wrote.len + stream.end.asked_for + len));
    end_end(&stream.end);
    bytes_free(&stream.passed);
    return 0;
}
