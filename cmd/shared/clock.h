/* Time since the program started, and the deadline of the whole command (-w). */
#ifndef SHARED_CLOCK_H
#define SHARED_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_SECOND 1000000u /* in microseconds, as all times here */
#define CLOCK_NEVER  UINT64_MAX

/* Microseconds of a clock that never goes back. */
uint64_t clock_now(void);

/* Called once, first of all: from here the command counts its time. */
void clock_start(void);

/* Microseconds since clock_start. */
uint64_t clock_elapsed(void);

/*
 * Bounds the whole command to limit microseconds from clock_start; CLOCK_NEVER is no bound. When
 * it runs out, the program says so and ends with EXIT_TIMEOUT, whatever it is waiting for; after
 * clock_on_deadline it calls that function instead, in a signal handler.
 */
void clock_deadline(uint64_t limit);
void clock_on_deadline(void (*call)(void));

/* Microseconds to the deadline: 0 when it has passed, CLOCK_NEVER if there is none. */
uint64_t clock_left(void);

#endif
