/* What decoding and encoding share: the inside of struct ws_frames. Only this folder sees it. */
#ifndef WS_STATE_H
#define WS_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ws/control.h"
#include "ws/frame.h"
#include "ws/header.h"
#include "ws/mask.h"

struct ws_frames {
    bool client;
    struct random_stream *masks;
    uint8_t mask[WS_MASK_BYTES]; /* of the frame between ws_encode_begin and ws_encode_end */

    int error;   /* sticky */
    bool closed; /* a Close came; what follows it is not looked at */
    struct ws_headers headers;
    bool in_frame; /* a frame's header is here, but not all of its payload */
    struct ws_header frame;
    size_t frame_left;
    bool delivered;       /* message went out with the last call */
    struct bytes message; /* the message under way or delivered */
    struct ws_control control;
};

#endif
