/* Changes of an embedded registry. The members of struct pki_kind with these names. */
#ifndef PKI_SQLITE_CHANGE_H
#define PKI_SQLITE_CHANGE_H

#include "pki/driver.h"

int sqlite_publish(struct pki_driver *driver, const struct nectar_record *record,
                   const struct nectar_key *signer, uint64_t *sequence,
                   struct nectar_answer *answer);

int sqlite_import(struct pki_driver *driver, struct nectar_import *items, size_t count,
                  struct nectar_answer *answer);

int sqlite_init(struct pki_driver *driver, bool *made, struct nectar_answer *answer);

#endif
