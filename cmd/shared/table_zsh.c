/* The completion script of zsh. */
#include <stdio.h>
#include <string.h>

#include "shared/table.h"

#define QUOTE "'\\''"

/* Text inside a specification in single quotes: brackets and colons mean something there. */
static void print_spec(const char *text)
{
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            putchar('\\');
        if (*text == '\'')
            fputs(QUOTE, stdout);
        else
            putchar(*text);
    }
}

static void print_action(const char *value)
{
    switch (table_kind(value)) {
    case TABLE_FILE:
        fputs("_files", stdout);
        break;
    case TABLE_NAME:
        fputs("_nectar_net_names", stdout);
        break;
    case TABLE_VERB:
        fputs("_nectar_net_verbs", stdout);
        break;
    case TABLE_WORDS:
        putchar('(');
        table_print_words(value);
        putchar(')');
        break;
    case TABLE_NOTHING:
        putchar(' ');
        break;
    }
}

static void print_form(const struct table_option *option, const char *form)
{
    fputs("            '*", stdout);
    fputs(form, stdout);
    putchar('[');
    print_spec(option->help ? option->help : "");
    putchar(']');
    if (option->value) {
        putchar(':');
        print_spec(option->value);
        putchar(':');
        print_action(option->value);
    }
    fputs("' \\\n", stdout);
}

static void print_option(const struct table_option *option)
{
    char form[64];
    if (option->letter) {
        snprintf(form, sizeof form, "-%c%s", option->letter, option->value ? "+" : "");
        print_form(option, form);
    }
    if (option->name) {
        snprintf(form, sizeof form, "--%s%s", option->name, option->value ? "=" : "");
        print_form(option, form);
    }
}

static void print_verb(const struct table_verb *verb)
{
    printf("    %s)\n        _arguments -s -S \\\n", verb->name);
    for (size_t i = 0; i < verb->option_count; i++)
        print_option(&verb->options[i]);
    if (verb->operand) {
        bool file = table_takes_file(verb->operand);
        fputs(file ? "            '1:" : "            '*:", stdout);
        print_spec(verb->operand);
        putchar(':');
        print_action(verb->operand);
        fputs(file ? "' '*:FILE:_files'\n" : "'\n", stdout);
    } else {
        fputs("            '*: : '\n", stdout);
    }
    fputs("        ;;\n", stdout);
}

static const char head[] =
    "#compdef nectar-net\n"
    "# zsh completion of nectar-net, made by `nectar-net completion zsh`.\n"
    "\n"
    "# The names that there are keys of.\n"
    "_nectar_net_names() {\n"
    "    local -a names\n"
    "    names=(${XDG_DATA_HOME:-$HOME/.local/share}/nectar-net/keys/*.key(N:t:r))\n"
    "    compadd -a names\n"
    "}\n"
    "\n"
    "_nectar_net_verbs() {\n"
    "    local -a verbs\n"
    "    verbs=(\n";

static const char middle[] = "    )\n"
                             "    _describe verb verbs\n"
                             "}\n"
                             "\n"
                             "_nectar_net() {\n"
                             "    if (( CURRENT == 2 )); then\n"
                             "        _nectar_net_verbs\n"
                             "        return\n"
                             "    fi\n"
                             "    shift words\n"
                             "    (( CURRENT-- ))\n"
                             "    case $words[1] in\n";

static const char tail[] = "    *) _files ;;\n"
                           "    esac\n"
                           "}\n"
                           "\n"
                           "_nectar_net \"$@\"\n";

void table_print_zsh(const struct table *table)
{
    fputs(head, stdout);
    for (size_t i = 0; i < table->count; i++) {
        printf("        '%s:", table->verbs[i].name);
        print_spec(table->verbs[i].about);
        fputs("'\n", stdout);
    }
    fputs(middle, stdout);
    for (size_t i = 0; i < table->count; i++)
        print_verb(&table->verbs[i]);
    fputs(tail, stdout);
}
