/* What decoding and encoding share: the inside of struct ws_frames. Only this folder sees it. */
#ifndef WS_STATE_H
#define WS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wslay/wslay.h>

#include "ws/frame.h"
#include "ws/mask.h"

struct ws_frames {
    bool client;
    struct random_stream *masks;
    uint8_t mask[WS_MASK_BYTES]; /* of the frame between ws_encode_begin and ws_encode_end */

    int error;                      /* sticky */
    bool closed;                    /* a Close came; what follows it is not looked at */
    wslay_frame_context_ptr parser; /* NULL while it holds nothing */
    const uint8_t *input;           /* of the call under way */
    size_t input_left;
    size_t held; /* bytes given to the parser that it has not given back */

    bool in_frame; /* some of a frame's payload is here, but not all */
    uint64_t frame_left;
    bool fragmented;      /* a message has begun and its last frame has not ended */
    bool delivered;       /* message went out with the last call */
    struct bytes message; /* the message under way or delivered */
    uint8_t control[WS_CONTROL_MAX];
    size_t control_len;
};

#endif
