/*
 * A router's passthrough: what arrives on one leg, a WebSocket connection after its upgrade, goes
 * out on another. Binary messages pass as they come, frame by frame and byte by byte: nothing is
 * put together, and nothing waits for the rest of a frame. Only headers and masks change, for
 * either leg may be one that we accepted (frames arrive masked and leave unmasked) or dialled (the
 * other way round). Control frames concern one leg alone and do not pass.
 */
#ifndef WS_FORWARD_H
#define WS_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "crypto/random.h"
#include "ws/control.h"
#include "ws/frame.h"
#include "ws/header.h"

enum {
    WS_FORWARD_ROOM = WS_HEADER_WRITTEN_MAX, /* a frame begins to pass with so much room */
    WS_FORWARD_CONTROL = WS_HEADER_WRITTEN_MAX + WS_CONTROL_MAX, /* a control frame of ours */
};

/* One direction: from a leg to the other. Takes no memory of its own. */
struct ws_forward {
    int error; /* sticky */
    bool closed;
    bool masks_change; /* payload arrives or leaves masked */
    bool to_server;
    struct random_stream *masks;
    struct ws_headers headers;
    bool in_frame;          /* a header is here, but not all of the payload */
    struct ws_header frame; /* its key: what the payload is XORed with on its way */
    size_t frame_left;
    struct ws_control control;
    size_t owed_len; /* a control frame of ours that waits for the end of a frame */
    uint8_t owed[WS_FORWARD_CONTROL];
};

/*
 * from_client: frames arrive masked. to_server: frames leave masked, each with a key from masks,
 * which is borrowed for the life of the object, and may be NULL if frames leave unmasked.
 *
 * It begins where no message is under way. The first messages of a leg may be read by ws_decode,
 * which takes nothing beyond what it delivers; hand the leg over when ws_under_way is false. (If a
 * message was cut there, go on with ws_decode and pass it on with ws_encode_begin until it is.)
 */
void ws_forward_init(struct ws_forward *forward, bool from_client, bool to_server,
                     struct random_stream *masks);

/*
 * Takes bytes of the one leg and appends at most room bytes to out, the output of the other.
 * *used says how many were taken: all, or as many as there was room for, or those up to the end of
 * a control frame, which comes out as the event (unmasked; data is valid until the next call).
 * Call again with the rest: at once if there was an event, otherwise when out has been written.
 * Between frames nothing is taken while room is under WS_FORWARD_ROOM; within one, every byte of
 * room takes one further. out->max bounds room, and memory is taken for bytes that have come.
 *
 * NECTAR_EFRAME, NECTAR_ETEXT, NECTAR_ETOOBIG as ws_decode; NECTAR_ENOMEM. Errors are final, and
 * everything before the frame in question has passed. After a Close everything is taken and
 * nothing passes.
 */
int ws_forward(struct ws_forward *forward, const uint8_t *data, size_t len, size_t *used,
               struct bytes *out, size_t room, struct ws_message *event);

/*
 * A control frame of our own (Ping, Pong, Close; len at most WS_CONTROL_MAX) on the leg that out
 * goes to: at once, or, since it may not stand within a frame, when the one under way has passed;
 * a later one then takes its place. It is not counted as room. If out cannot hold it,
 * it is dropped: who does not read gets no pongs. NECTAR_ENOMEM, NECTAR_ETOOBIG it was dropped now.
 */
int ws_forward_control(struct ws_forward *forward, struct bytes *out, enum ws_opcode opcode,
                       const void *data, size_t len);

/* Does out end within a frame? Only this object may then append to it. */
bool ws_forward_in_frame(const struct ws_forward *forward);

/* Is part of a message or of a frame here, and the rest not? Not after a Close. */
bool ws_forward_under_way(const struct ws_forward *forward);

#endif
