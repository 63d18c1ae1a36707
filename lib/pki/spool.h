/*
 * Listings on their way from a log to a walk: the newest of each name, in the order of names. They
 * lie in a temporary file that nobody else sees and that goes with the spool, so that any number
 * takes little memory.
 */
#ifndef PKI_SPOOL_H
#define PKI_SPOOL_H

#include <nectar/listing.h>

struct spool;

/* NECTAR_EIO there is no room for temporary files; NECTAR_ENOMEM. */
int spool_open(struct spool **out);

/* NULL is allowed. */
void spool_free(struct spool *spool);

/* Puts a listing in, unless there is a newer one of its name: of a later block or, within the
 * block, a greater index. NECTAR_EIO, NECTAR_ETOOBIG there are too many, NECTAR_ENOMEM. */
int spool_put(struct spool *spool, const struct nectar_listing *listing, uint64_t index);

/* The first or next listing, or *end. Nothing can be put in any more. NECTAR_EIO, NECTAR_ENOMEM. */
int spool_next(struct spool *spool, struct nectar_listing *out, bool *end);

/* Why the last call failed, printable. */
const char *spool_why(const struct spool *spool);

#endif
