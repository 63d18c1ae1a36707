#include "shared/value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "shared/cli.h"
#include "shared/clock.h"
#include "shared/text.h"

/* A thousand years: far beyond use, far from overflow. */
#define SECONDS_MAX UINT64_C(31557600000)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool value_number(uint64_t *out, const char *text)
{
    char *end;
    if (!is_digit(*text))
        return false;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno || *end)
        return false;
    *out = n;
    return true;
}

bool value_seconds(uint64_t *out, const char *text)
{
    uint64_t whole = 0;
    uint64_t fraction = 0;
    uint64_t unit = CLOCK_SECOND;
    const char *p = text;
    for (; is_digit(*p); p++) {
        whole = whole * 10 + (uint64_t)(*p - '0');
        if (whole > SECONDS_MAX)
            return false;
    }
    bool digits = p > text;
    if (*p == '.') {
        for (p++; is_digit(*p); p++) {
            digits = true;
            unit /= 10;
            fraction += (uint64_t)(*p - '0') * unit;
        }
    }
    if (*p || !digits)
        return false;
    *out = whole * CLOCK_SECOND + fraction;
    return true;
}

static char *set_seconds(const struct cli_option *option, const char *value)
{
    uint64_t us;
    if (!value_seconds(&us, value))
        return text_format("not a number of seconds: %s", value);
    if (us < option->min && option->min == 1)
        return text_format("must be more than 0: %s", value);
    if (us < option->min)
        return text_format("must be at least %g: %s", (double)option->min / CLOCK_SECOND, value);
    if (option->max && us > option->max)
        return text_format("must be at most %g: %s", (double)option->max / CLOCK_SECOND, value);
    *(uint64_t *)option->target = us;
    return NULL;
}

static char *set_number(const struct cli_option *option, const char *value)
{
    uint64_t n;
    if (!value_number(&n, value))
        return text_format("not a whole number: %s", value);
    if (n < option->min || (option->max && n > option->max))
        return text_format("must be %" PRIu64 " to %" PRIu64 ": %s", option->min,
                           option->max ? option->max : UINT64_MAX, value);
    *(uint64_t *)option->target = n;
    return NULL;
}

static char *set_choice(const struct cli_option *option, const char *value)
{
    size_t len = strlen(value);
    for (const char *word = option->value; *word;) {
        size_t n = strcspn(word, "|");
        if (n == len && strncmp(word, value, n) == 0) {
            *(const char **)option->target = value;
            return NULL;
        }
        word += n + (word[n] == '|');
    }
    return text_format("must be one of %s: %s", option->value, value);
}

char *value_set(const struct cli_option *option, const char *value)
{
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)option->target = true;
        return NULL;
    case CLI_REPEAT:
        ++*(unsigned *)option->target;
        return NULL;
    case CLI_TEXT:
        *(const char **)option->target = value;
        return NULL;
    case CLI_LIST:
        text_list_add(option->target, value);
        return NULL;
    case CLI_SECONDS:
        return set_seconds(option, value);
    case CLI_NUMBER:
        return set_number(option, value);
    case CLI_CHOICE:
        return set_choice(option, value);
    }
    return NULL;
}
