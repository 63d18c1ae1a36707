#include "eth/word.h"

#include <string.h>

#include <nectar/error.h>

enum { UINT_BYTES = 8 };

struct word word_of(uint64_t value)
{
    struct word word = {{0}};

    for (size_t i = 0; i < UINT_BYTES; i++)
        word.bytes[WORD_BYTES - 1 - i] = (uint8_t)(value >> (8 * i));
    return word;
}

int word_from_bytes(struct word *out, struct nectar_view bytes)
{
    while (bytes.len > 0 && *bytes.data == 0) {
        bytes.data++;
        bytes.len--;
    }
    if (bytes.len > WORD_BYTES)
        return NECTAR_ETOOBIG;
    *out = (struct word){{0}};
    if (bytes.len > 0)
        memcpy(out->bytes + WORD_BYTES - bytes.len, bytes.data, bytes.len);
    return 0;
}

struct nectar_view word_digits(const struct word *word)
{
    size_t zeros = 0;

    while (zeros < WORD_BYTES && word->bytes[zeros] == 0)
        zeros++;
    return (struct nectar_view){word->bytes + zeros, WORD_BYTES - zeros};
}

int word_to_uint(uint64_t *out, const struct word *word, uint64_t max)
{
    struct nectar_view digits = word_digits(word);
    uint64_t value = 0;

    if (digits.len > UINT_BYTES)
        return NECTAR_ETOOBIG;
    for (size_t i = 0; i < digits.len; i++)
        value = value << 8 | digits.data[i];
    if (value > max)
        return NECTAR_ETOOBIG;
    *out = value;
    return 0;
}

/* --- arithmetic ------------------------------------------------------------------------------ */

int word_add(struct word *out, const struct word *a, const struct word *b)
{
    struct word sum;
    unsigned carry = 0;

    for (size_t i = WORD_BYTES; i-- > 0;) {
        carry += (unsigned)a->bytes[i] + b->bytes[i];
        sum.bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    if (carry)
        return NECTAR_ETOOBIG;
    *out = sum;
    return 0;
}

/* a * n + more */
static int multiply_add(struct word *out, const struct word *a, uint32_t n, uint32_t more)
{
    struct word product;
    uint64_t carry = more;

    for (size_t i = WORD_BYTES; i-- > 0;) {
        carry += (uint64_t)a->bytes[i] * n;
        product.bytes[i] = (uint8_t)carry;
        carry >>= 8;
    }
    if (carry)
        return NECTAR_ETOOBIG;
    *out = product;
    return 0;
}

int word_multiply(struct word *out, const struct word *a, uint64_t n)
{
    struct word low, high;
    int error = multiply_add(&low, a, (uint32_t)n, 0);

    if (!error)
        error = multiply_add(&high, a, (uint32_t)(n >> 32), 0);
    for (int i = 0; i < 2 && !error; i++)
        error = multiply_add(&high, &high, 1U << 16, 0);
    return error ? error : word_add(out, &low, &high);
}

int word_compare(const struct word *a, const struct word *b)
{
    return memcmp(a->bytes, b->bytes, WORD_BYTES);
}

bool word_is_zero(const struct word *word)
{
    return word_digits(word).len == 0;
}

/* --- text ------------------------------------------------------------------------------------ */

/* The value of a digit; base or more if it is none. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

static int from_digits(struct word *out, const char *text, unsigned base)
{
    struct word value = {{0}};
    int error = 0;

    if (!*text || (*text == '0' && text[1]))
        return NECTAR_EFORMAT;
    /* To the end even where it no longer fits: what is no number is malformed first. */
    for (; *text; text++) {
        unsigned digit = digit_value(*text);

        if (digit >= base)
            return NECTAR_EFORMAT;
        if (!error)
            error = multiply_add(&value, &value, base, digit);
    }
    if (!error)
        *out = value;
    return error;
}

int word_from_quantity(struct word *out, const char *text)
{
    return strncmp(text, "0x", 2) == 0 ? from_digits(out, text + 2, 16) : NECTAR_EFORMAT;
}

int word_from_decimal(struct word *out, const char *text)
{
    return from_digits(out, text, 10);
}

/* Divides in place; the remainder. */
static unsigned divide(struct word *word, unsigned by)
{
    unsigned rest = 0;

    for (size_t i = 0; i < WORD_BYTES; i++) {
        rest = rest << 8 | word->bytes[i];
        word->bytes[i] = (uint8_t)(rest / by);
        rest %= by;
    }
    return rest;
}

/* Writes the digits and a NUL to out, of size bytes, which is enough. */
static void to_digits(char *out, size_t size, const struct word *word, unsigned base)
{
    struct word left = *word;
    char *at = out + size - 1;

    *at = '\0';
    do
        *--at = "0123456789abcdef"[divide(&left, base)];
    while (!word_is_zero(&left));
    memmove(out, at, (size_t)(out + size - at));
}

void word_to_quantity(char out[WORD_HEX_SIZE], const struct word *word)
{
    memcpy(out, "0x", 2);
    to_digits(out + 2, WORD_HEX_SIZE - 2, word, 16);
}

void word_to_decimal(char out[WORD_DECIMAL_SIZE], const struct word *word)
{
    to_digits(out, WORD_DECIMAL_SIZE, word, 10);
}
