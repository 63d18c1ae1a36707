/* Texts in places of a fixed size. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>
#include <string.h>

/* As much of text as fits into size (at least 1) bytes, NUL included: what snprintf makes of "%s",
 * for where a connection is set up. */
static inline void text_copy(char *out, size_t size, const char *text)
{
    size_t len = strnlen(text, size - 1);

    memcpy(out, text, len);
    out[len] = '\0';
}

#endif
