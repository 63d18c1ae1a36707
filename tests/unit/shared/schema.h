/*
 * The types of the wire vectors as tables, and their MessagePack by a way of its own: from the
 * vectors' JSON with the codec alone, none of lib/msg.
 */
#ifndef SHARED_SCHEMA_H
#define SHARED_SCHEMA_H

#include <cjson/cJSON.h>

#include "codec/msgpack.h"

struct schema;

/* The type of that name; the test fails if there is none. */
const struct schema *schema_of(const char *type);

/* Writes a value of the vectors. */
void schema_encode(struct msgpack_writer *w, const struct schema *schema, const cJSON *value);

/* Reads a value and fails the test unless it is that one. */
void schema_decode(struct msgpack_reader *r, const struct schema *schema, const cJSON *value);

/*
 * What a string of the vectors stands for: text as it is, {"repeat","bytes"}, {"len","pattern"},
 * and, where hex, hex digits. Free its data.
 */
struct nectar_view schema_bytes(const cJSON *value, bool hex);

#endif
