#include "codec/octets.h"

#include <endian.h>
#include <string.h>

enum { WORD = 8, UINT8 = 0xcc, INT8 = 0xd0, INT64 = 0xd3 };

static const uint64_t HIGH_BITS = 0x8080808080808080;
static const uint64_t LOW_BITS = 0x0101010101010101;
static const uint64_t PREFIXES = 0xcccccccccccccccc;

/* Byte i of memory is bits 8i to 8i+7 of the word. */
static uint64_t word_load(const uint8_t *data)
{
    uint64_t word;

    memcpy(&word, data, WORD);
    return le64toh(word);
}

size_t octets_size(const uint8_t *data, size_t n)
{
    size_t size = n;
    size_t i = 0;

    for (; n - i >= WORD; i += WORD)
        size += ((word_load(data + i) >> 7 & LOW_BITS) * LOW_BITS) >> 56;
    for (; i < n; i++)
        size += data[i] >> 7;
    return size;
}

/* The prefix is written always and overwritten where it is not wanted: no branch to mispredict. */
static inline uint8_t *expand_one(uint8_t *out, uint8_t byte)
{
    size_t high = byte >> 7;

    out[0] = UINT8;
    out[high] = byte;
    return out + 1 + high;
}

size_t octets_expand(uint8_t *out, const uint8_t *data, size_t n)
{
    uint8_t *to = out;
    size_t i = 0;

    for (; n - i >= WORD; i += WORD) {
        if ((word_load(data + i) & HIGH_BITS) == 0) {
            memcpy(to, data + i, WORD);
            to += WORD;
            continue;
        }
        for (size_t j = 0; j < WORD; j++)
            to = expand_one(to, data[i + j]);
    }
    for (; i < n; i++)
        to = expand_one(to, data[i]);
    return (size_t)(to - out);
}

size_t octets_integer(uint64_t *value, const uint8_t *data, size_t len)
{
    uint64_t v = 0;
    size_t width;

    if (len == 0)
        return 0;
    if (data[0] < 0x80) {
        *value = data[0];
        return 1;
    }
    if (data[0] < UINT8 || data[0] > INT64)
        return 0;
    width = (size_t)1 << (data[0] & 3);
    if (width >= len || (data[0] >= INT8 && data[1] >= 0x80))
        return 0;
    for (size_t i = 1; i <= width; i++)
        v = v << 8 | data[i];
    *value = v;
    return width + 1;
}

/* A bit at the top of each byte of word that is 0xcc, and no other bit. */
static uint64_t find_prefixes(uint64_t word)
{
    uint64_t other = word ^ PREFIXES;

    return ~(((other & ~HIGH_BITS) + ~HIGH_BITS) | other) & HIGH_BITS;
}

/*
 * Of runs of 0xcc, each is in turn a prefix and the byte it announces. Runs longer than one are
 * rare, so a loop for them costs nothing.
 */
static uint64_t drop_announced(uint64_t found)
{
    for (uint64_t bit = 0x80; bit != 0; bit <<= 8)
        if (found & bit)
            found &= ~(bit << 8);
    return found;
}

/*
 * Packs eight octets at a time as long as there are only single octets and 0xcc pairs, and at
 * least eight integers to come. *from and *to move on; *from stands at the start of an integer.
 */
static void pack_words(uint8_t *data, size_t len, size_t count, size_t *from, size_t *to)
{
    uint64_t announced = 0; /* is the first octet of the word the byte of a prefix before it? */
    size_t i = *from;
    size_t o = *to;

    while (len - i >= WORD && count - o >= WORD) {
        uint64_t word = word_load(data + i);
        uint64_t prefix;

        if (((word & HIGH_BITS) | announced) == 0) {
            memcpy(data + o, &(uint64_t){htole64(word)}, WORD);
            i += WORD;
            o += WORD;
            continue;
        }
        prefix = find_prefixes(word) & ~announced;
        if (prefix & prefix << 8)
            prefix = drop_announced(prefix);
        if (word & HIGH_BITS & ~(prefix | prefix << 8 | announced))
            break;
        announced = prefix >> 56;
        prefix = ~prefix >> 7;
        for (size_t j = 0; j < WORD; j++) {
            data[o] = (uint8_t)word;
            o += prefix & 1;
            word >>= 8;
            prefix >>= 8;
        }
        i += WORD;
    }
    *from = i - (announced != 0);
    *to = o;
}

size_t octets_pack(uint8_t *data, size_t len, size_t count)
{
    size_t from = 0;
    size_t to = 0;

    while (to < count) {
        uint64_t value;
        size_t n;

        pack_words(data, len, count, &from, &to);
        if (to == count)
            break;
        n = octets_integer(&value, data + from, len - from);
        if (n == 0 || value > UINT8_MAX)
            return 0;
        data[to++] = (uint8_t)value;
        from += n;
    }
    return from;
}

size_t octets_skip(const uint8_t *data, size_t len, size_t count)
{
    size_t from = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t value;
        size_t n = octets_integer(&value, data + from, len - from);

        if (n == 0 || value > UINT8_MAX)
            return 0;
        from += n;
    }
    return from;
}
