/* The option tables of all verbs, asked of the programs beside this one. */
#ifndef SHARED_TABLE_H
#define SHARED_TABLE_H

#include <stdbool.h>
#include <stddef.h>

/* What can stand for a value or an operand. */
enum table_kind {
    TABLE_NOTHING, /* nothing that could be told beforehand */
    TABLE_FILE,
    TABLE_NAME,  /* a node */
    TABLE_WORDS, /* one of those parted by "|", up to a space */
    TABLE_VERB,
};

struct table_option {
    char letter; /* 0: none */
    char *name;  /* NULL: none */
    char *value; /* NULL: a flag */
    char *help;
};

struct table_verb {
    const char *name;
    const char *about;
    char *operand; /* NULL: none */
    struct table_option *options;
    size_t option_count;
};

struct table {
    struct table_verb *verbs;
    size_t count;
};

/* Asks every verb. Returns 0 or an exit status, already reported. */
int table_load(struct table *out);
void table_free(struct table *table);

enum table_kind table_kind(const char *value);

/* Words, behind which a file may stand? */
bool table_takes_file(const char *value);

/* Prints words with spaces between them. */
void table_print_words(const char *words);

/* Prints text in single quotes; quote is how the shell writes one inside of them. */
void table_quote(const char *text, const char *quote);

/* The scripts, printed. */
void table_print_bash(const struct table *table);
void table_print_zsh(const struct table *table);
void table_print_fish(const struct table *table);

#endif
