#include "shared/cli.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/version.h>

#include "shared/clock.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/report.h"
#include "shared/settings.h"
#include "shared/usage.h"
#include "shared/value.h"

#define GIVEN_MAX 64

/* The options that stood on the command line, each once. */
static const struct cli_option *given[GIVEN_MAX];
static size_t given_count;

const struct cli_option *cli_group(const struct cli *cli, size_t index)
{
    size_t own = 0;
    while (own < CLI_GROUPS_MAX && cli->groups[own])
        own++;
    return index < own ? cli->groups[index] : index == own ? common_options : NULL;
}

bool cli_given(const void *target)
{
    for (size_t i = 0; i < given_count; i++) {
        if (given[i]->target == target)
            return true;
    }
    return false;
}

int cli_usage_error(const char *format, ...)
{
    char *reason = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&reason, format, arguments) < 0)
        reason = NULL;
    va_end(arguments);
    char *hint = text_format("nectar-net %s -h", common.verb);
    report(&(struct report){.exit = EXIT_USAGE, .reason = reason, .hint = hint});
    free(hint);
    free(reason);
    return EXIT_USAGE;
}

static const struct cli_option *find(const struct cli *cli, const char *name, size_t len,
                                     char letter)
{
    const struct cli_option *group;
    for (size_t i = 0; (group = cli_group(cli, i)) != NULL; i++) {
        for (const struct cli_option *o = group; cli_is_option(o); o++) {
            if (letter ? o->letter == letter
                       : o->name && strlen(o->name) == len && strncmp(o->name, name, len) == 0)
                return o;
        }
    }
    return NULL;
}

static bool takes_value(const struct cli_option *option)
{
    return option->kind != CLI_FLAG && option->kind != CLI_REPEAT;
}

static void set(const struct cli_option *option, const char *value)
{
    if (!cli_given(option->target) && given_count < GIVEN_MAX)
        given[given_count++] = option;
    char *complaint = value_set(option, value);
    if (!complaint)
        return;
    int status = option->name ? cli_usage_error("--%s: %s", option->name, complaint)
                              : cli_usage_error("-%c: %s", option->letter, complaint);
    free(complaint);
    exit(status);
}

/* Reads --name, --name=value or --name value; returns how many arguments it took. */
static int parse_long(const struct cli *cli, char **argv, int left)
{
    const char *name = argv[0] + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    const struct cli_option *option = find(cli, name, len, 0);
    if (!option)
        exit(usage_unknown(cli, argv[0], len + 2));
    if (!takes_value(option)) {
        if (equals)
            exit(cli_usage_error("--%s takes no value", option->name));
        set(option, NULL);
        return 1;
    }
    if (equals) {
        set(option, equals + 1);
        return 1;
    }
    if (left < 2)
        exit(cli_usage_error("--%s needs a value: %s", option->name, option->value));
    set(option, argv[1]);
    return 2;
}

/* Reads a cluster of letters, of which the last may take a value. */
static int parse_short(const struct cli *cli, char **argv, int left)
{
    for (const char *p = argv[0] + 1; *p; p++) {
        const struct cli_option *option = find(cli, NULL, 0, *p);
        if (!option)
            exit(cli_usage_error("unknown option -%c", *p));
        if (!takes_value(option)) {
            set(option, NULL);
            continue;
        }
        if (p[1]) {
            set(option, p + 1);
            return 1;
        }
        if (left < 2)
            exit(cli_usage_error("-%c needs a value: %s", *p, option->value));
        set(option, argv[1]);
        return 2;
    }
    return 1;
}

static void parse(const struct cli *cli, int argc, char **argv, struct text_list *operands)
{
    for (int i = 1; i < argc;) {
        const char *argument = argv[i];
        if (strcmp(argument, "--") == 0) {
            for (i++; i < argc; i++)
                text_list_add(operands, argv[i]);
        } else if (argument[0] == '-' && argument[1] == '-') {
            i += parse_long(cli, argv + i, argc - i);
        } else if (argument[0] == '-' && argument[1]) {
            i += parse_short(cli, argv + i, argc - i);
        } else {
            text_list_add(operands, argument);
            i++;
        }
    }
}

/* A mistake anywhere is told as JSON if --json stands anywhere. */
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
}

static void answer_and_leave(const struct cli *cli)
{
    if (common.version)
        printf("nectar-net %s %s\n", cli->verb, nectar_version());
    else if (common.help_all)
        usage_print(cli, true);
    else if (common.help)
        usage_print(cli, false);
    else
        return;
    output_flush();
    exit(EXIT_OK);
}

/* What does not stand on the command line may stand in a setting. */
static void apply_setting(const struct cli_option *option)
{
    const char *origin = NULL;
    if (!option->setting || cli_given(option->target))
        return;
    const char *value = settings_get(option->name, &origin);
    char *complaint = value ? value_set(option, value) : NULL;
    if (!complaint)
        return;
    int status = report_local(EXIT_USAGE, origin, NULL, "%s", complaint);
    free(complaint);
    exit(status);
}

static void apply_settings(const struct cli *cli)
{
    const struct cli_option *group;
    for (size_t i = 0; (group = cli_group(cli, i)) != NULL; i++) {
        for (const struct cli_option *o = group; cli_is_option(o); o++)
            apply_setting(o);
    }
}

static void check_operands(const struct cli *cli, const struct text_list *operands)
{
    if (operands->count < cli->min_operands)
        exit(cli_usage_error("missing operand: %s", cli->operands));
    if (operands->count > cli->max_operands)
        exit(cli_usage_error("unexpected operand: %s", operands->items[cli->max_operands]));
}

void cli_start(const struct cli *cli, int argc, char **argv, struct text_list *operands)
{
    clock_start();
    common.verb = cli->verb;
    /* A peer that goes away must not end us; output_flush sees to a reader that does. */
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "--completion-table") == 0) {
        usage_table(cli);
        output_flush();
        exit(EXIT_OK);
    }
    common.json = wants_json(argc, argv);
    report_color(common.color);
    parse(cli, argc, argv, operands);
    answer_and_leave(cli);
    if (!cli->no_settings) {
        settings_load();
        apply_settings(cli);
    }
    report_color(common.color);
    check_operands(cli, operands);
    clock_deadline(common.deadline);
}
