#include "pki/wei.h"

#include <string.h>

#include <nectar/error.h>

static const struct {
    const char *name;
    unsigned digits;
} UNITS[] = {{"", 0}, {"wei", 0}, {"gwei", 9}, {"eth", 18}};

enum { UNITS_COUNT = sizeof UNITS / sizeof UNITS[0] };

_Static_assert(sizeof(struct nectar_wei) == sizeof(struct word), "an amount is a word");
_Static_assert((int)NECTAR_WEI_TEXT_SIZE == (int)WORD_DECIMAL_SIZE, "and so is its text");

struct nectar_wei wei_of_word(const struct word *word)
{
    struct nectar_wei amount;

    memcpy(amount.bytes, word->bytes, sizeof amount.bytes);
    return amount;
}

struct word word_of_wei(const struct nectar_wei *amount)
{
    struct word word;

    memcpy(word.bytes, amount->bytes, sizeof word.bytes);
    return word;
}

int nectar_wei_compare(const struct nectar_wei *a, const struct nectar_wei *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

int wei_cost(struct nectar_wei *out, uint64_t gas, const struct nectar_wei *fee,
             const struct nectar_wei *value)
{
    struct word sum = word_of_wei(fee);
    struct word more = word_of_wei(value);
    int error = word_multiply(&sum, &sum, gas);

    if (!error)
        error = word_add(&sum, &sum, &more);
    if (!error)
        *out = wei_of_word(&sum);
    return error;
}

void nectar_wei_format(char out[NECTAR_WEI_TEXT_SIZE], const struct nectar_wei *amount)
{
    struct word word = word_of_wei(amount);

    word_to_decimal(out, &word);
}

/* How many decimal digits a unit stands for; -1 if it is none. */
static int unit_digits(const char *unit)
{
    for (size_t i = 0; i < UNITS_COUNT; i++)
        if (strcmp(unit, UNITS[i].name) == 0)
            return (int)UNITS[i].digits;
    return -1;
}

/* Adds digits to a number of at most size - 1, without zeros in front; false if they are more. */
static bool add_digits(char *number, size_t size, const char *digits, size_t count)
{
    size_t len = strlen(number);

    for (size_t i = 0; i < count; i++) {
        if (len == 0 && digits[i] == '0')
            continue;
        if (len == size - 1)
            return false;
        number[len++] = digits[i];
        number[len] = '\0';
    }
    return true;
}

int nectar_wei_parse(struct nectar_wei *out, const char *text)
{
    static const char ZEROS[] = "000000000000000000";
    char number[WORD_DECIMAL_SIZE] = "";
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    size_t part = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;
    int digits = unit_digits(rest + (*rest == '.') + part);
    struct word word;

    if (whole == 0 || digits < 0 || (*rest == '.' && part == 0) || part > (size_t)digits)
        return NECTAR_EFORMAT;
    if (!add_digits(number, sizeof number, text, whole) ||
        !add_digits(number, sizeof number, rest + 1, part) ||
        !add_digits(number, sizeof number, ZEROS, (size_t)digits - part) ||
        word_from_decimal(&word, number[0] ? number : "0") != 0)
        return NECTAR_EFORMAT;
    *out = wei_of_word(&word);
    return 0;
}
