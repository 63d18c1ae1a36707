/* WebSocket frames, good and bad, put together by hand; and what ws_decode makes of them. */
#ifndef SHARED_FRAMES_H
#define SHARED_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "ws/frame.h"

enum { FIN = 0x80, CONTINUE = 0, TRANSCRIPT = 4096 };

/* How a frame's length is written. */
enum form { SHORTEST, IN_ONE, IN_TWO, IN_EIGHT };

/* Appends a frame whose first byte is first, masked if asked for. */
void frames_put_as(struct bytes *to, bool masked, int first, const void *payload, size_t len,
                   enum form form);
void frames_put(struct bytes *to, bool masked, int first, const char *text);

/* How many bytes ws_decode is given at once: every test runs with each. */
enum { STEPS_COUNT = 5 };
extern const size_t STEPS[STEPS_COUNT];

/* Decodes in steps of so many bytes; what came out is written to out (TRANSCRIPT bytes), like
 * "ping(text)binary(text)close1000(reason)". Returns the error. */
int frames_decode(char *out, bool client, const struct bytes *in, size_t step, bool *under_way);

/* Checks what comes out of in, and frees it. */
void frames_expect(struct bytes *in, bool client, int error, const char *expected);
void frames_expect_raw(const void *data, size_t len, bool client, int error, const char *expected);

/* A string literal with NULs in it, and its length. */
#define RAW(text) (text), sizeof(text) - 1

#endif
