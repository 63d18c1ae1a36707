/*
 * Randomness. random_bytes asks the system; a stream stretches a seed, so that the protocol core
 * takes its randomness as an argument and can be replayed.
 */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum { RANDOM_SEED_BYTES = 32, RANDOM_STREAM_BLOCK = 512 };

/* Fills n bytes from the system's generator. */
void random_bytes(void *out, size_t n);

/* Secrets inside: wipe it. */
struct random_stream {
    uint8_t seed[RANDOM_SEED_BYTES];
    uint64_t block;                      /* the next one */
    size_t left;                         /* bytes unused at the end of buffer */
    uint8_t buffer[RANDOM_STREAM_BLOCK]; /* ChaCha20 under seed; used bytes are wiped */
};

void random_stream_init(struct random_stream *stream, const uint8_t seed[RANDOM_SEED_BYTES]);
void random_stream_take(struct random_stream *stream, void *out, size_t n);
void random_stream_wipe(struct random_stream *stream);

#endif
