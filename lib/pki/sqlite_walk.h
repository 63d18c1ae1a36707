/* A walk over an embedded registry. */
#ifndef PKI_SQLITE_WALK_H
#define PKI_SQLITE_WALK_H

#include "pki/driver.h"

/* The member of struct pki_kind. */
int sqlite_walk(struct nectar_walk **out, struct pki_driver *driver, struct nectar_answer *answer);

#endif
