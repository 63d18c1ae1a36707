/* Test vectors: the JSON files of tests/vectors, read from the root of the repository. */
#ifndef SHARED_VECTORS_H
#define SHARED_VECTORS_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a file whole; the test fails if it cannot. Free it with cJSON_Delete. */
cJSON *vectors_read(const char *path);

/* The bytes that hex digits stand for; the test fails if they are not hex or over max bytes.
 * Returns how many. */
size_t vectors_hex(uint8_t *out, size_t max, const char *hex);

/* The same of a string member of an object. */
size_t vectors_hex_member(uint8_t *out, size_t max, const cJSON *object, const char *name);

/* The same of one as Ethereum's tools write them: 0x, and digits of either case. */
size_t vectors_hex_of_0x(uint8_t *out, size_t max, const cJSON *object, const char *name);

#endif
