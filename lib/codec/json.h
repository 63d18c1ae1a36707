/*
 * JSON, strictly: RFC 8259 and nothing beside it. Refused are also, since nothing of ours needs
 * them and they are where readers disagree: NUL (as \u0000 too), unpaired surrogates, the same key
 * twice in an object, and nesting, size and count beyond the limits below.
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "base/bytes.h"

enum {
    JSON_TEXT_MAX = 16 << 20,  /* bytes of a text */
    JSON_VALUES_MAX = 1 << 20, /* values in it; each takes some 100 bytes */
    JSON_DEPTH_MAX = 32,       /* arrays and objects within one another */
};

/* The largest integer that is surely the one that was written, numbers being doubles. */
#define JSON_UINT_MAX (((uint64_t)1 << 53) - 1)

/* A value. It belongs to the value it is in, and they all go with the outermost. */
struct json;

/*
 * Reads a text that holds one value. NECTAR_EFORMAT (*line says where, counted from 1; 0 where
 * that is not known; line may be NULL), NECTAR_ETOOBIG, NECTAR_ENOMEM.
 */
int json_parse(struct json **out, struct nectar_view text, size_t *line);

/*
 * The same where texts may hold NUL, as \u0000, which json_text could not tell from their end: each
 * becomes U+FFFD, where it stands.
 */
int json_parse_any_text(struct json **out, struct bytes *text, size_t *line);

/* Frees a value that these gave. NULL is allowed. */
void json_free(struct json *root);

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

/* The functions below take NULL for a value that is not there. */

/* JSON_NULL for a value that is not there. */
enum json_type json_type(const struct json *value);

/* The field of an object; NULL if there is none or it is no object. Takes as long as the object. */
const struct json *json_field(const struct json *object, const char *name);

/* What a value holds; the text lives as long as the value. NECTAR_EFORMAT if it is of another
 * type, or no integer of 0 to max (at most JSON_UINT_MAX), of json_int the same below zero. */
int json_text(const char **out, const struct json *value);
int json_uint(uint64_t *out, const struct json *value, uint64_t max);
int json_int(int64_t *out, const struct json *value);
int json_bool(bool *out, const struct json *value);

/* Walks an array or object: its first element, and the one behind an element; NULL at the end. */
const struct json *json_first(const struct json *parent);
const struct json *json_next(const struct json *element);

/* --- writing, without white space --- */

struct json_writer {
    struct bytes *out; /* appended to */
    int error;         /* the first: NECTAR_ETOOBIG, NECTAR_ENOMEM, NECTAR_EFORMAT not UTF-8 */
    bool comma;        /* one is due before the next value */
};

void json_open_object(struct json_writer *w);
void json_close_object(struct json_writer *w);
void json_open_array(struct json_writer *w);
void json_close_array(struct json_writer *w);

/* The key of the value that comes next. */
void json_write_key(struct json_writer *w, const char *key);

void json_write_text(struct json_writer *w, struct nectar_view text);
void json_write_uint(struct json_writer *w, uint64_t value);
void json_write_bool(struct json_writer *w, bool value);
void json_write_null(struct json_writer *w);

#endif
