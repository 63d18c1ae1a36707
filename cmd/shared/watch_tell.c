/* What is told of the names that are watched: what is new, and what is over, each once. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/key.h>

#include "shared/clock.h"
#include "shared/common.h"
#include "shared/differ.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/lookup.h"
#include "shared/output.h"
#include "shared/record.h"
#include "shared/report.h"
#include "shared/text.h"
#include "shared/watch_own.h"

void watch_tell_over(const char *name, const char *source, int status, const char *format, ...)
{
    char *what = NULL;
    struct json json;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&what, format, arguments) < 0)
        what = NULL;
    va_end(arguments);
    if (common.json) {
        output_open(&json, "over");
        json_text(&json, "error", exit_row(status)->name);
        json_text(&json, "peer", name);
        if (source)
            json_text(&json, "source", source);
        output_close(&json);
    }
    report_note("%s: %s", name, what ? what : "");
    free(what);
}

static const char *called(const struct watch_source *source)
{
    return source->label ? source->label : "the registry";
}

/* Takes a text that is to be told, or NULL; says whether it is another than the last one. */
static bool is_news(char **told, char *text)
{
    bool same = text && *told ? strcmp(text, *told) == 0 : text == *told;
    free(same ? text : *told);
    if (!same)
        *told = text;
    return !same;
}

/* --- the local key --------------------------------------------------------------------------- */

/* False: it cannot be read, which is told once for all registries. */
static bool read_key(struct nectar_key_info *out, struct watch_name *name)
{
    int error = nectar_key_inspect(out, name->key);
    int status = exit_of_error(error);
    if (status != name->key_status && error)
        keyarg_report(error, name->key);
    else if (status != name->key_status)
        watch_tell_over(name->full, NULL, name->key_status, "%s can be read now", name->key);
    name->key_status = status;
    return !error;
}

static void check(const struct watch_source *source, struct watch_name *name,
                  struct watch_state *state)
{
    struct nectar_key_info info;
    bool drifted = state->drift != NULL;
    if (!name->key || state->told != WATCH_RECORD || !read_key(&info, name))
        return;
    if (!is_news(&state->drift, lookup_drift(&state->record, &info, source->label)))
        return;
    if (state->drift)
        report(&(struct report){.exit = EXIT_DRIFT,
                                .peer = name->full,
                                .source = source->label,
                                .reason = state->drift});
    else if (drifted)
        watch_tell_over(name->full, source->label, EXIT_DRIFT, "%s has the local key now",
                        called(source));
}

/* --- registries against one another ---------------------------------------------------------- */

/*
 * A change comes to each registry in its own time, and is seen there when it is next asked. So that
 * they differ is told when each of them has been asked since the last change, and still does; one
 * that fails is not waited for.
 */
static bool is_settled(const struct watch *watch, size_t index)
{
    bool settled = true;
    for (size_t i = 0; i < watch->source_count; i++) {
        const struct watch_state *state = &watch->sources[i].states[index];
        if (state->told != WATCH_NOTHING && !state->fails)
            settled = settled && state->asked >= watch->names[index].changed;
    }
    return settled;
}

/* In what they differ, a new string; NULL: in nothing. failing: go by the last answers of those
 * that fail, too. */
static char *differences(const struct watch *watch, size_t index, bool failing)
{
    struct differ differ = {.found = 0};
    for (size_t i = 0; i < watch->source_count; i++) {
        const struct watch_source *source = &watch->sources[i];
        const struct watch_state *state = &source->states[index];
        if (state->fails && !failing)
            continue;
        if (state->told == WATCH_RECORD)
            differ_record(&differ, &state->record, called(source));
        else if (state->told == WATCH_UNKNOWN)
            differ_unknown(&differ, called(source));
    }
    char *reason = differ_reason(&differ);
    differ_free(&differ);
    return reason;
}

/* What one that fails has now is not known: it is neither said to differ, nor to agree. */
static void compare(struct watch *watch, size_t index)
{
    struct watch_name *name = &watch->names[index];
    char *known = differences(watch, index, false);
    char *last = known ? NULL : differences(watch, index, true);
    bool is_clear = !last && (!known || is_settled(watch, index));
    free(last);
    if (!is_clear) {
        free(known);
        return;
    }
    if (!is_news(&name->differences, known))
        return;
    if (name->differences)
        report(
            &(struct report){.exit = EXIT_DRIFT, .peer = name->full, .reason = name->differences});
    else
        watch_tell_over(name->full, NULL, EXIT_DRIFT, "the registries say the same now");
}

