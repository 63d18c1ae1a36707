#include "shared/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/record.h"
#include "shared/report.h"
#include "shared/text.h"

/* The local key of a name: the one that options or the environment say, else the name's own. */
static int local_key(struct nectar_key_info *out, struct nectar_registry *registry,
                     const char *name)
{
    if (keyarg_file() || keyarg_name()) {
        struct keyarg keyarg;
        int status = keyarg_find(&keyarg, registry);
        if (!status)
            *out = keyarg.info;
        if (!status)
            keyarg_wipe(&keyarg);
        return status;
    }
    char *path = keyarg_path_of(name);
    int status = keyarg_inspect(out, path);
    free(path);
    return status;
}

int lookup_check(struct nectar_registry *registry, const struct nectar_record *record,
                 const char *source)
{
    struct nectar_key_info info;
    char hex[2 * NECTAR_PUBLIC_BYTES + 1];
    int status = local_key(&info, registry, record->name);
    if (status)
        return status;
    if (record->has_key && memcmp(record->key, info.public_key, NECTAR_PUBLIC_BYTES) == 0)
        return 0;
    nectar_hex_encode(hex, info.public_key, NECTAR_PUBLIC_BYTES);
    char *reason =
        text_format("the local key is %s, %s has %s", hex, source ? source : "the registry",
                    record->has_key ? "another" : "none");
    status = report(&(struct report){.exit = EXIT_DRIFT, .peer = record->name, .reason = reason});
    free(reason);
    return status;
}

/* --- all registries -------------------------------------------------------------------------- */

struct comparison {
    struct nectar_registry *registry;
    const char *name;
    size_t line;
    size_t found, failed;
    int failure;                /* the status of the first that failed */
    int key;                    /* why there is no local key to compare with */
    bool drift;                 /* the local key is another */
    struct nectar_record first; /* that was found */
    char *differences;          /* from that, of the others; NULL: none */
    char *missing;              /* who has no such name; NULL: nobody */
};

/* Adds "SOURCE WHAT" to a list, which is NULL at first. */
static void add(char **list, const char *source, const char *what)
{
    char *before = *list;
    *list = text_format("%s%s%s %s", before ? before : "", before ? "; " : "", source, what);
    free(before);
}

static bool same_address(const struct nectar_address *a, const struct nectar_address *b)
{
    return a->port == b->port && (a->port == 0 || strcmp(a->host, b->host) == 0);
}

static bool same_routers(const struct nectar_record *a, const struct nectar_record *b)
{
    size_t i = 0;
    if (a->router_count != b->router_count)
        return false;
    while (i < a->router_count && strcmp(a->routers[i], b->routers[i]) == 0)
        i++;
    return i == a->router_count;
}

/* The fields in which a record is not as the first one. */
static void differ(struct comparison *c, const struct nectar_record *record, const char *source)
{
    const struct nectar_record *first = &c->first;
    bool key = record->has_key != first->has_key ||
               (record->has_key && memcmp(record->key, first->key, sizeof record->key) != 0);
    const bool differs[] = {key, !same_address(&record->ws, &first->ws),
                            !same_address(&record->tcp, &first->tcp), !same_routers(record, first)};
    static const char *const fields[] = {"networking_key", "ws_routing", "tcp_routing",
                                         "allowed_routers"};
    char what[128] = "has";
    size_t commas = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t len = strlen(what);
        if (differs[i])
            snprintf(what + len, sizeof what - len, "%s %s", commas++ ? "," : " another",
                     fields[i]);
    }
    add(&c->differences, source, what);
}

static void take_record(struct comparison *c, const struct nectar_listing *listing,
                        const struct nectar_answer *answer, const char *source, bool check)
{
    report_note("%s: %s says:", c->name, source);
    record_print(listing, answer);
    if (c->found++ == 0) {
        c->first = listing->record;
    } else if (!nectar_record_equal(&c->first, &listing->record)) {
        differ(c, &listing->record, source);
    }
    if (!check || c->key)
        return;
    int status = lookup_check(c->registry, &listing->record, source);
    if (status == EXIT_DRIFT)
        c->drift = true;
    else
        c->key = status;
}

static void take_failure(struct comparison *c, int error, const struct nectar_answer *answer,
                         const char *source)
{
    int status = report(&(struct report){
        .exit = exit_of_error(error),
        .peer = c->name,
        .stage = nectar_stage_name(NECTAR_STAGE_REGISTRY),
        .source = source,
        .reason = *answer->reason ? answer->reason : nectar_error_text(error),
        .line = c->line,
    });
    if (error == NECTAR_EUNKNOWN)
        add(&c->missing, source, "has no such name");
    else if (c->failed++ == 0)
        c->failure = status;
}

/* Says where the answers differ; that there is no such name is one, too. */
static void tell_differences(const struct comparison *c)
{
    const char *missing = c->missing ? c->missing : "";
    const char *differences = c->differences ? c->differences : "";
    char *reason = text_format("the registries do not say the same: %s%s%s", differences,
                               *differences && *missing ? "; " : "", missing);
    report(
        &(struct report){.exit = EXIT_DRIFT, .peer = c->name, .reason = reason, .line = c->line});
    free(reason);
}

static int conclude(const struct comparison *c)
{
    bool disagree = c->differences || (c->found > 0 && c->missing);
    if (disagree)
        tell_differences(c);
    if (c->failed > 0)
        return c->found > 0 || c->missing ? EXIT_PARTIAL : c->failure;
    if (c->found == 0)
        return EXIT_UNKNOWN_NAME;
    if (c->key)
        return c->key;
    return disagree || c->drift ? EXIT_DRIFT : EXIT_OK;
}

int lookup_all(struct nectar_registry *registry, const char *name, size_t line, bool check)
{
    struct comparison c = {.registry = registry, .name = name, .line = line};
    const char *source;
    for (size_t i = 0; (source = nectar_registry_label(registry, i)) != NULL; i++) {
        struct nectar_listing listing = {.owner = ""};
        struct nectar_answer answer;
        int error = nectar_registry_lookup_at(registry, i, name, true, &listing.record, &answer);
        if (error)
            take_failure(&c, error, &answer, source);
        else
            take_record(&c, &listing, &answer, source, check);
    }
    int status = conclude(&c);
    free(c.differences);
    free(c.missing);
    return status;
}
