/* What concerns a registry as a whole, whatever its kind. */
#include "pki/walk.h"

#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "pki/driver.h"
#include "pki/list.h"
#include "pki/record.h"

/* Empties the answer and notes whom it is of. */
static struct nectar_answer *begin(struct nectar_answer *answer, const struct pki_driver *driver)
{
    memset(answer, 0, sizeof *answer);
    snprintf(answer->source, sizeof answer->source, "%s", driver->label);
    return answer;
}

int nectar_walk_open(struct nectar_walk **out, struct nectar_registry *registry, size_t index,
                     struct nectar_answer *answer)
{
    struct pki_driver *driver = pki_list_driver(registry, index);
    struct nectar_answer unasked;
    struct nectar_answer *seen = begin(answer ? answer : &unasked, driver);

    if (driver->kind->walk)
        return driver->kind->walk(out, driver, seen);
    pki_reason(seen, driver, "a %s registry does not tell all its records", driver->kind->scheme);
    return NECTAR_EUNREACHABLE;
}

int nectar_walk_next(struct nectar_walk *walk, struct nectar_listing *out, bool *end,
                     struct nectar_answer *answer)
{
    struct nectar_answer unasked;
    struct nectar_answer *seen = answer ? answer : &unasked;
    int error;

    seen->reason[0] = '\0';
    *end = walk->over;
    if (walk->over)
        return 0;
    error = walk->kind->next(walk, out, end, seen);
    walk->over = error || *end;
    return error;
}

void nectar_walk_free(struct nectar_walk *walk)
{
    if (walk)
        walk->kind->free(walk);
}

int nectar_registry_init(struct nectar_registry *registry, bool *made, struct nectar_answer *answer)
{
    struct pki_driver *driver = pki_list_driver(registry, 0);
    struct nectar_answer unasked;
    struct nectar_answer *seen = begin(answer ? answer : &unasked, driver);

    *made = false;
    if (driver->kind->init)
        return driver->kind->init(driver, made, seen);
    pki_reason(seen, driver, "a %s registry is not made like this", driver->kind->scheme);
    return NECTAR_EREADONLY;
}

/* What is wrong with a record is told beforehand, and the registry does not see it. */
static void check(struct nectar_import *item, const struct pki_driver *driver)
{
    struct nectar_answer why;

    item->sequence = 0;
    item->reason[0] = '\0';
    item->error = record_check(&item->listing->record);
    if (!item->error)
        return;
    pki_reason(&why, driver, "the record is not well formed: %s", nectar_error_text(item->error));
    memcpy(item->reason, why.reason, sizeof item->reason);
}

int nectar_registry_import(struct nectar_registry *registry, struct nectar_import *items,
                           size_t count, struct nectar_answer *answer)
{
    struct pki_driver *driver = pki_list_driver(registry, 0);
    struct nectar_answer unasked;
    struct nectar_answer *seen = begin(answer ? answer : &unasked, driver);

    if (!driver->kind->import) {
        pki_reason(seen, driver, "a %s registry is only read", driver->kind->scheme);
        return NECTAR_EREADONLY;
    }
    for (size_t i = 0; i < count; i++)
        check(&items[i], driver);
    return driver->kind->import(driver, items, count, seen);
}

/* The next endpoint goes on where one has failed. */
static int sync_by(struct pki_driver *driver, struct nectar_sync_told told, struct nectar_sync *out,
                   struct nectar_answer *answer)
{
    struct nectar_sync before = *out;
    int error;

    memset(out, 0, sizeof *out);
    out->needed = true;
    out->added = before.added;
    out->unknown = before.unknown;
    error = driver->kind->sync(driver, told, out, begin(answer, driver));
    if (error == NECTAR_EUNREACHABLE)
        log_line(driver->log, NECTAR_LOG_STAGE, "registry %s", answer->reason);
    return error;
}

int nectar_registry_sync(struct nectar_registry *registry, struct nectar_sync_told told,
                         struct nectar_sync *out, struct nectar_answer *answer)
{
    struct pki_driver *driver = pki_list_endpoint(registry, 0);
    struct nectar_answer unasked;
    struct nectar_answer *seen = begin(answer ? answer : &unasked, driver);
    int error = NECTAR_EUNREACHABLE;

    memset(out, 0, sizeof *out);
    if (!driver->kind->sync)
        return 0;
    for (size_t i = 0; error == NECTAR_EUNREACHABLE && driver; i++) {
        error = sync_by(driver, told, out, seen);
        driver = pki_list_endpoint(registry, i + 1);
    }
    return error;
}
