/* Memory that held a secret, and memory that nobody holds any more. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Zeroes n bytes; the compiler cannot leave it out. data may be NULL when n is 0. */
void mem_wipe(void *data, size_t n);

/* What has been freed goes back to the system, as far as whole pages of it are free. */
void mem_trim(void);

#endif
