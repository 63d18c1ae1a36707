/*
 * WebSocket frames (RFC 6455, section 5), after the upgrade: the messages of one link. What we send
 * is written straight into the output buffer, so that a Noise message is sealed and masked where it
 * lies.
 */
#ifndef WS_FRAME_H
#define WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "crypto/random.h"

enum {
    WS_MESSAGE_MAX = 65535, /* one Noise message */
    WS_CONTROL_MAX = 125,   /* payload of a control frame */
    WS_CLOSE_NORMAL = 1000,
    WS_CLOSE_AWAY = 1001,
    WS_CLOSE_PROTOCOL = 1002,
    WS_CLOSE_UNSUPPORTED = 1003,
    WS_CLOSE_NO_CODE = 1005, /* never on the wire: a Close without one */
    WS_CLOSE_POLICY = 1008,
    WS_CLOSE_TOO_BIG = 1009,
    WS_CLOSE_TRY_LATER = 1013,
};

enum ws_opcode {
    WS_NONE = -1,
    WS_TEXT = 0x1,
    WS_BINARY = 0x2,
    WS_CLOSE = 0x8,
    WS_PING = 0x9,
    WS_PONG = 0xa,
};

struct ws_frames;

/* client: we mask what we send and take only unmasked frames; a server the other way round.
 * masks is borrowed for the life of the object. NECTAR_ENOMEM. */
int ws_frames_new(struct ws_frames **out, bool client, struct random_stream *masks);
void ws_frames_free(struct ws_frames *frames);

/* A whole message or control frame, unmasked; data is writable and valid until the next call. */
struct ws_message {
    enum ws_opcode opcode; /* WS_NONE: nothing whole yet */
    uint8_t *data;
    size_t len;
    uint16_t code; /* WS_CLOSE: its code, WS_CLOSE_NO_CODE if none; data is then the reason */
};

/*
 * Takes bytes until one message is whole or none are left; *used says how many. Fragments are put
 * together; control frames among them come out as they arrive. Call again with the rest: *used
 * never goes beyond the message or control frame that comes out, so that what follows it may as
 * well be given to another reader (ws/forward.h). NECTAR_EFRAME a protocol violation (mask, RSV,
 * opcode, fragmentation, bad Close), NECTAR_ETEXT a text message, NECTAR_ETOOBIG over
 * WS_MESSAGE_MAX (known from the header on; memory is taken for bytes that have come, never for a
 * length that is declared), NECTAR_ENOMEM. Errors are final. After a Close everything is taken and
 * nothing comes out.
 */
int ws_decode(struct ws_frames *frames, const uint8_t *data, size_t len, size_t *used,
              struct ws_message *out);

/* Is part of a message or of a frame here? Not after a Close. */
bool ws_under_way(const struct ws_frames *frames);

/* Gives the memory of what ws_decode delivered back, if no message is under way. */
void ws_release(struct ws_frames *frames);

/*
 * Appends a frame's header to out and makes room for its payload of len bytes: *payload is where
 * the caller writes it, and ws_encode_end, with the same len, masks it there if need be. Nothing
 * may touch out between the two. NECTAR_ETOOBIG, NECTAR_ENOMEM: out is unchanged.
 */
int ws_encode_begin(struct ws_frames *frames, struct bytes *out, enum ws_opcode opcode, size_t len,
                    uint8_t **payload);
void ws_encode_end(struct ws_frames *frames, uint8_t *payload, size_t len);

/* A whole control frame; len at most WS_CONTROL_MAX. */
int ws_encode_control(struct ws_frames *frames, struct bytes *out, enum ws_opcode opcode,
                      const void *data, size_t len);

/* A Close frame with a code and a short reason in ASCII. */
int ws_encode_close(struct ws_frames *frames, struct bytes *out, uint16_t code, const char *reason);

#endif
