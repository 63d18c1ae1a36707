#include "crypto/secret.h"

#include <sodium.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "crypto/sodium.h"

void *secret_new(size_t size)
{
    const size_t align = alignof(max_align_t);
    void *secret;

    sodium_ready();
    if (size > SIZE_MAX - align)
        return NULL;
    /* libsodium ends the memory where a page ends, so its start is aligned as its size is. */
    size = (size + align - 1) / align * align;
    secret = sodium_malloc(size);
    if (secret)
        memset(secret, 0, size);
    return secret;
}

void secret_free(void *secret)
{
    sodium_free(secret);
}

bool secret_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}
