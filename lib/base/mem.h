/* Memory that held a secret, and comparisons that must not tell where they differ. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroes n bytes; the compiler cannot leave it out. data may be NULL when n is 0. */
void mem_wipe(void *data, size_t n);

/* Are n bytes equal? Takes the same time wherever they differ. */
bool mem_equal(const void *a, const void *b, size_t n);

#endif
