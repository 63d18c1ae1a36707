/* Commands to a relay that runs, and its answers: a line of text each. */
#ifndef FAULT_CONTROL_H
#define FAULT_CONTROL_H

#include <stdbool.h>
#include <stddef.h>

#include "fault/place.h"
#include "fault/way.h"

enum { CONTROL_PLACES_MAX = 32, CONTROL_LINE_MAX = 4096 };

struct relay {
    struct place places[CONTROL_PLACES_MAX];
    struct way ways[CONTROL_PLACES_MAX][CONTROL_PLACES_MAX]; /* from, to */
    size_t count;
    struct wire wire;
    bool alien; /* in a user namespace of our own */
    uint64_t seed;
};

/* Does what the line says; it is cut up. The answer, without a newline, begins with "error: " if
 * that cannot be done. */
void control_do(struct relay *relay, char *line, char *answer, size_t size);

#endif
