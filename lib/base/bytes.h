/*
 * A growable buffer with a maximum that its owner sets. It is taken for granted that it may hold
 * plaintext: what it frees or leaves behind when it grows is wiped.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

struct bytes {
    uint8_t *data;
    size_t len;
    size_t cap;
    size_t max; /* bytes it may ever hold */
};

/* An empty buffer; takes no memory yet. */
void bytes_init(struct bytes *b, size_t max);

/* Makes room for more bytes behind len. NECTAR_ETOOBIG over the maximum, NECTAR_ENOMEM. */
int bytes_reserve(struct bytes *b, size_t more);

/* Appends; the errors of bytes_reserve. */
int bytes_append(struct bytes *b, const void *data, size_t n);
int bytes_append_text(struct bytes *b, const char *text);
int bytes_append_byte(struct bytes *b, uint8_t byte);

/* Removes n bytes from the front. */
void bytes_consume(struct bytes *b, size_t n);

/* Empties it; the memory stays. */
void bytes_clear(struct bytes *b);

/* Wipes and frees; usable again afterwards. */
void bytes_free(struct bytes *b);

/* What it holds, valid until it changes. */
struct nectar_view bytes_view(const struct bytes *b);

#endif
