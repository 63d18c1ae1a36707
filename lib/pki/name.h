/* Names: full ones ("squid.nec") and bare ones ("squid"). */
#ifndef PKI_NAME_H
#define PKI_NAME_H

#include <nectar/identity.h>

/* Full names have a dot; only they stand in a registry. NECTAR_ENAME. */
int name_check_full(const char *name);

/* The full name of name: itself if it has a dot, else with tld. NECTAR_ENAME, also for a bare name
 * when tld is NULL. out may not be name. */
int name_complete(char out[NECTAR_NAME_MAX + 1], const char *name, const char *tld);

/* Length of a full name without its last label and that dot; of a bare name all of it. */
size_t name_without_tld(const char *name);

#endif
