#ifndef PKI_NECTAR_CHANGE_H
#define PKI_NECTAR_CHANGE_H

#include "pki/change.h"

/* How records of a Nectar registry are changed. Its driver is a struct chain. */
extern const struct pki_contracts NECTAR_CONTRACTS;

#endif
