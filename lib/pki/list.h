/* The ordered list of registries, without what it takes to reach those on a chain. */
#ifndef PKI_LIST_H
#define PKI_LIST_H

#include <nectar/registry.h>

#include "pki/web.h"

enum { PKI_REGISTRIES_MAX = 64 };

/*
 * nectar_registry_open, given a web, which then belongs to the list, and is freed with it or, on
 * error, here. NULL: no network, and a URI that would need one is NECTAR_EURI.
 */
int pki_list_open(struct nectar_registry **out, const char *const *uris, size_t count,
                  const struct pki_web *web, const struct nectar_log *log, char *reason);

/* How the answers of registries on a chain are taken. */
struct pki_manner {
    const char *cache;   /* the folder; NULL: nothing is kept */
    uint64_t max_cached; /* us, that what is kept will do */
    uint64_t quorum;     /* endpoints that have to agree; 1: any will do */
};

/* How the answers of those on a chain are taken; valid as long as the list. */
const struct pki_manner *pki_list_manner(const struct nectar_registry *registry);

/*
 * What it was opened with, to open another of its kind: *count URIs, one behind the other, each
 * with its NUL, *size bytes in all, valid as long as the list. They may hold secrets. NULL: the
 * list is not remote, and they are not kept.
 */
const char *pki_list_uris(const struct nectar_registry *registry, size_t *count, size_t *size);

/* A name has been changed, or may have been: what is kept of it will not do without asking. */
void pki_list_age(struct nectar_registry *registry, const char *name);

/* The driver of one of the registries, counted from 0; index is less than there are. */
struct pki_driver *pki_list_driver(const struct nectar_registry *registry, size_t index);

/* The contracts of each kind of registry on a chain, counted from 0; NULL behind the last. */
const struct pki_contracts *pki_contracts_at(size_t index);

#endif
