#include <string.h>

#include <nectar/text.h>

#include "codec/utf8.h"

/* Does a terminal act on it, or break a line at it, instead of showing it? */
static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || /* C0, DEL, C1 */
           (c >= 0x2028 && c <= 0x202e) ||         /* line separators, bidirectional overrides */
           (c >= 0x2066 && c <= 0x2069);           /* bidirectional isolates */
}

static char *escape_byte(char *out, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";

    *out++ = '\\';
    *out++ = 'x';
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
    return out;
}

size_t nectar_escape(char *out, struct nectar_view text, bool keep_newlines)
{
    char *to = out;
    size_t i = 0;

    while (i < text.len) {
        uint32_t c = 0;
        size_t n = utf8_decode(&c, text.data + i, text.len - i);
        bool kept = keep_newlines && (c == '\n' || c == '\t');

        if (n > 0 && (kept || !is_control(c))) {
            if (c == '\\')
                *to++ = '\\';
            memcpy(to, text.data + i, n);
            to += n;
            i += n;
            continue;
        }
        /* A control character as a whole; of what is no character one byte, then on from there. */
        for (size_t end = i + (n ? n : 1); i < end; i++)
            to = escape_byte(to, text.data[i]);
    }
    *to = '\0';
    return (size_t)(to - out);
}
