/* The list of registries of a thread, which can be told to stop. */
#ifndef NODE_REGISTRY_H
#define NODE_REGISTRY_H

#include <nectar/registry.h>

/* As nectar_registry_open. stop: a descriptor that is readable once nothing is wanted of it any
 * more, so that whatever asks the network ends; -1: none. It outlives the list. */
int registry_open(struct nectar_registry **out, const char *const *uris, size_t count, int stop,
                  const struct nectar_log *log, char *reason);

#endif
