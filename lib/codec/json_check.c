#include "codec/json_check.h"

#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "codec/json.h"

/* A walk over the text, by a stack of its own: what brackets are open. */
struct scan {
    const uint8_t *data;
    size_t len;
    size_t at;
    size_t values;
    size_t depth;
    bool takes_nul; /* \u0000 */
    bool in_object[JSON_DEPTH_MAX];
};

/* The next byte, which is not taken; NUL, which stands nowhere in JSON, at the end. */
static uint8_t peek(const struct scan *s)
{
    return s->at < s->len ? s->data[s->at] : 0;
}

static bool take(struct scan *s, char c)
{
    if (peek(s) != (uint8_t)c)
        return false;
    s->at++;
    return true;
}

static void skip_space(struct scan *s)
{
    while (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\n' || peek(s) == '\r')
        s->at++;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool take_digits(struct scan *s)
{
    size_t begin = s->at;

    while (is_digit(peek(s)))
        s->at++;
    return s->at > begin;
}

static bool take_number(struct scan *s)
{
    enum { NUMBER_MAX = 63 }; /* as much as cJSON reads; longer ones it would cut */
    size_t begin = s->at;

    take(s, '-');
    if (!take(s, '0') && !take_digits(s))
        return false;
    if (take(s, '.') && !take_digits(s))
        return false;
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+'))
            take(s, '-');
        if (!take_digits(s))
            return false;
    }
    return s->at - begin <= NUMBER_MAX;
}

/* Four hex digits. */
static bool take_unit(struct scan *s, unsigned *unit)
{
    char digits[5] = {0};
    uint8_t bytes[2];

    if (s->len - s->at < 4)
        return false;
    memcpy(digits, s->data + s->at, 4);
    if (nectar_hex_decode(bytes, 2, digits))
        return false;
    *unit = (unsigned)bytes[0] << 8 | bytes[1];
    s->at += 4;
    return true;
}

/* What stands behind a backslash. */
static bool take_escape(struct scan *s)
{
    uint8_t c = peek(s);
    unsigned unit = 0;

    if (c != 0 && strchr("\"\\/bfnrt", c)) {
        s->at++;
        return true;
    }
    if (!take(s, 'u') || !take_unit(s, &unit) || (unit == 0 && !s->takes_nul))
        return false;
    if (unit < 0xd800 || unit > 0xdfff)
        return true;
    if (unit > 0xdbff || !take(s, '\\') || !take(s, 'u') || !take_unit(s, &unit))
        return false;
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* What stands for itself in a string. */
static void skip_plain(struct scan *s)
{
    size_t at = s->at;

    while (at < s->len && s->data[at] >= 0x20 && s->data[at] != '"' && s->data[at] != '\\')
        at++;
    s->at = at;
}

static bool take_string(struct scan *s)
{
    if (!take(s, '"'))
        return false;
    while (!take(s, '"')) {
        skip_plain(s);
        if (peek(s) < 0x20)
            return false;
        if (take(s, '\\') && !take_escape(s))
            return false;
    }
    return true;
}

static bool take_word(struct scan *s)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i]);

        if (s->len - s->at >= n && memcmp(s->data + s->at, words[i], n) == 0) {
            s->at += n;
            return true;
        }
    }
    return false;
}

static bool take_key(struct scan *s)
{
    skip_space(s);
    if (!take_string(s))
        return false;
    skip_space(s);
    return take(s, ':');
}

/* Behind an opening bracket: either it closes at once (*whole), or a value is to come. */
static int open_bracket(struct scan *s, bool object, bool *whole)
{
    if (s->depth == JSON_DEPTH_MAX)
        return NECTAR_ETOOBIG;
    skip_space(s);
    *whole = take(s, object ? '}' : ']');
    if (*whole)
        return 0;
    s->in_object[s->depth++] = object;
    return !object || take_key(s) ? 0 : NECTAR_EFORMAT;
}

/* The beginning of a value, up to where it is whole or the first value within it is to come. */
static int take_value(struct scan *s, bool *whole)
{
    bool ok;

    skip_space(s);
    if (++s->values > JSON_VALUES_MAX)
        return NECTAR_ETOOBIG;
    if (take(s, '{'))
        return open_bracket(s, true, whole);
    if (take(s, '['))
        return open_bracket(s, false, whole);
    *whole = true;
    if (peek(s) == '"')
        ok = take_string(s);
    else if (peek(s) == '-' || is_digit(peek(s)))
        ok = take_number(s);
    else
        ok = take_word(s);
    return ok ? 0 : NECTAR_EFORMAT;
}

/* Behind a whole value: closes brackets until a comma announces the next one (*more) or none is
 * open. */
static int take_ends(struct scan *s, bool *more)
{
    *more = false;
    while (s->depth > 0) {
        bool object = s->in_object[s->depth - 1];

        skip_space(s);
        if (take(s, ',')) {
            *more = true;
            return !object || take_key(s) ? 0 : NECTAR_EFORMAT;
        }
        if (!take(s, object ? '}' : ']'))
            return NECTAR_EFORMAT;
        s->depth--;
    }
    return 0;
}

static int scan_text(struct scan *s)
{
    bool more = true;
    int error = 0;

    while (more && !error) {
        bool whole = false;

        error = take_value(s, &whole);
        if (!error && whole)
            error = take_ends(s, &more);
    }
    if (error)
        return error;
    skip_space(s);
    return s->at == s->len ? 0 : NECTAR_EFORMAT;
}

static size_t line_at(const struct scan *s)
{
    size_t line = 1;

    for (size_t i = 0; i < s->at && i < s->len; i++)
        line += s->data[i] == '\n';
    return line;
}

static int check(struct nectar_view text, bool takes_nul, size_t *line)
{
    struct scan s = {.data = text.data, .len = text.len, .takes_nul = takes_nul};
    int error;

    *line = 0;
    if (text.len > JSON_TEXT_MAX)
        return NECTAR_ETOOBIG;
    if (!nectar_utf8_valid(text))
        return NECTAR_EFORMAT;
    error = scan_text(&s);
    if (error)
        *line = line_at(&s);
    return error;
}

int json_check(struct nectar_view text, size_t *line)
{
    return check(text, false, line);
}

int json_check_any_text(struct nectar_view text, size_t *line)
{
    return check(text, true, line);
}
