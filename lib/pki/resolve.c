/* The ordered list of registries, and how it is gone down. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/registry.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "pki/driver.h"
#include "pki/list.h"
#include "pki/name.h"
#include "pki/record.h"

struct nectar_registry {
    const struct nectar_log *log;
    struct pki_web web;
    char *uris; /* one behind the other; NULL: not remote */
    size_t uris_size;
    char *cache;
    size_t count;
    struct pki_driver *drivers[];
};

static const struct pki_kind *const KINDS[] = {
    &PKI_SQLITE,       &PKI_JSON,          &PKI_NECTAR_HTTP,
    &PKI_NECTAR_HTTPS, &PKI_HYPERMAP_HTTP, &PKI_HYPERMAP_HTTPS,
};

enum { KINDS_COUNT = sizeof KINDS / sizeof KINDS[0], REGISTRIES_MAX = 64 };

const struct pki_contracts *pki_contracts_at(size_t index)
{
    const struct pki_contracts *last = NULL;

    /* http and https have the same ones, side by side. */
    for (size_t i = 0; i < KINDS_COUNT; i++) {
        if (!KINDS[i]->contracts || KINDS[i]->contracts == last)
            continue;
        last = KINDS[i]->contracts;
        if (index-- == 0)
            return last;
    }
    return NULL;
}

static const struct pki_kind *kind_of(const char *uri, const char **rest)
{
    for (size_t i = 0; i < KINDS_COUNT; i++) {
        size_t len = strlen(KINDS[i]->scheme);

        if (strncmp(uri, KINDS[i]->scheme, len) == 0 && uri[len] == ':') {
            *rest = uri + len + 1;
            return KINDS[i];
        }
    }
    return NULL;
}

/* Of an unknown kind of URI only the scheme is shown: the rest may hold a secret. */
static int unknown_kind(const char *uri, char reason[NECTAR_REASON_MAX + 1])
{
    size_t scheme = strspn(uri, "abcdefghijklmnopqrstuvwxyz0123456789+-.");

    if (scheme == 0 || scheme > NECTAR_LABEL_MAX || uri[scheme] != ':')
        snprintf(reason, NECTAR_REASON_MAX + 1, "a registry is given as KIND:..., as sqlite:PATH");
    else
        snprintf(reason, NECTAR_REASON_MAX + 1, "%.*s: no such kind of registry", (int)scheme, uri);
    return NECTAR_EURI;
}

static int open_one(struct pki_driver **out, const char *uri, const struct nectar_registry *list,
                    char reason[NECTAR_REASON_MAX + 1])
{
    char why[NECTAR_REASON_MAX + 1] = "";
    const char *rest = NULL;
    const struct pki_kind *kind = kind_of(uri, &rest);
    int error;

    if (!kind)
        return unknown_kind(uri, reason);
    error = kind->open(out, rest, list->web.post ? &list->web : NULL, why);
    if (error == NECTAR_EURI)
        snprintf(reason, NECTAR_REASON_MAX + 1, "%s: %.200s", kind->scheme, why);
    if (!error)
        (*out)->log = list->log;
    return error;
}

static void free_web(const struct pki_web *web)
{
    if (web && web->free)
        web->free(web->context);
}

static int keep_uris(struct nectar_registry *registry, const char *const *uris)
{
    char *at;

    for (size_t i = 0; i < registry->count; i++)
        registry->uris_size += strlen(uris[i]) + 1;
    registry->uris = at = malloc(registry->uris_size);
    if (!at)
        return NECTAR_ENOMEM;
    for (size_t i = 0; i < registry->count; i++) {
        size_t len = strlen(uris[i]) + 1;

        memcpy(at, uris[i], len);
        at += len;
    }
    return 0;
}

const char *pki_list_uris(const struct nectar_registry *registry, size_t *count, size_t *size)
{
    *count = registry->count;
    *size = registry->uris_size;
    return registry->uris;
}

