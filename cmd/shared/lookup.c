#include "shared/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/differ.h"
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

char *lookup_drift(const struct nectar_record *record, const struct nectar_key_info *info,
                   const char *source)
{
    char hex[2 * NECTAR_PUBLIC_BYTES + 1];
    if (record->has_key && memcmp(record->key, info->public_key, NECTAR_PUBLIC_BYTES) == 0)
        return NULL;
    nectar_hex_encode(hex, info->public_key, NECTAR_PUBLIC_BYTES);
    return text_format("the local key is %s, %s has %s", hex, source ? source : "the registry",
                       record->has_key ? "another" : "none");
}

int lookup_check(struct nectar_registry *registry, const struct nectar_record *record,
                 const char *source)
{
    struct nectar_key_info info;
    int status = local_key(&info, registry, record->name);
    if (status)
        return status;
    char *reason = lookup_drift(record, &info, source);
    if (!reason)
        return 0;
    status = report(&(struct report){.exit = EXIT_DRIFT, .peer = record->name, .reason = reason});
    free(reason);
    return status;
}

/* --- all registries -------------------------------------------------------------------------- */

struct comparison {
    struct nectar_registry *registry;
    const char *name;
    size_t line;
    size_t failed;
    int failure; /* the status of the first that failed */
    int key;     /* why there is no local key to compare with */
    bool drift;  /* the local key is another */
    struct differ said;
};

static void take_record(struct comparison *c, const struct nectar_listing *listing,
                        const struct nectar_answer *answer, const char *source, bool check)
{
    report_note("%s: %s says:", c->name, source);
    record_print(listing, answer);
    differ_record(&c->said, &listing->record, source);
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
        differ_unknown(&c->said, source);
    else if (c->failed++ == 0)
        c->failure = status;
}

/* Says where the answers differ, if they do. */
static bool tell_differences(const struct comparison *c)
{
    char *reason = differ_reason(&c->said);
    if (!reason)
        return false;
    report(
        &(struct report){.exit = EXIT_DRIFT, .peer = c->name, .reason = reason, .line = c->line});
    free(reason);
    return true;
}

static int conclude(const struct comparison *c)
{
    bool disagree = tell_differences(c);
    if (c->failed > 0)
        return c->said.found > 0 || c->said.missing ? EXIT_PARTIAL : c->failure;
    if (c->said.found == 0)
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
    differ_free(&c.said);
    return status;
}
