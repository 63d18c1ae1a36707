/* Amounts of wei: read and written in decimal. */
#include <string.h>

#include <nectar/error.h>
#include <nectar/transaction.h>

#include "pki/wei.h"

static const struct {
    const char *name;
    unsigned digits;
} UNITS[] = {{"", 0}, {"wei", 0}, {"gwei", 9}, {"eth", 18}};

enum { UNITS_COUNT = sizeof UNITS / sizeof UNITS[0] };

/* amount = amount * factor + add; false if it does not fit. */
static bool multiply_add(struct nectar_wei *amount, uint32_t factor, uint64_t add)
{
    uint64_t carry = add;

    /* In halves of 32 bits, so that a product has room in 64. */
    for (size_t i = NECTAR_WEI_BYTES; i > 0; i -= 4) {
        uint8_t *limb = amount->bytes + i - 4;
        uint64_t value =
            (uint64_t)limb[0] << 24 | (uint64_t)limb[1] << 16 | (uint64_t)limb[2] << 8 | limb[3];
        uint64_t low = value * factor + (carry & UINT32_MAX);

        for (size_t at = 0; at < 4; at++)
            limb[at] = (uint8_t)(low >> (24 - 8 * at));
        /* What is over 32 bits goes to the limbs before this one. */
        carry = (carry >> 32) + (low >> 32);
    }
    return carry == 0;
}

int wei_add_digit(struct nectar_wei *amount, unsigned digit)
{
    return multiply_add(amount, 10, digit) ? 0 : NECTAR_ETOOBIG;
}

void wei_from_uint(struct nectar_wei *out, uint64_t value)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < 8; i++)
        out->bytes[NECTAR_WEI_BYTES - 1 - i] = (uint8_t)(value >> (8 * i));
}

int wei_add(struct nectar_wei *a, const struct nectar_wei *b)
{
    unsigned carry = 0;

    for (size_t i = NECTAR_WEI_BYTES; i > 0; i--) {
        carry += (unsigned)a->bytes[i - 1] + b->bytes[i - 1];
        a->bytes[i - 1] = (uint8_t)carry;
        carry >>= 8;
    }
    return carry == 0 ? 0 : NECTAR_ETOOBIG;
}

int wei_multiply(struct nectar_wei *amount, uint64_t factor)
{
    struct nectar_wei high = *amount;

    /* amount * (upper * 2^32 + lower), each half by itself. */
    if (!multiply_add(&high, (uint32_t)(factor >> 32), 0) || !multiply_add(&high, 1u << 16, 0) ||
        !multiply_add(&high, 1u << 16, 0) || !multiply_add(amount, (uint32_t)factor, 0))
        return NECTAR_ETOOBIG;
    return wei_add(amount, &high);
}

int nectar_wei_compare(const struct nectar_wei *a, const struct nectar_wei *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

/* --- texts ----------------------------------------------------------------------------------- */

/* Divides by ten; returns what is left over. */
static unsigned divide_by_ten(struct nectar_wei *amount)
{
    unsigned rest = 0;

    for (size_t i = 0; i < NECTAR_WEI_BYTES; i++) {
        rest = rest << 8 | amount->bytes[i];
        amount->bytes[i] = (uint8_t)(rest / 10);
        rest %= 10;
    }
    return rest;
}

void nectar_wei_format(char out[NECTAR_WEI_TEXT_SIZE], const struct nectar_wei *amount)
{
    static const struct nectar_wei NONE = {{0}};
    struct nectar_wei left = *amount;
    char text[NECTAR_WEI_TEXT_SIZE];
    size_t at = sizeof text - 1;

    text[at] = '\0';
    do
        text[--at] = (char)('0' + divide_by_ten(&left));
    while (nectar_wei_compare(&left, &NONE) != 0);
    memcpy(out, text + at, sizeof text - at);
}

/* How many decimal digits a unit stands for; -1 if it is none. */
static int unit_digits(const char *unit)
{
    for (size_t i = 0; i < UNITS_COUNT; i++)
        if (strcmp(unit, UNITS[i].name) == 0)
            return (int)UNITS[i].digits;
    return -1;
}

int nectar_wei_parse(struct nectar_wei *out, const char *text)
{
    struct nectar_wei amount = {{0}};
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    size_t part = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;
    int digits = unit_digits(rest + (*rest == '.') + part);

    if (whole == 0 || digits < 0 || (*rest == '.' && part == 0) || part > (size_t)digits)
        return NECTAR_EFORMAT;
    for (size_t i = 0; i < whole; i++)
        if (wei_add_digit(&amount, (unsigned)(text[i] - '0')) != 0)
            return NECTAR_EFORMAT;
    for (size_t i = 0; i < (size_t)digits; i++)
        if (wei_add_digit(&amount, i < part ? (unsigned)(rest[1 + i] - '0') : 0) != 0)
            return NECTAR_EFORMAT;
    *out = amount;
    return 0;
}
