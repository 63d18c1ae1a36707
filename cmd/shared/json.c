#include "shared/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/text.h>

#include "shared/clock.h"

/* Bytes of the UTF-8 sequence that begins at p, 0 if none does. */
static size_t sequence(const uint8_t *p, size_t len)
{
    size_t n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
    if (n > len || !nectar_utf8_valid((struct nectar_view){p, n}))
        return 0;
    return n;
}

static uint32_t code_point(const uint8_t *p, size_t n)
{
    static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = *p & masks[n];
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3fu);
    return c;
}

/* Controls, and characters that change the direction of what follows on a terminal. */
static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Bytes that stand for themselves at the beginning of a text. */
static size_t plain(const uint8_t *p, size_t len)
{
    size_t n = 0;
    while (n < len && p[n] >= 0x20 && p[n] < 0x7f && p[n] != '"' && p[n] != '\\')
        n++;
    return n;
}

static void put_string(FILE *out, struct nectar_view text)
{
    putc_unlocked('"', out);
    for (size_t at = 0; at < text.len;) {
        size_t run = plain(text.data + at, text.len - at);
        fwrite_unlocked(text.data + at, 1, run, out);
        at += run;
        if (at == text.len)
            break;
        const uint8_t *p = text.data + at;
        size_t n = sequence(p, text.len - at);
        if (n == 0) {
            fputs("\\ufffd", out);
            at++;
            continue;
        }
        uint32_t c = code_point(p, n);
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (int)c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (is_unsafe(c))
            fprintf(out, "\\u%04" PRIx32, c);
        else
            fwrite_unlocked(p, 1, n, out);
        at += n;
    }
    putc_unlocked('"', out);
}

/* The comma before all but the first of what a bracket holds. */
static void put_comma(struct json *json)
{
    if (!json->first)
        putc_unlocked(',', json->out);
    json->first = false;
}

/* They are short: a call for each would take longer than what it does. */
static void put_text(FILE *out, const char *text)
{
    while (*text)
        putc_unlocked(*text++, out);
}

static void put_key(struct json *json, const char *key)
{
    put_comma(json);
    putc_unlocked('"', json->out);
    put_text(json->out, key);
    put_text(json->out, "\":");
}

/* At least `digits` of them. printf would take longer than all the rest of a line. */
static void put_number(FILE *out, uint64_t value, unsigned digits)
{
    char text[24];
    char *at = text + sizeof text;
    *--at = '\0';
    for (unsigned n = 0; value > 0 || n < digits; n++) {
        *--at = (char)('0' + value % 10);
        value /= 10;
    }
    put_text(out, at);
}

static void put_bracket(struct json *json, char bracket, bool opens)
{
    putc_unlocked(bracket, json->out);
    json->first = opens;
}

void json_open(struct json *json, FILE *out, const char *type)
{
    json->out = out;
    json->first = false;
    put_text(out, "{\"v\":1,\"type\":\"");
    put_text(out, type);
    putc_unlocked('"', out);
}

void json_close(struct json *json)
{
    put_text(json->out, "}\n");
}

void json_text(struct json *json, const char *key, const char *value)
{
    if (!value)
        json_raw(json, key, "null");
    else
        json_view(json, key, (struct nectar_view){(const uint8_t *)value, strlen(value)});
}

void json_view(struct json *json, const char *key, struct nectar_view value)
{
    put_key(json, key);
    put_string(json->out, value);
}

void json_array_open(struct json *json, const char *key)
{
    put_key(json, key);
    put_bracket(json, '[', true);
}

void json_array_close(struct json *json)
{
    put_bracket(json, ']', false);
}

void json_item_open(struct json *json)
{
    put_comma(json);
    put_bracket(json, '{', true);
}

void json_item_close(struct json *json)
{
    put_bracket(json, '}', false);
}

void json_item(struct json *json, const char *value)
{
    put_comma(json);
    put_string(json->out, (struct nectar_view){(const uint8_t *)value, strlen(value)});
}

void json_integer(struct json *json, const char *key, int64_t value)
{
    put_key(json, key);
    if (value < 0)
        putc_unlocked('-', json->out);
    put_number(json->out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

void json_id(struct json *json, const char *key, uint64_t value)
{
    put_key(json, key);
    putc_unlocked('"', json->out);
    put_number(json->out, value, 1);
    putc_unlocked('"', json->out);
}

void json_bool(struct json *json, const char *key, bool value)
{
    json_raw(json, key, value ? "true" : "false");
}

void json_raw(struct json *json, const char *key, const char *value)
{
    put_key(json, key);
    put_text(json->out, value);
}

void json_ms(struct json *json, const char *key, uint64_t us)
{
    if (us == CLOCK_NEVER) {
        json_raw(json, key, "null");
        return;
    }
    put_key(json, key);
    put_number(json->out, us / 1000, 1);
    putc_unlocked('.', json->out);
    put_number(json->out, us % 1000, 3);
}

void json_real(struct json *json, const char *key, double value)
{
    put_key(json, key);
    fprintf(json->out, "%.6g", value);
}

void json_base64(struct json *json, const char *key, struct nectar_view value)
{
    /* In pieces of a whole number of groups, so that no large buffer is needed. */
    enum { PIECE = 3 * 256 };
    char text[NECTAR_BASE64_SIZE(PIECE)];
    put_key(json, key);
    putc_unlocked('"', json->out);
    for (size_t at = 0; at < value.len; at += PIECE) {
        size_t n = value.len - at < PIECE ? value.len - at : PIECE;
        nectar_base64_encode(text, value.data + at, n);
        fputs(text, json->out);
    }
    putc_unlocked('"', json->out);
}

void json_body(struct json *json, const char *key, struct nectar_view value)
{
    char long_key[32];
    if (value.len == 0 || nectar_utf8_valid(value)) {
        json_view(json, key, value);
        return;
    }
    snprintf(long_key, sizeof long_key, "%s_b64", key);
    json_base64(json, long_key, value);
}

void json_merge(struct json *json, const char *object)
{
    size_t len = strlen(object);
    if (len <= 2)
        return;
    put_comma(json);
    fwrite(object + 1, 1, len - 2, json->out);
}
