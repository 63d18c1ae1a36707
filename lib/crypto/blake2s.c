#include "crypto/blake2s.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/mem.h"

enum { MESSAGE_WORDS = 16, INNER_PAD = 0x36, OUTER_PAD = 0x5c };

/* RFC 7693, section 2.6. */
static const uint32_t IV[BLAKE2S_WORDS] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* The parameters in the first word: no key, fanout and depth of 1, a hash of 32 bytes. */
static const uint32_t PARAMETERS = 0x01010000 | BLAKE2S_HASH_BYTES;

#define ROTATED(x, n) ((x) >> (n) | (x) << (32 - (n)))

/* Section 3.1: mixes two words of the message into four of the state. */
#define MIX(a, b, c, d, x, y)                                                                      \
    do {                                                                                           \
        v[a] += v[b] + m[x];                                                                       \
        v[d] = ROTATED(v[d] ^ v[a], 16);                                                           \
        v[c] += v[d];                                                                              \
        v[b] = ROTATED(v[b] ^ v[c], 12);                                                           \
        v[a] += v[b] + m[y];                                                                       \
        v[d] = ROTATED(v[d] ^ v[a], 8);                                                            \
        v[c] += v[d];                                                                              \
        v[b] = ROTATED(v[b] ^ v[c], 7);                                                            \
    } while (0)

/* A round, down the columns and along the diagonals, with the words in that order. Written out, for
 * all of it then stays in registers. */
#define ROUND(s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15)                \
    do {                                                                                           \
        MIX(0, 4, 8, 12, s0, s1);                                                                  \
        MIX(1, 5, 9, 13, s2, s3);                                                                  \
        MIX(2, 6, 10, 14, s4, s5);                                                                 \
        MIX(3, 7, 11, 15, s6, s7);                                                                 \
        MIX(0, 5, 10, 15, s8, s9);                                                                 \
        MIX(1, 6, 11, 12, s10, s11);                                                               \
        MIX(2, 7, 8, 13, s12, s13);                                                                \
        MIX(3, 4, 9, 14, s14, s15);                                                                \
    } while (0)

