#include "base/mem.h"

#include <stdint.h>
#include <string.h>

void mem_wipe(void *data, size_t n)
{
    if (n > 0)
        explicit_bzero(data, n);
}

bool mem_equal(const void *a, const void *b, size_t n)
{
    const volatile uint8_t *x = a;
    const volatile uint8_t *y = b;
    uint8_t different = 0;

    for (size_t i = 0; i < n; i++)
        different |= (uint8_t)(x[i] ^ y[i]);
    return different == 0;
}
