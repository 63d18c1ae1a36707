/*
 * A conversation as it was recorded: what both sides wrote, where the frames in it begin and end,
 * and the scripts, so that each side can be played again alone.
 */
#ifndef WIRE_TAKE_H
#define WIRE_TAKE_H

#include "wire/shared/pair.h"

enum { TAKE_FRAMES_MAX = 64 };

/* A frame, by its offsets in the stream; found by a reader that knows nothing of the library's. */
struct take_frame {
    uint8_t opcode;
    bool final;
    size_t begin, payload, end;
};

/* What one side wrote. */
struct take_stream {
    struct bytes bytes;
    size_t head; /* end of the HTTP head */
    struct take_frame frames[TAKE_FRAMES_MAX];
    size_t frame_count;
};

struct take {
    struct side_script alice, bob;
    struct take_stream from_alice, from_bob;
};

/* Records the conversation of two scripts (NULL is the usual). */
void take_record(struct take *take, const struct side_script *alice, const struct side_script *bob);
void take_end(struct take *take);

void take_read(struct take_stream *stream, const uint8_t *data, size_t len);

/* What the side of this role was given. */
const struct take_stream *take_heard_by(const struct take *take, enum nectar_role role);
const struct take_stream *take_said_by(const struct take *take, enum nectar_role role);

/* Begins the side of this role anew. */
void take_play(const struct take *take, struct side *side, enum nectar_role role);

#endif
