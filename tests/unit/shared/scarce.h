/*
 * Memory that can be refused: the C library's allocator with a count in front. It defines malloc
 * and its kin, so one file of a program may include it. Where a sanitizer has its own allocator,
 * SCARCE is 0 and nothing is refused.
 */
#ifndef UNIT_SCARCE_H
#define UNIT_SCARCE_H

#include <stdbool.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
#define SCARCE 0
#else
#define SCARCE 1
#endif

static struct {
    long fails_at; /* allocations from now; 0: never, or it has failed */
    long balance;  /* blocks taken and not given back while counting */
    bool counting;
} scarce;

/* From now on allocations count; the nth is refused, none if it is 0. */
static inline void scarce_begin(long nth)
{
    scarce.balance = 0;
    scarce.fails_at = nth;
    scarce.counting = true;
}

static inline void scarce_end(void)
{
    scarce.counting = false;
}

/* Seen by the libraries too: what they take for us counts. */
#define SCARCE_SEEN __attribute__((visibility("default")))

#if SCARCE
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *block);

static bool scarce_refused(void)
{
    return scarce.counting && scarce.fails_at > 0 && --scarce.fails_at == 0;
}

static void *scarce_taken(void *block)
{
    scarce.balance += scarce.counting && block;
    return block;
}

SCARCE_SEEN void *malloc(size_t size)
{
    return scarce_refused() ? NULL : scarce_taken(__libc_malloc(size));
}

SCARCE_SEEN void *calloc(size_t count, size_t size)
{
    return scarce_refused() ? NULL : scarce_taken(__libc_calloc(count, size));
}

SCARCE_SEEN void *realloc(void *old, size_t size)
{
    if (scarce_refused())
        return NULL;
    return old ? __libc_realloc(old, size) : scarce_taken(__libc_realloc(NULL, size));
}

SCARCE_SEEN void free(void *block)
{
    scarce.balance -= scarce.counting && block;
    __libc_free(block);
}
#endif

/* Calls again and again, each time with the next allocation refused, until there is none. What is
 * taken is given back each time, if it began and ended with a clean slate. The first number that
 * was too many; attempt gets to know whether anything was refused by what remains of
 * scarce.fails_at. */
static inline long scarce_each(void (*attempt)(void), long max)
{
    long nth = 0;

    do {
        scarce_begin(++nth);
        attempt();
        scarce_end();
        if (scarce.balance != 0)
            return -nth;
    } while (scarce.fails_at == 0 && nth < max);
    return nth;
}

#endif
