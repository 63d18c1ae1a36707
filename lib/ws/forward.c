#include "ws/forward.h"

#include <assert.h>
#include <string.h>

#include <nectar/error.h>

#include "ws/mask.h"

/* What one call of ws_forward works on. */
struct passage {
    const uint8_t *data;
    size_t left; /* bytes of data */
    struct bytes *out;
    size_t room;
    struct ws_message *event;
};

void ws_forward_init(struct ws_forward *forward, bool from_client, bool to_server,
                     struct random_stream *masks)
{
    *forward = (struct ws_forward){
        .headers.masked = from_client,
        .masks_change = from_client || to_server,
        .to_server = to_server,
        .masks = masks,
    };
}

static inline size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline void advance(struct passage *passage, size_t n)
{
    passage->data += n;
    passage->left -= n;
}

/* Memory for n bytes more, at most room; and, if there is to be more, for the rest of the call. */
static inline int make_room(const struct passage *passage, size_t n)
{
    const struct bytes *out = passage->out;
    size_t rest = least(passage->left, passage->room);

    if (n <= out->cap - out->len)
        return 0;
    return bytes_reserve(passage->out, n > rest ? n : rest);
}

static inline void grown(struct passage *passage, size_t n)
{
    passage->out->len += n;
    passage->room -= n;
}

/* The header as it goes out. The key is ours alone, never one the peer chose or can foresee; what
 * takes its mask off puts ours on. */
static int pass_header(struct ws_forward *forward, struct passage *passage)
{
    struct ws_header *frame = &forward->frame;
    int first = (frame->fin ? WS_FIN : 0) | frame->opcode;
    uint8_t key[WS_MASK_BYTES];
    int error = make_room(passage, WS_HEADER_WRITTEN_MAX);
    size_t size;

    if (error)
        return error;
    if (forward->to_server) {
        random_stream_take(forward->masks, key, sizeof key);
        for (size_t i = 0; i < sizeof key; i++)
            frame->key[i] ^= key[i];
    }
    size = ws_header_write(passage->out->data + passage->out->len, first, frame->len,
                           forward->to_server ? key : NULL);
    grown(passage, size);
    return 0;
}

static int pass_payload(struct ws_forward *forward, struct passage *passage)
{
    size_t n = least(least(forward->frame_left, passage->left), passage->room);
    int error;
    uint8_t *to;

    if (n == 0)
        return 0;
    error = make_room(passage, n);
    if (error)
        return error;
    to = passage->out->data + passage->out->len;
    if (forward->masks_change)
        ws_mask_copy(to, passage->data, n, forward->frame.key,
                     forward->frame.len - forward->frame_left);
    else
        memcpy(to, passage->data, n);
    grown(passage, n);
    advance(passage, n);
    forward->frame_left -= n;
    return 0;
}

static int take_control(struct ws_forward *forward, struct passage *passage)
{
    size_t n = least(forward->frame_left, passage->left);
    int error;

    if (n > 0)
        ws_control_add(&forward->control, &forward->frame, passage->data, n);
    advance(passage, n);
    forward->frame_left -= n;
    if (forward->frame_left > 0)
        return 0;
    error = ws_control_end(&forward->control, &forward->frame, passage->event);
    forward->closed = passage->event->opcode == WS_CLOSE;
    return error;
}

/* The frame under way has passed: now is the time for a frame of our own. */
static int pass_owed(struct ws_forward *forward, struct passage *passage)
{
    size_t len = forward->owed_len;
    int error;

    forward->owed_len = 0;
    error = bytes_append(passage->out, forward->owed, len);
    /* It may have used up what the caller meant to be room. */
    passage->room = least(passage->room, passage->out->max - passage->out->len);
    return error == NECTAR_ETOOBIG ? 0 : error;
}

/* Takes a header, if there is one to take. */
static int frame_begin(struct ws_forward *forward, struct passage *passage)
{
    size_t used;
    int error;

    if (passage->room < WS_FORWARD_ROOM)
        return 0;
    error = ws_header_next(&forward->headers, passage->data, passage->left, &used, &forward->frame);
    advance(passage, used);
    if (error || forward->frame.opcode == WS_NONE)
        return error;
    forward->in_frame = true;
    forward->frame_left = forward->frame.len;
    return ws_is_control(forward->frame.opcode) ? 0 : pass_header(forward, passage);
}

/* Passes a frame on, or what is here of it. *more: it has ended, and there may be another. */
static int pass_frame(struct ws_forward *forward, struct passage *passage, bool *more)
{
    int error = forward->in_frame ? 0 : frame_begin(forward, passage);

    *more = false;
    if (error || !forward->in_frame)
        return error;
    error = ws_is_control(forward->frame.opcode) ? take_control(forward, passage)
                                                 : pass_payload(forward, passage);
    if (error || forward->frame_left > 0)
        return error;
    forward->in_frame = false;
    if (forward->owed_len > 0)
        error = pass_owed(forward, passage);
    *more = !error && passage->left > 0 && passage->event->opcode == WS_NONE;
    return error;
}

int ws_forward(struct ws_forward *forward, const uint8_t *data, size_t len, size_t *used,
               struct bytes *out, size_t room, struct ws_message *event)
{
    struct passage passage = {data, len, out, least(room, out->max - out->len), event};
    bool more = !forward->closed && len > 0;

    *used = 0;
    *event = (struct ws_message){.opcode = WS_NONE};
    if (forward->error)
        return forward->error;
    if (forward->closed)
        *used = len;
    while (more) {
        forward->error = pass_frame(forward, &passage, &more);
        *used = len - passage.left;
    }
    if (forward->error)
        *event = (struct ws_message){.opcode = WS_NONE};
    return forward->error;
}

int ws_forward_control(struct ws_forward *forward, struct bytes *out, enum ws_opcode opcode,
                       const void *data, size_t len)
{
    uint8_t key[WS_MASK_BYTES];
    size_t size;

    assert(len <= WS_CONTROL_MAX);
    if (forward->to_server)
        random_stream_take(forward->masks, key, sizeof key);
    size =
        ws_header_write(forward->owed, WS_FIN | (int)opcode, len, forward->to_server ? key : NULL);
    if (len > 0)
        memcpy(forward->owed + size, data, len);
    if (forward->to_server)
        ws_mask(forward->owed + size, len, key, 0);
    forward->owed_len = size + len;
    if (ws_forward_in_frame(forward))
        return 0;
    size = forward->owed_len;
    forward->owed_len = 0;
    return bytes_append(out, forward->owed, size);
}

bool ws_forward_in_frame(const struct ws_forward *forward)
{
    return forward->in_frame && !ws_is_control(forward->frame.opcode);
}

bool ws_forward_under_way(const struct ws_forward *forward)
{
    return !forward->closed &&
           (forward->headers.fragmented || forward->in_frame || forward->headers.held_len > 0);
}
