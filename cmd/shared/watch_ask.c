/*
 * A source, asked in rounds. In a file every name is looked at. On a chain nothing changes between
 * two blocks: as long as the newest one stays the same, a round is one exchange, for each name in
 * turn (a block may be exchanged for another of the same number).
 *
 * Where the first two names of a round are not answered, the source is down: the others are not
 * asked, and it is left alone for a while, longer with each such round, if it is behind a network.
 */
#include <string.h>
#include <time.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/watch_own.h"

#define LEFT_ALONE_MAX (16 * CLOCK_SECOND)

struct round {
    uint64_t begun;
    size_t answered, failed;
    bool is_still; /* the newest block is the one that all names have been asked for at */
    bool is_level; /* all answers so far are of the same block, */
    uint64_t block;
    char at[NECTAR_HOST_MAX + 1]; /* of the same registry */
};

static bool same_block(const struct nectar_answer *answer, uint64_t block, const char *at)
{
    return answer->block && answer->block == block && strcmp(answer->source, at) == 0;
}

static void note_answer(const struct watch_source *source, struct round *round,
                        const struct nectar_answer *answer)
{
    if (round->answered++ > 0) {
        round->is_level = round->is_level && same_block(answer, round->block, round->at);
        return;
    }
    round->block = answer->block;
    memcpy(round->at, answer->source, sizeof round->at);
    round->is_level = answer->block != 0;
    round->is_still =
        round->failed == 0 && source->is_level && same_block(answer, source->block, source->at);
}

static void ask(struct watch_source *source, struct round *round, size_t name)
{
    const char *full = source->watch->names[name].full;
    struct watch_outcome outcome = {.begun = clock_now()};
    struct nectar_record *record = &outcome.listing.record;
    outcome.error =
        source->label
            ? nectar_registry_lookup_at(source->registry, 0, full, true, record, &outcome.answer)
            : nectar_registry_lookup(source->registry, full, true, record, &outcome.answer);
    bool answers = !outcome.error || outcome.error == NECTAR_EUNKNOWN;
    /* Of a source that is down, the first failure tells enough. */
    bool quiet = round->answered == 0 && (source->is_down || round->failed > 0);
    watch_tell(source, name, &outcome, quiet);
    if (answers)
        note_answer(source, round, &outcome.answer);
    else
        round->failed++;
}

static bool is_enough(const struct watch_source *source, const struct round *round)
{
    return round->is_still || (round->answered == 0 && round->failed >= (source->is_down ? 1 : 2));
}

static void go_round(struct watch_source *source)
{
    size_t count = source->watch->count;
    struct round round = {.begun = clock_now()};
    for (size_t i = 0; i < count && !is_enough(source, &round); i++)
        ask(source, &round, (source->first + i) % count);
    source->first = round.is_still || round.answered == 0 ? (source->first + 1) % count : 0;
    source->is_down = round.answered == 0;
    source->failures = source->is_down ? source->failures + 1 : 0;
    if (source->is_down)
        watch_tell_down(source);
    if (round.is_still) {
        watch_tell_still(source, round.begun);
        return;
    }
    source->is_level = round.is_level;
    source->block = round.block;
    memcpy(source->at, round.at, sizeof source->at);
}

/* When the next round begins. All sources have theirs at the same time, unless they are down. */
static uint64_t next_round(const struct watch_source *source)
{
    uint64_t now = clock_now();
    uint64_t interval = source->interval;
    uint64_t pause = interval;
    if (!source->is_down || !nectar_registry_is_remote(source->registry)) {
        uint64_t started = source->watch->started;
        return started + ((now - started) / interval + 1) * interval;
    }
    for (unsigned i = 1; i < source->failures && pause < LEFT_ALONE_MAX; i++)
        pause *= 2;
    if (pause > LEFT_ALONE_MAX)
        pause = LEFT_ALONE_MAX;
    return now + (pause > interval ? pause : interval);
}

static void sleep_until(uint64_t time)
{
    struct timespec at = {.tv_sec = (time_t)(time / CLOCK_SECOND),
                          .tv_nsec = (long)(time % CLOCK_SECOND) * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
        ;
}

void *watch_ask(void *context)
{
    struct watch_source *source = context;
    for (;;) {
        go_round(source);
        sleep_until(next_round(source));
    }
    return NULL;
}
