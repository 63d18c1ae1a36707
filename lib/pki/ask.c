/* The list of registries, gone down: the first that holds a name answers. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/registry.h>

#include "base/log.h"
#include "base/text.h"
#include "pki/list_own.h"
#include "pki/name.h"
#include "pki/record.h"

/* --- asking ---------------------------------------------------------------------------------- */

static void append_reason(struct nectar_answer *all, const char *separator, const char *text)
{
    const char *parts[2] = {all->reason[0] ? separator : "", text};
    size_t len = strlen(all->reason);

    for (size_t part = 0; part < 2; part++)
        for (const char *at = parts[part]; *at && len < sizeof all->reason - 1; at++)
            all->reason[len++] = *at;
    all->reason[len] = '\0';
}

static void set_source(struct nectar_answer *answer, const struct pki_driver *driver)
{
    text_copy(answer->source, sizeof answer->source, driver->label);
}

int nectar_registry_tld(char out[NECTAR_LABEL_MAX + 1], struct nectar_registry *registry,
                        struct nectar_answer *answer)
{
    const struct place *first = &registry->places[0];
    struct nectar_answer unasked;
    struct nectar_answer *seen = answer ? answer : &unasked;

    memset(seen, 0, sizeof *seen);
    set_source(seen, first->driver);
    if (first->group)
        return group_tld(first->group, out, seen);
    memcpy(out, first->driver->tld, sizeof first->driver->tld);
    return 0;
}

int nectar_registry_full_name(char out[NECTAR_NAME_MAX + 1], struct nectar_registry *registry,
                              const char *name, struct nectar_answer *answer)
{
    char tld[NECTAR_LABEL_MAX + 1] = "";
    int error = 0;

    if (answer)
        memset(answer, 0, sizeof *answer);
    /* What is no name is not worth asking for. */
    if (!strchr(name, '.') && nectar_name_check(name) == 0)
        error = nectar_registry_tld(tld, registry, answer);
    return error ? error : name_complete(out, name, tld);
}

/* Nobody has it. The reasons that count are those of the registries that failed. */
static int no_answer(const struct nectar_registry *registry, struct nectar_answer *answer,
                     const struct nectar_answer *failures, size_t failed)
{
    *answer = *failures;
    set_source(answer, registry->places[0].driver);
    if (failed > 0)
        return NECTAR_EUNREACHABLE;
    for (size_t i = 0; i < registry->count; i++)
        append_reason(answer, i ? ", " : "", registry->places[i].driver->label);
    append_reason(answer, ": ", "no such name");
    return NECTAR_EUNKNOWN;
}

/* Tells the log what came of it; failed: how loud, if it failed. */
static void tell(const struct nectar_registry *registry, const struct nectar_answer *answer,
                 const char *name, int error, enum nectar_log_level failed)
{
    if (error == 0)
        log_line(registry->log, NECTAR_LOG_DETAIL, "registry %s: %s found%s", answer->source, name,
                 answer->cached ? " in the cache" : "");
    else if (error == NECTAR_EUNKNOWN)
        log_line(registry->log, NECTAR_LOG_DETAIL, "registry %s: no such name", answer->source);
    else if (error == NECTAR_EUNREACHABLE)
        log_line(registry->log, failed, "registry %s", answer->reason);
}

static int ask_driver(struct pki_driver *driver, const char *name, bool fresh,
                      struct nectar_record *out, struct nectar_answer *answer)
{
    int error;

    memset(answer, 0, sizeof *answer);
    error = driver->kind->lookup(driver, name, fresh, out, answer);
    set_source(answer, driver);
    return error;
}

/* Is there another registry behind this one? */
static bool is_last(const struct nectar_registry *registry, size_t index)
{
    while (++index < registry->count)
        if (registry->places[index].group || !registry->places[index].driver->kind->parts)
            return false;
    return true;
}

static int not_a_name(struct nectar_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    snprintf(answer->reason, sizeof answer->reason, "not a full node name");
    return NECTAR_ENAME;
}

int nectar_registry_lookup(struct nectar_registry *registry, const char *name, bool fresh,
                           struct nectar_record *out, struct nectar_answer *answer)
{
    struct nectar_answer unasked;
    struct nectar_answer *seen = answer ? answer : &unasked;
    struct nectar_answer failures = {.block = 0};
    size_t failed = 0;

    if (name_check_full(name) != 0)
        return not_a_name(seen);
    for (size_t i = 0; i < registry->count; i++) {
        const struct place *place = &registry->places[i];
        int error;

        if (!place->group && place->driver->kind->parts)
            continue; /* one of those asked already */
        error = place->group ? group_lookup(place->group, name, fresh, out, seen)
                             : ask_driver(place->driver, name, fresh, out, seen);
        /* Of the last, the error itself tells. */
        tell(registry, seen, name, error,
             is_last(registry, i) ? NECTAR_LOG_DETAIL : NECTAR_LOG_WARNING);
        if (error != NECTAR_EUNKNOWN && error != NECTAR_EUNREACHABLE)
            return error;
        if (error == NECTAR_EUNREACHABLE) {
            failed++;
            append_reason(&failures, "; ", seen->reason);
        }
    }
    return no_answer(registry, seen, &failures, failed);
}

int nectar_registry_lookup_at(struct nectar_registry *registry, size_t index, const char *name,
                              bool fresh, struct nectar_record *out, struct nectar_answer *answer)
{
    struct nectar_answer unasked;
    struct nectar_answer *seen = answer ? answer : &unasked;
    int error;

    assert(index < registry->count);
    if (name_check_full(name) != 0)
        return not_a_name(seen);
    error = ask_driver(registry->places[index].driver, name, fresh, out, seen);
    tell(registry, seen, name, error, NECTAR_LOG_DETAIL);
    if (error == NECTAR_EUNKNOWN)
        pki_reason(seen, registry->places[index].driver, "no such name");
    return error;
}

bool nectar_registry_recall(struct nectar_registry *registry, const char *name,
                            struct nectar_record *out, struct nectar_answer *answer)
{
    struct nectar_answer unasked;
    bool found = false;

    for (size_t i = 0; i < registry->count && !found && name_check_full(name) == 0; i++)
        if (registry->places[i].group)
            found = group_recall(registry->places[i].group, name, out, answer ? answer : &unasked);
    return found;
}

/* Of what cannot be noted nobody is told, by errno neither: it may be that of what came before. */
void pki_list_age(struct nectar_registry *registry, const char *name)
{
    int before = errno;

    for (size_t i = 0; i < registry->count; i++)
        if (registry->places[i].group)
            group_age(registry->places[i].group, name);
    errno = before;
}

int nectar_registry_publish(struct nectar_registry *registry, const struct nectar_record *record,
                            const struct nectar_key *signer, uint64_t *sequence,
                            struct nectar_answer *answer)
{
    struct pki_driver *driver = registry->places[0].driver;
    struct nectar_answer unasked;
    struct nectar_answer *seen = answer ? answer : &unasked;
    int error = record_check(record);

    memset(seen, 0, sizeof *seen);
    set_source(seen, driver);
    *sequence = 0;
    if (error) {
        pki_reason(seen, driver, "the record is not well formed: %s", nectar_error_text(error));
        return error;
    }
    if (!driver->kind->publish) {
        pki_reason(seen, driver, "a %s registry is only read", driver->kind->scheme);
        return NECTAR_EREADONLY;
    }
    error = driver->kind->publish(driver, record, signer, sequence, seen);
    log_line(registry->log, NECTAR_LOG_DETAIL, "registry %s: publish %s: %s", driver->label,
             record->name, nectar_error_text(error));
    return error;
}
