#include "ws/header.h"

#include <assert.h>
#include <string.h>

#include <nectar/error.h>

#include "ws/frame.h"

enum {
    RSV = 0x70,
    OPCODE = 0x0f,
    MASKED = 0x80,
    LENGTH = 0x7f,
    LENGTH_7 = 125,  /* the longest payload whose length stands in the second byte */
    LENGTH_16 = 126, /* in that byte: the length follows in two bytes */
    LENGTH_64 = 127, /* in eight */
    FIRST_BYTES = 2, /* tell how long the header is */
};

_Static_assert(WS_MESSAGE_MAX <= UINT16_MAX, "the 64-bit length is never written");

/* The size of a header by its first bytes. */
static size_t size_by(const uint8_t *first)
{
    int length = first[1] & LENGTH;
    size_t more = length == LENGTH_16 ? 2 : length == LENGTH_64 ? 8 : 0;

    return FIRST_BYTES + more + (first[1] & MASKED ? WS_MASK_BYTES : 0);
}

/* Big-endian, and in its shortest form. */
static int read_length(const uint8_t *at, uint64_t *out)
{
    int length = at[1] & LENGTH;
    size_t more = length == LENGTH_16 ? 2 : 8;
    uint64_t value = 0;

    *out = (uint64_t)length;
    if (length <= LENGTH_7)
        return 0;
    for (size_t i = 0; i < more; i++)
        value = value << 8 | at[FIRST_BYTES + i];
    if (value <= (length == LENGTH_16 ? LENGTH_7 : UINT16_MAX) || value >> 63)
        return NECTAR_EFRAME;
    *out = value;
    return 0;
}

/* Is a frame with this opcode allowed here? */
static int check_opcode(const struct ws_headers *headers, int opcode)
{
    switch (opcode) {
    case WS_CONTINUATION:
        return headers->fragmented ? 0 : NECTAR_EFRAME;
    case WS_TEXT:
        return headers->fragmented ? NECTAR_EFRAME : NECTAR_ETEXT;
    case WS_BINARY:
        return headers->fragmented ? NECTAR_EFRAME : 0;
    case WS_CLOSE:
    case WS_PING:
    case WS_PONG:
        return 0;
    default:
        return NECTAR_EFRAME;
    }
}

/* Judges a whole header and takes note of it. */
static int judge(struct ws_headers *headers, const uint8_t *at, size_t size, struct ws_header *out)
{
    int opcode = at[0] & OPCODE;
    bool masked = (at[1] & MASKED) != 0, fin = (at[0] & WS_FIN) != 0;
    uint64_t len;
    int error = read_length(at, &len);

    if (error || (at[0] & RSV) || masked != headers->masked)
        return NECTAR_EFRAME;
    error = check_opcode(headers, opcode);
    if (error)
        return error;
    if (ws_is_control(opcode)) {
        if (!fin || len > WS_CONTROL_MAX)
            return NECTAR_EFRAME;
    } else {
        size_t before = opcode == WS_CONTINUATION ? headers->message : 0;

        if (len > WS_MESSAGE_MAX - before)
            return NECTAR_ETOOBIG;
        headers->message = before + (size_t)len;
        headers->fragmented = !fin;
    }
    out->opcode = opcode;
    out->fin = fin;
    out->len = (size_t)len;
    if (masked)
        memcpy(out->key, at + size - WS_MASK_BYTES, WS_MASK_BYTES);
    return 0;
}

/* Puts a header together that comes in pieces. True once it is whole. */
static bool collect(struct ws_headers *headers, const uint8_t *data, size_t len, size_t *used)
{
    for (;;) {
        if (headers->held_len >= FIRST_BYTES && headers->held_len == size_by(headers->held))
            return true;
        if (*used == len)
            return false;
        headers->held[headers->held_len++] = data[(*used)++];
    }
}

int ws_header_next(struct ws_headers *headers, const uint8_t *data, size_t len, size_t *used,
                   struct ws_header *out)
{
    *used = 0;
    *out = (struct ws_header){.opcode = WS_NONE};
    if (headers->held_len == 0 && len >= FIRST_BYTES) {
        size_t size = size_by(data);

        if (len >= size) {
            *used = size;
            return judge(headers, data, size, out);
        }
    }
    if (!collect(headers, data, len, used))
        return 0;
    len = headers->held_len;
    headers->held_len = 0;
    return judge(headers, headers->held, len, out);
}

size_t ws_header_size(size_t len, bool masked)
{
    size_t length_bytes = len > LENGTH_7 ? 2 : 0;

    return FIRST_BYTES + length_bytes + (masked ? WS_MASK_BYTES : 0);
}

size_t ws_header_write(uint8_t *out, int first, size_t len, const uint8_t *key)
{
    int mask_bit = key ? MASKED : 0;
    uint8_t *at = out;

    assert(len <= WS_MESSAGE_MAX);
    *at++ = (uint8_t)first;
    if (len > LENGTH_7) {
        *at++ = (uint8_t)(mask_bit | LENGTH_16);
        *at++ = (uint8_t)(len >> 8);
        *at++ = (uint8_t)len;
    } else {
        *at++ = (uint8_t)(mask_bit | (int)len);
    }
    if (key) {
        memcpy(at, key, WS_MASK_BYTES);
        at += WS_MASK_BYTES;
    }
    return (size_t)(at - out);
}
