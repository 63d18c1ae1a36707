/*
 * Several endpoints that have to say the same: as many as are wanted are asked at once, all others
 * if those do not agree (or some fail), and then once more all that answered, since a record may
 * have changed from one block to the next. What two camps of enough endpoints each say is not
 * believed. Where something is kept to go by, those that are asked first have a second, and who is
 * late then, or asked then, two more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/log.h"
#include "pki/group.h"

enum { KEY_SHOWN = 4 };

struct vote {
    struct group *group;
    const char *name;
    uint64_t timeout;
    struct asked *asked;  /* one for each member */
    struct asked **order; /* those that are not shunned first */
    size_t called;        /* of those, how many have been asked */
    const struct asked *winner;
    uint64_t agreed;
};

static bool counts(const struct asked *asked)
{
    return !asked->behind && (!asked->error || asked->error == NECTAR_EUNKNOWN);
}

static bool agree(const struct vote *vote, const struct asked *a, const struct asked *b)
{
    if (a->error != b->error)
        return false;
    if (!vote->name)
        return strcmp(a->member->chain->base.tld, b->member->chain->base.tld) == 0;
    return a->error || nectar_record_equal(&a->record, &b->record);
}

/* The one that enough agree with, and no other. */
static void count_votes(struct vote *vote)
{
    vote->winner = NULL;
    for (size_t i = 0; i < vote->called; i++) {
        const struct asked *one = vote->order[i];
        uint64_t agreed = 0;

        if (!counts(one) || (vote->winner && agree(vote, one, vote->winner)))
            continue;
        for (size_t j = 0; j < vote->called; j++)
            agreed += counts(vote->order[j]) && agree(vote, one, vote->order[j]);
        if (agreed < vote->group->manner->quorum)
            continue;
        if (vote->winner) {
            vote->winner = NULL;
            return;
        }
        vote->winner = one;
        vote->agreed = agreed;
    }
}

static int call(struct vote *vote, size_t count)
{
    int error =
        group_ask(vote->group, vote->order + vote->called, count, vote->name, vote->timeout);

    vote->called += count;
    if (!error)
        count_votes(vote);
    return error;
}

/* Asks those again that answered. */
static int call_again(struct vote *vote)
{
    size_t count = 0;
    int error;

    for (size_t i = 0; i < vote->called; i++)
        if (counts(vote->order[i])) {
            struct asked *one = vote->order[i];

            vote->order[i] = vote->order[count];
            vote->order[count++] = one;
        }
    if (count < vote->group->manner->quorum)
        return 0;
    error = group_ask(vote->group, vote->order, count, vote->name, vote->timeout);
    if (!error)
        count_votes(vote);
    return error;
}

/* Who was late is among those that are asked next, and these have more time. */
static void be_patient(struct vote *vote)
{
    size_t count = 0;

    for (size_t i = 0; i < vote->called; i++)
        if (!vote->order[i]->late) {
            struct asked *one = vote->order[i];

            vote->order[i] = vote->order[count];
            vote->order[count++] = one;
        }
    vote->called = count;
    vote->timeout = GROUP_LAST_TIME;
}

/* Returns how many are not shunned. */
static size_t put_in_order(struct vote *vote)
{
    struct group *group = vote->group;
    uint64_t now = group_now(group);
    size_t count = 0, fit = 0;

    for (int shunned = 0; shunned < 2; shunned++)
        for (size_t i = 0; i < group->count; i++)
            if (group_shuns(&group->members[i], now) == (shunned == 1)) {
                vote->asked[i].member = &group->members[i];
                vote->order[count++] = &vote->asked[i];
                fit += !shunned;
            }
    return fit;
}

static int run(struct vote *vote)
{
    int error = call(vote, vote->group->manner->quorum);

    if (!error && !vote->winner && vote->timeout == GROUP_HASTY_TIME)
        be_patient(vote);
    if (!error && !vote->winner && vote->called < vote->group->count)
        error = call(vote, vote->group->count - vote->called);
    if (!error && !vote->winner)
        error = call_again(vote);
    return error;
}

/* --- what is said of it ---------------------------------------------------------------------- */

/* "LABEL: what it says", as a reason. */
static void describe(struct nectar_answer *out, const struct vote *vote, const struct asked *asked)
{
    const struct pki_driver *driver = &asked->member->chain->base;
    const struct nectar_record *record = &asked->record;
    char key[2 * KEY_SHOWN + 1];

    if (!counts(asked)) {
        memcpy(out->reason, asked->answer.reason, sizeof out->reason);
    } else if (asked->error) {
        pki_reason(out, driver, "no such name");
    } else if (!vote->name) {
        pki_reason(out, driver, "TLD %s", driver->tld);
    } else if (!record->has_key) {
        pki_reason(out, driver, "no key (block %" PRIu64 ")", asked->head.number);
    } else {
        nectar_hex_encode(key, record->key, KEY_SHOWN);
        pki_reason(out, driver, "key %s... (block %" PRIu64 ")", key, asked->head.number);
    }
}

/* Who did not say what is believed. */
static void tell_others(const struct vote *vote)
{
    for (size_t i = 0; i < vote->called; i++) {
        const struct asked *asked = vote->order[i];
        struct nectar_answer what;

        if (counts(asked) && agree(vote, asked, vote->winner))
            continue;
        describe(&what, vote, asked);
        log_line(vote->group->log,
                 counts(asked) || asked->member->state.failures == 1 ? NECTAR_LOG_WARNING
                                                                     : NECTAR_LOG_DETAIL,
                 "registry %s%s", what.reason,
                 counts(asked) ? ": the others say otherwise, and are believed" : "");
    }
}

static int conclude(const struct vote *vote, struct verdict *out)
{
    if (vote->winner) {
        tell_others(vote);
        return group_believe(out, vote->winner, vote->agreed);
    }
    snprintf(out->answer.reason, sizeof out->answer.reason, "%" PRIu64 " endpoints do not agree",
             vote->group->manner->quorum);
    for (size_t i = 0; i < vote->called; i++) {
        struct nectar_answer what;

        describe(&what, vote, vote->order[i]);
        group_add_reason(vote->group, &out->answer, what.reason);
    }
    return NECTAR_EUNREACHABLE;
}

int group_quorum(struct group *group, const char *name, bool hurries, struct verdict *out)
{
    struct vote vote = {
        .group = group, .name = name, .timeout = hurries ? GROUP_HASTY_TIME : CHAIN_TIMEOUT};
    int error = NECTAR_ENOMEM;

    if (group->count < group->manner->quorum) {
        pki_reason(&out->answer, &group->members[0].chain->base,
                   "a quorum of %" PRIu64 " is wanted, and the URIs name %zu endpoint%s of it",
                   group->manner->quorum, group->count, group->count == 1 ? "" : "s");
        return NECTAR_EUNREACHABLE;
    }
    vote.asked = calloc(group->count, sizeof *vote.asked);
    vote.order = calloc(group->count, sizeof *vote.order);
    if (vote.asked && vote.order) {
        if (put_in_order(&vote) < group->manner->quorum && hurries) {
            group_tell_shunned(group, &out->answer);
            error = NECTAR_EUNREACHABLE;
        } else {
            error = run(&vote);
            if (!error)
                error = conclude(&vote, out);
        }
    }
    free(vote.asked);
    free(vote.order);
    return error;
}
