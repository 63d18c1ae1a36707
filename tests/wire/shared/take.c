#include "wire/shared/take.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { STREAM_MAX = 32 << 20 };

static size_t read_length(const uint8_t *at, size_t *header)
{
    size_t len = at[1] & 0x7f;

    *header = 2;
    assert_true(len != 127);
    if (len == 126) {
        *header = 4;
        len = (size_t)at[2] << 8 | at[3];
    }
    if (at[1] & 0x80)
        *header += 4;
    return len;
}

void take_read(struct take_stream *stream, const uint8_t *data, size_t len)
{
    const uint8_t *head = memmem(data, len, "\r\n\r\n", 4);
    size_t at;

    *stream = (struct take_stream){0};
    bytes_init(&stream->bytes, STREAM_MAX);
    assert_int_equal(bytes_append(&stream->bytes, data, len), 0);
    assert_non_null(head);
    at = stream->head = (size_t)(head - data) + 4;
    while (at < len) {
        struct take_frame *frame = &stream->frames[stream->frame_count++];
        size_t header, payload = read_length(data + at, &header);

        assert_true(stream->frame_count < TAKE_FRAMES_MAX);
        *frame = (struct take_frame){.opcode = data[at] & 0x0f,
                                     .final = (data[at] & 0x80) != 0,
                                     .begin = at,
                                     .payload = at + header,
                                     .end = at + header + payload};
        at = frame->end;
    }
    assert_int_equal(at, len);
}

void take_record(struct take *take, const struct side_script *alice, const struct side_script *bob)
{
    struct pair pair;

    *take = (struct take){0};
    if (alice)
        take->alice = *alice;
    if (bob)
        take->bob = *bob;
    pair_begin(&pair, alice, bob);
    pair_run(&pair, SIZE_MAX);
    take_read(&take->from_alice, pair.alice.wrote.data, pair.alice.wrote.len);
    take_read(&take->from_bob, pair.bob.wrote.data, pair.bob.wrote.len);
    pair_end(&pair);
}

void take_end(struct take *take)
{
    bytes_free(&take->from_alice.bytes);
    bytes_free(&take->from_bob.bytes);
}

const struct take_stream *take_said_by(const struct take *take, enum nectar_role role)
{
    return role == NECTAR_INITIATOR ? &take->from_alice : &take->from_bob;
}

const struct take_stream *take_heard_by(const struct take *take, enum nectar_role role)
{
    return role == NECTAR_INITIATOR ? &take->from_bob : &take->from_alice;
}

void take_play(const struct take *take, struct side *side, enum nectar_role role)
{
    side_begin(side, role, role == NECTAR_INITIATOR ? &take->alice : &take->bob);
}
