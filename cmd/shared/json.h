/* JSON objects, one a line, as --json promises: {"v":1,"type":...}. */
#ifndef SHARED_JSON_H
#define SHARED_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <nectar/view.h>

struct json {
    FILE *out;
    bool first; /* nothing stands yet in the bracket that is open */
};

/* Begins a line; json_close ends it with its newline. Flushing is output_flush's. */
void json_open(struct json *json, FILE *out, const char *type);
void json_close(struct json *json);

/* A string; NULL is null. What is not UTF-8 becomes U+FFFD; control and direction characters are
 * escaped, so that a terminal is safe. */
void json_text(struct json *json, const char *key, const char *value);
void json_view(struct json *json, const char *key, struct nectar_view value);

/* A small number; a 64-bit one as a string; true or false; JSON text as it stands. */
void json_integer(struct json *json, const char *key, int64_t value);
void json_id(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_raw(struct json *json, const char *key, const char *value);

/* Microseconds as milliseconds with fractions; CLOCK_NEVER is null. */
void json_ms(struct json *json, const char *key, uint64_t us);

/* An array; its items are strings, or objects, into which what is written until json_item_close
 * goes. */
void json_array_open(struct json *json, const char *key);
void json_array_close(struct json *json);
void json_item(struct json *json, const char *value);
void json_item_open(struct json *json);
void json_item_close(struct json *json);

/* A fraction. */
void json_real(struct json *json, const char *key, double value);

/* Bytes: "KEY" when they are UTF-8, else "KEY_b64". */
void json_body(struct json *json, const char *key, struct nectar_view value);

/* Bytes as "KEY" in base64, always. */
void json_base64(struct json *json, const char *key, struct nectar_view value);

/* The fields of a JSON object's text, added to this one. */
void json_merge(struct json *json, const char *object);

#endif
