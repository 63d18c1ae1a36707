/* nectar-net publish-tx: makes the registry agree with the key and the routes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/registry.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/text.h"

static const char *ws;
static uint64_t tcp;
static const char *routers;
static bool no_route;
static const char *old_key;
static bool dry_run;

static const struct cli_option options[] = {
    {.name = "ws",
     .kind = CLI_TEXT,
     .target = &ws,
     .value = "HOST:PORT",
     .help = "direct: where we take WebSockets"},
    {.name = "tcp",
     .kind = CLI_NUMBER,
     .target = &tcp,
     .value = "PORT",
     .help = "and TCP on that host",
     .min = 1,
     .max = 65535},
    {.name = "routers",
     .kind = CLI_TEXT,
     .target = &routers,
     .value = "NAME,...",
     .help = "indirect: who may route for us"},
    {.name = "no-route",
     .kind = CLI_FLAG,
     .target = &no_route,
     .help = "neither: we call, and are not called"},
    {.name = "old-key",
     .kind = CLI_TEXT,
     .target = &old_key,
     .value = "FILE",
     .help = "the key published now, to replace it"},
    {.name = "dry-run",
     .kind = CLI_FLAG,
     .target = &dry_run,
     .help = "show the change, old to new, and leave it"},
    CLI_END,
};

static const struct cli cli = {
    .verb = "publish-tx",
    .groups = {options, keyarg_options, passphrase_options, pki_options},
};

/* All there is to publish, and with what. */
struct change {
    struct nectar_registry *registry;
    struct nectar_key *key;
    struct nectar_key *old; /* NULL: key signs */
    struct nectar_record before;
    struct nectar_record after;
};

static int check_options(void)
{
    if ((ws != NULL) + (routers != NULL) + no_route != 1)
        return cli_usage_error("give one of --ws HOST:PORT, --routers A,B,... and --no-route");
    if (tcp && !ws)
        return cli_usage_error("--tcp goes with --ws");
    return 0;
}

static int add_router(struct nectar_record *record, struct nectar_registry *registry,
                      const char *name)
{
    char *full = record->routers[record->router_count];
    int status = pki_full_name(full, registry, name);
    if (status)
        return status;
    if (strcmp(full, record->name) == 0)
        return cli_usage_error("--routers: %s cannot route for itself", full);
    for (size_t i = 0; i < record->router_count; i++) {
        if (strcmp(full, record->routers[i]) == 0)
            return cli_usage_error("--routers: %s is named twice", full);
    }
    record->router_count++;
    return 0;
}

static int set_routes(struct nectar_record *record, struct nectar_registry *registry)
{
    struct text_list names = {0};
    int status = 0;
    if (ws && nectar_address_parse(&record->ws, ws))
        return cli_usage_error("--ws: not HOST:PORT: %s", ws);
    if (tcp) {
        record->tcp = record->ws;
        record->tcp.port = (uint16_t)tcp;
    }
    if (!routers)
        return 0;
    text_list_split(&names, routers, ",");
    if (names.count == 0 || names.count > NECTAR_ROUTERS_MAX)
        status = cli_usage_error("--routers: give 1 to %d names", NECTAR_ROUTERS_MAX);
    for (size_t i = 0; i < names.count && !status; i++)
        status = add_router(record, registry, names.items[i]);
    text_list_wipe(&names);
    return status;
}

/* What is published now. A registry that does not exist yet holds nothing: publishing makes it. */
static int look_up(struct change *change)
{
    struct nectar_answer answer = {.source = ""};
    int error = nectar_registry_lookup(change->registry, change->after.name, true, &change->before,
                                       &answer);
    if (error && error != NECTAR_EUNKNOWN && error != NECTAR_EUNREACHABLE)
        return pki_report(error, change->after.name, &answer, NULL);
    return 0;
}

