/* Endpoints of a registry, asked; and what is remembered of how they do. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "pki/group.h"

enum { SHUNNED_DOUBLINGS = 6, ADDRESS_DIGITS = 40 };

#define SHUNNED_AT_FIRST TIME_S(1)
#define SHUNNED_AT_MOST  TIME_S(60)
#define HEAD_COUNTS      TIME_S(60) /* how long a newest block is one to compare with */

uint64_t group_now(const struct group *group)
{
    return group->web->now(group->web->context);
}

/* --- how they do ----------------------------------------------------------------------------- */

/* A time far ahead is of another clock. */
bool group_shuns(const struct member *member, uint64_t now)
{
    uint64_t until = member->state.until;

    return now < until && until - now <= SHUNNED_AT_MOST;
}

void group_trip(struct member *member, uint64_t now)
{
    struct cache_endpoint *state = &member->state;
    uint64_t doublings = state->failures < SHUNNED_DOUBLINGS ? state->failures : SHUNNED_DOUBLINGS;

    state->until = now + time_earlier(SHUNNED_AT_FIRST << doublings, SHUNNED_AT_MOST);
    state->failures++;
    member->changed = true;
}

void group_mend(struct group *group, struct member *member, uint64_t head, uint64_t now)
{
    struct cache_endpoint *state = &member->state;

    if (state->failures > 0)
        log_line(group->log, NECTAR_LOG_STAGE, "registry %s: answers again",
                 member->chain->base.label);
    *state = (struct cache_endpoint){.chain = member->chain->id, .head = head, .seen = now};
    text_copy(state->tld, sizeof state->tld, member->chain->base.tld);
    member->changed = true;
    group->chain = member->chain->id;
}

/* The newest block that any has told of lately. */
static uint64_t best_head(const struct group *group, uint64_t now)
{
    uint64_t best = 0;

    for (size_t i = 0; i < group->count; i++) {
        const struct cache_endpoint *state = &group->members[i].state;

        if (state->head > best && state->seen <= now && now - state->seen <= HEAD_COUNTS)
            best = state->head;
    }
    return best;
}

static void judge_head(struct asked *asked, uint64_t best, uint64_t now)
{
    struct member *member = asked->member;

    asked->behind = asked->head.number < best && best - asked->head.number > GROUP_BEHIND;
    if (!asked->behind)
        return;
    group_trip(member, now);
    pki_reason(&asked->answer, &member->chain->base,
               "its newest block, %" PRIu64 ", is %" PRIu64
               " behind another's: it has fallen behind",
               asked->head.number, best - asked->head.number);
}

static bool has_answered(const struct asked *asked)
{
    return asked->sent && (!asked->error || asked->error == NECTAR_EUNKNOWN);
}

static void note_all(struct group *group, struct asked *const *asked, size_t count)
{
    uint64_t now = group_now(group);
    uint64_t best;

    for (size_t i = 0; i < count; i++) {
        if (has_answered(asked[i]))
            group_mend(group, asked[i]->member, asked[i]->head.number, now);
        else if (asked[i]->sent && !asked[i]->stopped)
            group_trip(asked[i]->member, now);
    }
    best = best_head(group, now);
    for (size_t i = 0; i < count; i++)
        if (has_answered(asked[i]))
            judge_head(asked[i], best, now);
}

void group_tell_shunned(const struct group *group, struct nectar_answer *answer)
{
    pki_reason(answer, &group->members[0].chain->base,
               group->count > 1 ? "they have just failed, and are left alone for now"
                                : "it has just failed, and is left alone for now");
}

/* --- asking ---------------------------------------------------------------------------------- */

static void begin(struct asked *asked, const struct group *group, const char *name,
                  uint64_t timeout, struct pki_exchange *exchange)
{
    struct member *member = asked->member;
    struct chain *chain = member->chain;

    *asked = (struct asked){.member = member};
    text_copy(asked->answer.source, sizeof asked->answer.source, chain->base.label);
    if (chain->id == 0)
        chain->id = group->chain;
    asked->error = chain_question_begin(&asked->question, chain, name, &asked->answer);
    if (!asked->error)
        asked->error = chain_prepare(&asked->question.batch, exchange);
    exchange->timeout = timeout;
    asked->sent = !asked->error;
}

static void take(struct asked *asked, const struct pki_exchange *exchange)
{
    asked->stopped = exchange->stopped;
    asked->late = exchange->error == NECTAR_EDEADLINE;
    asked->error = chain_question_take(&asked->question, exchange, &asked->record, &asked->answer);
    asked->head = asked->question.batch.head;
    asked->head.block = NULL; /* that goes with the question */
}

int group_ask(struct group *group, struct asked *const *asked, size_t count, const char *name,
              uint64_t timeout)
{
    struct pki_exchange *exchanges = calloc(count, sizeof *exchanges);
    size_t sent = 0;
    int error = exchanges ? 0 : NECTAR_ENOMEM;

    if (error)
        return error;
    for (size_t i = 0; i < count; i++) {
        begin(asked[i], group, name, timeout, &exchanges[sent]);
        sent += asked[i]->sent;
    }
    if (sent > 0)
        group->web->post(group->web->context, exchanges, sent);
    sent = 0;
    for (size_t i = 0; i < count; i++) {
        if (asked[i]->sent)
            take(asked[i], &exchanges[sent++]);
        chain_question_end(&asked[i]->question);
        if (asked[i]->error == NECTAR_ENOMEM)
            error = NECTAR_ENOMEM;
    }
    free(exchanges);
    if (!error)
        note_all(group, asked, count);
    return error;
}

/* --- what they say --------------------------------------------------------------------------- */

int group_believe(struct verdict *out, const struct asked *asked, uint64_t agreed)
{
    out->answer = asked->answer;
    out->answer.reason[0] = '\0';
    out->time = asked->head.time;
    out->agreed = agreed;
    out->sent = asked->sent;
    memcpy(out->tld, asked->member->chain->base.tld, sizeof out->tld);
    if (!asked->error)
        out->record = asked->record;
    return asked->error;
}

static void append(struct nectar_answer *answer, const char *text, size_t len)
{
    size_t at = strlen(answer->reason);
    size_t room = sizeof answer->reason - 1 - at;

    if (len > room)
        len = room;
    memcpy(answer->reason + at, text, len);
    answer->reason[at + len] = '\0';
}

void group_add_reason(const struct group *group, struct nectar_answer *answer, const char *reason)
{
    static const char CONTRACT[] = "?contract=0x";
    const char *contract = group->count > 1 ? strstr(reason, CONTRACT) : NULL;
    size_t skipped = sizeof CONTRACT - 1 + ADDRESS_DIGITS;

    if (answer->reason[0])
        append(answer, "; ", 2);
    if (contract && strlen(contract) >= skipped) {
        append(answer, reason, (size_t)(contract - reason));
        reason = contract + skipped;
    }
    append(answer, reason, strlen(reason));
}
