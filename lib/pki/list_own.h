/* What the list of registries is made of, for its own files. */
#ifndef PKI_LIST_OWN_H
#define PKI_LIST_OWN_H

#include "pki/group.h"
#include "pki/list.h"

/* A URI; groups: the endpoints of one registry are asked as one, at the place of the first. */
struct place {
    struct pki_driver *driver;
    struct group *group; /* that begins here; NULL: none does */
};

struct nectar_registry {
    const struct nectar_log *log;
    struct pki_web web;
    char *uris; /* one behind the other; NULL: not remote */
    size_t uris_size;
    char *cache; /* the folder; NULL: none */
    struct pki_manner manner;
    struct cache *kept; /* what is in it; NULL: none */
    size_t count;
    struct place places[];
};

#endif
