/* The list of registries that a node was given, to be opened again by its threads. */
#ifndef NODE_SOURCES_H
#define NODE_SOURCES_H

#include "pki/list.h"

struct sources {
    enum nectar_log_level level;
    struct pki_manner manner;
    size_t count, size;
    char uris[]; /* one behind the other, and the folder of the cache */
};

/* The list is remote (nectar_registry_is_remote). NULL: no memory. */
struct sources *sources_new(const struct nectar_registry *list, enum nectar_log_level level);
void sources_free(void *sources);

/* stop: as of registry_open. NECTAR_ENOMEM. */
int sources_open(struct nectar_registry **out, const struct sources *sources, int stop,
                 const struct nectar_log *log);

#endif