int pki_list_open(struct nectar_registry **out, const char *const *uris, size_t count,
                  const struct pki_web *web, const struct nectar_log *log, char *reason)
{
    char unasked[NECTAR_REASON_MAX + 1];
    char *why = reason ? reason : unasked;
    struct nectar_registry *registry = NULL;
    int error = 0;

    assert(count >= 1);
    why[0] = '\0';
    if (count > REGISTRIES_MAX) {
        snprintf(why, NECTAR_REASON_MAX + 1, "more than %d registries", (int)REGISTRIES_MAX);
        error = NECTAR_EURI;
    } else {
        registry = calloc(1, sizeof *registry + count * sizeof registry->drivers[0]);
        error = registry ? 0 : NECTAR_ENOMEM;
    }
    if (error) {
        free_web(web);
        return error;
    }
    registry->log = log;
    if (web)
        registry->web = *web;
    for (size_t i = 0; i < count && !error; i++) {
        error = open_one(&registry->drivers[i], uris[i], registry, why);
        if (!error)
            registry->count++;
    }
    if (!error && pki_list_is_remote(registry))
        error = keep_uris(registry, uris);
    if (error)
        nectar_registry_free(registry);
    else
        *out = registry;
    return error;
}

void nectar_registry_free(struct nectar_registry *registry)
{
    if (!registry)
        return;
    for (size_t i = 0; i < registry->count; i++)
        registry->drivers[i]->kind->free(registry->drivers[i]);
    free_web(&registry->web);
    if (registry->uris)
        mem_wipe(registry->uris, registry->uris_size); /* a URI may hold a key */
    free(registry->uris);
    free(registry->cache);
    free(registry);
}

int nectar_registry_cache(struct nectar_registry *registry, const char *folder)
{
    char *copy = strdup(folder);

    if (!copy)
        return NECTAR_ENOMEM;
    free(registry->cache);
    registry->cache = copy;
    for (size_t i = 0; i < registry->count; i++)
        registry->drivers[i]->cache = copy;
    return 0;
}

const char *pki_list_cache(const struct nectar_registry *registry)
{
    return registry->cache;
}

bool pki_list_is_remote(const struct nectar_registry *registry)
{
    bool remote = false;

    for (size_t i = 0; i < registry->count; i++)
        remote = remote || registry->drivers[i]->kind->remote;
    return remote;
}

const char *nectar_registry_label(const struct nectar_registry *registry, size_t index)
{
    return index < registry->count ? registry->drivers[index]->label : NULL;
}

struct pki_driver *pki_list_driver(const struct nectar_registry *registry, size_t index)
{
    assert(index < registry->count);
    return registry->drivers[index];
}

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
    struct pki_driver *first = registry->drivers[0];
    struct nectar_answer unasked;
    struct nectar_answer *seen = answer ? answer : &unasked;
    int error = 0;

    memset(seen, 0, sizeof *seen);
    set_source(seen, first);
    if (!first->tld[0])
        error = first->kind->ask_tld(first, seen);
    if (!error)
        memcpy(out, first->tld, sizeof first->tld);
    return error;
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
    set_source(answer, registry->drivers[0]);
    if (failed > 0)
        return NECTAR_EUNREACHABLE;
    for (size_t i = 0; i < registry->count; i++)
        append_reason(answer, i ? ", " : "", registry->drivers[i]->label);
    append_reason(answer, ": ", "no such name");
    return NECTAR_EUNKNOWN;
}

/* Asks one of them, and tells the log; failed: how loud, if it fails. */
static int ask(struct nectar_registry *registry, size_t index, const char *name, bool fresh,
               enum nectar_log_level failed, struct nectar_record *out,
               struct nectar_answer *answer)
{
    struct pki_driver *driver = registry->drivers[index];
    int error;

    memset(answer, 0, sizeof *answer);
    error = driver->kind->lookup(driver, name, fresh, out, answer);
    set_source(answer, driver);
    if (error == 0)
        log_line(registry->log, NECTAR_LOG_DETAIL, "registry %s: %s found", driver->label, name);
    else if (error == NECTAR_EUNKNOWN)
        log_line(registry->log, NECTAR_LOG_DETAIL, "registry %s: no such name", driver->label);
    else if (error == NECTAR_EUNREACHABLE)
        log_line(registry->log, failed, "registry %s", answer->reason);
    return error;
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
        bool last = i + 1 == registry->count; /* then the error itself tells */
        int error =
            ask(registry, i, name, fresh, last ? NECTAR_LOG_DETAIL : NECTAR_LOG_WARNING, out, seen);

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
    error = ask(registry, index, name, fresh, NECTAR_LOG_DETAIL, out, seen);
    if (error == NECTAR_EUNKNOWN)
        pki_reason(seen, registry->drivers[index], "no such name");
    return error;
}

int nectar_registry_publish(struct nectar_registry *registry, const struct nectar_record *record,
                            const struct nectar_key *signer, uint64_t *sequence,
                            struct nectar_answer *answer)
{
    struct pki_driver *driver = registry->drivers[0];
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
