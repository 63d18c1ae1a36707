#include <assert.h>
#include <string.h>

#include <nectar/error.h>

#include "ws/frame.h"
#include "ws/state.h"

enum {
    FIN = 0x80,
    MASKED = 0x80,
    LENGTH_7 = 125, /* the longest payload whose length stands in the second byte */
    LENGTH_16 = 126 /* in that byte: the length follows in two bytes */
};

_Static_assert(WS_MESSAGE_MAX <= UINT16_MAX, "the 64-bit length is never written");

int ws_encode_begin(struct ws_frames *frames, struct bytes *out, enum ws_opcode opcode, size_t len,
                    uint8_t **payload)
{
    size_t length_bytes = len > LENGTH_7 ? 2 : 0;
    size_t header = 2 + length_bytes + (frames->client ? WS_MASK_BYTES : 0);
    uint8_t *at;
    int error;

    if (len > WS_MESSAGE_MAX)
        return NECTAR_ETOOBIG;
    error = bytes_reserve(out, header + len);
    if (error)
        return error;
    at = out->data + out->len;
    *at++ = (uint8_t)(FIN | (int)opcode);
    *at++ = (uint8_t)((frames->client ? MASKED : 0) | (length_bytes ? LENGTH_16 : (int)len));
    if (length_bytes) {
        *at++ = (uint8_t)(len >> 8);
        *at++ = (uint8_t)len;
    }
    if (frames->client) {
        random_stream_take(frames->masks, frames->mask, WS_MASK_BYTES);
        memcpy(at, frames->mask, WS_MASK_BYTES);
        at += WS_MASK_BYTES;
    }
    out->len += header + len;
    *payload = at;
    return 0;
}

void ws_encode_end(struct ws_frames *frames, uint8_t *payload, size_t len)
{
    if (frames->client)
        ws_mask(payload, len, frames->mask, 0);
}

int ws_encode_control(struct ws_frames *frames, struct bytes *out, enum ws_opcode opcode,
                      const void *data, size_t len)
{
    uint8_t *payload;
    int error;

    assert(len <= WS_CONTROL_MAX);
    error = ws_encode_begin(frames, out, opcode, len, &payload);
    if (error)
        return error;
    if (len > 0)
        memcpy(payload, data, len);
    ws_encode_end(frames, payload, len);
    return 0;
}

int ws_encode_close(struct ws_frames *frames, struct bytes *out, uint16_t code, const char *reason)
{
    uint8_t body[WS_CONTROL_MAX];
    size_t len = strlen(reason);

    assert(len <= sizeof body - 2);
    body[0] = (uint8_t)(code >> 8);
    body[1] = (uint8_t)code;
    memcpy(body + 2, reason, len);
    return ws_encode_control(frames, out, WS_CLOSE, body, 2 + len);
}
