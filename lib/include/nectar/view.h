/*
 * A run of bytes that belongs to somebody else. Strings of the protocol are views too: they may
 * hold NUL and are compared by length.
 */
#ifndef NECTAR_VIEW_H
#define NECTAR_VIEW_H

#include <stddef.h>
#include <stdint.h>

struct nectar_view {
    const uint8_t *data; /* NULL where an optional value is absent */
    size_t len;          /* bytes */
};

#endif
