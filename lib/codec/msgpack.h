/*
 * MessagePack, as far as the protocol uses it: nil, booleans, unsigned integers, strings, byte
 * vectors, arrays and maps.
 *
 * Reader and writer remember their first error, so that a message is written down field by field
 * and judged once. After an error the writer writes nothing, and the reader reads zeros, empty
 * views and counts of 0. Nothing here calls itself: nesting is bounded by what the caller asks for.
 */
#ifndef CODEC_MSGPACK_H
#define CODEC_MSGPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "base/bytes.h"

/* --- writing: always the shortest form --- */

struct msgpack_writer {
    struct bytes *out; /* appended to */
    int error;         /* 0, NECTAR_ETOOBIG, NECTAR_ENOMEM */
};

void msgpack_write_nil(struct msgpack_writer *w);
void msgpack_write_bool(struct msgpack_writer *w, bool value);
void msgpack_write_uint(struct msgpack_writer *w, uint64_t value);
void msgpack_write_str(struct msgpack_writer *w, struct nectar_view text);
/* The str or, where data is NULL, nil. */
void msgpack_write_optional_str(struct msgpack_writer *w, struct nectar_view text);

/* The head of an array or map; so many elements or pairs are to follow. */
void msgpack_write_array(struct msgpack_writer *w, size_t count);
void msgpack_write_map(struct msgpack_writer *w, size_t count);

/* A byte vector in its canonical form, an array of integers. */
void msgpack_write_octets(struct msgpack_writer *w, struct nectar_view data);

/* The head of a byte vector as bin; len bytes are to follow. */
void msgpack_write_bin(struct msgpack_writer *w, size_t len);

/* Bytes that are MessagePack already. */
void msgpack_write_raw(struct msgpack_writer *w, struct nectar_view encoded);

/* --- reading: every form of a value, not only the shortest --- */

struct msgpack_reader {
    const uint8_t *data;
    uint8_t *writable; /* data, or NULL where it must stay as it is */
    size_t len;
    size_t at;
    int error; /* 0, NECTAR_EFORMAT */
};

/* Begins at the front of data. Views that are read point into it. */
void msgpack_reader_init(struct msgpack_reader *r, uint8_t *data, size_t len);

/* The same over data that must not change: msgpack_read_bytes takes bin alone. */
void msgpack_reader_init_const(struct msgpack_reader *r, struct nectar_view data);

/* Takes a nil if one is next; else takes nothing. */
bool msgpack_read_nil(struct msgpack_reader *r);

bool msgpack_read_bool(struct msgpack_reader *r);

/* An integer of 0 to max, in any integer form. */
uint64_t msgpack_read_uint(struct msgpack_reader *r, uint64_t max);

/* Well-formed UTF-8, from str alone. */
struct nectar_view msgpack_read_str(struct msgpack_reader *r);
/* The same, or an absent view from nil. */
struct nectar_view msgpack_read_optional_str(struct msgpack_reader *r);

/* The head of an array or map. The count of elements or pairs is at most what the bytes left can
 * hold. */
size_t msgpack_read_array(struct msgpack_reader *r);
size_t msgpack_read_map(struct msgpack_reader *r);

/* The head of an array of exactly count elements. */
void msgpack_expect_array(struct msgpack_reader *r, size_t count);

/* Is a byte vector next that came as bin? */
bool msgpack_at_bin(const struct msgpack_reader *r);

/* A byte vector: bin, or an array of integers of 0 to 255, which is packed where it stands. */
struct nectar_view msgpack_read_bytes(struct msgpack_reader *r);

/* Checks a byte vector and leaves it as it is. */
void msgpack_skip_bytes(struct msgpack_reader *r);

/* Ends the reading: the error, or NECTAR_EFORMAT where bytes are left. */
int msgpack_read_end(struct msgpack_reader *r);

#endif
