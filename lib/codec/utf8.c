#include "codec/utf8.h"

#include <stdbool.h>
#include <string.h>

#include <nectar/text.h>

enum { WORD = 8 };

static const uint64_t HIGH_BITS = 0x8080808080808080;

/* What the first byte of a character says: how many follow, and the least character that needs
 * so many (anything below is an overlong form). */
struct lead {
    size_t following;
    uint32_t bits;
    uint32_t least;
};

static bool lead_read(struct lead *out, uint8_t byte)
{
    if (byte >= 0xc2 && byte <= 0xdf)
        *out = (struct lead){1, byte & 0x1f, 0x80};
    else if (byte >= 0xe0 && byte <= 0xef)
        *out = (struct lead){2, byte & 0x0f, 0x800};
    else if (byte >= 0xf0 && byte <= 0xf4)
        *out = (struct lead){3, byte & 0x07, 0x10000};
    else
        return false;
    return true;
}

size_t utf8_decode(uint32_t *character, const uint8_t *text, size_t len)
{
    struct lead lead;
    uint32_t c;

    if (text[0] < 0x80) {
        *character = text[0];
        return 1;
    }
    if (!lead_read(&lead, text[0]) || lead.following >= len)
        return 0;
    c = lead.bits;
    for (size_t i = 1; i <= lead.following; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (text[i] & 0x3f);
    }
    if (c < lead.least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *character = c;
    return lead.following + 1;
}

bool nectar_utf8_valid(struct nectar_view text)
{
    size_t i = 0;

    while (i < text.len) {
        uint64_t word;
        uint32_t character;
        size_t n;

        if (text.len - i >= WORD) {
            memcpy(&word, text.data + i, WORD);
            if ((word & HIGH_BITS) == 0) {
                i += WORD;
                continue;
            }
        }
        n = utf8_decode(&character, text.data + i, text.len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}
