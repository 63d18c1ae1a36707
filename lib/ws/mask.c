#include "ws/mask.h"

#include <string.h>

enum { WORD = 8, BLOCK = 32 };

/* The key as it falls on eight bytes from this phase on. */
static uint64_t pattern_at(const uint8_t repeated[WORD + WS_MASK_BYTES], size_t phase)
{
    uint64_t pattern;

    memcpy(&pattern, repeated + phase % WS_MASK_BYTES, sizeof pattern);
    return pattern;
}

static inline void mask_word(uint8_t *to, const uint8_t *from, uint64_t pattern)
{
    uint64_t word;

    memcpy(&word, from, sizeof word);
    word ^= pattern;
    memcpy(to, &word, sizeof word);
}

static inline void mask_block(uint8_t *to, const uint8_t *from, uint64_t pattern)
{
    uint64_t words[BLOCK / WORD];

    memcpy(words, from, sizeof words);
    for (size_t i = 0; i < BLOCK / WORD; i++)
        words[i] ^= pattern;
    memcpy(to, words, sizeof words);
}

void ws_mask_copy(uint8_t *to, const uint8_t *from, size_t len, const uint8_t key[WS_MASK_BYTES],
                  size_t phase)
{
    uint8_t repeated[WORD + WS_MASK_BYTES], tail[WORD];
    uint64_t pattern;
    size_t at = 0;

    for (size_t i = 0; i < sizeof repeated; i += WS_MASK_BYTES)
        memcpy(repeated + i, key, WS_MASK_BYTES);
    if (len < WORD) {
        for (; at < len; at++)
            to[at] = from[at] ^ repeated[(phase + at) % WS_MASK_BYTES];
        return;
    }
    /* The last eight bytes lie over what the loops do, and are read before them: in place, too. */
    mask_word(tail, from + len - WORD, pattern_at(repeated, phase + len));
    pattern = pattern_at(repeated, phase);
    for (; len - at >= BLOCK; at += BLOCK)
        mask_block(to + at, from + at, pattern);
    for (; len - at >= WORD; at += WORD)
        mask_word(to + at, from + at, pattern);
    memcpy(to + len - WORD, tail, WORD);
}

void ws_mask(uint8_t *data, size_t len, const uint8_t key[WS_MASK_BYTES], size_t phase)
{
    ws_mask_copy(data, data, len, key, phase);
}
