#include "codec/url.h"

#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"

static bool is_between(uint8_t c, char first, char last)
{
    return c >= (uint8_t)first && c <= (uint8_t)last;
}

static bool scheme_valid(struct nectar_view scheme)
{
    for (size_t i = 0; i < scheme.len; i++) {
        uint8_t c = scheme.data[i];

        if (is_between(c, 'a', 'z'))
            continue;
        if (i == 0 || !(is_between(c, '0', '9') || c == '+' || c == '.' || c == '-'))
            return false;
    }
    return scheme.len > 0;
}

/* Letters, digits, '.', '-', '_'; and ':' and '%' within brackets. */
static bool host_valid(struct nectar_view host, bool bracketed)
{
    for (size_t i = 0; i < host.len; i++) {
        uint8_t c = host.data[i];

        if (is_between(c, 'a', 'z') || is_between(c, 'A', 'Z') || is_between(c, '0', '9') ||
            c == '.' || c == '-' || c == '_')
            continue;
        if (!bracketed || (c != ':' && c != '%'))
            return false;
    }
    return host.len > 0;
}

static bool port_parse(uint16_t *out, struct nectar_view text)
{
    uint32_t port = 0;

    if (text.len == 0 || text.len > 5)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_between(text.data[i], '0', '9'))
            return false;
        port = port * 10 + (uint32_t)(text.data[i] - '0');
    }
    if (port == 0 || port > UINT16_MAX)
        return false;
    *out = (uint16_t)port;
    return true;
}

/* "[user@]host[:port]" */
static bool authority_parse(struct url *out, struct nectar_view text)
{
    struct nectar_view rest;
    bool bracketed;

    if (view_split(text, '@', &out->user, &rest))
        text = rest;
    bracketed = text.len > 0 && text.data[0] == '[';
    if (bracketed) {
        text = (struct nectar_view){text.data + 1, text.len - 1};
        if (!view_split(text, ']', &out->host, &rest))
            return false;
        if (rest.len == 0)
            return host_valid(out->host, true);
        if (rest.data[0] != ':')
            return false;
        rest = (struct nectar_view){rest.data + 1, rest.len - 1};
    } else if (!view_split(text, ':', &out->host, &rest)) {
        out->host = text;
        return host_valid(out->host, false);
    }
    return host_valid(out->host, bracketed) && port_parse(&out->port, rest);
}

static bool text_valid(struct nectar_view text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7f)
            return false;
    return nectar_utf8_valid(text);
}

int url_parse(struct url *out, const char *text)
{
    struct url url = {0};
    struct nectar_view whole = view_of_text(text);
    struct nectar_view rest;
    size_t slash;

    if (!text_valid(whole) || !view_split(whole, ':', &url.scheme, &rest) ||
        !scheme_valid(url.scheme))
        return NECTAR_EFORMAT;
    url.path = rest;
    if (view_split(rest, '?', &url.path, &url.query))
        rest = url.path;
    if (rest.len >= 2 && rest.data[0] == '/' && rest.data[1] == '/') {
        rest = (struct nectar_view){rest.data + 2, rest.len - 2};
        for (slash = 0; slash < rest.len && rest.data[slash] != '/'; slash++)
            ;
        if (!authority_parse(&url, (struct nectar_view){rest.data, slash}))
            return NECTAR_EFORMAT;
        url.path = (struct nectar_view){rest.data + slash, rest.len - slash};
    }
    *out = url;
    return 0;
}

bool url_next_parameter(struct nectar_view *query, struct nectar_view *name,
                        struct nectar_view *value)
{
    struct nectar_view parameter = *query;
    struct nectar_view rest = {0};

    if (query->len == 0)
        return false;
    view_split(*query, '&', &parameter, &rest);
    *query = rest;
    *value = (struct nectar_view){0};
    if (!view_split(parameter, '=', name, value))
        *name = parameter;
    return true;
}

int url_decode(char *out, size_t size, struct nectar_view part)
{
    size_t len = 0;

    for (size_t i = 0; i < part.len; i++) {
        uint8_t byte = part.data[i];

        if (byte == '%') {
            char digits[3] = {0};

            if (part.len - i < 3)
                return NECTAR_EFORMAT;
            memcpy(digits, part.data + i + 1, 2);
            if (nectar_hex_decode(&byte, 1, digits) || byte == 0)
                return NECTAR_EFORMAT;
            i += 2;
        }
        if (len + 1 >= size)
            return NECTAR_ETOOBIG;
        out[len++] = (char)byte;
    }
    if (len >= size)
        return NECTAR_ETOOBIG;
    out[len] = '\0';
    return nectar_utf8_valid((struct nectar_view){(uint8_t *)out, len}) ? 0 : NECTAR_EFORMAT;
}
