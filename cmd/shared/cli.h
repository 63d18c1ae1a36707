/*
 * The command line: one table of options per verb feeds parsing, usage and completion.
 * Options may follow operands, -- ends them; --name=value and --name value, -nvalue and -n value;
 * flags of one letter may be joined (-qvv).
 */
#ifndef SHARED_CLI_H
#define SHARED_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/text.h"

enum cli_kind {
    CLI_FLAG,    /* bool */
    CLI_REPEAT,  /* unsigned: how often it stands */
    CLI_TEXT,    /* const char * */
    CLI_LIST,    /* struct text_list: may stand again */
    CLI_SECONDS, /* uint64_t: microseconds, from a number with a fraction */
    CLI_NUMBER,  /* uint64_t */
    CLI_CHOICE,  /* const char *: one of the words of value, parted by "|" */
};

struct cli_option {
    const char *name; /* long name; NULL if it has none */
    char letter;      /* 0 if it has none */
    enum cli_kind kind;
    void *target;        /* of the kind's type; holds the default beforehand */
    const char *value;   /* what the value is: FILE, NAME, SEC, ...; NULL for flags */
    const char *help;    /* one line */
    uint64_t min, max;   /* of a number, or of seconds in us; max 0: no bound */
    const char *setting; /* its environment variable; the option's name is its key in the files */
};

/* The last row of a table. */
#define CLI_END                                                                                    \
    {                                                                                              \
        .name = NULL, .letter = 0                                                                  \
    }

#define CLI_GROUPS_MAX 6

struct cli {
    const char *verb;
    const char *operands; /* as usage shows them: "NAME... | -"; NULL for none */
    size_t min_operands, max_operands;
    /* The verb's own options first, then what it shares; common_options are added. */
    const struct cli_option *groups[CLI_GROUPS_MAX];
    bool no_settings; /* the verb works even where the configuration is broken */
};

/*
 * Starts a verb: reads the command line, the environment and the configuration files into the
 * targets. *operands borrows from argv. Ends the program for -h, --help and -V, and with EXIT_USAGE
 * on any mistake.
 */
void cli_start(const struct cli *cli, int argc, char **argv, struct text_list *operands);

/* Ends in EXIT_USAGE, saying why, with a hint to the verb's -h. Returns that status. */
int cli_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Did this option, by its target, stand on the command line? */
bool cli_given(const void *target);

/* The tables of a verb, common_options included; NULL ends them. */
const struct cli_option *cli_group(const struct cli *cli, size_t index);

/* A row that is not the last. */
static inline bool cli_is_option(const struct cli_option *option)
{
    return option->name || option->letter;
}

#endif