static int prepare(struct change *change)
{
    struct keyarg keyarg;
    int status = pki_open(&change->registry);
    if (!status)
        status = keyarg_find_named(&keyarg, change->registry);
    if (status)
        return status;
    memcpy(change->after.name, keyarg.name, sizeof change->after.name);
    memcpy(change->after.key, keyarg.info.public_key, NECTAR_PUBLIC_BYTES);
    change->after.has_key = true;
    status = set_routes(&change->after, change->registry);
    if (!status && dry_run)
        status = look_up(change);
    if (!status && !dry_run)
        status = keyarg_load(&change->key, keyarg.path);
    if (!status && !dry_run && old_key)
        status = keyarg_load(&change->old, old_key);
    keyarg_wipe(&keyarg);
    return status;
}

static int print_record(const char *before, const struct nectar_record *record)
{
    char *text = NULL;
    int error = nectar_record_format(&text, record);
    if (error)
        return report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    printf("%s%s\n", before, text);
    free(text);
    output_flush();
    return 0;
}

static int print_change_json(const struct change *change, bool same)
{
    char *old = NULL;
    char *new = NULL;
    struct json json;
    int error = nectar_record_format(&new, &change->after);
    if (!error && *change->before.name)
        error = nectar_record_format(&old, &change->before);
    if (!error) {
        output_open(&json, "change");
        json_text(&json, "name", change->after.name);
        json_raw(&json, "old", old ? old : "null");
        json_raw(&json, "new", new);
        json_bool(&json, "unchanged", same);
        output_close(&json);
    }
    free(old);
    free(new);
    return error ? report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error))
                 : 0;
}

static int refuse(const char *name)
{
    return report(&(struct report){.exit = EXIT_REJECTED,
                                   .peer = name,
                                   .stage = nectar_stage_name(NECTAR_STAGE_REGISTRY),
                                   .reason = "the name has another key",
                                   .hint = "if that key is yours too: --old-key FILE"});
}

/* Shows what would change, and whether the registry would take it. */
static int rehearse(const struct change *change)
{
    struct nectar_key_info signer = {.name = ""};
    memcpy(signer.public_key, change->after.key, NECTAR_PUBLIC_BYTES);
    int status = old_key ? keyarg_inspect(&signer, old_key) : 0;
    if (status)
        return status;
    if (change->before.has_key &&
        memcmp(change->before.key, signer.public_key, NECTAR_PUBLIC_BYTES) != 0)
        return refuse(change->after.name);
    bool same = nectar_record_equal(&change->before, &change->after);
    if (common.json)
        return print_change_json(change, same);
    if (same)
        return print_record("  ", &change->after);
    if (*change->before.name)
        status = print_record("- ", &change->before);
    return status ? status : print_record("+ ", &change->after);
}

static int print_done(uint64_t sequence)
{
    char text[24];
    struct json json;
    snprintf(text, sizeof text, "%" PRIu64, sequence);
    if (common.json) {
        output_open(&json, "tx");
        json_text(&json, "hash", sequence ? text : NULL);
        json_text(&json, "status", sequence ? "mined" : "unchanged");
        output_close(&json);
    } else if (sequence) {
        output_line(text);
    } else {
        report_note("unchanged");
    }
    return 0;
}

static int publish(const struct change *change)
{
    struct nectar_answer answer = {.source = ""};
    uint64_t sequence = 0;
    int error =
        nectar_registry_publish(change->registry, &change->after,
                                change->old ? change->old : change->key, &sequence, &answer);
    if (error == NECTAR_EREJECTED)
        return refuse(change->after.name);
    if (error)
        return pki_report(error, change->after.name, &answer, NULL);
    return print_done(sequence);
}

int main(int argc, char **argv)
{
    static struct change change;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    int status = check_options();
    if (!status)
        status = prepare(&change);
    if (!status)
        status = dry_run ? rehearse(&change) : publish(&change);
    nectar_key_free(change.key);
    nectar_key_free(change.old);
    nectar_registry_free(change.registry);
    return status;
}
