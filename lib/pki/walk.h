/* Walks over the records of a registry, one kind of walk for each kind of registry. */
#ifndef PKI_WALK_H
#define PKI_WALK_H

#include <nectar/listing.h>

struct pki_walk_kind {
    int (*next)(struct nectar_walk *walk, struct nectar_listing *out, bool *end,
                struct nectar_answer *answer);
    void (*free)(struct nectar_walk *walk);
};

/* Stands first in each kind's own struct. */
struct nectar_walk {
    const struct pki_walk_kind *kind;
    bool over; /* nothing comes any more */
};

#endif
