/* Typed values of options and settings. */
#ifndef SHARED_VALUE_H
#define SHARED_VALUE_H

#include <stdbool.h>
#include <stdint.h>

struct cli_option;

/* Puts a value (NULL for flags) where its option wants it. Returns NULL, or a new string that says
 * what is wrong with it; then the target is as it was. */
char *value_set(const struct cli_option *option, const char *value);

/* Reads seconds with a fraction ("0.25") into microseconds; false if it is no such thing. */
bool value_seconds(uint64_t *out, const char *text);

/* Reads a whole number; false if it is none, or over 64 bits. */
bool value_number(uint64_t *out, const char *text);

#endif
