#include "crypto/blake2s.h"

#include <string.h>

#include "base/mem.h"

void blake2s_stream_init(struct blake2s_stream *stream)
{
    (void)blake2s_init(&stream->state, BLAKE2S_HASH_BYTES);
}

void blake2s_stream_add(struct blake2s_stream *stream, const void *data, size_t len)
{
    if (len > 0)
        (void)blake2s_update(&stream->state, data, len);
}

void blake2s_stream_end(struct blake2s_stream *stream, uint8_t out[BLAKE2S_HASH_BYTES])
{
    (void)blake2s_final(&stream->state, out, BLAKE2S_HASH_BYTES);
    mem_wipe(stream, sizeof *stream);
}

void blake2s_hash(uint8_t out[BLAKE2S_HASH_BYTES], const void *data, size_t len)
{
    struct blake2s_stream stream;

    blake2s_stream_init(&stream);
    blake2s_stream_add(&stream, data, len);
    blake2s_stream_end(&stream, out);
}

/* out = hash(pad | data), pad being the key, filled up with zeros, with each byte xored. */
static void hmac_pass(uint8_t out[BLAKE2S_HASH_BYTES], const uint8_t key[BLAKE2S_BLOCK_BYTES],
                      uint8_t xored, const void *data, size_t len)
{
    uint8_t pad[BLAKE2S_BLOCK_BYTES];
    struct blake2s_stream stream;

    for (size_t i = 0; i < sizeof pad; i++)
        pad[i] = key[i] ^ xored;
    blake2s_stream_init(&stream);
    blake2s_stream_add(&stream, pad, sizeof pad);
    blake2s_stream_add(&stream, data, len);
    blake2s_stream_end(&stream, out);
    mem_wipe(pad, sizeof pad);
}

void blake2s_hmac(uint8_t out[BLAKE2S_HASH_BYTES], const uint8_t *key, size_t key_len,
                  const void *data, size_t len)
{
    uint8_t block[BLAKE2S_BLOCK_BYTES] = {0};
    uint8_t inner[BLAKE2S_HASH_BYTES];

    if (key_len > sizeof block)
        blake2s_hash(block, key, key_len);
    else if (key_len > 0)
        memcpy(block, key, key_len);
    hmac_pass(inner, block, 0x36, data, len);
    hmac_pass(out, block, 0x5c, inner, sizeof inner);
    mem_wipe(inner, sizeof inner);
    mem_wipe(block, sizeof block);
}
