/* Streams of frames sent through ws_forward in pieces, and what comes out of it. */
#ifndef SHARED_PASSAGE_H
#define SHARED_PASSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "crypto/random.h"
#include "unit/shared/frames.h"
#include "ws/forward.h"

/* What a stream amounts to: messages like "(text)(text)", control frames like
 * "ping(text)close1000(reason)". */
struct gist {
    char messages[TRANSCRIPT];
    char controls[TRANSCRIPT];
    int error;
};

/* The kinds of legs: every test runs with each. */
struct legs {
    bool from_client; /* frames arrive masked */
    bool to_server;   /* frames leave masked */
};

enum { LEGS_COUNT = 4 };
extern const struct legs LEGS[LEGS_COUNT];

/* What ws_decode makes of a stream of masked frames or of others. */
void gist_decode(struct gist *out, const struct bytes *in, bool masked);

/*
 * What passes, given step bytes at once and room for so many: out holds the bytes, and is the
 * caller's to free; gist->controls and error what ws_forward said, gist->messages what ws_decode
 * makes of out. Checks on the way that nothing exceeds the room. With a room under WS_FORWARD_ROOM
 * that much is given whenever it does not go on.
 */
void passage_run(struct gist *gist, struct bytes *out, struct legs legs, const struct bytes *in,
                 size_t step, size_t room);

/* A stream of keys that is the same in every run. */
void passage_keys(struct random_stream *keys, unsigned seed);

/* Takes the masks off, in place: what is left has headers of the unmasked form. */
void passage_bare(struct bytes *stream);

#endif
