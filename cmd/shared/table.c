#include "shared/table.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/exit.h"
#include "shared/paths.h"
#include "shared/report.h"
#include "shared/text.h"
#include "shared/verbs.h"

#define ROW_MAX 1024

extern char **environ;

/* A field of a row, NULL if it is "-". */
static char *field(char **rest)
{
    const char *text = strsep(rest, "\t");
    return text && strcmp(text, "-") != 0 ? text_copy(text) : NULL;
}

static void add_option(struct table_verb *verb, char *rest)
{
    verb->options = text_resize(verb->options, (verb->option_count + 1) * sizeof *verb->options);
    struct table_option *option = &verb->options[verb->option_count++];
    char *letter = field(&rest);
    option->letter = letter ? *letter : '\0';
    option->name = field(&rest);
    option->value = field(&rest);
    option->help = field(&rest);
    free(letter);
}

static void read_rows(struct table_verb *verb, FILE *rows)
{
    char row[ROW_MAX];
    while (fgets(row, sizeof row, rows)) {
        char *rest = row;
        row[strcspn(row, "\n")] = '\0';
        const char *what = strsep(&rest, "\t");
        if (strcmp(what, "option") == 0)
            add_option(verb, rest);
        else if (strcmp(what, "operand") == 0)
            verb->operand = field(&rest);
    }
}

/* Runs "PROGRAM --completion-table" and reads what it prints. */
static int ask(struct table_verb *verb, char *program)
{
    char question[] = "--completion-table";
    char *const arguments[] = {program, question, NULL};
    posix_spawn_file_actions_t actions;
    int ends[2];
    int ended = -1;
    pid_t pid;
    if (pipe(ends) != 0)
        return errno;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    int error = posix_spawn(&pid, program, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    FILE *rows = error ? NULL : fdopen(ends[0], "r");
    if (rows) {
        read_rows(verb, rows);
        fclose(rows);
    } else {
        close(ends[0]);
    }
    if (!error && waitpid(pid, &ended, 0) == pid && ended != 0)
        error = EPROTO;
    return error;
}

int table_load(struct table *out)
{
    static const char *const verbs[][2] = {
#define VERB_ROW(name, about) {name, about},
        VERBS(VERB_ROW)
#undef VERB_ROW
    };
    size_t count = sizeof verbs / sizeof *verbs;
    char *folder = path_of_program();
    int status = 0;
    out->verbs = text_resize(NULL, count * sizeof *out->verbs);
    memset(out->verbs, 0, count * sizeof *out->verbs);
    out->count = count;
    for (size_t i = 0; i < count && !status; i++) {
        char *program = text_format("%s/nectar-net-%s", folder ? folder : ".", verbs[i][0]);
        out->verbs[i].name = verbs[i][0];
        out->verbs[i].about = verbs[i][1];
        int error = ask(&out->verbs[i], program);
        if (error)
            status = report_local(EXIT_INPUT, program, NULL, "%s", strerror(error));
        free(program);
    }
    free(folder);
    return status;
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        struct table_verb *verb = &table->verbs[i];
        for (size_t j = 0; j < verb->option_count; j++) {
            free(verb->options[j].name);
            free(verb->options[j].value);
            free(verb->options[j].help);
        }
        free(verb->options);
        free(verb->operand);
    }
    free(table->verbs);
    memset(table, 0, sizeof *table);
}

enum table_kind table_kind(const char *value)
{
    if (!value)
        return TABLE_NOTHING;
    if (strncmp(value, "FILE", 4) == 0)
        return TABLE_FILE;
    if (strncmp(value, "NAME", 4) == 0 || strncmp(value, "TARGET", 6) == 0 ||
        strncmp(value, "ROUTER", 6) == 0)
        return TABLE_NAME;
    if (strcmp(value, "[VERB]") == 0)
        return TABLE_VERB;
    return strchr(value, '|') ? TABLE_WORDS : TABLE_NOTHING;
}

bool table_takes_file(const char *value)
{
    return table_kind(value) == TABLE_WORDS && strstr(value, " [FILE]");
}

void table_print_words(const char *words)
{
    for (; *words && *words != ' '; words++)
        putchar(*words == '|' ? ' ' : *words);
}

void table_quote(const char *text, const char *quote)
{
    putchar('\'');
    for (; *text; text++) {
        if (*text == '\'')
            fputs(quote, stdout);
        else
            putchar(*text);
    }
    putchar('\'');
}
