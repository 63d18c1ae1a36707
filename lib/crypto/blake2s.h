/*
 * BLAKE2s-256 (RFC 7693), unkeyed, by libb2; and HMAC (RFC 2104) over it, which is what Noise asks
 * for, not BLAKE2's own keyed mode.
 */
#ifndef CRYPTO_BLAKE2S_H
#define CRYPTO_BLAKE2S_H

#include <blake2.h>
#include <stddef.h>
#include <stdint.h>

enum { BLAKE2S_HASH_BYTES = 32, BLAKE2S_BLOCK_BYTES = 64 };

/* A hash being made, piece by piece. May hold secrets: wiped at the end. */
struct blake2s_stream {
    _Alignas(64) blake2s_state state;
};

void blake2s_stream_init(struct blake2s_stream *stream);
void blake2s_stream_add(struct blake2s_stream *stream, const void *data, size_t len);

/* Writes the hash and wipes the stream. */
void blake2s_stream_end(struct blake2s_stream *stream, uint8_t out[BLAKE2S_HASH_BYTES]);

/* The hash of one run of bytes. */
void blake2s_hash(uint8_t out[BLAKE2S_HASH_BYTES], const void *data, size_t len);

/* HMAC-BLAKE2s; a key longer than a block is hashed first. */
void blake2s_hmac(uint8_t out[BLAKE2S_HASH_BYTES], const uint8_t *key, size_t key_len,
                  const void *data, size_t len);

#endif
