/*
 * What wslay (1.1.1) checks: control frames are not fragmented and at most 125 bytes long, lengths
 * are in their shortest form and under 2^63. Everything else is checked here. It tells of a frame
 * with the first byte of its payload, or with its header if it has none.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "ws/frame.h"
#include "ws/state.h"

int ws_frames_new(struct ws_frames **out, bool client, struct random_stream *masks)
{
    struct ws_frames *frames = calloc(1, sizeof *frames);

    if (!frames)
        return NECTAR_ENOMEM;
    frames->client = client;
    frames->masks = masks;
    bytes_init(&frames->message, WS_MESSAGE_MAX);
    *out = frames;
    return 0;
}

void ws_frames_free(struct ws_frames *frames)
{
    if (!frames)
        return;
    bytes_free(&frames->message);
    if (frames->parser)
        wslay_frame_context_free(frames->parser);
    free(frames);
}

/* wslay asks for bytes here; -1 says that there are none for now. */
static ssize_t feed(uint8_t *buffer, size_t size, int flags, void *user_data)
{
    struct ws_frames *frames = user_data;
    size_t n = size < frames->input_left ? size : frames->input_left;

    (void)flags;
    if (n == 0)
        return -1;
    memcpy(buffer, frames->input, n);
    frames->input += n;
    frames->input_left -= n;
    frames->held += n;
    return (ssize_t)n;
}

static int parser_ready(struct ws_frames *frames)
{
    const struct wslay_frame_callbacks callbacks = {.recv_callback = feed};

    if (frames->parser)
        return 0;
    return wslay_frame_context_init(&frames->parser, &callbacks, frames) == 0 ? 0 : NECTAR_ENOMEM;
}

static bool is_control(uint8_t opcode)
{
    return wslay_is_ctrl_frame(opcode) != 0;
}

static size_t header_size(const struct wslay_frame_iocb *frame)
{
    size_t length = frame->payload_length > UINT16_MAX ? 8 : frame->payload_length > 125 ? 2 : 0;

    return 2 + length + (frame->mask ? WS_MASK_BYTES : 0);
}

/* Is a frame with this opcode allowed here? */
static int check_opcode(const struct ws_frames *frames, uint8_t opcode)
{
    switch (opcode) {
    case WSLAY_CONTINUATION_FRAME:
        return frames->fragmented ? 0 : NECTAR_EFRAME;
    case WSLAY_TEXT_FRAME:
        return frames->fragmented ? NECTAR_EFRAME : NECTAR_ETEXT;
    case WSLAY_BINARY_FRAME:
        return frames->fragmented ? NECTAR_EFRAME : 0;
    case WSLAY_CONNECTION_CLOSE:
    case WSLAY_PING:
    case WSLAY_PONG:
        return 0;
    default:
        return NECTAR_EFRAME;
    }
}

/* Judges a frame by its header. */
static int frame_begin(struct ws_frames *frames, const struct wslay_frame_iocb *frame)
{
    bool masked = frame->mask != 0;
    int error;

    if (frame->rsv != 0 || masked == frames->client)
        return NECTAR_EFRAME;
    error = check_opcode(frames, frame->opcode);
    if (error)
        return error;
    if (is_control(frame->opcode)) {
        if (!frame->fin || frame->payload_length > WS_CONTROL_MAX)
            return NECTAR_EFRAME;
        frames->control_len = 0;
    } else {
        if (frame->payload_length > WS_MESSAGE_MAX - frames->message.len)
            return NECTAR_ETOOBIG;
        frames->fragmented = true;
    }
    frames->held -= header_size(frame);
    frames->in_frame = true;
    frames->frame_left = frame->payload_length;
    return 0;
}

