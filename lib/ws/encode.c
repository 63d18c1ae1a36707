#include <assert.h>
#include <string.h>

#include <nectar/error.h>

#include "ws/frame.h"
#include "ws/state.h"

int ws_encode_begin(struct ws_frames *frames, struct bytes *out, enum ws_opcode opcode, size_t len,
                    uint8_t **payload)
{
    const uint8_t *key = frames->client ? frames->mask : NULL;
    size_t header = ws_header_size(len, frames->client);
    int error;

    if (len > WS_MESSAGE_MAX)
        return NECTAR_ETOOBIG;
    error = bytes_reserve(out, header + len);
    if (error)
        return error;
    if (key)
        random_stream_take(frames->masks, frames->mask, WS_MASK_BYTES);
    (void)ws_header_write(out->data + out->len, WS_FIN | (int)opcode, len, key);
    *payload = out->data + out->len + header;
    out->len += header + len;
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
