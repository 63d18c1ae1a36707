/*
 * One endpoint after another, in the order of their URIs, until one gives an answer of use.
 *
 *     those that have not failed lately, one by one, for at most 3 s;
 *     what is left of them, at once;
 *     all that have not been asked yet, or had not time enough, at once, with time enough.
 *
 * Where something is kept to go by, only those that have not failed lately are asked: for a second
 * one by one, and all that have not answered by then at once, for two more.
 *
 * That there is no such name is believed when a second endpoint says so, where there is a second
 * one: without, it is no answer. An endpoint that knows the name outweighs one that does not. One
 * that has fallen behind counts where no other answers.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/time.h"
#include "pki/group.h"

#define PROBE_TIME  1000000 /* us, of one that has failed before */
#define ONE_BY_ONE  3000000
#define ENOUGH_TIME CHAIN_TIMEOUT

struct course {
    struct group *group;
    const char *name;
    bool hurries;
    struct asked *asked; /* one for each member */
    bool *done;          /* it has said what it will */
    const struct asked *found, *empty, *confirmed;
    const struct asked *old; /* the best of those that have fallen behind */
};

static void weigh_current(struct course *course, const struct asked *asked)
{
    if (!asked->error)
        course->found = asked;
    else if (!asked->sent || course->empty || course->group->count == 1)
        course->confirmed = asked;
    else
        course->empty = asked;
}

static void weigh(struct course *course, struct asked *asked)
{
    bool answers = !asked->error || asked->error == NECTAR_EUNKNOWN;

    course->done[asked->member - course->group->members] = !asked->late;
    if (answers && !asked->behind)
        weigh_current(course, asked);
    if (answers && asked->behind && (!course->old || asked->head.number > course->old->head.number))
        course->old = asked;
}

static bool is_decided(const struct course *course)
{
    return course->found || course->confirmed;
}

/* Those, all at once. */
static int ask(struct course *course, struct asked **those, size_t count, uint64_t timeout)
{
    int error = count ? group_ask(course->group, those, count, course->name, timeout) : 0;

    for (size_t i = 0; i < count && !error && !is_decided(course); i++)
        weigh(course, those[i]);
    return error;
}

/* Returns how many there are; all: shunned ones too. Where there will be no more time than this,
 * who was only late may answer yet. */
static size_t left(const struct course *course, struct asked **those, bool all)
{
    const struct group *group = course->group;
    uint64_t now = group_now(group);
    size_t count = 0;

    for (size_t i = 0; i < group->count; i++) {
        struct asked *one = &course->asked[i];
        bool fits = !group_shuns(one->member, now) || (course->hurries && one->late);

        if (!course->done[i] && (all || fits))
            those[count++] = one;
    }
    return count;
}

static uint64_t turn_time(const struct course *course, const struct member *member)
{
    if (course->hurries)
        return GROUP_HASTY_TIME;
    return member->state.failures > 0 ? PROBE_TIME : GROUP_TURN_TIME;
}

static int ask_in_turn(struct course *course)
{
    struct group *group = course->group;
    uint64_t begun = group_now(group);
    int error = 0;

    for (size_t i = 0; i < group->count && !error && !is_decided(course); i++) {
        const struct member *member = &group->members[i];
        struct asked *one = &course->asked[i];
        uint64_t now = group_now(group);

        if (now - begun >= (course->hurries ? GROUP_HASTY_TIME : ONE_BY_ONE))
            break;
        if (!group_shuns(member, now))
            error = ask(course, &one, 1, turn_time(course, member));
    }
    return error;
}

static int run(struct course *course, struct asked **those)
{
    bool in_turn = course->group->count > 1 || course->hurries;
    int error = in_turn ? ask_in_turn(course) : 0;

    if (!error && !is_decided(course) && in_turn)
        error = ask(course, those, left(course, those, false),
                    course->hurries ? GROUP_LAST_TIME : GROUP_TURN_TIME);
    if (!error && !is_decided(course) && !course->hurries)
        error = ask(course, those, left(course, those, true), ENOUGH_TIME);
    if (!error && !is_decided(course) && course->old)
        weigh_current(course, course->old);
    return error;
}

/* Why others gave no answer of use. *news: one of them had not failed before. */
static void sum_up(const struct course *course, struct nectar_answer *failures, bool *news)
{
    failures->reason[0] = '\0';
    *news = false;
    for (size_t i = 0; i < course->group->count; i++) {
        const struct asked *asked = &course->asked[i];

        if (asked->error != NECTAR_EUNREACHABLE && !asked->behind)
            continue;
        *news = *news || asked->member->state.failures == 1;
        group_add_reason(course->group, failures, asked->answer.reason);
    }
}

static int conclude(struct course *course, struct verdict *out)
{
    const struct group *group = course->group;
    struct nectar_answer failures;
    bool news;

    sum_up(course, &failures, &news);
    if (is_decided(course) && failures.reason[0])
        log_line(group->log, news ? NECTAR_LOG_WARNING : NECTAR_LOG_DETAIL, "registry %s",
                 failures.reason);
    if (course->found && course->empty)
        log_line(group->log, NECTAR_LOG_WARNING, "registry %s: knows no %s, which %s has",
                 course->empty->answer.source, course->name, course->found->answer.source);
    if (course->found)
        return group_believe(out, course->found, 1);
    if (course->confirmed)
        return group_believe(out, course->confirmed, 1);
    if (course->empty) {
        struct nectar_answer unconfirmed;

        pki_reason(&unconfirmed, &course->empty->member->chain->base,
                   "no such name, which no other endpoint confirms");
        group_add_reason(group, &out->answer, unconfirmed.reason);
        if (failures.reason[0])
            group_add_reason(group, &out->answer, failures.reason);
    } else {
        if (!failures.reason[0])
            group_tell_shunned(group, &failures);
        memcpy(out->answer.reason, failures.reason, sizeof failures.reason);
    }
    return NECTAR_EUNREACHABLE;
}

int group_failover(struct group *group, const char *name, bool hurries, struct verdict *out)
{
    struct course course = {.group = group, .name = name, .hurries = hurries};
    struct asked **those = calloc(group->count, sizeof *those);
    int error = NECTAR_ENOMEM;

    course.asked = calloc(group->count, sizeof *course.asked);
    course.done = calloc(group->count, sizeof *course.done);
    if (those && course.asked && course.done) {
        for (size_t i = 0; i < group->count; i++)
            course.asked[i].member = &group->members[i];
        error = run(&course, those);
        if (!error)
            error = conclude(&course, out);
    }
    free(those);
    free(course.asked);
    free(course.done);
    return error;
}
