#include <nectar/text.h>

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
