/* The completion script of fish. */
#include <stdio.h>

#include "shared/table.h"

#define QUOTE "\\'"

/* The arguments of `complete` that say what may stand for a value. */
static void print_value(const char *value)
{
    switch (table_kind(value)) {
    case TABLE_FILE:
        fputs(" -r -F", stdout);
        break;
    case TABLE_NAME:
        fputs(" -x -a '(__nectar_net_names)'", stdout);
        break;
    case TABLE_VERB:
        fputs(" -x -a '(__nectar_net_verbs)'", stdout);
        break;
    case TABLE_WORDS:
        fputs(table_takes_file(value) ? " -F -a '" : " -x -a '", stdout);
        table_print_words(value);
        putchar('\'');
        break;
    case TABLE_NOTHING:
        fputs(" -x", stdout);
        break;
    }
}

static void print_option(const struct table_verb *verb, const struct table_option *option)
{
    printf("complete -c nectar-net -n '__fish_seen_subcommand_from %s'", verb->name);
    if (option->letter)
        printf(" -s %c", option->letter);
    if (option->name)
        printf(" -l %s", option->name);
    if (option->value)
        print_value(option->value);
    fputs(" -d ", stdout);
    table_quote(option->help ? option->help : "", QUOTE);
    putchar('\n');
}

static const char head[] =
    "# fish completion of nectar-net, made by `nectar-net completion fish`.\n"
    "\n"
    "# The names that there are keys of.\n"
    "function __nectar_net_names\n"
    "    set -l data $XDG_DATA_HOME\n"
    "    test -n \"$data\"; or set data $HOME/.local/share\n"
    "    for file in $data/nectar-net/keys/*.key\n"
    "        string replace -r '.*/(.*)\\.key$' '$1' -- $file\n"
    "    end\n"
    "end\n"
    "\n"
    "function __nectar_net_verbs\n";

void table_print_fish(const struct table *table)
{
    fputs(head, stdout);
    for (size_t i = 0; i < table->count; i++) {
        fputs("    printf '%s\\t%s\\n' ", stdout);
        table_quote(table->verbs[i].name, QUOTE);
        putchar(' ');
        table_quote(table->verbs[i].about, QUOTE);
        putchar('\n');
    }
    fputs("end\n\ncomplete -c nectar-net -f\n"
          "complete -c nectar-net -n __fish_use_subcommand -a '(__nectar_net_verbs)'\n",
          stdout);
    for (size_t i = 0; i < table->count; i++) {
        const struct table_verb *verb = &table->verbs[i];
        if (verb->operand && table_kind(verb->operand) != TABLE_NOTHING) {
            printf("complete -c nectar-net -n '__fish_seen_subcommand_from %s'", verb->name);
            print_value(verb->operand);
            putchar('\n');
        }
        for (size_t j = 0; j < verb->option_count; j++)
            print_option(verb, &verb->options[j]);
    }
}
