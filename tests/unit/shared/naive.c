#include "unit/shared/naive.h"

#include <sodium.h>
#include <string.h>

/* RFC 7693, section 2.6. */
static const uint32_t IV[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* RFC 7693, section 2.7. */
static const uint8_t SIGMA[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint32_t turn_right(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static void mix(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d, uint32_t x, uint32_t y)
{
    *a += *b + x;
    *d = turn_right(*d ^ *a, 16);
    *c += *d;
    *b = turn_right(*b ^ *c, 12);
    *a += *b + y;
    *d = turn_right(*d ^ *a, 8);
    *c += *d;
    *b = turn_right(*b ^ *c, 7);
}

static void compress(uint32_t h[8], const uint8_t block[64], uint32_t counter, bool last)
{
    uint32_t v[16], m[16];

    for (size_t i = 0; i < 16; i++)
        m[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
               (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
    for (size_t i = 0; i < 8; i++) {
        v[i] = h[i];
        v[8 + i] = IV[i];
    }
    v[12] ^= counter;
    if (last)
        v[14] = ~v[14];
    for (size_t round = 0; round < 10; round++) {
        const uint8_t *s = SIGMA[round];

        for (size_t i = 0; i < 4; i++)
            mix(&v[i], &v[4 + i], &v[8 + i], &v[12 + i], m[s[2 * i]], m[s[2 * i + 1]]);
        for (size_t i = 0; i < 4; i++)
            mix(&v[i], &v[4 + (i + 1) % 4], &v[8 + (i + 2) % 4], &v[12 + (i + 3) % 4],
                m[s[8 + 2 * i]], m[s[9 + 2 * i]]);
    }
    for (size_t i = 0; i < 8; i++)
        h[i] ^= v[i] ^ v[8 + i];
}

static void hash(uint8_t out[32], const uint8_t *data, size_t len)
{
    uint8_t result[32], block[64];
    uint32_t h[8];
    size_t at = 0;

    memcpy(h, IV, sizeof h);
    h[0] ^= 0x01010000 ^ 32;
    do {
        size_t n = len - at < 64 ? len - at : 64;

        memset(block, 0, sizeof block);
        memcpy(block, data + at, n);
        at += n;
        compress(h, block, (uint32_t)at, at == len);
    } while (at < len);
    for (size_t i = 0; i < 32; i++)
        result[i] = (uint8_t)(h[i / 4] >> (8 * (i % 4)));
    memcpy(out, result, 32);
}

static void hash_of_two(uint8_t out[32], const uint8_t *a, size_t a_len, const uint8_t *b,
                        size_t b_len)
{
    uint8_t text[NAIVE_TEXT_MAX + 128];

    memcpy(text, a, a_len);
    if (b_len > 0)
        memcpy(text + a_len, b, b_len);
    hash(out, text, a_len + b_len);
}

static void hmac(uint8_t out[32], const uint8_t key[32], const uint8_t *data, size_t len)
{
    uint8_t inner[64], outer[64], middle[32];

    memset(inner, 0x36, sizeof inner);
    memset(outer, 0x5c, sizeof outer);
    for (size_t i = 0; i < 32; i++) {
        inner[i] ^= key[i];
        outer[i] ^= key[i];
    }
    hash_of_two(middle, inner, 64, data, len);
    hash_of_two(out, outer, 64, middle, 32);
}

static void hkdf(uint8_t first[32], uint8_t second[32], const uint8_t ck[32],
                 const uint8_t *material, size_t len)
{
    uint8_t temporary[32], text[33];

    hmac(temporary, ck, material, len);
    text[0] = 1;
    hmac(first, temporary, text, 1);
    memcpy(text, first, 32);
    text[32] = 2;
    hmac(second, temporary, text, 33);
}

void naive_init(struct naive *state, const char *protocol_name)
{
    size_t len = strlen(protocol_name);

    memset(state, 0, sizeof *state);
    if (len > 32)
        hash(state->h, (const uint8_t *)protocol_name, len);
    else
        memcpy(state->h, protocol_name, len);
    memcpy(state->ck, state->h, 32);
}

void naive_mix_key(struct naive *state, const uint8_t material[32])
{
    uint8_t ck[32];

    hkdf(ck, state->k, state->ck, material, 32);
    memcpy(state->ck, ck, 32);
    state->n = 0;
    state->has_key = true;
}

void naive_mix_hash(struct naive *state, const uint8_t *data, size_t len)
{
    hash_of_two(state->h, state->h, 32, data, len);
}

size_t naive_encrypt_and_hash(struct naive *state, uint8_t *out, const uint8_t *in, size_t len)
{
    uint8_t nonce[12] = {0};
    size_t out_len = len;

    if (state->has_key) {
        for (size_t i = 0; i < 8; i++)
            nonce[4 + i] = (uint8_t)(state->n >> (8 * i));
        crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, in, len, state->h, 32, NULL, nonce,
                                                  state->k);
        state->n++;
        out_len += 16;
    } else if (len > 0) {
        memcpy(out, in, len);
    }
    naive_mix_hash(state, out, out_len);
    return out_len;
}

void naive_split(const struct naive *state, uint8_t first[32], uint8_t second[32])
{
    hkdf(first, second, state->ck, NULL, 0);
}
