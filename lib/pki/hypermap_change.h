/* How names of Hypermap are changed, and made. */
#ifndef PKI_HYPERMAP_CHANGE_H
#define PKI_HYPERMAP_CHANGE_H

#include "pki/change.h"

extern const struct pki_contracts HYPERMAP_CONTRACTS;

#endif
