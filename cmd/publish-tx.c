/* nectar-net publish-tx: makes the registry agree with the key and the routes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/registry.h>
#include <nectar/transaction.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/ethkey.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/publish.h"
#include "shared/report.h"
#include "shared/text.h"
#include "shared/txargs.h"

static const char *ws;
static uint64_t tcp;
static const char *routers;
static bool no_route;
static const char *old_key;
static struct publish_way way;
static const char *raw;

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
     .target = &way.dry_run,
     .help = "show the change, old to new, and leave it"},
    {.name = "unsigned",
     .kind = CLI_FLAG,
     .target = &way.bare,
     .help = "print the transaction, for another machine to sign"},
    {.name = "sign-only",
     .kind = CLI_FLAG,
     .target = &way.sign_only,
     .help = "sign it, print it and ask nobody; FILE or - is of --unsigned"},
    {.name = "raw",
     .kind = CLI_TEXT,
     .target = &raw,
     .value = "FILE",
     .help = "send what --sign-only has printed; - is standard input"},
    {.name = "from",
     .kind = CLI_TEXT,
     .target = &way.from,
     .value = "ADDRESS",
     .help = "who would sign, where no key is at hand"},
    CLI_END,
};

static const struct cli cli = {
    .verb = "publish-tx",
    .operands = "[FILE | -]",
    .max_operands = 1,
    .groups = {options, keyarg_options, passphrase_options, pki_options, ethkey_options,
               txargs_manual_options},
};

/* All there is to publish, and with what. */
struct change {
    struct nectar_registry *registry;
    struct nectar_key *key;
    struct nectar_key *old; /* NULL: key signs */
    struct nectar_record before;
    struct nectar_record after;
};

/* What is asked of a registry on a chain alone. */
static bool is_for_chain(void)
{
    return way.bare || way.sign_only || way.from;
}

static int check_options(const char *operand)
{
    int routes = (ws != NULL) + (routers != NULL) + no_route;
    if (way.dry_run + way.bare + way.sign_only + (raw != NULL) > 1)
        return cli_usage_error("give one of --dry-run, --unsigned, --sign-only and --raw");
    if (operand && !way.sign_only)
        return cli_usage_error("unexpected operand: %s", operand);
    if (routes > 0 && (operand || raw))
        return cli_usage_error("what is signed already has its routes");
    if (operand || raw)
        return 0;
    if (routes != 1)
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

/* The embedded registry takes changes that the networking key signs. */
static int prepare_keys(struct change *change, const char *path)
{
    if (is_for_chain())
        return cli_usage_error("--unsigned, --sign-only and --from are for registries on a chain");
    if (way.dry_run)
        return look_up(change);
    int status = keyarg_load(&change->key, path);
    if (!status && old_key)
        status = keyarg_load(&change->old, old_key);
    return status;
}

/* Without a word to anyone, a bare name cannot be completed. */
static int check_name(const struct nectar_registry *registry)
{
    if (way.sign_only && nectar_tx_wanted(registry) && keyarg_name() && !strchr(keyarg_name(), '.'))
        return cli_usage_error("--sign-only asks nobody: give the full name of %s", keyarg_name());
    return 0;
}

static int prepare(struct change *change)
{
    struct keyarg keyarg;
    int status = check_name(change->registry);
    if (!status)
        status = keyarg_find_named(&keyarg, change->registry);
    if (status)
        return status;
    memcpy(change->after.name, keyarg.name, sizeof change->after.name);
    memcpy(change->after.key, keyarg.info.public_key, NECTAR_PUBLIC_BYTES);
    change->after.has_key = true;
    status = set_routes(&change->after, change->registry);
    if (!status && !nectar_tx_wanted(change->registry))
        status = prepare_keys(change, keyarg.path);
    else if (!status && old_key)
        status = cli_usage_error("--old-key is for the embedded registry: on a chain, a name "
                                 "belongs to an Ethereum key");
    keyarg_wipe(&keyarg);
    return status;
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
    struct json json;
    if (!common.json)
        return publish_show(&change->before, &change->after, same);
    status = publish_show_open(&json, &change->before, &change->after, same);
    if (!status)
        output_close(&json);
    return status;
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

static int make(struct change *change)
{
    int status = prepare(change);
    if (status)
        return status;
    if (nectar_tx_wanted(change->registry))
        return publish_on_chain(change->registry, &change->after, &way);
    return way.dry_run ? rehearse(change) : publish(change);
}

int main(int argc, char **argv)
{
    static struct change change;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    const char *operand = operands.count ? operands.items[0] : NULL;
    int status = check_options(operand);
    if (!status && operand)
        return publish_sign(operand);
    if (!status)
        status = pki_open(&change.registry);
    if (!status)
        status = raw ? publish_raw(change.registry, raw) : make(&change);
    nectar_key_free(change.key);
    nectar_key_free(change.old);
    nectar_registry_free(change.registry);
    return status;
}
