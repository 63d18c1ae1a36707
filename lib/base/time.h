/* Spans of time, in microseconds: the unit of every clock and deadline of the library. */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>

#define TIME_MS(n) ((uint64_t)(n)*1000)
#define TIME_S(n)  ((uint64_t)(n)*1000000)

/* A deadline that never comes. */
#define TIME_NEVER UINT64_MAX

/* The time now, of a clock that never goes back. For those whose time is not told to them. */
uint64_t time_now(void);

/* Waits so long. */
void time_sleep(uint64_t span);

/* The earlier of two times. */
static inline uint64_t time_earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* now + span, held at TIME_NEVER. */
static inline uint64_t time_after(uint64_t now, uint64_t span)
{
    return span >= TIME_NEVER - now ? TIME_NEVER : now + span;
}

#endif
