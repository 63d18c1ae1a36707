#include "base/mem.h"

#include <malloc.h>

void mem_trim(void)
{
    malloc_trim(0);
}
