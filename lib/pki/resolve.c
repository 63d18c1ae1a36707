/* The ordered list of registries. How it is gone down is in ask.c. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/registry.h>

#include "base/mem.h"
#include "base/time.h"
#include "pki/list_own.h"

static const struct pki_kind *const KINDS[] = {
    &PKI_SQLITE,       &PKI_JSON,          &PKI_NECTAR_HTTP,
    &PKI_NECTAR_HTTPS, &PKI_HYPERMAP_HTTP, &PKI_HYPERMAP_HTTPS,
};

enum { KINDS_COUNT = sizeof KINDS / sizeof KINDS[0] };

#define MAX_CACHED TIME_S(60)

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

/* Puts endpoints of the same registry together. */
static int make_groups(struct nectar_registry *registry)
{
    struct place *places = registry->places;

    for (size_t i = 0; i < registry->count; i++) {
        struct chain *chain = (struct chain *)places[i].driver;
        bool taken = !chain->base.kind->parts;

        for (size_t j = 0; j < i && !taken; j++)
            taken = places[j].group && group_take(places[j].group, chain);
        if (taken)
            continue;
        places[i].group = group_new(chain, registry->count - i);
        if (!places[i].group)
            return NECTAR_ENOMEM;
        places[i].group->manner = &registry->manner;
    }
    return 0;
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
    if (count > PKI_REGISTRIES_MAX) {
        snprintf(why, NECTAR_REASON_MAX + 1, "more than %d registries", (int)PKI_REGISTRIES_MAX);
        error = NECTAR_EURI;
    } else {
        registry = calloc(1, sizeof *registry + count * sizeof registry->places[0]);
        error = registry ? 0 : NECTAR_ENOMEM;
    }
    if (error) {
        free_web(web);
        return error;
    }
    registry->log = log;
    registry->manner = (struct pki_manner){.max_cached = MAX_CACHED, .quorum = 1};
    if (web)
        registry->web = *web;
    for (size_t i = 0; i < count && !error; i++) {
        error = open_one(&registry->places[i].driver, uris[i], registry, why);
        if (!error)
            registry->count++;
    }
    if (!error && nectar_registry_is_remote(registry))
        error = keep_uris(registry, uris);
    if (!error)
        error = make_groups(registry);
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
    for (size_t i = 0; i < registry->count; i++) {
        struct pki_driver *driver = registry->places[i].driver;

        group_free(registry->places[i].group);
        driver->kind->free(driver);
    }
    cache_free(registry->kept);
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
    struct cache *kept = copy ? cache_new(folder, registry->log) : NULL;

    if (!kept) {
        free(copy);
        return NECTAR_ENOMEM;
    }
    free(registry->cache);
    cache_free(registry->kept);
    registry->cache = copy;
    registry->kept = kept;
    registry->manner.cache = copy;
    for (size_t i = 0; i < registry->count; i++) {
        registry->places[i].driver->cache = copy;
        if (registry->places[i].group)
            registry->places[i].group->cache = kept;
    }
    return 0;
}

void nectar_registry_max_cached(struct nectar_registry *registry, uint64_t time)
{
    registry->manner.max_cached = time;
}

void nectar_registry_quorum(struct nectar_registry *registry, unsigned count)
{
    registry->manner.quorum = count > 0 ? count : 1;
}

const struct pki_manner *pki_list_manner(const struct nectar_registry *registry)
{
    return &registry->manner;
}

bool nectar_registry_is_remote(const struct nectar_registry *registry)
{
    bool remote = false;

    for (size_t i = 0; i < registry->count; i++)
        remote = remote || registry->places[i].driver->kind->remote;
    return remote;
}

const char *nectar_registry_label(const struct nectar_registry *registry, size_t index)
{
    return index < registry->count ? registry->places[index].driver->label : NULL;
}

struct pki_driver *pki_list_driver(const struct nectar_registry *registry, size_t index)
{
    assert(index < registry->count);
    return registry->places[index].driver;
}
