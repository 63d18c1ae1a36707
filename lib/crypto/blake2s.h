/*
 * BLAKE2s-256 (RFC 7693), unkeyed, and HMAC (RFC 2104) over it, which is what Noise asks for, not
 * BLAKE2's own keyed mode. Our own: the hashes of a handshake are short, and libb2 takes twice as
 * long for each of their blocks.
 */
#ifndef CRYPTO_BLAKE2S_H
#define CRYPTO_BLAKE2S_H

#include <stddef.h>
#include <stdint.h>

enum { BLAKE2S_HASH_BYTES = 32, BLAKE2S_BLOCK_BYTES = 64, BLAKE2S_WORDS = 8 };

/* A hash being made, piece by piece. May hold secrets: wiped at the end. */
struct blake2s_stream {
    uint32_t chain[BLAKE2S_WORDS];
    uint64_t compressed; /* bytes that are in the chain */
    size_t held;         /* bytes in block: which is the last is known only at the end */
    uint8_t block[BLAKE2S_BLOCK_BYTES];
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

/* A key under which several texts are authenticated: its two blocks are gone through once. Secret:
 * wipe it. */
struct blake2s_mac_key {
    uint32_t inner[BLAKE2S_WORDS], outer[BLAKE2S_WORDS];
};

void blake2s_mac_key_init(struct blake2s_mac_key *out, const uint8_t *key, size_t key_len);

/* blake2s_hmac under that key. data is not empty: the key's block would then be the last. */
void blake2s_mac(uint8_t out[BLAKE2S_HASH_BYTES], const struct blake2s_mac_key *key,
                 const void *data, size_t len);

#endif
