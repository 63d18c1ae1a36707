/* What concerns a registry as a whole, whatever its kind. */
#include "pki/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "pki/driver.h"
#include "pki/list.h"
#include "pki/record.h"
#include "pki/turns.h"

/* Empties the answer and notes whom it is of. */
static struct nectar_answer *begin(struct nectar_answer *answer, const struct pki_driver *driver)
{
    memset(answer, 0, sizeof *answer);
    snprintf(answer->source, sizeof answer->source, "%s", driver->label);
    return answer;
}

/* What it takes to go on by another endpoint later. */
static int keep_turns(struct nectar_walk *walk, const struct turns *turns)
{
    if (!walk->kind->move || turns->count == 1)
        return 0;
    walk->turns = malloc(sizeof *walk->turns);
    if (!walk->turns)
        return NECTAR_ENOMEM;
    *walk->turns = *turns;
    return 0;
}

int nectar_walk_open(struct nectar_walk **out, struct nectar_registry *registry, size_t index,
                     struct nectar_answer *answer)
{
    struct pki_driver *driver = pki_list_driver(registry, index);
    struct nectar_answer unasked;
    struct nectar_answer *seen = begin(answer ? answer : &unasked, driver);
    struct nectar_walk *walk = NULL;
    struct turns turns;
    int error;

    if (!driver->kind->walk) {
        pki_reason(seen, driver, "a %s registry does not tell all its records",
                   driver->kind->scheme);
        return NECTAR_EUNREACHABLE;
    }
    turns_begin(&turns, registry, index);
    do {
        driver = turns_driver(&turns);
        error = driver->kind->walk(&walk, driver, begin(seen, driver));
    } while (error == NECTAR_EUNREACHABLE && turns_next(&turns, seen));
    if (!error)
        error = keep_turns(walk, &turns);
    if (error)
        nectar_walk_free(walk);
    else
        *out = walk;
    return error;
}

/* Another endpoint goes on where one has failed. */
static int next_by_another(struct nectar_walk *walk, struct nectar_listing *out, bool *end,
                           struct nectar_answer *answer)
{
    int error = NECTAR_EUNREACHABLE;

    while (error == NECTAR_EUNREACHABLE && turns_next(walk->turns, answer)) {
        struct pki_driver *driver = turns_driver(walk->turns);

        error = walk->kind->move(walk, driver, begin(answer, driver));
        if (!error)
            error = walk->kind->next(walk, out, end, answer);
    }
    return error;
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
    if (error == NECTAR_EUNREACHABLE && walk->turns)
        error = next_by_another(walk, out, end, seen);
    walk->over = error || *end;
    return error;
}

void nectar_walk_free(struct nectar_walk *walk)
{
    if (!walk)
        return;
    free(walk->turns);
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

/* By one endpoint; what those before have read stays read. */
static int sync_by(struct pki_driver *driver, struct nectar_sync_told told, struct nectar_sync *out,
                   struct nectar_answer *answer)
{
    struct nectar_sync before = *out;

    memset(out, 0, sizeof *out);
    out->needed = true;
    out->added = before.added;
    out->unknown = before.unknown;
    return driver->kind->sync(driver, told, out, begin(answer, driver));
}

int nectar_registry_sync(struct nectar_registry *registry, struct nectar_sync_told told,
                         struct nectar_sync *out, struct nectar_answer *answer)
{
    struct pki_driver *driver = pki_list_driver(registry, 0);
    struct nectar_answer unasked;
    struct nectar_answer *seen = begin(answer ? answer : &unasked, driver);
    struct turns turns;
    int error;

    memset(out, 0, sizeof *out);
    if (!driver->kind->sync)
        return 0;
    turns_begin(&turns, registry, 0);
    do {
        error = sync_by(turns_driver(&turns), told, out, seen);
    } while (error == NECTAR_EUNREACHABLE && turns_next(&turns, seen));
    return error;
}
