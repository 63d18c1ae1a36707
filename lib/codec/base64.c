#include <nectar/text.h>

#include <nectar/error.h>

void nectar_base64_encode(char *out, const void *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *bytes = data;
    size_t i = 0;
    uint32_t group;

    for (; len - i >= 3; i += 3) {
        group = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6)
            *out++ = digits[group >> shift & 63];
    }
    if (len - i > 0) {
        group = (uint32_t)bytes[i] << 16 | (len - i == 2 ? (uint32_t)bytes[i + 1] << 8 : 0);
        *out++ = digits[group >> 18 & 63];
        *out++ = digits[group >> 12 & 63];
        *out++ = len - i == 2 ? digits[group >> 6 & 63] : '=';
        *out++ = '=';
    }
    *out = '\0';
}

/* What a digit stands for, and 64 for what is none. */
static uint32_t value_of(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - (uint32_t)'A';
    if (c >= 'a' && c <= 'z')
        return c - (uint32_t)'a' + 26;
    if (c >= '0' && c <= '9')
        return c - (uint32_t)'0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

/* The bytes that the last group of four digits stands for: less than three with padding. */
static size_t last_group(struct nectar_view text)
{
    if (text.len == 0 || text.data[text.len - 1] != '=')
        return 3;
    return text.data[text.len - 2] == '=' ? 1 : 2;
}

int nectar_base64_decode(uint8_t *out, size_t *len, struct nectar_view text)
{
    size_t n = 0;

    if (text.len % 4 != 0)
        return NECTAR_EFORMAT;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t bytes = i + 4 < text.len ? 3 : last_group(text);
        uint32_t group = 0;

        for (size_t j = 0; j < 4; j++) {
            uint32_t value = j <= bytes ? value_of(text.data[i + j]) : 0;

            if (value > 63)
                return NECTAR_EFORMAT;
            group = group << 6 | value;
        }
        if ((group & (0xffffffu >> 8 * bytes)) != 0)
            return NECTAR_EFORMAT; /* bits behind the last byte: the same bytes written another way
                                    */
        for (size_t j = 0; j < bytes; j++)
            out[n++] = (uint8_t)(group >> (16 - 8 * j));
    }
    *len = n;
    return 0;
}
