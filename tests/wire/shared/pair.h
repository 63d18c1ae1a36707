/* Two sides back to back in memory: what one writes the other is given. */
#ifndef WIRE_PAIR_H
#define WIRE_PAIR_H

#include "wire/shared/side.h"

struct pair {
    struct side alice; /* initiator */
    struct side bob;   /* responder */
};

/* Scripts may be NULL. */
void pair_begin(struct pair *pair, const struct side_script *alice, const struct side_script *bob);
void pair_end(struct pair *pair);

/* Delivers, step bytes at a time, until nobody has anything to say. */
void pair_run(struct pair *pair, size_t step);

/* A pair that has opened. */
void pair_open(struct pair *pair, const struct side_script *alice, const struct side_script *bob);

/* Lets the clock of both go on, ticks both when they want it, and delivers. */
void pair_live(struct pair *pair, uint64_t span);

#endif
