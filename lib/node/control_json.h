/* The lines of a control socket: what both sides write and read. */
#ifndef NODE_CONTROL_JSON_H
#define NODE_CONTROL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/message.h>
#include <nectar/node.h>

#include "base/bytes.h"
#include "codec/json.h"

enum {
    CONTROL_LINE_MAX = JSON_TEXT_MAX, /* bytes of one, its newline included */
    CONTROL_READ = 64 << 10,          /* bytes of one read */
    CONTROL_REF_MAX = 64,             /* bytes of a ref */
    CONTROL_PLAIN_MAX = 64 << 10,     /* bytes that may stand as text; more go as base64 */
};

/* A line being written; where it cannot be, out is as it was. */
struct control_line {
    struct json_writer json;
    size_t start;
};

/* Begins {"v":1,"type":TYPE,"ref":REF; ref NULL or empty: none. control_end ends it with its
 * newline: NECTAR_ENOMEM, NECTAR_ETOOBIG, NECTAR_EFORMAT. */
void control_begin(struct control_line *line, struct bytes *out, const char *type, const char *ref);
int control_end(struct control_line *line);

/* Fields. An empty text is left out; a 64-bit number is a string; bytes are KEY or KEY_b64, and
 * left out where data is NULL. */
void control_put_text(struct control_line *line, const char *key, const char *text);
void control_put_uint(struct control_line *line, const char *key, uint64_t value);
void control_put_id(struct control_line *line, const char *key, uint64_t value);
void control_put_flag(struct control_line *line, const char *key, bool value); /* if true */
void control_put_bytes(struct control_line *line, const char *key, struct nectar_view bytes);
void control_put_key(struct control_line *line, const uint8_t key[NECTAR_PUBLIC_BYTES]);
void control_put_message(struct control_line *line, const struct nectar_message *message);

/* What a field holds: "" or 0 or false where there is none, or none of that kind. */
const char *control_text(const struct json *object, const char *key);
uint64_t control_uint(const struct json *object, const char *key);
bool control_flag(const struct json *object, const char *key);
/* Copies a text; false, and *out empty, where it does not fit. */
bool control_copy(char *out, size_t size, const struct json *object, const char *key);
/* A 64-bit number; NECTAR_EFORMAT if there is none. */
int control_id(uint64_t *out, const struct json *object, const char *key);

/* A message that was read: its views point into it and into the line. */
struct control_message {
    struct nectar_message message;
    struct bytes data; /* what was base64 */
};

/* NECTAR_EFORMAT, NECTAR_ETOOBIG, NECTAR_ENOMEM. control_message_free, in either case. */
int control_message_read(struct control_message *out, const struct json *object);
void control_message_free(struct control_message *message);

/* The error and the stage of a name; NECTAR_EINTERNAL and 0 if it is none. */
int control_error(const char *name);
enum nectar_stage control_stage(const char *name);

/* "check", "reload", "stop": as a type, and back (-1: none). */
const char *control_request_name(enum nectar_control_request what);
int control_request(const char *name);

#endif
