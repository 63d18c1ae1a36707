/* Endpoints of one registry: how long one that fails is left alone, what has fallen behind, in
 * which time all are asked, and what is kept. */
#include "unit/shared/ends.h"

static void left_alone_longer_and_longer(void **state)
{
    static const unsigned SECONDS[] = {1, 2, 4, 8, 16, 32, 60, 60};

    (void)state;
    registry = ends_open(2);
    ends[0].fails = true;
    assert_by(1);
    for (size_t i = 0; i < sizeof SECONDS / sizeof SECONDS[0]; i++) {
        assert_int_equal(ends[0].asked, 1);
        clock_us += TIME_S(SECONDS[i]) - TIME_MS(50);
        assert_by(1);
        if (ends[0].asked)
            fail_msg("after %zu failures it is asked within %u s", i + 1, SECONDS[i]);
        clock_us += TIME_MS(100);
        assert_by(1);
    }
    assert_int_equal(warnings, 1);
    /* All is forgiven. */
    clock_us += TIME_S(61);
    ends[0].fails = false;
    assert_by(0);
    ends[0].fails = true;
    assert_by(1);
    assert_int_equal(warnings, 2);
    clock_us += TIME_MS(1050);
    assert_by(1);
    assert_int_equal(ends[0].asked, 1);
}

/* Whoever put the clock right has nobody left alone until the old time comes. */
static void another_clock(void **state)
{
    (void)state;
    registry = ends_open(2);
    ends[0].fails = true;
    assert_by(1);
    ends[0].fails = false;
    clock_us -= TIME_S(3600);
    assert_by(0);
}

static void other_processes_know(void **state)
{
    struct nectar_registry *other;

    (void)state;
    registry = ends_open(2);
    other = registry;
    ends[0].fails = true;
    assert_by(1);
    registry = ends_open(2);
    assert_by(1);
    assert_int_equal(ends[0].asked, 0);
    nectar_registry_free(other);
}

static void behind(void **state)
{
    (void)state;
    registry = ends_open(2);
    ends[0].fails = true;
    assert_by(1); /* whose head is 100 */
    ends[0].fails = false;
    clock_us += TIME_S(2);
    ends[0].node.head = 92;
    assert_by(0);
    ends[0].node.head = 91;
    assert_by(1);
    assert_non_null(strstr(said, "fallen behind"));
    /* It is left alone, but will do where no other answers, as does what is less behind. */
    assert_by(1);
    assert_int_equal(ends[0].asked, 0);
    ends[1].fails = true;
    assert_by(0);
    /* What has been told of long ago is no measure. */
    clock_us += TIME_S(130);
    ends[0].node.head = 50;
    warnings = 0;
    assert_by(0);
    assert_int_equal(warnings, 0);
}

/* One that takes longer than its turn has its time when no other answers. */
static void slow_ones(void **state)
{
    uint64_t begun;

    (void)state;
    registry = ends_open(2);
    ends[0].takes = TIME_S(4);
    ends[1].takes = TIME_S(2);
    begun = clock_us;
    assert_int_equal(ends_ask(true), 0);
    assert_in_range(clock_us - begun, TIME_S(4), TIME_MS(8600));
}

static void all_hang(void **state)
{
    uint64_t begun;

    (void)state;
    registry = ends_open(4);
    for (int i = 0; i < ENDS; i++)
        ends[i].takes = TIME_NEVER;
    begun = clock_us;
    assert_int_equal(ends_ask(true), NECTAR_EUNREACHABLE);
    assert_in_range(clock_us - begun, TIME_S(5), TIME_MS(9600));
    for (int i = 0; i < ENDS; i++)
        assert_in_range(ends[i].asked, 2, 4);
    /* One that answers late, behind three that never do. */
    clock_us += TIME_S(100);
    ends[3].takes = TIME_S(1);
    begun = clock_us;
    assert_by(3);
    assert_in_range(clock_us - begun, TIME_S(1), TIME_MS(4600));
}

/* That there is no such name takes two to say, and one who knows it is believed. */
static void no_such_name(void **state)
{
    (void)state;
    registry = ends_open(2);
    ends[0].node.empty = true;
    assert_by(1);
    assert_non_null(strstr(said, "knows no a.nec, which"));
    ends[1].fails = true;
    assert_int_equal(ends_ask(true), NECTAR_EUNREACHABLE);
    assert_non_null(strstr(seen.reason, "which no other endpoint confirms"));
    ends[1].fails = false;
    ends[1].node.empty = true;
    assert_int_equal(ends_ask(true), NECTAR_EUNKNOWN);
    nectar_registry_free(registry);
    registry = ends_open(1); /* who has no second one */
    assert_int_equal(ends_ask(true), NECTAR_EUNKNOWN);
}

/* --- what is kept ---------------------------------------------------------------------------- */

