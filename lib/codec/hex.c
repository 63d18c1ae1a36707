#include <nectar/error.h>
#include <nectar/text.h>

void nectar_hex_encode(char *out, const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;

    for (size_t i = 0; i < len; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

/* The value of a digit; -1 if it is none. */
static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int nectar_hex_decode(uint8_t *out, size_t len, const char *text)
{
    for (size_t i = 0; i < len; i++) {
        int high = digit_value(*text);
        int low = high < 0 ? -1 : digit_value(text[1]);

        if (low < 0)
            return NECTAR_EFORMAT;
        out[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return *text == '\0' ? 0 : NECTAR_EFORMAT;
}
