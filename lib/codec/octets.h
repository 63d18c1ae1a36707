/*
 * The hot loops of MessagePack byte vectors in their array form: every byte an integer of its own,
 * one octet under 128, else 0xcc and the byte (other integer forms are read, never written).
 */
#ifndef CODEC_OCTETS_H
#define CODEC_OCTETS_H

#include <stddef.h>
#include <stdint.h>

/* The octets that n bytes take. */
size_t octets_size(const uint8_t *data, size_t n);

/* Writes those octets to out, which has room for octets_size(); returns how many. */
size_t octets_expand(uint8_t *out, const uint8_t *data, size_t n);

/*
 * Reads the integer that begins at data, of len octets. Returns how many it takes; 0 where there
 * is no whole integer or it is negative.
 */
size_t octets_integer(uint64_t *value, const uint8_t *data, size_t len);

/*
 * Reads count integers of 0 to 255 from data, of len octets, and leaves them as count bytes at
 * data. Returns the octets read; 0 if one is no such integer or data ends before (data is spoilt
 * then). count is at least 1.
 */
size_t octets_pack(uint8_t *data, size_t len, size_t count);

/* The same without writing: how many octets count integers of 0 to 255 take. */
size_t octets_skip(const uint8_t *data, size_t len, size_t count);

#endif
