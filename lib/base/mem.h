/* Memory that held a secret, and memory that nobody holds any more. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <string.h>

/* Zeroes n bytes; the compiler cannot leave it out. data may be NULL when n is 0. Inline: a
 * handshake wipes more than two hundred times, few bytes each. */
static inline void mem_wipe(void *data, size_t n)
{
    if (n > 0)
        memset(data, 0, n);
    /* They might be looked at here, for all the compiler knows. */
    __asm__ __volatile__("" : : "r"(data) : "memory");
}

/* What has been freed goes back to the system, as far as whole pages of it are free. */
void mem_trim(void);

#endif