/* Section 3.2. end: so many bytes of the text have gone by with this block. */
static void compress(uint32_t chain[BLAKE2S_WORDS], const uint8_t block[BLAKE2S_BLOCK_BYTES],
                     uint64_t end, uint32_t last)
{
    uint32_t v[2 * BLAKE2S_WORDS], m[MESSAGE_WORDS];

    memcpy(m, block, sizeof m);
    for (size_t i = 0; i < MESSAGE_WORDS; i++)
        m[i] = le32toh(m[i]);
    memcpy(v, chain, sizeof IV);
    memcpy(v + BLAKE2S_WORDS, IV, sizeof IV);
    v[12] ^= (uint32_t)end;
    v[13] ^= (uint32_t)(end >> 32);
    v[14] ^= last;
    /* Section 2.7. */
    ROUND(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    ROUND(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3);
    ROUND(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4);
    ROUND(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8);
    ROUND(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13);
    ROUND(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9);
    ROUND(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11);
    ROUND(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10);
    ROUND(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5);
    ROUND(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0);
    for (size_t i = 0; i < BLAKE2S_WORDS; i++)
        chain[i] ^= v[i] ^ v[i + BLAKE2S_WORDS];
    mem_wipe(m, sizeof m);
    mem_wipe(v, sizeof v);
}

void blake2s_stream_init(struct blake2s_stream *stream)
{
    memcpy(stream->chain, IV, sizeof IV);
    stream->chain[0] ^= PARAMETERS;
    stream->compressed = 0;
    stream->held = 0;
}

void blake2s_stream_add(struct blake2s_stream *stream, const void *data, size_t len)
{
    const uint8_t *from = data;

    while (len > 0) {
        size_t take = sizeof stream->block - stream->held;

        if (take == 0) {
            stream->compressed += sizeof stream->block;
            compress(stream->chain, stream->block, stream->compressed, 0);
            stream->held = 0;
            take = sizeof stream->block;
        }
        take = len < take ? len : take;
        memcpy(stream->block + stream->held, from, take);
        stream->held += take;
        from += take;
        len -= take;
    }
}

void blake2s_stream_end(struct blake2s_stream *stream, uint8_t out[BLAKE2S_HASH_BYTES])
{
    memset(stream->block + stream->held, 0, sizeof stream->block - stream->held);
    compress(stream->chain, stream->block, stream->compressed + stream->held, UINT32_MAX);
    for (size_t i = 0; i < BLAKE2S_WORDS; i++)
        stream->chain[i] = htole32(stream->chain[i]);
    memcpy(out, stream->chain, BLAKE2S_HASH_BYTES);
    mem_wipe(stream, sizeof *stream);
}

void blake2s_hash(uint8_t out[BLAKE2S_HASH_BYTES], const void *data, size_t len)
{
    struct blake2s_stream stream;

    blake2s_stream_init(&stream);
    blake2s_stream_add(&stream, data, len);
    blake2s_stream_end(&stream, out);
}

/* The key, filled up with zeros, with each byte xored: what the text to be hashed begins with. */
static void make_pad(uint8_t pad[BLAKE2S_BLOCK_BYTES], const uint8_t *key, size_t key_len,
                     uint8_t xored)
{
    memset(pad, 0, BLAKE2S_BLOCK_BYTES);
    if (key_len > BLAKE2S_BLOCK_BYTES)
        blake2s_hash(pad, key, key_len);
    else if (key_len > 0)
        memcpy(pad, key, key_len);
    for (size_t i = 0; i < BLAKE2S_BLOCK_BYTES; i++)
        pad[i] ^= xored;
}

static void hmac_pass(uint8_t out[BLAKE2S_HASH_BYTES], const uint8_t pad[BLAKE2S_BLOCK_BYTES],
                      const void *data, size_t len)
{
    struct blake2s_stream stream;

    blake2s_stream_init(&stream);
    blake2s_stream_add(&stream, pad, BLAKE2S_BLOCK_BYTES);
    blake2s_stream_add(&stream, data, len);
    blake2s_stream_end(&stream, out);
}

void blake2s_hmac(uint8_t out[BLAKE2S_HASH_BYTES], const uint8_t *key, size_t key_len,
                  const void *data, size_t len)
{
    uint8_t pads[2][BLAKE2S_BLOCK_BYTES];
    uint8_t inner[BLAKE2S_HASH_BYTES];

    make_pad(pads[0], key, key_len, INNER_PAD);
    make_pad(pads[1], key, key_len, OUTER_PAD);
    hmac_pass(inner, pads[0], data, len);
    hmac_pass(out, pads[1], inner, sizeof inner);
    mem_wipe(inner, sizeof inner);
    mem_wipe(pads, sizeof pads);
}

void blake2s_mac_key_init(struct blake2s_mac_key *out, const uint8_t *key, size_t key_len)
{
    uint8_t pad[BLAKE2S_BLOCK_BYTES];
    struct blake2s_stream stream;

    blake2s_stream_init(&stream);
    memcpy(out->inner, stream.chain, sizeof out->inner);
    memcpy(out->outer, stream.chain, sizeof out->outer);
    make_pad(pad, key, key_len, INNER_PAD);
    compress(out->inner, pad, sizeof pad, 0);
    make_pad(pad, key, key_len, OUTER_PAD);
    compress(out->outer, pad, sizeof pad, 0);
    mem_wipe(pad, sizeof pad);
}

static void mac_pass(uint8_t out[BLAKE2S_HASH_BYTES], const uint32_t chain[BLAKE2S_WORDS],
                     const void *data, size_t len)
{
    struct blake2s_stream stream = {.compressed = BLAKE2S_BLOCK_BYTES};

    memcpy(stream.chain, chain, sizeof stream.chain);
    blake2s_stream_add(&stream, data, len);
    blake2s_stream_end(&stream, out);
}

void blake2s_mac(uint8_t out[BLAKE2S_HASH_BYTES], const struct blake2s_mac_key *key,
                 const void *data, size_t len)
{
    uint8_t inner[BLAKE2S_HASH_BYTES];

    assert(len > 0);
    mac_pass(inner, key->inner, data, len);
    mac_pass(out, key->outer, inner, sizeof inner);
    mem_wipe(inner, sizeof inner);
}
