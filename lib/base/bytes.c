#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/mem.h"

enum { BYTES_FIRST = 256 };

void bytes_init(struct bytes *b, size_t max)
{
    *b = (struct bytes){.max = max};
}

int bytes_reserve(struct bytes *b, size_t more)
{
    size_t cap = b->cap ? b->cap : BYTES_FIRST;
    uint8_t *grown;

    if (more > b->max - b->len)
        return NECTAR_ETOOBIG;
    if (b->len + more <= b->cap)
        return 0;
    while (cap < b->len + more)
        cap *= 2;
    if (cap > b->max)
        cap = b->max;
    /* Not realloc: it would leave a copy of what may be plaintext behind. */
    grown = malloc(cap);
    if (!grown)
        return NECTAR_ENOMEM;
    if (b->len > 0)
        memcpy(grown, b->data, b->len);
    mem_wipe(b->data, b->len);
    free(b->data);
    b->data = grown;
    b->cap = cap;
    return 0;
}

int bytes_append(struct bytes *b, const void *data, size_t n)
{
    int error = bytes_reserve(b, n);

    if (error)
        return error;
    if (n > 0)
        memcpy(b->data + b->len, data, n);
    b->len += n;
    return 0;
}

int bytes_append_text(struct bytes *b, const char *text)
{
    return bytes_append(b, text, strlen(text));
}

int bytes_append_byte(struct bytes *b, uint8_t byte)
{
    return bytes_append(b, &byte, 1);
}

void bytes_consume(struct bytes *b, size_t n)
{
    if (n < b->len)
        memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
}

void bytes_clear(struct bytes *b)
{
    b->len = 0;
}

void bytes_free(struct bytes *b)
{
    mem_wipe(b->data, b->cap);
    free(b->data);
    bytes_init(b, b->max);
}

struct nectar_view bytes_view(const struct bytes *b)
{
    return (struct nectar_view){b->data, b->len};
}
