/* Where the records of an import go: into an embedded registry, or into one on a chain. */
#ifndef SHARED_REGISTRY_PUT_H
#define SHARED_REGISTRY_PUT_H

#include <nectar/account.h>
#include <nectar/listing.h>
#include <nectar/transaction.h>

#include "shared/json.h"

/* Records that go in at once: a change of the registry costs much more than a record in it. */
#define PUT_MAX 128

struct put {
    struct nectar_registry *registry;
    struct nectar_account *account; /* on a chain: who signs and pays; else NULL */
    struct nectar_record *records;  /* of one call, side by side */
};

/* What became of one. */
struct put_result {
    int error;
    const char *reason;         /* on error */
    uint64_t sequence;          /* of an embedded registry; 0: nothing had to change */
    struct nectar_tx_result tx; /* of one on a chain */
};

/* Loads the key, where one is needed. Returns 0 or an exit status, already reported. */
int put_open(struct put *out, struct nectar_registry *registry);
void put_close(struct put *put);

/*
 * Puts in at most PUT_MAX records. Returns 0 when each has its result, whose reasons are valid
 * until the next call; else the error of the whole, with its reason in answer.
 */
int put_records(struct put *put, const struct nectar_listing *const *listings, size_t count,
                struct put_result *results, struct nectar_answer *answer);

/* Did it change anything? */
bool put_changed(const struct put *put, const struct put_result *result);

/* Its fields in an object of type tx: hash and status, and more of a transaction. */
void put_fields(const struct put *put, const struct put_result *result, struct json *json);

#endif
