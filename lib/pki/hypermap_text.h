/* Calls and errors of Hypermap, told by name: the two of struct pki_contracts (pki/change.h). */
#ifndef PKI_HYPERMAP_TEXT_H
#define PKI_HYPERMAP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <nectar/view.h>

#include "codec/json.h"

bool hypermap_explain(char *out, size_t size, struct nectar_view error);

/* A call of an account is told with the calls that it makes, a minting with what it says of the
 * new name. */
int hypermap_describe(struct json_writer *w, struct nectar_view data);

#endif