static size_t asked(void)
{
    size_t sum = 0;

    for (int i = 0; i < ENDS; i++)
        sum += ends[i].asked;
    return sum;
}

static void kept_and_asked_again(void **state)
{
    (void)state;
    registry = ends_open(2);
    assert_int_equal(ends_ask(true), 0);
    clock_us += TIME_S(59);
    assert_int_equal(ends_ask(false), 0);
    assert_true(seen.cached && asked() == 0);
    clock_us += TIME_S(2);
    assert_int_equal(ends_ask(false), 0);
    assert_true(!seen.cached && asked() == 1);
    /* It was read in the future: that was by another clock. */
    clock_us -= TIME_S(3600);
    assert_int_equal(ends_ask(false), 0);
    assert_true(!seen.cached && asked() == 1);
    pki_list_age(registry, "a.nec");
    assert_int_equal(ends_ask(false), 0);
    assert_true(!seen.cached && asked() == 1);
    assert_int_equal(ends_ask(false), 0);
    assert_true(seen.cached && asked() == 0);
    /* One said so. */
    nectar_registry_quorum(registry, 2);
    assert_int_equal(ends_ask(false), 0);
    assert_true(!seen.cached && asked() == 2);
    assert_int_equal(ends_ask(false), 0);
    assert_true(seen.cached);
}

/* What all say is no longer there is not gone by, even where nobody answers later. */
static void unknown_is_forgotten(void **state)
{
    (void)state;
    registry = ends_open(2);
    assert_int_equal(ends_ask(true), 0);
    ends[0].node.empty = ends[1].node.empty = true;
    clock_us += TIME_S(61);
    assert_int_equal(ends_ask(false), NECTAR_EUNKNOWN);
    ends[0].fails = ends[1].fails = true;
    assert_int_equal(ends_ask(false), NECTAR_EUNREACHABLE);
    assert_false(nectar_registry_recall(registry, "a.nec", &found, &seen));
}

static void the_tld_is_kept(void **state)
{
    char tld[NECTAR_LABEL_MAX + 1] = "";

    (void)state;
    registry = ends_open(2);
    assert_int_equal(ends_ask(true), 0);
    nectar_registry_free(registry);
    registry = ends_open(2);
    ends[0].fails = ends[1].fails = true;
    clock_us += TIME_S(3600);
    assert_int_equal(nectar_registry_tld(tld, registry, &seen), 0);
    assert_string_equal(tld, "nec");
}

/* What is kept does not stand for one that only takes its time. */
static void kept_and_slow(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 2; count++) {
        ends_reset();
        registry = ends_open(count);
        assert_int_equal(ends_ask(true), 0);
        clock_us += TIME_S(61);
        for (size_t i = 0; i < count; i++)
            ends[i].takes = TIME_MS(1800);
        assert_int_equal(ends_ask(false), 0);
        assert_false(seen.cached);
        if (count < 2)
            nectar_registry_free(registry);
    }
}

static void nobody_answers(void **state)
{
    uint64_t begun;

    (void)state;
    registry = ends_open(4);
    assert_int_equal(ends_ask(true), 0);
    clock_us += TIME_S(61);
    for (int i = 0; i < ENDS; i++)
        ends[i].takes = TIME_NEVER;
    begun = clock_us;
    assert_int_equal(ends_ask(false), 0);
    assert_true(seen.cached && seen.age_s > 60);
    assert_int_equal(asked(), ENDS + 1);
    assert_in_range(clock_us - begun, TIME_MS(1000), TIME_MS(3100));
    assert_int_equal(warnings, 1);
    /* Those that are left alone are not asked, and that is not told again. */
    begun = clock_us;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ends_ask(false), 0);
        assert_true(seen.cached);
    }
    assert_in_range(clock_us - begun, 0, TIME_MS(2100));
    assert_int_equal(warnings, 1);
    assert_int_equal(ends_ask(true), NECTAR_EUNREACHABLE);
    assert_true(asked() >= ENDS);
    /* As soon as one may show itself, it is asked. */
    ends_reset();
    clock_us += TIME_S(61);
    assert_int_equal(ends_ask(false), 0);
    assert_false(seen.cached);
    ends[0].fails = ends[1].fails = ends[2].fails = ends[3].fails = true;
    clock_us += TIME_S(61);
    assert_int_equal(ends_ask(false), 0);
    assert_true(seen.cached);
    assert_int_equal(warnings, 2);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, ends_begin, ends_end)
    const struct CMUnitTest tests[] = {
        CASE(left_alone_longer_and_longer),
        CASE(another_clock),
        CASE(other_processes_know),
        CASE(behind),
        CASE(slow_ones),
        CASE(all_hang),
        CASE(no_such_name),
        CASE(kept_and_asked_again),
        CASE(unknown_is_forgotten),
        CASE(the_tld_is_kept),
        CASE(kept_and_slow),
        CASE(nobody_answers),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
