/*
 * An object of a line, read where it stands. json_check has seen the text first: what walks over it
 * here knows that every string, bracket and word is whole.
 */
#include <nectar/json.h>

#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "codec/json.h"
#include "codec/json_check.h"

_Static_assert(NECTAR_JSON_MAX == JSON_TEXT_MAX, "one limit for all texts");

/* What is left of a text. */
struct walk {
    const uint8_t *at, *end;
};

static void skip_space(struct walk *w)
{
    while (w->at < w->end && (*w->at == ' ' || *w->at == '\t' || *w->at == '\n' || *w->at == '\r'))
        w->at++;
}

/* Behind the quote that ends the string which begins here. */
static void skip_string(struct walk *w)
{
    const uint8_t *quote = memchr(w->at + 1, '"', (size_t)(w->end - w->at - 1));
    const uint8_t *escape = memchr(w->at + 1, '\\', (size_t)(quote - w->at - 1));

    w->at = escape ? escape : quote;
    for (; *w->at != '"'; w->at++)
        w->at += *w->at == '\\';
    w->at++;
}

static void skip_brackets(struct walk *w)
{
    size_t depth = 0;

    do {
        if (*w->at == '"') {
            skip_string(w);
            continue;
        }
        if (*w->at == '{' || *w->at == '[')
            depth++;
        else if (*w->at == '}' || *w->at == ']')
            depth--;
        w->at++;
    } while (depth > 0);
}

/* Numbers and words end at what cannot be part of them. */
static void skip_word(struct walk *w)
{
    while (w->at < w->end && !memchr(" \t\r\n,]}", *w->at, 7))
        w->at++;
}

static enum nectar_json_type type_of(uint8_t first)
{
    switch (first) {
    case '"':
        return NECTAR_JSON_TEXT;
    case '{':
        return NECTAR_JSON_OBJECT;
    case '[':
        return NECTAR_JSON_ARRAY;
    case 't':
    case 'f':
        return NECTAR_JSON_BOOL;
    case 'n':
        return NECTAR_JSON_NULL;
    default:
        return NECTAR_JSON_NUMBER;
    }
}

static struct nectar_json_value take_value(struct walk *w)
{
    const uint8_t *begin = w->at;
    struct nectar_json_value value = {.type = type_of(*begin)};

    if (value.type == NECTAR_JSON_TEXT)
        skip_string(w);
    else if (value.type == NECTAR_JSON_OBJECT || value.type == NECTAR_JSON_ARRAY)
        skip_brackets(w);
    else
        skip_word(w);
    value.raw = (struct nectar_view){begin, (size_t)(w->at - begin)};
    return value;
}

/* Characters of a string, one byte of their UTF-8 after the other. */
struct reading {
    const uint8_t *at, *end;
    uint8_t bytes[4]; /* of an escape */
    size_t have, given;
};

static struct reading reading_of(struct nectar_view quoted)
{
    return (struct reading){.at = quoted.data + 1, .end = quoted.data + quoted.len - 1};
}

static unsigned hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - (unsigned)'0';
    return (c | 0x20u) - (unsigned)'a' + 10;
}

/* The four digits behind \u. */
static uint32_t take_unit(struct reading *r)
{
    uint32_t unit = 0;

    for (int i = 0; i < 4; i++)
        unit = unit << 4 | hex_digit(*r->at++);
    return unit;
}

