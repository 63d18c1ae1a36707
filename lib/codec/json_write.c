#include "codec/json.h"

#include <inttypes.h>
#include <stdio.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"

static void append(struct json_writer *w, const void *data, size_t len)
{
    if (!w->error)
        w->error = bytes_append(w->out, data, len);
}

static void append_text(struct json_writer *w, const char *text)
{
    if (!w->error)
        w->error = bytes_append_text(w->out, text);
}

static void begin_value(struct json_writer *w)
{
    if (w->comma)
        append(w, ",", 1);
    w->comma = true;
}

static void open_with(struct json_writer *w, char bracket)
{
    begin_value(w);
    append(w, &bracket, 1);
    w->comma = false;
}

static void close_with(struct json_writer *w, char bracket)
{
    append(w, &bracket, 1);
    w->comma = true;
}

void json_open_object(struct json_writer *w)
{
    open_with(w, '{');
}

void json_close_object(struct json_writer *w)
{
    close_with(w, '}');
}

void json_open_array(struct json_writer *w)
{
    open_with(w, '[');
}

void json_close_array(struct json_writer *w)
{
    close_with(w, ']');
}

static bool needs_escape(uint8_t c)
{
    return c < 0x20 || c == 0x7f || c == '"' || c == '\\';
}

static void append_escape(struct json_writer *w, uint8_t c)
{
    char escape[sizeof "\\u0000"];

    if (c == '"' || c == '\\')
        snprintf(escape, sizeof escape, "\\%c", c);
    else if (c == '\n')
        snprintf(escape, sizeof escape, "\\n");
    else
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c);
    append_text(w, escape);
}

static void append_quoted(struct json_writer *w, struct nectar_view text)
{
    size_t plain = 0; /* where what is copied as it stands begins */

    if (!w->error && !nectar_utf8_valid(text))
        w->error = NECTAR_EFORMAT;
    append(w, "\"", 1);
    for (size_t i = 0; i < text.len; i++) {
        if (!needs_escape(text.data[i]))
            continue;
        append(w, text.data + plain, i - plain);
        append_escape(w, text.data[i]);
        plain = i + 1;
    }
    if (text.len > plain)
        append(w, text.data + plain, text.len - plain);
    append(w, "\"", 1);
}

void json_write_key(struct json_writer *w, const char *key)
{
    begin_value(w);
    append_quoted(w, view_of_text(key));
    append(w, ":", 1);
    w->comma = false;
}

void json_write_text(struct json_writer *w, struct nectar_view text)
{
    begin_value(w);
    append_quoted(w, text);
}

void json_write_uint(struct json_writer *w, uint64_t value)
{
    char digits[24];

    begin_value(w);
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    append_text(w, digits);
}

void json_write_bool(struct json_writer *w, bool value)
{
    begin_value(w);
    append_text(w, value ? "true" : "false");
}

void json_write_null(struct json_writer *w)
{
    begin_value(w);
    append_text(w, "null");
}
