#include "base/mem.h"

#include <malloc.h>
#include <string.h>

void mem_wipe(void *data, size_t n)
{
    if (n > 0)
        explicit_bzero(data, n);
}

void mem_trim(void)
{
    malloc_trim(0);
}
