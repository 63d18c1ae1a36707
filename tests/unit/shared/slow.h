/*
 * A kind of registry that stands in for one behind a network: "slow:PATH" is SQLite's, but sleeps
 * before it answers. To be included by the one file of a test program: it takes the place of the
 * library's registry in a JSON file.
 */
#ifndef UNIT_SLOW_H
#define UNIT_SLOW_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/time.h"
#include "pki/driver.h"
#include "unit/shared/town.h"

enum { PATIENCE_MS = 20000 };

static struct {
    atomic_uint sleep_us;  /* before each answer */
    atomic_bool released;  /* what hangs goes on */
    atomic_bool forgetful; /* what is not asked for afresh comes from before */
    atomic_uint asked, open;
    struct nectar_record stale;
} slow;

static int slow_open(struct pki_driver **out, const char *rest, const struct pki_web *web,
                     char reason[NECTAR_REASON_MAX + 1])
{
    int error = PKI_SQLITE.open(out, rest, web, reason);

    if (error)
        return error;
    (*out)->kind = &PKI_JSON;
    slow.open++;
    return 0;
}

static void slow_free(struct pki_driver *driver)
{
    PKI_SQLITE.free(driver);
    slow.open--;
}

static int slow_lookup(struct pki_driver *driver, const char *name, bool fresh,
                       struct nectar_record *out, struct nectar_answer *answer)
{
    slow.asked++;
    if (slow.sleep_us)
        usleep(slow.sleep_us);
    while (strncmp(name, "hang", 4) == 0 && !slow.released)
        usleep(2000);
    if (slow.forgetful && !fresh && strcmp(name, slow.stale.name) == 0) {
        *out = slow.stale;
        answer->cached = true;
        return 0;
    }
    return PKI_SQLITE.lookup(driver, name, fresh, out, answer);
}

static int slow_publish(struct pki_driver *driver, const struct nectar_record *record,
                        const struct nectar_key *signer, uint64_t *sequence,
                        struct nectar_answer *answer)
{
    return PKI_SQLITE.publish(driver, record, signer, sequence, answer);
}

/* In the place of the library's: nothing here reads records from a file. */
const struct pki_kind PKI_JSON = {
    .scheme = "slow",
    .remote = true,
    .open = slow_open,
    .lookup = slow_lookup,
    .publish = slow_publish,
    .free = slow_free,
};

static inline uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * TIME_S(1) + (uint64_t)now.tv_nsec / 1000;
}

static inline void begin(struct town *town)
{
    char uri[sizeof town->uri];
    const char *uris = uri;

    town_begin(town);
    snprintf(uri, sizeof uri, "slow:%s/registry.db", town->folder);
    nectar_registry_free(town->registry);
    assert_int_equal(nectar_registry_open(&town->registry, &uris, 1, NULL, NULL), 0);
    slow.sleep_us = 0;
    slow.released = slow.forgetful = false;
    slow.asked = 0;
}

/* Threads that were left alone end when what they are at does, and keep nothing. */
static inline void end(struct town *town)
{
    uint64_t until = now_us() + TIME_MS(PATIENCE_MS);

    town_end(town);
    slow.released = true;
    while (slow.open > 0 && now_us() < until)
        usleep(1000);
    assert_int_equal(slow.open, 0);
}

#endif
