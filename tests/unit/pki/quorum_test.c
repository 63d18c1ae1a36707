/* Endpoints that have to agree: whose word counts, who is asked, and how often. */
#include "unit/shared/ends.h"

static void open_quorum(size_t count, unsigned wanted)
{
    registry = ends_open(count);
    nectar_registry_quorum(registry, wanted);
}

static void as_many_as_are_wanted(void **state)
{
    (void)state;
    open_quorum(4, 2);
    assert_by(0);
    assert_true(ends[0].asked == 1 && ends[1].asked == 1 && ends[2].asked == 0);
    ends[0].node.key = 9;
    assert_int_equal(ends_ask(true), 0);
    assert_int_equal(found.key[0], 1);
    assert_true(ends[0].asked == 1 && ends[3].asked == 1);
    assert_non_null(strstr(said, "the others say otherwise"));
}

/* Enough of each say something else. */
static void two_camps(void **state)
{
    (void)state;
    open_quorum(4, 2);
    ends[0].node.key = ends[3].node.key = 9;
    assert_int_equal(ends_ask(true), NECTAR_EUNREACHABLE);
    assert_non_null(strstr(seen.reason, "do not agree"));
    /* So, too, where one of them says that there is no such name. */
    ends[0].node.empty = ends[3].node.empty = true;
    assert_int_equal(ends_ask(true), NECTAR_EUNREACHABLE);
}

/* A record that changes between two answers is no disagreement. */
static void asked_once_more(void **state)
{
    (void)state;
    open_quorum(2, 2);
    ends[0].first_key = 9;
    assert_int_equal(ends_ask(true), 0);
    assert_int_equal(found.key[0], 1);
    assert_true(ends[0].asked == 2 && ends[1].asked == 2);
}

/* Those that have fallen behind have no voice. */
static void behind(void **state)
{
    (void)state;
    open_quorum(3, 2);
    ends[0].fails = true;
    assert_int_equal(ends_ask(true), 0); /* by two whose head is 100 */
    clock_us += TIME_S(2);
    ends[0].fails = false;
    ends[0].node.head = ends[1].node.head = 91;
    ends[0].node.key = ends[1].node.key = 9;
    assert_int_equal(ends_ask(true), NECTAR_EUNREACHABLE);
    assert_non_null(strstr(seen.reason, "fallen behind"));
}

static void left_alone_are_last(void **state)
{
    (void)state;
    open_quorum(3, 2);
    ends[0].fails = true;
    assert_int_equal(ends_ask(true), 0);
    assert_int_equal(ends[0].asked, 1);
    assert_int_equal(ends_ask(true), 0);
    assert_int_equal(ends[0].asked, 0);
    /* But they are asked where they are needed. */
    ends[0].fails = false;
    ends[1].fails = true;
    assert_int_equal(ends_ask(true), 0);
    assert_int_equal(ends[0].asked, 1);
}

static void the_tld_too(void **state)
{
    char tld[NECTAR_LABEL_MAX + 1];

    (void)state;
    open_quorum(2, 2);
    assert_int_equal(nectar_registry_tld(tld, registry, &seen), 0);
    assert_string_equal(tld, "nec");
    assert_true(ends[0].asked == 1 && ends[1].asked == 1);
    ends[1].fails = true;
    assert_int_equal(nectar_registry_tld(tld, registry, &seen), NECTAR_EUNREACHABLE);
}

/* Where it is kept, nobody is waited for with patience, and no one alone is believed. */
static void kept(void **state)
{
    uint64_t begun;

    (void)state;
    open_quorum(3, 2);
    assert_int_equal(ends_ask(true), 0);
    clock_us += TIME_S(61);
    ends[0].takes = ends[1].takes = ends[2].takes = TIME_NEVER;
    begun = clock_us;
    assert_int_equal(ends_ask(false), 0);
    assert_true(seen.cached);
    assert_in_range(clock_us - begun, TIME_MS(900), TIME_MS(3100));
    assert_int_equal(ends_ask(false), 0);
    /* Now all are left alone. */
    assert_int_equal(ends_ask(false), 0);
    assert_true(seen.cached && ends[0].asked + ends[1].asked + ends[2].asked == 0);
    /* One that only takes its time is waited for, though. */
    clock_us += TIME_S(61);
    ends[1].takes = ends[2].takes = TIME_MS(1800);
    assert_int_equal(ends_ask(false), 0);
    assert_false(seen.cached);
    ends[1].takes = ends[2].takes = TIME_NEVER;
    ends[0].takes = 0;
    ends[0].node.key = 9;
    clock_us += TIME_S(61);
    assert_int_equal(ends_ask(false), 0);
    assert_true(seen.cached && found.key[0] == 1);
    assert_int_equal(ends_ask(true), NECTAR_EUNREACHABLE);
}

/* URIs of one kind, contract and chain are endpoints of one registry; others have no voice in it.
 */
static void who_belongs_together(void **state)
{
#define FIRST "nectar+http://0?contract=" CHAIN_NODE_CONTRACT
    static const struct {
        const char *uris[2];
        bool together;
    } rows[] = {
        {{FIRST, "nectar+http://1?contract=" CHAIN_NODE_CONTRACT}, true},
        {{FIRST "&chain=31337", "nectar+http://1?contract=" CHAIN_NODE_CONTRACT}, true},
        {{FIRST, "nectar+http://1?contract=0x5fbdb2315678afecb367f032d93f642f64180aa4"}, false},
        {{FIRST "&chain=31337", "nectar+http://1?chain=1&contract=" CHAIN_NODE_CONTRACT}, false},
        {{FIRST, "hypermap+http://1?contract=" CHAIN_NODE_CONTRACT}, false},
        {{FIRST, FIRST}, false}, /* one voice */
    };
#undef FIRST

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        registry = ends_open_uris(rows[i].uris, 2);
        nectar_registry_quorum(registry, 2);
        assert_int_equal(ends_ask(true), rows[i].together ? 0 : NECTAR_EUNREACHABLE);
        if (!rows[i].together && !strstr(seen.reason, "the URIs name 1 endpoint of it"))
            fail_msg("%s: %s", rows[i].uris[1], seen.reason);
        nectar_registry_free(registry);
        registry = NULL;
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, ends_begin, ends_end)
    const struct CMUnitTest tests[] = {
        CASE(as_many_as_are_wanted),
        CASE(two_camps),
        CASE(asked_once_more),
        CASE(behind),
        CASE(left_alone_are_last),
        CASE(the_tld_too),
        CASE(kept),
        CASE(who_belongs_together),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
