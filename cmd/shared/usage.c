#include "shared/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/cli.h"
#include "shared/exit.h"
#include "shared/report.h"
#include "shared/text.h"
#include "shared/verbs.h"

#define HELP_COLUMN 32

static const char *about(const char *verb)
{
#define VERB_ROW(name, text)                                                                       \
    if (strcmp(verb, name) == 0)                                                                   \
        return text;
    VERBS(VERB_ROW)
#undef VERB_ROW
    return "";
}

static void print_option(const struct cli_option *o)
{
    char left[80];
    int n = snprintf(left, sizeof left, "  %c%c%s%s%s%s%s", o->letter ? '-' : ' ',
                     o->letter ? o->letter : ' ', o->letter && o->name ? ", " : "  ",
                     o->name ? "--" : "", o->name ? o->name : "", o->value ? " " : "",
                     o->value ? o->value : "");
    if (n < HELP_COLUMN - 1)
        printf("%-*s%s\n", HELP_COLUMN, left, o->help);
    else
        printf("%s\n%*s%s\n", left, HELP_COLUMN, "", o->help);
}

void usage_print(const struct cli *cli, bool all)
{
    const struct cli_option *group;
    printf("usage: nectar-net %s [options]%s%s\n", cli->verb, cli->operands ? " " : "",
           cli->operands ? cli->operands : "");
    printf("%s\n", about(cli->verb));
    for (size_t i = 0; (group = cli_group(cli, i)) != NULL && (all || i == 0); i++) {
        putchar('\n');
        for (const struct cli_option *o = group; cli_is_option(o); o++)
            print_option(o);
    }
    if (!all && cli->groups[0])
        printf("\nAll options: nectar-net %s --help; manual: nectar-net help %s\n", cli->verb,
               cli->verb);
}

void usage_table(const struct cli *cli)
{
    const struct cli_option *group;
    printf("about\t%s\n", about(cli->verb));
    printf("operand\t%s\n", cli->operands ? cli->operands : "-");
    for (size_t i = 0; (group = cli_group(cli, i)) != NULL; i++) {
        for (const struct cli_option *o = group; cli_is_option(o); o++)
            printf("option\t%c\t%s\t%s\t%s\n", o->letter ? o->letter : '-', o->name ? o->name : "-",
                   o->value ? o->value : "-", o->help);
    }
}

int usage_unknown(const struct cli *cli, const char *argument, size_t len)
{
    const struct cli_option *group;
    const char *nearest = NULL;
    size_t least = 3; /* further off is no likeness */
    char *wrong = text_format("%.*s", (int)(len - 2), argument + 2);
    for (size_t i = 0; (group = cli_group(cli, i)) != NULL; i++) {
        for (const struct cli_option *o = group; cli_is_option(o); o++) {
            size_t distance = o->name ? text_distance(wrong, o->name) : least;
            if (distance < least) {
                least = distance;
                nearest = o->name;
            }
        }
    }
    char *hint = nearest ? text_format("did you mean --%s?", nearest)
                         : text_format("nectar-net %s --help", cli->verb);
    report_local(EXIT_USAGE, NULL, hint, "unknown option --%s", wrong);
    free(hint);
    free(wrong);
    return EXIT_USAGE;
}
