#include "codec/msgpack.h"

#include <nectar/error.h>
#include <nectar/text.h>

#include "codec/msgpack_form.h"
#include "codec/octets.h"

void msgpack_reader_init(struct msgpack_reader *r, uint8_t *data, size_t len)
{
    *r = (struct msgpack_reader){.data = data, .writable = data, .len = len};
}

void msgpack_reader_init_const(struct msgpack_reader *r, struct nectar_view data)
{
    *r = (struct msgpack_reader){.data = data.data, .len = data.len};
}

static void fail(struct msgpack_reader *r)
{
    r->error = NECTAR_EFORMAT;
}

static size_t left(const struct msgpack_reader *r)
{
    return r->len - r->at;
}

/* The next octet, which is not taken; 0xc1, which begins no value, where there is none. */
static uint8_t peek(const struct msgpack_reader *r)
{
    enum { NO_VALUE = 0xc1 };

    return r->error || left(r) == 0 ? NO_VALUE : r->data[r->at];
}

/* Takes len bytes. */
static struct nectar_view take(struct msgpack_reader *r, size_t len)
{
    size_t begin = r->at;

    if (r->error || len > left(r)) {
        fail(r);
        return (struct nectar_view){0};
    }
    r->at += len;
    return (struct nectar_view){r->data + begin, len};
}

/* Takes the first octet and the length of width bytes behind it. */
static size_t take_length(struct msgpack_reader *r, size_t width)
{
    struct nectar_view head = take(r, 1 + width);
    size_t length = 0;

    for (size_t i = 1; i < head.len; i++)
        length = length << 8 | head.data[i];
    return length;
}

/* Is byte one of count forms that follow one another from first? */
static bool among(uint8_t byte, unsigned first, unsigned count)
{
    return byte >= first && byte < first + count;
}

bool msgpack_read_nil(struct msgpack_reader *r)
{
    bool is_nil = peek(r) == FORM_NIL;

    r->at += is_nil;
    return is_nil;
}

bool msgpack_read_bool(struct msgpack_reader *r)
{
    uint8_t form = peek(r);

    if (form != FORM_TRUE && form != FORM_FALSE) {
        fail(r);
        return false;
    }
    r->at++;
    return form == FORM_TRUE;
}

uint64_t msgpack_read_uint(struct msgpack_reader *r, uint64_t max)
{
    uint64_t value = 0;
    size_t n = r->error ? 0 : octets_integer(&value, r->data + r->at, left(r));

    if (n == 0 || value > max) {
        fail(r);
        return 0;
    }
    r->at += n;
    return value;
}

struct nectar_view msgpack_read_str(struct msgpack_reader *r)
{
    uint8_t form = peek(r);
    struct nectar_view text = {0};
    size_t length;

    if (among(form, FORM_FIXSTR, FORM_FIXSTR_MAX + 1)) {
        length = form - FORM_FIXSTR;
        r->at++;
    } else if (among(form, FORM_STR8, 3)) {
        length = take_length(r, (size_t)1 << (form - FORM_STR8));
    } else {
        fail(r);
        return text;
    }
    text = take(r, length);
    if (!nectar_utf8_valid(text)) {
        fail(r);
        return (struct nectar_view){0};
    }
    return text;
}

struct nectar_view msgpack_read_optional_str(struct msgpack_reader *r)
{
    if (msgpack_read_nil(r))
        return (struct nectar_view){0};
    return msgpack_read_str(r);
}

/* The head of an array or a map, each of whose elements takes at least so many bytes. */
static size_t read_count(struct msgpack_reader *r, unsigned fix, unsigned form16, size_t element)
{
    uint8_t form = peek(r);
    size_t count = 0;

    if (among(form, fix, FORM_FIXARRAY_MAX + 1)) {
        count = form - fix;
        r->at++;
    } else if (among(form, form16, 2)) {
        count = take_length(r, (size_t)2 << (form - form16));
    } else {
        fail(r);
    }
    if (r->error || count > left(r) / element) {
        fail(r);
        return 0;
    }
    return count;
}

size_t msgpack_read_array(struct msgpack_reader *r)
{
    return read_count(r, FORM_FIXARRAY, FORM_ARRAY16, 1);
}

size_t msgpack_read_map(struct msgpack_reader *r)
{
    return read_count(r, FORM_FIXMAP, FORM_MAP16, 2);
}

void msgpack_expect_array(struct msgpack_reader *r, size_t count)
{
    if (msgpack_read_array(r) != count)
        fail(r);
}

bool msgpack_at_bin(const struct msgpack_reader *r)
{
    return among(peek(r), FORM_BIN8, 3);
}

/* Takes a byte vector that came as bin; false if the next value is none. */
static bool read_bin(struct msgpack_reader *r, struct nectar_view *out)
{
    uint8_t form = peek(r);

    if (!msgpack_at_bin(r))
        return false;
    *out = take(r, take_length(r, (size_t)1 << (form - FORM_BIN8)));
    return true;
}

struct nectar_view msgpack_read_bytes(struct msgpack_reader *r)
{
    struct nectar_view bytes = {0};
    size_t used;

    if (read_bin(r, &bytes))
        return bytes;
    bytes.len = msgpack_read_array(r);
    if (r->error)
        return (struct nectar_view){0};
    bytes.data = r->data + r->at;
    if (bytes.len == 0)
        return bytes;
    used = r->writable ? octets_pack(r->writable + r->at, left(r), bytes.len) : 0;
    if (used == 0) {
        fail(r);
        return (struct nectar_view){0};
    }
    r->at += used;
    return bytes;
}

void msgpack_skip_bytes(struct msgpack_reader *r)
{
    struct nectar_view bytes;
    size_t count;
    size_t used;

    if (read_bin(r, &bytes))
        return;
    count = msgpack_read_array(r);
    if (r->error || count == 0)
        return;
    used = octets_skip(r->data + r->at, left(r), count);
    if (used == 0)
        fail(r);
    r->at += used;
}

int msgpack_read_end(struct msgpack_reader *r)
{
    if (left(r) != 0)
        fail(r);
    return r->error;
}
