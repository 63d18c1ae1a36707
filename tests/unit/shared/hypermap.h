/* The vectors of Hypermap (tests/vectors/hypermap-vectors.json), found by their names. */
#ifndef SHARED_HYPERMAP_H
#define SHARED_HYPERMAP_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include <cjson/cJSON.h>

/* The file, read once; it stays until the program ends. */
const cJSON *hypermap_vectors(void);

/* A member of an object, which must be there. */
const cJSON *hypermap_member(const cJSON *object, const char *name);
const cJSON *hypermap_in(const char *group, const char *name);

/* The bytes of a value "0x...", in memory that stays until the program ends. */
struct nectar_view hypermap_bytes(const cJSON *value);

/* Fails the test unless value says just these bytes. */
void hypermap_expect(const cJSON *value, const void *bytes, size_t len);

#endif
