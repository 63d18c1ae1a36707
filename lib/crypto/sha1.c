#include "crypto/sha1.h"

#include <nettle/sha1.h>

void sha1_hash(uint8_t out[SHA1_BYTES], const void *data, size_t len)
{
    struct sha1_ctx context;

    sha1_init(&context);
    sha1_update(&context, len, data);
    sha1_digest(&context, SHA1_BYTES, out);
}
