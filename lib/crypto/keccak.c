#include "crypto/keccak.h"

#include "base/mem.h"

void keccak_stream_init(struct keccak_stream *stream)
{
    sha3_256_init(&stream->state);
}

void keccak_stream_add(struct keccak_stream *stream, const void *data, size_t len)
{
    if (len > 0)
        sha3_256_update(&stream->state, len, data);
}

void keccak_stream_end(struct keccak_stream *stream, uint8_t out[KECCAK_HASH_BYTES])
{
    uint8_t pad[SHA3_256_BLOCK_SIZE] = {0x01};
    size_t left = sizeof pad - stream->state.index;

    /* nettle would pad with 0x06; a block that is full is taken in as it stands. */
    pad[left - 1] |= 0x80;
    sha3_256_update(&stream->state, left, pad);
    for (size_t i = 0; i < KECCAK_HASH_BYTES; i++)
        out[i] = (uint8_t)(stream->state.state.a[i / 8] >> (8 * (i % 8)));
    mem_wipe(stream, sizeof *stream);
}

void keccak_hash(uint8_t out[KECCAK_HASH_BYTES], const void *data, size_t len)
{
    struct keccak_stream stream;

    keccak_stream_init(&stream);
    keccak_stream_add(&stream, data, len);
    keccak_stream_end(&stream, out);
}
