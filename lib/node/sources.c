#include "node/sources.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "node/registry.h"

struct sources *sources_new(const struct nectar_registry *list, enum nectar_log_level level)
{
    const struct pki_manner *manner = pki_list_manner(list);
    size_t folder = manner->cache ? strlen(manner->cache) + 1 : 0;
    size_t count, size;
    const char *uris = pki_list_uris(list, &count, &size);
    struct sources *sources = malloc(sizeof *sources + size + folder);

    if (!sources)
        return NULL;
    *sources = (struct sources){.level = level, .manner = *manner, .count = count, .size = size};
    memcpy(sources->uris, uris, size);
    if (manner->cache)
        sources->manner.cache = memcpy(sources->uris + size, manner->cache, folder);
    return sources;
}

void sources_free(void *context)
{
    struct sources *sources = context;

    mem_wipe(sources->uris, sources->size); /* a URI may hold a key */
    free(sources);
}

static int set_manner(struct nectar_registry *registry, const struct pki_manner *manner)
{
    nectar_registry_max_cached(registry, manner->max_cached);
    nectar_registry_quorum(registry, (unsigned)manner->quorum);
    return manner->cache ? nectar_registry_cache(registry, manner->cache) : 0;
}

int sources_open(struct nectar_registry **out, const struct sources *sources, int stop,
                 const struct nectar_log *log)
{
    const char **uris = calloc(sources->count, sizeof *uris);
    const char *uri = sources->uris;
    struct nectar_registry *registry;
    int error;

    if (!uris)
        return NECTAR_ENOMEM;
    for (size_t i = 0; i < sources->count; i++) {
        uris[i] = uri;
        uri += strlen(uri) + 1;
    }
    error = registry_open(&registry, uris, sources->count, stop, log, NULL);
    free(uris);
    if (error)
        return error;
    error = set_manner(registry, &sources->manner);
    if (error)
        nectar_registry_free(registry);
    else
        *out = registry;
    return error;
}
