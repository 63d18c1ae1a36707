/* What comes out of a stream of frames: told as a text of bytes, to be compared. */
#ifndef FUZZ_FRAMES_H
#define FUZZ_FRAMES_H

#include "base/bytes.h"
#include "fuzz/shared/fuzz.h"
#include "ws/frame.h"

struct told {
    struct bytes messages; /* each with its length before it */
    struct bytes controls; /* each with opcode, code and length before it */
    int error;
    bool under_way;
};

void told_init(struct told *told);
void told_free(struct told *told);

/* Notes one message or control frame, having checked that it is one that may come out. */
void told_note(struct told *told, const struct ws_message *message);

/* The same as something else that is told; under_way counts only without an error. */
void told_assert_same(const struct told *a, const struct told *b);

/* What ws_decode makes of a stream cut into pieces; masked: a client's stream. Checks on the way
 * that errors stick, that a Close is the last, and that memory is taken for what has come. */
void told_decode(struct told *out, struct nectar_view in, bool masked, uint8_t how);

#endif
