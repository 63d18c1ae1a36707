#include "eth/abi.h"

#include <assert.h>
#include <string.h>

#include <nectar/error.h>

static const uint8_t ZEROS[ABI_WORD];

static void store(uint8_t word[ABI_WORD], uint64_t value)
{
    memset(word, 0, ABI_WORD);
    for (size_t i = ABI_WORD; value; value >>= 8)
        word[--i] = (uint8_t)value;
}

static void append(struct abi_writer *w, const void *data, size_t len)
{
    if (!w->error)
        w->error = bytes_append(w->out, data, len);
}

static void append_uint(struct abi_writer *w, uint64_t value)
{
    uint8_t word[ABI_WORD];

    store(word, value);
    append(w, word, sizeof word);
}

/* A new frame at the end of what is written. */
static void push(struct abi_writer *w, size_t slots)
{
    size_t start = w->out->len;

    assert(w->depth < ABI_DEPTH);
    if (!w->error && slots > w->out->max / ABI_WORD)
        w->error = NECTAR_ETOOBIG;
    if (!w->error)
        w->error = bytes_reserve(w->out, slots * ABI_WORD);
    if (w->error)
        slots = 0;
    for (size_t i = 0; i < slots; i++)
        append(w, ZEROS, ABI_WORD);
    w->frames[w->depth++] =
        (struct abi_frame){.start = start, .next = start, .end = start + slots * ABI_WORD};
}

static void begin(struct abi_writer *w, struct bytes *out)
{
    *w = (struct abi_writer){.out = out};
}

void abi_write_call(struct abi_writer *w, struct bytes *out, uint32_t selector, size_t slots)
{
    uint8_t octets[ABI_SELECTOR] = {(uint8_t)(selector >> 24), (uint8_t)(selector >> 16),
                                    (uint8_t)(selector >> 8), (uint8_t)selector};

    begin(w, out);
    append(w, octets, sizeof octets);
    push(w, slots);
}

void abi_write_bare(struct abi_writer *w, struct bytes *out, size_t slots)
{
    begin(w, out);
    push(w, slots);
}

int abi_write_end(struct abi_writer *w)
{
    assert(w->depth == 1);
    abi_close(w);
    return w->error;
}

/* The next slot; NULL after an error. */
static uint8_t *slot(struct abi_writer *w)
{
    struct abi_frame *frame;
    uint8_t *word;

    assert(w->depth > 0);
    if (w->error)
        return NULL;
    frame = &w->frames[w->depth - 1];
    assert(frame->next < frame->end);
    word = w->out->data + frame->next;
    frame->next += ABI_WORD;
    return word;
}

void abi_put_uint(struct abi_writer *w, uint64_t value)
{
    uint8_t *to = slot(w);

    if (to)
        store(to, value);
}

void abi_put_address(struct abi_writer *w, const uint8_t address[ABI_ADDRESS])
{
    uint8_t *to = slot(w);

    if (to)
        memcpy(to + ABI_WORD - ABI_ADDRESS, address, ABI_ADDRESS);
}

void abi_put_word(struct abi_writer *w, const uint8_t word[ABI_WORD])
{
    uint8_t *to = slot(w);

    if (to)
        memcpy(to, word, ABI_WORD);
}

/* The next slot says that its value comes at the end of what is written. */
static void put_offset(struct abi_writer *w)
{
    abi_put_uint(w, w->out->len - w->frames[w->depth - 1].start);
}

void abi_put_bytes(struct abi_writer *w, struct nectar_view bytes)
{
    put_offset(w);
    append_uint(w, bytes.len);
    append(w, bytes.data, bytes.len);
    append(w, ZEROS, (ABI_WORD - bytes.len % ABI_WORD) % ABI_WORD);
}

void abi_open_array(struct abi_writer *w, size_t count, size_t slots_each)
{
    put_offset(w);
    append_uint(w, count);
    if (slots_each && count > SIZE_MAX / slots_each) {
        w->error = w->error ? w->error : NECTAR_ETOOBIG;
        count = 0;
    }
    push(w, count * slots_each);
}

void abi_open_tuple(struct abi_writer *w, size_t slots)
{
    put_offset(w);
    push(w, slots);
}

void abi_close(struct abi_writer *w)
{
    assert(w->depth > 0);
    w->depth--;
    assert(w->error || w->frames[w->depth].next == w->frames[w->depth].end);
}
