/*
 * Every change of a Nectar registry says the whole new record in the contract's log. So the newest
 * entry of each name is what stands there, as of the block that the log was read to.
 */
#include "pki/nectar_walk.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "contract/registry.h"
#include "pki/chain_log.h"
#include "pki/nectar_abi.h"
#include "pki/spool.h"
#include "pki/walk.h"

enum { READINGS_MAX = 3, PUBLISHED_TOPICS = 3 };

struct log_walk {
    struct nectar_walk base;
    struct pki_driver *driver;
    struct spool *spool;
};

struct filling {
    struct chain *chain;
    struct spool *spool;
    struct nectar_answer *answer;
};

static int spool_failed(int error, const struct pki_driver *driver, const struct spool *spool,
                        struct nectar_answer *answer)
{
    if (error == NECTAR_ENOMEM)
        return error;
    if (error == NECTAR_ETOOBIG)
        pki_reason(answer, driver, "its log is longer than any registry's");
    else
        pki_reason(answer, driver, "no room for a temporary file%s%s", spool ? ": " : "",
                   spool ? spool_why(spool) : "");
    return NECTAR_EUNREACHABLE;
}

static int take(void *context, const struct chain_log *entry)
{
    struct filling *filling = context;
    struct nectar_listing listing = {.block = entry->block};
    uint8_t owner[NECTAR_ACCOUNT_BYTES];
    int error;

    if (entry->topics != PUBLISHED_TOPICS ||
        nectar_abi_read_published(&listing.record, owner, filling->chain->base.tld, entry->topic[1],
                                  entry->topic[2], entry->data) != 0) {
        pki_reason(filling->answer, &filling->chain->base,
                   "its log says what no Nectar registry would say");
        return NECTAR_EUNREACHABLE;
    }
    nectar_account_format(listing.owner, owner);
    error = spool_put(filling->spool, &listing, entry->index);
    return error ? spool_failed(error, &filling->chain->base, filling->spool, filling->answer) : 0;
}

/* Reads the log into an empty spool. *same: false if the chain went another way meanwhile. */
static int fill(struct log_walk *self, bool *same, struct nectar_answer *answer)
{
    struct chain *chain = (struct chain *)self->driver;
    struct chain_reading reading;
    int error = spool_open(&self->spool);

    if (error)
        return spool_failed(error, self->driver, NULL, answer);
    error = chain_reading_begin(&reading, chain, REGISTRY_PUBLISHED, 0, answer);
    while (!error && !reading.over) {
        struct filling filling = {chain, self->spool, answer};

        error = chain_reading_next(&reading, take, &filling, answer);
    }
    if (!error)
        error = chain_reading_end(same, &reading, answer);
    if (!error)
        answer->block = reading.last;
    return error;
}

static int fill_surely(struct log_walk *self, struct nectar_answer *answer)
{
    for (unsigned tried = 0; tried < READINGS_MAX; tried++) {
        bool same = false;
        int error;

        spool_free(self->spool);
        self->spool = NULL;
        error = fill(self, &same, answer);
        if (error || same)
            return error;
    }
    pki_reason(answer, self->driver, "its newest blocks change faster than its log can be read");
    return NECTAR_EUNREACHABLE;
}

static int next(struct nectar_walk *walk, struct nectar_listing *out, bool *end,
                struct nectar_answer *answer)
{
    struct log_walk *self = (struct log_walk *)walk;
    int error = spool_next(self->spool, out, end);

    return error ? spool_failed(error, self->driver, self->spool, answer) : 0;
}

static void free_walk(struct nectar_walk *walk)
{
    struct log_walk *self = (struct log_walk *)walk;

    spool_free(self->spool);
    free(self);
}

int nectar_log_walk(struct nectar_walk **out, struct pki_driver *driver,
                    struct nectar_answer *answer)
{
    static const struct pki_walk_kind KIND = {.next = next, .free = free_walk};
    struct log_walk *self;
    int error = 0;

    /* Where it is known, it has been asked of the contract. */
    if (!driver->tld[0])
        error = driver->kind->ask_tld(driver, answer);
    if (error)
        return error;
    self = calloc(1, sizeof *self);
    if (!self)
        return NECTAR_ENOMEM;
    self->base.kind = &KIND;
    self->driver = driver;
    error = fill_surely(self, answer);
    if (error)
        free_walk(&self->base);
    else
        *out = &self->base;
    return error;
}
