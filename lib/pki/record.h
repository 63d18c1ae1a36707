/* Records: are they well formed, and the one sequence of bytes that stands for each. */
#ifndef PKI_RECORD_H
#define PKI_RECORD_H

#include <nectar/identity.h>

#include "base/bytes.h"

/* A full name, valid addresses or none, full names (or hashes, see name.h) for routers:
 * NECTAR_ENAME, NECTAR_EADDRESS. */
int record_check(const struct nectar_record *record);

/*
 * Appends the record's canonical bytes: what is signed when a registry in a file changes, and how
 * records are kept in memory by the thousand. Two records have the same bytes exactly when they
 * are equal. NECTAR_ETOOBIG, NECTAR_ENOMEM.
 */
int record_pack(struct bytes *out, const struct nectar_record *record);

/* Reads such bytes, all of view. NECTAR_EFORMAT, and what record_check says of the result. */
int record_unpack(struct nectar_record *out, struct nectar_view packed);

#endif
