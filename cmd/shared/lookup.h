/* What registries say of a name, held against the local key and against one another. */
#ifndef SHARED_LOOKUP_H
#define SHARED_LOOKUP_H

#include <nectar/key.h>
#include <nectar/registry.h>

/* In what the key in a record is not the local one, a new string; NULL: it is. source is the
 * registry that it is of, NULL where only one is asked. */
char *lookup_drift(const struct nectar_record *record, const struct nectar_key_info *info,
                   const char *source);

/*
 * Compares the key in a record with the local key of its name. source as above. Returns 0,
 * EXIT_DRIFT, or the status of a key that cannot be read; already reported.
 */
int lookup_check(struct nectar_registry *registry, const struct nectar_record *record,
                 const char *source);

/*
 * Asks each registry for a full name (line: where in standard input it stands, or 0), prints every
 * answer, and says where they differ; check: compares each with the local key, too. Returns
 * EXIT_OK where all say the same, EXIT_DRIFT where they or the key do not, EXIT_PARTIAL where only
 * some answered, or what they all failed with; already reported.
 */
int lookup_all(struct nectar_registry *registry, const char *name, size_t line, bool check);

#endif
