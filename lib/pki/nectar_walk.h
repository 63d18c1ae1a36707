/* A walk over a Nectar registry on a chain: what its log says. */
#ifndef PKI_NECTAR_WALK_H
#define PKI_NECTAR_WALK_H

#include "pki/driver.h"

/* The member of struct pki_kind. */
int nectar_log_walk(struct nectar_walk **out, struct pki_driver *driver,
                    struct nectar_answer *answer);

#endif
