/* nectar-net pki-lookup: what the registry says of names, one JSON object a line. */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/listing.h>

#include "shared/cli.h"
#include "shared/clock.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/lookup.h"
#include "shared/pki.h"
#include "shared/record.h"
#include "shared/report.h"
#include "shared/tally.h"
#include "shared/watch.h"

static bool all;
static bool check;
static bool watching;
static uint64_t every;

static const struct cli_option options[] = {
    {.name = "all",
     .kind = CLI_FLAG,
     .target = &all,
     .help = "ask every registry; exit 15 where they differ"},
    {.name = "check",
     .kind = CLI_FLAG,
     .target = &check,
     .help = "compare with the local key; exit 15 where they differ"},
    {.name = "watch",
     .kind = CLI_FLAG,
     .target = &watching,
     .help = "go on, and print each change as it is seen"},
    {.name = "every",
     .kind = CLI_SECONDS,
     .target = &every,
     .value = "SEC",
     .help = "with --watch: look so often (1; at files 0.2)",
     .min = CLOCK_SECOND / 20,
     .max = 86400ull * CLOCK_SECOND},
    CLI_END,
};

static const struct cli cli = {
    .verb = "pki-lookup",
    .operands = "NAME... | -",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .groups = {options, keyarg_options, pki_options},
};

/* line: where in standard input the name stands, 0 if it is an operand. */
static int look_up(struct nectar_registry *registry, const char *name, size_t line)
{
    struct nectar_listing listing = {.owner = ""};
    struct nectar_answer answer = {.source = ""};
    char full[NECTAR_NAME_MAX + 1];
    int error = nectar_registry_full_name(full, registry, name, &answer);
    if (error && error != NECTAR_EUNREACHABLE)
        return report(&(struct report){.exit = line ? EXIT_INPUT : EXIT_USAGE,
                                       .subject = name,
                                       .reason = nectar_error_text(error),
                                       .line = line});
    if (!error && all)
        return lookup_all(registry, full, line, check);
    if (error)
        snprintf(full, sizeof full, "%s", name);
    else
        error = nectar_registry_lookup(registry, full, !pki_may_recall(), &listing.record, &answer);
    if (error)
        return report(&(struct report){
            .exit = exit_of_error(error),
            .peer = full,
            .stage = nectar_stage_name(NECTAR_STAGE_REGISTRY),
            .reason = *answer.reason ? answer.reason : nectar_error_text(error),
            .line = line,
        });
    int status = record_print(&listing, &answer);
    return !status && check ? lookup_check(registry, &listing.record, NULL) : status;
}

static int take(struct nectar_registry *registry, const char *name, size_t line)
{
    return watching ? watch_add(name, line) : look_up(registry, name, line);
}

/* One name a line; empty lines are passed over. */
static void take_input(struct nectar_registry *registry, struct tally *tally)
{
    char text[NECTAR_NAME_MAX + 3];
    for (size_t line = 1; fgets(text, sizeof text, stdin); line++) {
        size_t len = strcspn(text, "\n");
        bool is_whole = text[len] == '\n' || feof(stdin);
        if (!is_whole) {
            for (int c = getc(stdin); c != '\n' && c != EOF;)
                c = getc(stdin);
        }
        text[len] = '\0';
        if (len > 0)
            tally_add(tally, take(registry, text, line));
    }
    if (ferror(stdin))
        tally_add(tally, report_local(EXIT_INPUT, "standard input", NULL, "cannot be read"));
}

int main(int argc, char **argv)
{
    static struct text_list names;
    struct nectar_registry *registry = NULL;
    struct tally tally = {0};
    cli_start(&cli, argc, argv, &names);
    if (cli_given(&every) && !watching)
        return cli_usage_error("--every goes with --watch");
    int status = pki_open(&registry);
    if (status)
        return status;
    if (watching)
        watch_begin(&(struct watch_config){.all = all, .check = check, .every = every}, registry);
    for (size_t i = 0; i < names.count; i++) {
        if (strcmp(names.items[i], "-") == 0)
            take_input(registry, &tally);
        else
            tally_add(&tally, take(registry, names.items[i], 0));
    }
    status = tally_status(&tally);
    /* Names that are none are not watched for. */
    if (watching)
        status = tally.failed ? tally.status : watch_run();
    nectar_registry_free(registry);
    return status;
}
