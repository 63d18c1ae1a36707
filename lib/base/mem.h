/* Memory that held a secret. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Zeroes n bytes; the compiler cannot leave it out. data may be NULL when n is 0. */
void mem_wipe(void *data, size_t n);

#endif
