#include "pki/json_members.h"

#include <string.h>

#include <nectar/error.h>

/* The next byte that is no white space, without taking it; 0 at the end of the text. */
static uint8_t peek(struct members *m)
{
    while (m->at < m->text.len && strchr(" \t\r\n", m->text.data[m->at]) && m->text.data[m->at])
        m->at++;
    return m->at < m->text.len ? m->text.data[m->at] : 0;
}

/* Steps over a string, from its first quote to behind its last. */
static int skip_string(struct members *m)
{
    for (m->at++; m->at < m->text.len; m->at++) {
        uint8_t c = m->text.data[m->at];

        if (c == '"') {
            m->at++;
            return 0;
        }
        if (c == '\\')
            m->at++;
    }
    m->at = m->text.len;
    return NECTAR_EFORMAT;
}

/* Steps over an array or object. Which bracket closes which is json_parse's to judge. */
static int skip_brackets(struct members *m)
{
    size_t depth = 0;

    while (m->at < m->text.len) {
        uint8_t c = m->text.data[m->at];

        if (c == '"') {
            if (skip_string(m) != 0)
                return NECTAR_EFORMAT;
            continue;
        }
        m->at++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return 0;
    }
    return NECTAR_EFORMAT;
}

static int skip_value(struct members *m, struct nectar_view *out)
{
    uint8_t first = peek(m);
    size_t begin = m->at;
    int error = 0;

    if (first == '"')
        error = skip_string(m);
    else if (first == '{' || first == '[')
        error = skip_brackets(m);
    else
        while (m->at < m->text.len && !memchr(",:]} \t\r\n", m->text.data[m->at], 8))
            m->at++;
    if (error || m->at == begin)
        return NECTAR_EFORMAT;
    *out = (struct nectar_view){m->text.data + begin, m->at - begin};
    return 0;
}

int members_open(struct members *m, struct nectar_view text)
{
    uint8_t first;

    *m = (struct members){.text = text};
    first = peek(m);
    if (first != '{' && first != '[')
        return NECTAR_EFORMAT;
    m->object = first == '{';
    m->at++;
    return 0;
}

/* Behind the last bracket nothing may follow. */
static int close_text(struct members *m, bool *end)
{
    m->at++;
    *end = true;
    (void)peek(m);
    return m->at == m->text.len ? 0 : NECTAR_EFORMAT;
}

int members_next(struct members *m, struct member *out, bool *end)
{
    uint8_t next = peek(m);
    int error = 0;

    *end = false;
    *out = (struct member){.key = {NULL, 0}};
    if (next == (m->object ? '}' : ']'))
        return close_text(m, end);
    if (m->started) {
        if (next != ',')
            return NECTAR_EFORMAT;
        m->at++;
    }
    m->started = true;
    if (m->object) {
        if (peek(m) != '"')
            return NECTAR_EFORMAT;
        error = skip_value(m, &out->key);
        if (!error && peek(m) != ':')
            error = NECTAR_EFORMAT;
        m->at += error ? 0 : 1;
    }
    return error ? error : skip_value(m, &out->value);
}

size_t members_line(struct nectar_view text, size_t offset)
{
    size_t line = 1;

    for (size_t i = 0; i < offset && i < text.len; i++)
        line += text.data[i] == '\n';
    return line;
}
