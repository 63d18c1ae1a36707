/* An embedded registry in a scratch folder, and two keys to publish with: one at a time. */
#ifndef SHARED_EMBEDDED_H
#define SHARED_EMBEDDED_H

#include <nectar/registry.h>

#include "unit/shared/scratch.h"

/* What the tests of it look at. */
struct embedded {
    struct scratch scratch;
    struct nectar_registry *registry;
    struct nectar_key *squid;
    struct nectar_key *other;
    struct nectar_answer answer; /* of the last call */
    char path[256];              /* of the registry, in folders that do not exist yet */
};

extern struct embedded embedded;

/* cmocka's set-up and tear-down. */
int embedded_begin(void **state);
int embedded_end(void **state);

/* Opens another registry in its place. */
void embedded_open(const char *path);

/* A record with an address and, unless NULL, a key. */
struct nectar_record embedded_record(const char *name, const struct nectar_key *key);

/* Publishes; the sequence number, or the error, which has a reason. */
int64_t embedded_publish(const struct nectar_record *record, const struct nectar_key *signer);

int embedded_lookup(const char *name, struct nectar_record *out);

/* Fails unless the last call's reason says this. */
void embedded_assert_reason(const char *part);

/* Runs SQL on a file, past the library. */
void embedded_run_sql(const char *path, const char *sql);

#endif
