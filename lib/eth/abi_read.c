#include "eth/abi.h"

#include <assert.h>
#include <string.h>

#include <nectar/error.h>

/* A slot of a reader that has failed. */
static const uint8_t ZEROS[ABI_WORD];

static void fail(struct abi_reader *r)
{
    r->error = NECTAR_EFORMAT;
}

static bool all_zero(const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (data[i])
            return false;
    return true;
}

/* The number in a word. False if it is over max. */
static bool load(uint64_t *out, const uint8_t word[ABI_WORD], uint64_t max)
{
    enum { ABOVE = ABI_WORD - sizeof(uint64_t) };
    uint64_t value = 0;

    for (size_t i = ABOVE; i < ABI_WORD; i++)
        value = value << 8 | word[i];
    *out = value;
    return all_zero(word, ABOVE) && value <= max;
}

/* A new frame at a place in the data. */
static void push(struct abi_reader *r, size_t start, size_t count, size_t slots_each)
{
    size_t slots = 0;

    assert(r->depth < ABI_DEPTH && start <= r->data.len);
    if (!r->error && slots_each && count > (r->data.len - start) / ABI_WORD / slots_each)
        fail(r);
    if (!r->error)
        slots = count * slots_each;
    r->frames[r->depth++] = (struct abi_frame){.start = start,
                                               .next = start,
                                               .end = start + slots * ABI_WORD,
                                               .tail = start + slots * ABI_WORD};
}

uint32_t abi_selector(struct nectar_view data)
{
    if (data.len < ABI_SELECTOR)
        return 0;
    return (uint32_t)data.data[0] << 24 | (uint32_t)data.data[1] << 16 |
           (uint32_t)data.data[2] << 8 | data.data[3];
}

void abi_read_call(struct abi_reader *r, struct nectar_view data, uint32_t selector, size_t slots)
{
    *r = (struct abi_reader){.data = data};
    if (data.len < ABI_SELECTOR || abi_selector(data) != selector) {
        fail(r);
        push(r, 0, slots, 1);
    } else {
        push(r, ABI_SELECTOR, slots, 1);
    }
}

void abi_read_bare(struct abi_reader *r, struct nectar_view data, size_t slots)
{
    *r = (struct abi_reader){.data = data};
    push(r, 0, slots, 1);
}

int abi_read_end(struct abi_reader *r)
{
    assert(r->depth == 1);
    abi_leave(r);
    if (!r->error && r->frames[0].tail != r->data.len)
        fail(r);
    return r->error;
}

static const uint8_t *slot(struct abi_reader *r)
{
    struct abi_frame *frame;
    const uint8_t *word;

    assert(r->depth > 0);
    if (r->error)
        return ZEROS;
    frame = &r->frames[r->depth - 1];
    assert(frame->next < frame->end);
    word = r->data.data + frame->next;
    frame->next += ABI_WORD;
    return word;
}

uint64_t abi_get_uint(struct abi_reader *r, uint64_t max)
{
    uint64_t value;

    if (load(&value, slot(r), max))
        return value;
    fail(r);
    return 0;
}

bool abi_get_bool(struct abi_reader *r)
{
    return abi_get_uint(r, 1);
}

void abi_get_address(struct abi_reader *r, uint8_t out[ABI_ADDRESS])
{
    enum { ABOVE = ABI_WORD - ABI_ADDRESS };
    const uint8_t *word = slot(r);

    if (!all_zero(word, ABOVE)) {
        fail(r);
        word = ZEROS;
    }
    memcpy(out, word + ABOVE, ABI_ADDRESS);
}

void abi_get_word(struct abi_reader *r, uint8_t out[ABI_WORD])
{
    memcpy(out, slot(r), ABI_WORD);
}

/* Reads an offset, which can only be that of the first place not read yet. Returns the place; it is
 * within the data. */
static size_t place(struct abi_reader *r)
{
    const struct abi_frame *frame = &r->frames[r->depth - 1];
    size_t expected = frame->tail - frame->start;
    uint64_t offset = abi_get_uint(r, UINT64_MAX);

    if (r->error)
        return r->data.len;
    if (offset != expected)
        fail(r);
    return frame->tail;
}

/* Reads the word at a place that holds a length. */
static size_t length(struct abi_reader *r, size_t at)
{
    uint64_t value = 0;

    if (r->error)
        return 0;
    if (r->data.len - at < ABI_WORD || !load(&value, r->data.data + at, SIZE_MAX)) {
        fail(r);
        return 0;
    }
    return (size_t)value;
}

struct nectar_view abi_get_bytes(struct abi_reader *r)
{
    size_t at = place(r);
    size_t len = length(r, at);
    size_t padding = (ABI_WORD - len % ABI_WORD) % ABI_WORD;
    const uint8_t *data;
    size_t left;

    if (r->error)
        return (struct nectar_view){0};
    at += ABI_WORD;
    data = r->data.data + at;
    left = r->data.len - at;
    if (len > left || padding > left - len || !all_zero(data + len, padding)) {
        fail(r);
        return (struct nectar_view){0};
    }
    r->frames[r->depth - 1].tail = at + len + padding;
    return (struct nectar_view){data, len};
}

size_t abi_enter_array(struct abi_reader *r, size_t slots_each)
{
    size_t at = place(r);
    size_t count = length(r, at);

    assert(slots_each > 0);
    push(r, r->error ? at : at + ABI_WORD, count, slots_each);
    return r->error ? 0 : count;
}

void abi_enter_tuple(struct abi_reader *r, size_t slots)
{
    push(r, place(r), slots, 1);
}

void abi_leave(struct abi_reader *r)
{
    const struct abi_frame *frame;

    assert(r->depth > 0);
    frame = &r->frames[--r->depth];
    assert(r->error || frame->next == frame->end);
    if (r->depth > 0)
        r->frames[r->depth - 1].tail = frame->tail;
}
