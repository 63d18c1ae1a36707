#include "codec/msgpack.h"

#include <string.h>

#include <nectar/error.h>

#include "codec/msgpack_form.h"
#include "codec/octets.h"

/* Room for n bytes more, counted as written; NULL after an error. */
static uint8_t *room(struct msgpack_writer *w, size_t n)
{
    struct bytes *out = w->out;

    if (!w->error && out->cap - out->len < n)
        w->error = bytes_reserve(out, n);
    if (w->error)
        return NULL;
    out->len += n;
    return out->data + out->len - n;
}

void msgpack_write_raw(struct msgpack_writer *w, struct nectar_view encoded)
{
    uint8_t *to = encoded.len > 0 ? room(w, encoded.len) : NULL;

    if (to)
        memcpy(to, encoded.data, encoded.len);
}

static void write_byte(struct msgpack_writer *w, unsigned byte)
{
    uint8_t *to = room(w, 1);

    if (to)
        *to = (uint8_t)byte;
}

/* A first octet and value behind it, big-endian in width bytes. */
static void write_wide(struct msgpack_writer *w, unsigned form, uint64_t value, size_t width)
{
    uint8_t *to = room(w, 1 + width);

    if (!to)
        return;
    to[0] = (uint8_t)form;
    for (size_t i = width; i > 0; i--) {
        to[i] = (uint8_t)value;
        value >>= 8;
    }
}

/* A length of 8, 16 or 32 bits; the three forms follow one another. */
static void write_length(struct msgpack_writer *w, unsigned form8, size_t len)
{
    if (len <= UINT8_MAX)
        write_wide(w, form8, len, 1);
    else if (len <= UINT16_MAX)
        write_wide(w, form8 + 1, len, 2);
    else if (len <= UINT32_MAX)
        write_wide(w, form8 + 2, len, 4);
    else if (!w->error)
        w->error = NECTAR_ETOOBIG;
}

/* A count of 16 or 32 bits; the two forms follow one another. */
static void write_count(struct msgpack_writer *w, unsigned form16, size_t count)
{
    if (count <= UINT16_MAX)
        write_wide(w, form16, count, 2);
    else
        write_length(w, form16 - 1, count);
}

void msgpack_write_nil(struct msgpack_writer *w)
{
    write_byte(w, FORM_NIL);
}

void msgpack_write_bool(struct msgpack_writer *w, bool value)
{
    write_byte(w, value ? FORM_TRUE : FORM_FALSE);
}

void msgpack_write_uint(struct msgpack_writer *w, uint64_t value)
{
    if (value <= FORM_FIXINT_MAX)
        write_byte(w, (unsigned)value);
    else if (value <= UINT32_MAX)
        write_length(w, FORM_UINT8, value);
    else
        write_wide(w, FORM_UINT8 + 3, value, 8);
}

void msgpack_write_str(struct msgpack_writer *w, struct nectar_view text)
{
    if (text.len <= FORM_FIXSTR_MAX)
        write_byte(w, FORM_FIXSTR + (unsigned)text.len);
    else
        write_length(w, FORM_STR8, text.len);
    msgpack_write_raw(w, text);
}

void msgpack_write_optional_str(struct msgpack_writer *w, struct nectar_view text)
{
    if (text.data)
        msgpack_write_str(w, text);
    else
        msgpack_write_nil(w);
}

void msgpack_write_array(struct msgpack_writer *w, size_t count)
{
    if (count <= FORM_FIXARRAY_MAX)
        write_byte(w, FORM_FIXARRAY + (unsigned)count);
    else
        write_count(w, FORM_ARRAY16, count);
}

void msgpack_write_map(struct msgpack_writer *w, size_t count)
{
    if (count <= FORM_FIXMAP_MAX)
        write_byte(w, FORM_FIXMAP + (unsigned)count);
    else
        write_count(w, FORM_MAP16, count);
}

void msgpack_write_octets(struct msgpack_writer *w, struct nectar_view data)
{
    uint8_t *to;

    msgpack_write_array(w, data.len);
    if (data.len == 0)
        return;
    to = room(w, octets_size(data.data, data.len));
    if (to)
        octets_expand(to, data.data, data.len);
}

void msgpack_write_bin(struct msgpack_writer *w, size_t len)
{
    write_length(w, FORM_BIN8, len);
}
