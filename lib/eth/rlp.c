#include "eth/rlp.h"

#include <string.h>

#include <nectar/error.h>

/* The first byte of an item: itself, a short or long string, a short or long list. */
enum {
    STRING = 0x80,
    LIST = 0xc0,
    SHORT_MAX = 55,
    LENGTH_BYTES_MAX = 8,
    HEAD_MAX = 1 + LENGTH_BYTES_MAX,
};

/* --- writing --------------------------------------------------------------------------------- */

/* The head of a string or list of so many bytes; how long it is. */
static size_t make_head(uint8_t out[HEAD_MAX], uint8_t kind, size_t len)
{
    struct word word = word_of(len);
    struct nectar_view digits = word_digits(&word);

    if (len <= SHORT_MAX) {
        out[0] = (uint8_t)(kind + len);
        return 1;
    }
    out[0] = (uint8_t)(kind + SHORT_MAX + digits.len);
    memcpy(out + 1, digits.data, digits.len);
    return 1 + digits.len;
}

void rlp_write_raw(struct rlp_writer *w, struct nectar_view encoded)
{
    if (!w->error)
        w->error = bytes_append(w->out, encoded.data, encoded.len);
}

void rlp_write_bytes(struct rlp_writer *w, struct nectar_view bytes)
{
    uint8_t head[HEAD_MAX];

    if (bytes.len != 1 || bytes.data[0] >= STRING)
        rlp_write_raw(w, (struct nectar_view){head, make_head(head, STRING, bytes.len)});
    rlp_write_raw(w, bytes);
}

void rlp_write_word(struct rlp_writer *w, const struct word *word)
{
    rlp_write_bytes(w, word_digits(word));
}

void rlp_write_uint(struct rlp_writer *w, uint64_t value)
{
    struct word word = word_of(value);

    rlp_write_word(w, &word);
}

size_t rlp_open_list(struct rlp_writer *w)
{
    return w->out->len;
}

void rlp_close_list(struct rlp_writer *w, size_t opened)
{
    uint8_t head[HEAD_MAX];
    size_t len, room;

    if (w->error)
        return;
    len = w->out->len - opened;
    room = make_head(head, LIST, len);
    w->error = bytes_append(w->out, head, room);
    if (w->error)
        return;
    memmove(w->out->data + opened + room, w->out->data + opened, len);
    memcpy(w->out->data + opened, head, room);
}

/* --- reading --------------------------------------------------------------------------------- */

void rlp_reader_init(struct rlp_reader *r, struct nectar_view data)
{
    *r = (struct rlp_reader){.left = data};
}

bool rlp_has_more(const struct rlp_reader *r)
{
    return !r->error && r->left.len > 0;
}

bool rlp_at_list(const struct rlp_reader *r)
{
    return rlp_has_more(r) && r->left.data[0] >= LIST;
}

static struct nectar_view fail(struct rlp_reader *r)
{
    r->error = NECTAR_EFORMAT;
    return (struct nectar_view){NULL, 0};
}

/* The length behind a first byte that says it takes so many bytes; it is over SHORT_MAX, and there
 * is none of its bytes too many. */
static int long_length(uint64_t *out, struct nectar_view from, size_t count)
{
    uint64_t len = 0;

    if (from.len < count || from.data[0] == 0)
        return NECTAR_EFORMAT;
    for (size_t i = 0; i < count; i++)
        len = len << 8 | from.data[i];
    *out = len;
    return len > SHORT_MAX ? 0 : NECTAR_EFORMAT;
}

/* What is in the next item, which has a head of this kind. */
static struct nectar_view read_item(struct rlp_reader *r, uint8_t kind)
{
    struct nectar_view item = r->left;
    uint64_t len;
    uint8_t first;

    if (!rlp_has_more(r) || item.data[0] < kind || (kind == STRING && item.data[0] >= LIST))
        return fail(r);
    first = (uint8_t)(item.data[0] - kind);
    item.data++;
    item.len--;
    len = first;
    if (first > SHORT_MAX) {
        size_t count = (size_t)first - SHORT_MAX;

        if (long_length(&len, item, count) != 0)
            return fail(r);
        item.data += count;
        item.len -= count;
    }
    if (len > item.len)
        return fail(r);
    r->left = (struct nectar_view){item.data + len, item.len - (size_t)len};
    return (struct nectar_view){item.data, (size_t)len};
}

struct nectar_view rlp_read_bytes(struct rlp_reader *r)
{
    struct nectar_view bytes;

    if (rlp_has_more(r) && r->left.data[0] < STRING) {
        bytes = (struct nectar_view){r->left.data, 1};
        r->left.data++;
        r->left.len--;
        return bytes;
    }
    bytes = read_item(r, STRING);
    /* A byte that stands for itself needs no head. */
    return bytes.len == 1 && bytes.data[0] < STRING ? fail(r) : bytes;
}

void rlp_read_exactly(uint8_t *out, size_t len, struct rlp_reader *r)
{
    struct nectar_view bytes = rlp_read_bytes(r);

    if (bytes.len == len && !r->error) {
        if (len > 0)
            memcpy(out, bytes.data, len);
        return;
    }
    memset(out, 0, len);
    (void)fail(r);
}

void rlp_read_word(struct word *out, struct rlp_reader *r)
{
    struct nectar_view bytes = rlp_read_bytes(r);

    *out = (struct word){{0}};
    if (bytes.len > 0 && (bytes.data[0] == 0 || word_from_bytes(out, bytes) != 0))
        (void)fail(r);
}

uint64_t rlp_read_uint(struct rlp_reader *r, uint64_t max)
{
    struct word word;
    uint64_t value = 0;

    rlp_read_word(&word, r);
    if (word_to_uint(&value, &word, max) != 0)
        (void)fail(r);
    return value;
}

void rlp_read_list(struct rlp_reader *list, struct rlp_reader *r)
{
    rlp_reader_init(list, read_item(r, LIST));
}

void rlp_end_list(const struct rlp_reader *list, struct rlp_reader *r)
{
    if (rlp_read_end(list) != 0)
        (void)fail(r);
}

int rlp_read_end(const struct rlp_reader *r)
{
    if (r->error)
        return r->error;
    return r->left.len == 0 ? 0 : NECTAR_EFORMAT;
}
