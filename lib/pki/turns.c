#include "pki/turns.h"

#include <string.h>

#include "base/log.h"
#include "pki/list_own.h"

/* The group of the registry at a place, and the endpoint there in it. */
static struct member *find(struct group **group, const struct nectar_registry *registry,
                           size_t index)
{
    struct pki_driver *driver = registry->places[index].driver;
    struct member *member = NULL;

    for (size_t i = 0; i <= index && !member && driver->kind->parts; i++) {
        *group = registry->places[i].group;
        if (*group)
            member = group_find(*group, (struct chain *)driver);
    }
    return member;
}

/* Those that are shunned, or those that are not, in their order from the first on. */
static void add(struct turns *turns, size_t first, bool shunned)
{
    struct group *group = turns->group;
    uint64_t now = group_now(group);

    for (size_t i = 0; i < group->count; i++) {
        struct member *member = &group->members[(first + i) % group->count];

        if (group_shuns(member, now) != shunned)
            continue;
        if (member->chain->id == 0)
            member->chain->id = group->chain;
        turns->drivers[turns->count++] = &member->chain->base;
    }
}

void turns_begin(struct turns *out, struct nectar_registry *registry, size_t index)
{
    struct group *group = NULL;
    struct member *member = find(&group, registry, index);

    *out = (struct turns){.log = registry->log};
    if (!member || group->count == 1) {
        out->group = member ? group : NULL;
        out->drivers[out->count++] = member ? &member->chain->base : registry->places[index].driver;
        return;
    }
    out->group = group;
    group_load(group);
    add(out, (size_t)(member - group->members), false);
    add(out, (size_t)(member - group->members), true);
}

struct pki_driver *turns_driver(const struct turns *turns)
{
    return turns->drivers[turns->at];
}

struct member *turns_member(const struct turns *turns, size_t at)
{
    return turns->group ? group_find(turns->group, (struct chain *)turns->drivers[at]) : NULL;
}

/* All of them are on the chain that one of them has said it is on. */
static void pass_on(const struct turns *turns)
{
    const struct chain *last = (struct chain *)turns->drivers[turns->at];
    struct chain *next = (struct chain *)turns->drivers[turns->at + 1];

    if (next->id == 0)
        next->id = last->id;
}

bool turns_next(struct turns *turns, struct nectar_answer *answer)
{
    if (!turns->group || turns->count == 1)
        return false;
    group_add_reason(turns->group, &turns->failures, answer->reason);
    if (turns->at + 1 == turns->count) {
        memcpy(answer->reason, turns->failures.reason, sizeof answer->reason);
        return false;
    }
    log_line(turns->log, NECTAR_LOG_STAGE, "registry %s", answer->reason);
    pass_on(turns);
    turns->at++;
    return true;
}
