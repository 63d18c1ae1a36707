#include "ws/mask.h"

#include <string.h>

void ws_mask(uint8_t *data, size_t len, const uint8_t key[WS_MASK_BYTES], size_t phase)
{
    uint8_t turned[8];
    uint64_t pattern;
    size_t at = 0;

    for (size_t i = 0; i < sizeof turned; i++)
        turned[i] = key[(phase + i) % WS_MASK_BYTES];
    memcpy(&pattern, turned, sizeof pattern);
    for (; len - at >= sizeof pattern; at += sizeof pattern) {
        uint64_t word;

        memcpy(&word, data + at, sizeof word);
        word ^= pattern;
        memcpy(data + at, &word, sizeof word);
    }
    for (size_t i = 0; at + i < len; i++)
        data[at + i] ^= turned[i];
}
