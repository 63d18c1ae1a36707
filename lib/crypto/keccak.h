/* Keccak-256 as Ethereum has it: the padding is that of Keccak before it became SHA-3 (FIPS 202).
 * By nettle. */
#ifndef CRYPTO_KECCAK_H
#define CRYPTO_KECCAK_H

#include <nettle/sha3.h>
#include <stddef.h>
#include <stdint.h>

enum { KECCAK_HASH_BYTES = 32 };

/* A hash being made, piece by piece. May hold secrets: wiped at the end. */
struct keccak_stream {
    struct sha3_256_ctx state;
};

void keccak_stream_init(struct keccak_stream *stream);
void keccak_stream_add(struct keccak_stream *stream, const void *data, size_t len);

/* Writes the hash and wipes the stream. */
void keccak_stream_end(struct keccak_stream *stream, uint8_t out[KECCAK_HASH_BYTES]);

/* The hash of one run of bytes. */
void keccak_hash(uint8_t out[KECCAK_HASH_BYTES], const void *data, size_t len);

#endif
