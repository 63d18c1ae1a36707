/*
 * Noise's symmetric state once more, written down from the specifications with no regard for speed
 * or secrecy, to check the real one. BLAKE2s is its own too (RFC 7693); the cipher is libsodium's.
 */
#ifndef SHARED_NAIVE_H
#define SHARED_NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAIVE_TEXT_MAX = 4096 };

struct naive {
    uint8_t ck[32], h[32], k[32];
    uint64_t n;
    bool has_key;
};

void naive_init(struct naive *state, const char *protocol_name);
void naive_mix_key(struct naive *state, const uint8_t material[32]);
void naive_mix_hash(struct naive *state, const uint8_t *data, size_t len);

/* The length of what is written to out. */
size_t naive_encrypt_and_hash(struct naive *state, uint8_t *out, const uint8_t *in, size_t len);

void naive_split(const struct naive *state, uint8_t first[32], uint8_t second[32]);

#endif
