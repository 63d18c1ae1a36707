/* The completion script of bash. */
#include <stdio.h>

#include "shared/table.h"

/* A pattern of case: "-n | --name)". */
static void print_pattern(const struct table_option *option)
{
    fputs("        ", stdout);
    if (option->letter)
        printf("-%c", option->letter);
    if (option->letter && option->name)
        fputs(" | ", stdout);
    if (option->name)
        printf("--%s", option->name);
    fputs(") ", stdout);
}

static void print_action(const char *value)
{
    switch (table_kind(value)) {
    case TABLE_FILE:
        fputs("kind=path", stdout);
        break;
    case TABLE_NAME:
        fputs("words=$(_nectar_net_names)", stdout);
        break;
    case TABLE_WORDS:
        fputs("words='", stdout);
        table_print_words(value);
        fputs(table_takes_file(value) ? "' kind=either" : "'", stdout);
        break;
    case TABLE_VERB:
        fputs("words=$verbs", stdout);
        break;
    case TABLE_NOTHING:
        fputs("kind=nothing", stdout);
        break;
    }
}

static void print_options(const struct table_verb *verb)
{
    const char *space = "";
    fputs("        options='", stdout);
    for (size_t i = 0; i < verb->option_count; i++) {
        const struct table_option *option = &verb->options[i];
        if (option->name)
            printf("%s--%s", space, option->name);
        else
            printf("%s-%c", space, option->letter);
        space = " ";
    }
    fputs("'\n", stdout);
}

static void print_verb(const struct table_verb *verb)
{
    printf("    %s)\n", verb->name);
    print_options(verb);
    fputs("        case $prev in\n", stdout);
    for (size_t i = 0; i < verb->option_count; i++) {
        if (!verb->options[i].value)
            continue;
        print_pattern(&verb->options[i]);
        print_action(verb->options[i].value);
        fputs(" ;;\n", stdout);
    }
    fputs("        *) ", stdout);
    print_action(verb->operand);
    fputs(" ;;\n        esac\n        ;;\n", stdout);
}

static const char head[] =
    "# bash completion of nectar-net, made by `nectar-net completion bash`.\n"
    "# shellcheck shell=bash disable=SC2207\n"
    "\n"
    "# The names that there are keys of.\n"
    "_nectar_net_names() {\n"
    "    local file\n"
    "    for file in \"${XDG_DATA_HOME:-$HOME/.local/share}\"/nectar-net/keys/*.key; do\n"
    "        file=${file##*/}\n"
    "        [ \"$file\" = '*.key' ] || echo \"${file%.key}\"\n"
    "    done\n"
    "}\n"
    "\n"
    "_nectar_net() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local options='' words='' kind=words\n";

static const char middle[] = "    COMPREPLY=()\n"
                             "    if ((COMP_CWORD == 1)); then\n"
                             "        COMPREPLY=($(compgen -W \"$verbs\" -- \"$cur\"))\n"
                             "        return\n"
                             "    fi\n"
                             "    # --name=value comes as three words.\n"
                             "    if [ \"$cur\" = = ]; then\n"
                             "        cur=''\n"
                             "    elif [ \"$prev\" = = ]; then\n"
                             "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
                             "    fi\n"
                             "    case ${COMP_WORDS[1]} in\n";

static const char tail[] =
    "    *) kind=path ;;\n"
    "    esac\n"
    "    case $kind in\n"
    "    path) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
    "    words | either) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
    "    esac\n"
    "    if [ $kind = either ] && ((${#COMPREPLY[@]} == 0)); then\n"
    "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
    "    fi\n"
    "    if [[ $cur == -* ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
    "    fi\n"
    "}\n"
    "complete -F _nectar_net nectar-net\n";

void table_print_bash(const struct table *table)
{
    fputs(head, stdout);
    fputs("    local verbs='", stdout);
    for (size_t i = 0; i < table->count; i++)
        printf("%s%s", i ? " " : "", table->verbs[i].name);
    fputs("'\n", stdout);
    fputs(middle, stdout);
    for (size_t i = 0; i < table->count; i++)
        print_verb(&table->verbs[i]);
    fputs(tail, stdout);
}