/* --- what a source says ---------------------------------------------------------------------- */

static int tell_failure(const struct watch_source *source, const char *name,
                        const struct watch_outcome *outcome)
{
    const struct nectar_answer *answer = &outcome->answer;
    return report(&(struct report){
        .exit = exit_of_error(outcome->error),
        .peer = name,
        .stage = nectar_stage_name(NECTAR_STAGE_REGISTRY),
        .source = source->label,
        .reason = *answer->reason ? answer->reason : nectar_error_text(outcome->error),
    });
}

/* Both say whether it is another answer than the last one. */
static bool take_record(const struct watch_source *source, const char *name,
                        struct watch_state *state, const struct watch_outcome *outcome)
{
    const struct nectar_record *record = &outcome->listing.record;
    if (state->told == WATCH_RECORD && nectar_record_equal(&state->record, record))
        return false;
    if (state->told == WATCH_UNKNOWN)
        watch_tell_over(name, source->label, EXIT_UNKNOWN_NAME, "%s knows it now", called(source));
    if (source->label)
        report_note("%s: %s says:", name, source->label);
    record_print(&outcome->listing, &outcome->answer);
    state->told = WATCH_RECORD;
    state->record = *record;
    return true;
}

static bool take_unknown(const struct watch_source *source, const char *name,
                         struct watch_state *state, const struct watch_outcome *outcome)
{
    if (state->told == WATCH_UNKNOWN)
        return false;
    tell_failure(source, name, outcome);
    state->told = WATCH_UNKNOWN;
    free(state->drift);
    state->drift = NULL;
    return true;
}

static void take_answer(const struct watch_source *source, struct watch_name *name,
                        struct watch_state *state, const struct watch_outcome *outcome)
{
    bool is_first = state->told == WATCH_NOTHING;
    if (state->failure)
        watch_tell_over(name->full, source->label, state->failure, "%s answers again",
                        called(source));
    state->fails = false;
    state->failure = 0;
    state->asked = outcome->begun;
    bool is_new = outcome->error ? take_unknown(source, name->full, state, outcome)
                                 : take_record(source, name->full, state, outcome);
    if (is_new && !is_first)
        name->changed = state->asked = clock_now();
    check(source, name, state);
}

static void take_failure(const struct watch_source *source, const char *name,
                         struct watch_state *state, const struct watch_outcome *outcome, bool quiet)
{
    state->fails = true;
    if (!quiet && !state->failure)
        state->failure = tell_failure(source, name, outcome);
}

void watch_tell(struct watch_source *source, size_t index, const struct watch_outcome *outcome,
                bool quiet)
{
    struct watch *watch = source->watch;
    struct watch_name *name = &watch->names[index];
    struct watch_state *state = &source->states[index];
    pthread_mutex_lock(&watch->mutex);
    if (outcome->error && outcome->error != NECTAR_EUNKNOWN)
        take_failure(source, name->full, state, outcome, quiet);
    else
        take_answer(source, name, state, outcome);
    compare(watch, index);
    pthread_mutex_unlock(&watch->mutex);
}

void watch_tell_still(struct watch_source *source, uint64_t begun)
{
    struct watch *watch = source->watch;
    pthread_mutex_lock(&watch->mutex);
    for (size_t i = 0; i < watch->count; i++) {
        struct watch_state *state = &source->states[i];
        if (state->asked < begun)
            state->asked = begun;
        check(source, &watch->names[i], state);
        compare(watch, i);
    }
    pthread_mutex_unlock(&watch->mutex);
}

void watch_tell_down(struct watch_source *source)
{
    struct watch *watch = source->watch;
    pthread_mutex_lock(&watch->mutex);
    for (size_t i = 0; i < watch->count; i++) {
        source->states[i].fails = true;
        compare(watch, i);
    }
    pthread_mutex_unlock(&watch->mutex);
}
