/*
 * Memory that is refused: conversations of every kind, and in each, on each side of it, every
 * allocation of the library's fails once. Then the call says ENOMEM, for good, or has left the link
 * as it was; or the library did without, and all that follows is as it would have been. Nothing
 * false is delivered, nothing that came is lost or doubled, and all memory is given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "unit/shared/scarce.h"
#include "wire/shared/scenario.h"

enum { ATTEMPTS_MAX = 2000, CLOSE_FRAME_MAX = 2 + 4 + 125 };

static const struct side *poor;

static void watch(const struct side *side, bool inside)
{
    scarce.counting = inside && side == poor;
}

/* Plays with the nth allocation of one player refused, none if it is 0. */
static void play(struct stage *stage, const struct scenario *scenario, size_t player, long nth)
{
    memset(stage, 0, sizeof *stage);
    poor = scenario_player(stage, scenario, player);
    scarce_begin(nth);
    scarce.counting = false;
    side_watch = watch;
    scenario->play(stage, scenario);
}

static void end(struct stage *stage, const struct scenario *scenario)
{
    scenario_end(stage, scenario);
    side_watch = NULL;
    assert_int_equal(scarce.balance, 0);
}

/* Is it a Close, or nothing? One that is masked has its length and its mask behind this byte. */
static bool is_close(const struct side *side, size_t from)
{
    return side->wrote.len == from ||
           (side->wrote.data[from] == 0x88 && side->wrote.len - from <= CLOSE_FRAME_MAX);
}

/* How much of both is the same. */
static size_t same_bytes(const struct side *a, const struct side *b)
{
    size_t len = a->wrote.len < b->wrote.len ? a->wrote.len : b->wrote.len, n = 0;

    while (n < len && a->wrote.data[n] == b->wrote.data[n])
        n++;
    return n;
}

static bool is_close_note(const struct side *side, size_t n)
{
    return n + 1 == side->note_count && side->notes[n].type == NECTAR_LINK_CLOSE;
}

/* What one saw and said is what it was in the reference, as far as it came. Only a Close may be new
 * at the end, or have been left out. */
static void assert_true_so_far(const struct side *side, const struct side *reference)
{
    size_t count = side->note_count, same = same_bytes(side, reference);

    if (count > 0 && is_close_note(side, count - 1))
        count--;
    side_assert_same_notes(side, reference, count);
    while (!is_close(side, same) && same > 0 && side->wrote.len - same < CLOSE_FRAME_MAX)
        same--; /* the beginning of a Close may be as another frame's */
    assert_true(is_close(side, same));
}

/* Nothing was told to be amiss: then nothing is, but that a last Close may not have been said. */
static void assert_as_ever(const struct side *side, const struct side *reference)
{
    size_t same = same_bytes(side, reference);

    assert_int_equal(side->error, reference->error);
    side_assert_same_notes(side, reference, side->note_count);
    assert_int_equal(side->wrote.len, same);
    assert_true(is_close(reference, same));
    if (same == reference->wrote.len)
        assert_int_equal(side->note_count, reference->note_count);
}

struct outcome {
    long failed, went_on;
};

static void compare(struct stage *stage, struct stage *reference, const struct scenario *scenario,
                    size_t player, struct outcome *outcome)
{
    bool failed = scenario_player(stage, scenario, player)->error == NECTAR_ENOMEM;
    struct side *side;

    for (size_t n = 0; (side = scenario_player(stage, scenario, n)); n++) {
        const struct side *other = scenario_player(reference, scenario, n);

        if (n != player)
            assert_int_not_equal(side->error, NECTAR_ENOMEM);
        if (failed)
            assert_true_so_far(side, other);
        else if (n == player)
            assert_as_ever(side, other);
    }
    outcome->failed += failed;
    outcome->went_on += !failed;
}

static void check_reference(struct stage *stage, const struct scenario *scenario)
{
    size_t messages = 0;
    struct side *side;

    for (size_t n = 0; (side = scenario_player(stage, scenario, n)); n++) {
        assert_int_equal(side->error, scenario->errors[n]);
        messages += side_count(side, NECTAR_LINK_MESSAGE);
    }
    assert_int_equal(messages, scenario->messages);
}

static void refuse_each(const struct scenario *scenario, size_t player)
{
    static struct stage stage, reference;
    struct outcome outcome = {0};
    bool refused = true;

    play(&stage, scenario, player, 0); /* warms the libraries up */
    scenario_end(&stage, scenario);
    play(&reference, scenario, player, 0);
    check_reference(&reference, scenario);
    for (long nth = 1; refused; nth++) {
        assert_true(nth < ATTEMPTS_MAX);
        play(&stage, scenario, player, nth);
        refused = scarce.fails_at == 0;
        if (refused)
            compare(&stage, &reference, scenario, player, &outcome);
        end(&stage, scenario);
    }
    print_message("# %s, player %zu: ENOMEM %ld times, went on %ld times\n", scenario->name, player,
                  outcome.failed, outcome.went_on);
    assert_true(outcome.failed + outcome.went_on >= 5);
    scenario_end(&reference, scenario);
}

static void refuse_each_of(void **state)
{
    const struct scenario *scenario = *state;
    static struct stage none;

    if (!SCARCE)
        skip();
    for (size_t n = 0; scenario_player(&none, scenario, n); n++)
        refuse_each(scenario, n);
}

int main(void)
{
    struct CMUnitTest *tests = calloc(SCENARIO_COUNT, sizeof *tests);
    int failed;

    if (!tests)
        return 1;
    scenarios_begin();
    for (size_t i = 0; i < SCENARIO_COUNT; i++)
        tests[i] = (struct CMUnitTest){.name = SCENARIOS[i].name,
                                       .test_func = refuse_each_of,
                                       .initial_state = (void *)(uintptr_t)&SCENARIOS[i]};
    failed = _cmocka_run_group_tests("scarce", tests, SCENARIO_COUNT, NULL, NULL);
    free(tests);
    return failed;
}
