/* Walks over the records of a registry, one kind of walk for each kind of registry. */
#ifndef PKI_WALK_H
#define PKI_WALK_H

#include <nectar/listing.h>

struct pki_driver;
struct turns;

struct pki_walk_kind {
    int (*next)(struct nectar_walk *walk, struct nectar_listing *out, bool *end,
                struct nectar_answer *answer);
    void (*free)(struct nectar_walk *walk);

    /* From now on another endpoint of the same registry is asked; next has failed just now. The
     * errors of nectar_walk_next. NULL: nothing is asked of endpoints by then. */
    int (*move)(struct nectar_walk *walk, struct pki_driver *driver, struct nectar_answer *answer);
};

/* Stands first in each kind's own struct. */
struct nectar_walk {
    const struct pki_walk_kind *kind;
    bool over;           /* nothing comes any more */
    struct turns *turns; /* the endpoints that may go on; NULL: none */
};

#endif