static size_t encode(uint8_t out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        out[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    out[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

/* What stands behind a backslash; two units that make one character, together. */
static void take_escape(struct reading *r)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    uint8_t letter = *r->at++;
    const char *known = strchr(letters, letter);
    uint32_t c = letter;

    if (known)
        c = (uint8_t)meanings[known - letters];
    if (letter == 'u')
        c = take_unit(r);
    if (c >= 0xd800 && c <= 0xdbff) {
        r->at += 2;
        c = 0x10000 + ((c & 0x3ff) << 10) + (take_unit(r) & 0x3ff);
    }
    r->have = encode(r->bytes, c);
    r->given = 0;
}

/* The next byte; false at the end. */
static bool take_byte(struct reading *r, uint8_t *byte)
{
    if (r->given == r->have) {
        if (r->at == r->end)
            return false;
        if (*r->at != '\\') {
            *byte = *r->at++;
            return true;
        }
        r->at++;
        take_escape(r);
    }
    *byte = r->bytes[r->given++];
    return true;
}

/* Do both come to the same, however they are written? */
static bool is_equal_spelled(struct reading a, struct reading b)
{
    uint8_t x, y;

    for (;;) {
        bool more = take_byte(&a, &x);

        if (take_byte(&b, &y) != more)
            return false;
        if (!more)
            return true;
        if (x != y)
            return false;
    }
}

static bool is_equal(struct reading a, struct reading b)
{
    size_t a_len = (size_t)(a.end - a.at), b_len = (size_t)(b.end - b.at);

    if (a_len == b_len && memcmp(a.at, b.at, a_len) == 0)
        return true;
    return (memchr(a.at, '\\', a_len) || memchr(b.at, '\\', b_len)) && is_equal_spelled(a, b);
}

static bool is_known(const struct nectar_json *object, struct nectar_view name)
{
    for (size_t i = 0; i < object->count; i++)
        if (is_equal(reading_of(object->members[i].name), reading_of(name)))
            return true;
    return false;
}

/* The members, from behind the opening bracket on. */
static int take_members(struct nectar_json *out, struct walk *w)
{
    skip_space(w);
    while (*w->at != '}') {
        struct nectar_json_member *member = &out->members[out->count];

        if (out->count == NECTAR_JSON_MEMBERS_MAX)
            return NECTAR_ETOOBIG;
        member->name = take_value(w).raw;
        if (is_known(out, member->name))
            return NECTAR_EFORMAT;
        skip_space(w);
        w->at++; /* the colon */
        skip_space(w);
        member->value = take_value(w);
        out->count++;
        skip_space(w);
        if (*w->at == ',') {
            w->at++;
            skip_space(w);
        }
    }
    return 0;
}

int nectar_json_read(struct nectar_json *out, struct nectar_view text)
{
    struct walk w;
    size_t line;
    int error = json_check_any_text(text, &line);

    out->count = 0;
    if (error)
        return error;
    w = (struct walk){text.data, text.data + text.len};
    skip_space(&w);
    if (*w.at != '{')
        return NECTAR_EFORMAT;
    w.at++;
    error = take_members(out, &w);
    if (error)
        out->count = 0;
    return error;
}

const struct nectar_json_value *nectar_json_find(const struct nectar_json *object, const char *name)
{
    /* As it is, without escapes: a name of ours has no backslash. */
    const uint8_t *bytes = (const uint8_t *)name;
    struct reading wanted = {.at = bytes, .end = bytes + strlen(name)};

    for (size_t i = 0; i < object->count; i++)
        if (is_equal(reading_of(object->members[i].name), wanted))
            return &object->members[i].value;
    return NULL;
}

static bool is_text(const struct nectar_json_value *value)
{
    return value && value->type == NECTAR_JSON_TEXT;
}

/* What is written is never longer than what was read, so that both may stand in one place. */
int nectar_json_text(uint8_t *out, size_t *len, const struct nectar_json_value *value)
{
    struct reading r;
    size_t n = 0;

    if (!is_text(value))
        return NECTAR_EFORMAT;
    r = reading_of(value->raw);
    for (;;) {
        const uint8_t *escape = r.at == r.end ? NULL : memchr(r.at, '\\', (size_t)(r.end - r.at));
        size_t plain = (size_t)((escape ? escape : r.end) - r.at);

        memmove(out + n, r.at, plain);
        n += plain;
        r.at += plain;
        if (!escape)
            break;
        r.at++;
        take_escape(&r);
        memcpy(out + n, r.bytes, r.have);
        n += r.have;
    }
    *len = n;
    return 0;
}

int nectar_json_base64(uint8_t *out, size_t *len, const struct nectar_json_value *value)
{
    /* Its alphabet needs no escapes, but for a slash that may have one. */
    size_t n;
    int error = nectar_json_text(out, &n, value);

    return error ? error : nectar_base64_decode(out, len, (struct nectar_view){out, n});
}

int nectar_json_uint(uint64_t *out, const struct nectar_json_value *value, uint64_t max)
{
    struct nectar_view digits;
    uint64_t number = 0;

    if (!value || (value->type != NECTAR_JSON_NUMBER && value->type != NECTAR_JSON_TEXT))
        return NECTAR_EFORMAT;
    digits = value->raw;
    if (value->type == NECTAR_JSON_TEXT)
        digits = (struct nectar_view){digits.data + 1, digits.len - 2};
    if (digits.len == 0 || (digits.len > 1 && digits.data[0] == '0'))
        return NECTAR_EFORMAT;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = digits.data[i] - (unsigned)'0';

        if (digit > 9 || digit > max || number > (max - digit) / 10)
            return NECTAR_EFORMAT;
        number = number * 10 + digit;
    }
    *out = number;
    return 0;
}

int nectar_json_bool(bool *out, const struct nectar_json_value *value)
{
    if (!value || value->type != NECTAR_JSON_BOOL)
        return NECTAR_EFORMAT;
    *out = value->raw.data[0] == 't';
    return 0;
}
