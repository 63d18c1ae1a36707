/*
 * Frame headers (RFC 6455, section 5.2). What a peer sends is read and judged here, header by
 * header as they come; what becomes of the payload is up to ws/decode and ws/forward.
 */
#ifndef WS_HEADER_H
#define WS_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ws/mask.h"

enum {
    WS_CONTINUATION = 0x0, /* beside enum ws_opcode: it never leaves this folder */
    WS_FIN = 0x80,
    WS_HEADER_MAX = 14,        /* bytes a peer may use */
    WS_HEADER_WRITTEN_MAX = 8, /* bytes we use: our lengths fit in 16 bits */
};

struct ws_header {
    int opcode; /* WS_NONE: not whole yet */
    bool fin;
    size_t len; /* of the payload, at most WS_MESSAGE_MAX */
    uint8_t key[WS_MASK_BYTES];
};

/* One direction's headers so far. All zero but masked to begin with. */
struct ws_headers {
    bool masked;     /* frames must come masked; otherwise they must not */
    bool fragmented; /* a message has begun, and the header of its last frame has not come */
    size_t message;  /* bytes declared so far for the message under way */
    size_t held_len; /* bytes of a header that was cut */
    uint8_t held[WS_HEADER_MAX];
};

/* Ping, Pong, Close and what may yet become one. */
static inline bool ws_is_control(int opcode)
{
    return (opcode & 0x8) != 0;
}

/*
 * Takes bytes until the header is whole or none are left; *used says how many. Its payload,
 * out->len bytes, is the caller's to take before the next call. NECTAR_EFRAME wrong mask, RSV bits,
 * opcode, order of fragments, a length not in its shortest form, a control frame over
 * WS_CONTROL_MAX or in fragments; NECTAR_ETEXT; NECTAR_ETOOBIG a message over WS_MESSAGE_MAX in all
 * its fragments. Judged when the header is whole, so that errors do not hang on where the bytes
 * were cut.
 */
int ws_header_next(struct ws_headers *headers, const uint8_t *data, size_t len, size_t *used,
                   struct ws_header *out);

/* Bytes that ws_header_write writes for a payload of len bytes, at most WS_MESSAGE_MAX. */
size_t ws_header_size(size_t len, bool masked);

/* Writes a header whose first byte (FIN and opcode) is first; key is NULL for an unmasked frame.
 * Returns its size, at most WS_HEADER_WRITTEN_MAX. */
size_t ws_header_write(uint8_t *out, int first, size_t len, const uint8_t *key);

#endif