/* RFC 6455, section 7.4, and the registry it set up: codes that may stand in a Close frame. */
static bool close_code_allowed(uint16_t code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static int close_end(struct ws_frames *frames, struct ws_message *out)
{
    struct nectar_view reason = {frames->control, 0};

    out->code = WS_CLOSE_NO_CODE;
    if (frames->control_len == 1)
        return NECTAR_EFRAME;
    if (frames->control_len >= 2) {
        out->code = (uint16_t)(frames->control[0] << 8 | frames->control[1]);
        reason = (struct nectar_view){frames->control + 2, frames->control_len - 2};
        if (!close_code_allowed(out->code) || !nectar_utf8_valid(reason))
            return NECTAR_EFRAME;
        out->data = frames->control + 2;
        out->len = reason.len;
    }
    frames->closed = true;
    return 0;
}

/* The frame is whole: is there something to deliver? */
static int frame_end(struct ws_frames *frames, const struct wslay_frame_iocb *frame,
                     struct ws_message *out)
{
    frames->in_frame = false;
    if (is_control(frame->opcode)) {
        out->data = frames->control;
        out->len = frames->control_len;
        out->opcode = (enum ws_opcode)frame->opcode;
        if (frame->opcode != WSLAY_CONNECTION_CLOSE)
            return 0;
        out->len = 0;
        return close_end(frames, out);
    }
    if (frame->fin) {
        frames->fragmented = false;
        frames->delivered = true;
        out->opcode = WS_BINARY;
        out->data = frames->message.data ? frames->message.data : frames->control;
        out->len = frames->message.len;
    }
    return 0;
}

/* Some payload of a frame, or a whole frame without one. */
static int frame_chunk(struct ws_frames *frames, const struct wslay_frame_iocb *frame,
                       struct ws_message *out)
{
    int error = frames->in_frame ? 0 : frame_begin(frames, frame);

    if (error)
        return error;
    frames->held -= frame->data_length;
    frames->frame_left -= frame->data_length;
    if (is_control(frame->opcode)) {
        if (frame->data_length > 0)
            memcpy(frames->control + frames->control_len, frame->data, frame->data_length);
        frames->control_len += frame->data_length;
    } else {
        error = bytes_append(&frames->message, frame->data, frame->data_length);
        if (error)
            return error;
    }
    return frames->frame_left == 0 ? frame_end(frames, frame, out) : 0;
}

static int decode(struct ws_frames *frames, struct ws_message *out)
{
    int error = parser_ready(frames);

    while (!error && out->opcode == WS_NONE) {
        struct wslay_frame_iocb frame;
        ssize_t got;

        memset(&frame, 0, sizeof frame);
        got = wslay_frame_recv(frames->parser, &frame);
        if (got >= 0)
            error = frame_chunk(frames, &frame, out);
        else if (got != WSLAY_ERR_WANT_READ)
            error = NECTAR_EFRAME;
        else if (frames->input_left == 0)
            break;
    }
    return error;
}

int ws_decode(struct ws_frames *frames, const uint8_t *data, size_t len, size_t *used,
              struct ws_message *out)
{
    *used = 0;
    *out = (struct ws_message){.opcode = WS_NONE};
    if (frames->error)
        return frames->error;
    if (frames->delivered)
        bytes_clear(&frames->message);
    frames->delivered = false;
    if (frames->closed) {
        *used = len;
        return 0;
    }
    frames->input = data;
    frames->input_left = len;
    frames->error = decode(frames, out);
    *used = len - frames->input_left;
    frames->input = NULL;
    frames->input_left = 0;
    if (frames->error)
        *out = (struct ws_message){.opcode = WS_NONE};
    return frames->error;
}

bool ws_under_way(const struct ws_frames *frames)
{
    return !frames->closed && (frames->fragmented || frames->in_frame || frames->held > 0);
}

void ws_release(struct ws_frames *frames)
{
    if (frames->fragmented || frames->in_frame)
        return;
    bytes_free(&frames->message);
    frames->delivered = false;
    if (frames->parser && frames->held == 0) {
        wslay_frame_context_free(frames->parser);
        frames->parser = NULL;
    }
}
