/* Are we who the registry says? Asked before a peer finds out. */
#ifndef SHARED_IDENTITY_H
#define SHARED_IDENTITY_H

#include <nectar/key.h>
#include <nectar/registry.h>

/*
 * Looks our own record up and compares the key. serves: afresh, for its routes count; else what the
 * cache has will do. Returns 0 or an exit status, already reported:
 * EXIT_KEY, with a hint to publish-tx, when it is missing or has another key. unpublished_ok: a
 * missing record is none (out->name is empty then).
 */
int identity_check(struct nectar_record *out, struct nectar_registry *registry, const char *name,
                   const uint8_t public_key[NECTAR_PUBLIC_BYTES], bool serves, bool unpublished_ok);

#endif
