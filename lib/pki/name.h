/* Names: full ones ("squid.nec") and bare ones ("squid"). */
#ifndef PKI_NAME_H
#define PKI_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/identity.h>

/* Full names have a dot; only they stand in a registry. NECTAR_ENAME. */
int name_check_full(const char *name);

/* The full name of name: itself if it has a dot, else with tld. NECTAR_ENAME, also for a bare name
 * when tld is NULL. out may not be name. */
int name_complete(char out[NECTAR_NAME_MAX + 1], const char *name, const char *tld);

/*
 * A name of which only the hash is known, as a registry on a chain may have it of a router: "0x"
 * and 64 digits, lower-case, longer than any label. It can be shown and written back, not looked
 * up. name_read_hash is false, and out unchanged, for every other text.
 */
enum { NAME_HASH_BYTES = 32, NAME_HASH_SIZE = 2 + 2 * NAME_HASH_BYTES + 1 };

void name_of_hash(char out[NAME_HASH_SIZE], const uint8_t hash[NAME_HASH_BYTES]);
bool name_read_hash(uint8_t out[NAME_HASH_BYTES], const char *name);

/* Can this stand among a record's routers: a full name, or one of which only the hash is known?
 * NECTAR_ENAME. */
int name_check_router(const char *name);

/* Length of a full name without its last label and that dot; of a bare name all of it. */
size_t name_without_tld(const char *name);

#endif
