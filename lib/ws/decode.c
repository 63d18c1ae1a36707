#include <stdlib.h>

#include <nectar/error.h>

#include "ws/frame.h"
#include "ws/state.h"

int ws_frames_new(struct ws_frames **out, bool client, struct random_stream *masks)
{
    struct ws_frames *frames = calloc(1, sizeof *frames);

    if (!frames)
        return NECTAR_ENOMEM;
    frames->client = client;
    frames->masks = masks;
    frames->headers.masked = !client;
    bytes_init(&frames->message, WS_MESSAGE_MAX);
    *out = frames;
    return 0;
}

void ws_frames_free(struct ws_frames *frames)
{
    if (!frames)
        return;
    bytes_free(&frames->message);
    free(frames);
}

/* Some payload of the frame under way, unmasked to where it belongs. */
static int take_payload(struct ws_frames *frames, const uint8_t *data, size_t n)
{
    struct bytes *message = &frames->message;

    if (ws_is_control(frames->frame.opcode)) {
        ws_control_add(&frames->control, &frames->frame, data, n);
    } else {
        int error = bytes_reserve(message, n);

        if (error)
            return error;
        ws_mask_copy(message->data + message->len, data, n, frames->frame.key,
                     frames->frame.len - frames->frame_left);
        message->len += n;
    }
    frames->frame_left -= n;
    return 0;
}

/* The frame is whole: is there something to deliver? */
static int frame_end(struct ws_frames *frames, struct ws_message *out)
{
    frames->in_frame = false;
    if (ws_is_control(frames->frame.opcode)) {
        int error = ws_control_end(&frames->control, &frames->frame, out);

        frames->closed = out->opcode == WS_CLOSE;
        return error;
    }
    if (frames->frame.fin) {
        frames->delivered = true;
        out->opcode = WS_BINARY;
        out->data = frames->message.data ? frames->message.data : frames->control.data;
        out->len = frames->message.len;
    }
    return 0;
}

/* The rest of a header, then what is here of the payload behind it. */
static int decode_step(struct ws_frames *frames, const uint8_t *data, size_t len, size_t *used,
                       struct ws_message *out)
{
    size_t n;
    int error;

    *used = 0;
    if (!frames->in_frame) {
        error = ws_header_next(&frames->headers, data, len, used, &frames->frame);
        if (error || frames->frame.opcode == WS_NONE)
            return error;
        frames->in_frame = true;
        frames->frame_left = frames->frame.len;
    }
    n = len - *used < frames->frame_left ? len - *used : frames->frame_left;
    if (n > 0) {
        error = take_payload(frames, data + *used, n);
        if (error)
            return error;
        *used += n;
    }
    return frames->frame_left == 0 ? frame_end(frames, out) : 0;
}

int ws_decode(struct ws_frames *frames, const uint8_t *data, size_t len, size_t *used,
              struct ws_message *out)
{
    size_t step;

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
    while (!frames->error && out->opcode == WS_NONE && *used < len) {
        frames->error = decode_step(frames, data + *used, len - *used, &step, out);
        *used += step;
    }
    if (frames->error)
        *out = (struct ws_message){.opcode = WS_NONE};
    return frames->error;
}

bool ws_under_way(const struct ws_frames *frames)
{
    return !frames->closed &&
           (frames->headers.fragmented || frames->in_frame || frames->headers.held_len > 0);
}

void ws_release(struct ws_frames *frames)
{
    if (frames->headers.fragmented || frames->in_frame)
        return;
    bytes_free(&frames->message);
    frames->delivered = false;
}
