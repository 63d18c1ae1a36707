#include "crypto/random.h"

#include <sodium.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/sodium.h"

void random_bytes(void *out, size_t n)
{
    sodium_ready();
    randombytes_buf(out, n);
}

void random_stream_init(struct random_stream *stream, const uint8_t seed[RANDOM_SEED_BYTES])
{
    *stream = (struct random_stream){0};
    memcpy(stream->seed, seed, RANDOM_SEED_BYTES);
}

static void refill(struct random_stream *stream)
{
    uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];

    for (size_t i = 0; i < sizeof nonce; i++)
        nonce[i] = (uint8_t)(stream->block >> (8 * i));
    sodium_ready();
    (void)crypto_stream_chacha20(stream->buffer, sizeof stream->buffer, nonce, stream->seed);
    stream->block++;
    stream->left = sizeof stream->buffer;
}

void random_stream_take(struct random_stream *stream, void *out, size_t n)
{
    uint8_t *to = out;

    while (n > 0) {
        uint8_t *from;
        size_t take;

        if (stream->left == 0)
            refill(stream);
        from = stream->buffer + sizeof stream->buffer - stream->left;
        take = n < stream->left ? n : stream->left;
        memcpy(to, from, take);
        mem_wipe(from, take);
        stream->left -= take;
        to += take;
        n -= take;
    }
}

void random_stream_wipe(struct random_stream *stream)
{
    mem_wipe(stream, sizeof *stream);
}
