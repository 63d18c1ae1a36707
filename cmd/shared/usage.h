/* What the option tables say: to people (-h, --help) and to the completion of shells. */
#ifndef SHARED_USAGE_H
#define SHARED_USAGE_H

#include <stdbool.h>
#include <stddef.h>

struct cli;

/* Prints the usage: the verb's own options, or all of them. */
void usage_print(const struct cli *cli, bool all);

/* Prints the tables for the completion verb, one row a line, fields parted by tabs:
 *   about TEXT | operand TEXT | option LETTER NAME VALUE HELP      ("-" where there is none) */
void usage_table(const struct cli *cli);

/* Reports an option (the first len bytes of argument) that does not exist, with the nearest that
 * does. Returns EXIT_USAGE. */
int usage_unknown(const struct cli *cli, const char *argument, size_t len);

#endif
