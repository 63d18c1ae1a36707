/* Names that a program has its node look up: the node goes on meanwhile, and each is answered once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/time.h"
#include "unit/shared/slow.h"

enum { HELLOS = 200, MANY = NECTAR_LOOKUPS_MAX };

static uint64_t look_up(struct town *town, size_t who, const char *name)
{
    uint64_t id = 0;

    assert_int_equal(nectar_node_lookup(town->nodes[who], name, true, &id), 0);
    assert_true(id > 0);
    return id;
}

/* The answer to that one, which comes next. */
static const struct nectar_found *found(struct town *town, size_t who, uint64_t id)
{
    struct nectar_node_event event = town_run(town, who, PATIENCE_MS);

    assert_int_equal(event.type, NECTAR_NODE_FOUND);
    assert_int_equal(event.id, id);
    return event.found;
}

static void check_answers(struct town *town, size_t a, size_t b)
{
    const struct nectar_found *answer = found(town, a, look_up(town, a, town->names[b]));

    assert_int_equal(answer->error, 0);
    assert_string_equal(answer->name, town->names[b]);
    assert_string_equal(answer->record.name, town->names[b]);
    assert_memory_equal(answer->record.key, nectar_key_public(town->keys[b]), NECTAR_PUBLIC_BYTES);
    assert_non_null(strstr(answer->answer.source, "registry.db"));
    answer = found(town, a, look_up(town, a, "nobody.nec"));
    assert_int_equal(answer->error, NECTAR_EUNKNOWN);
    assert_string_equal(answer->name, "nobody.nec");
    assert_non_null(strstr(answer->answer.reason, "no such name"));
}

/* Behind a network, and in files. */
static void test_answers(void **state)
{
    struct town town;
    size_t a, b;

    (void)state;
    begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    check_answers(&town, a, b);
    end(&town);
    town_begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    check_answers(&town, a, b);
    town_end(&town);
}

static void test_goes_on_meanwhile(void **state)
{
    struct town town;
    struct nectar_node_event event;
    uint64_t slowest = 0, id;
    size_t a, b;

    (void)state;
    begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    town_hello(&town, a, b, "first");
    assert_int_equal(town_run(&town, a, PATIENCE_MS).type, NECTAR_NODE_REPLY);
    id = look_up(&town, a, "hang.nec");
    for (int i = 0; i < HELLOS; i++) {
        town_hello(&town, a, b, "hello");
        event = town_run(&town, a, PATIENCE_MS);
        assert_int_equal(event.type, NECTAR_NODE_REPLY);
        slowest = event.rtt > slowest ? event.rtt : slowest;
    }
    assert_in_range(slowest, 1, TIME_MS(500));
    slow.released = true;
    assert_int_equal(found(&town, a, id)->error, NECTAR_EUNKNOWN);
    end(&town);
}

/* One that is under way may not know what has been published since: it is asked again. */
static void test_is_not_shared(void **state)
{
    struct town town;
    uint64_t ids[3];
    size_t a;

    (void)state;
    begin(&town);
    slow.sleep_us = 100000;
    a = town_add(&town, "a", false);
    for (size_t i = 0; i < 3; i++)
        ids[i] = look_up(&town, a, "a.nec");
    for (size_t i = 0; i < 3; i++) {
        struct nectar_node_event event = town_run(&town, a, PATIENCE_MS);

        assert_int_equal(event.type, NECTAR_NODE_FOUND);
        assert_int_equal(event.found->error, 0);
        assert_true(event.id == ids[0] || event.id == ids[1] || event.id == ids[2]);
    }
    assert_int_equal(slow.asked, 3);
    end(&town);
}

static void test_bounds(void **state)
{
    struct town town;
    bool told[MANY + 2] = {false};
    uint64_t id = 0;
    size_t a;

    (void)state;
    begin(&town);
    a = town_add(&town, "a", false);
    assert_int_equal(nectar_node_lookup(town.nodes[a], "bare", true, &id), NECTAR_ENAME);
    assert_int_equal(nectar_node_lookup(town.nodes[a], "a..nec", true, &id), NECTAR_ENAME);
    for (int i = 0; i < MANY; i++)
        look_up(&town, a, "hang.nec");
    assert_int_equal(nectar_node_lookup(town.nodes[a], "a.nec", true, &id), NECTAR_EFULL);
    slow.released = true;
    for (int i = 0; i < MANY; i++) {
        struct nectar_node_event event = town_run(&town, a, PATIENCE_MS);

        assert_int_equal(event.type, NECTAR_NODE_FOUND);
        assert_in_range(event.id, 1, MANY);
        assert_false(told[event.id]);
        told[event.id] = true;
    }
    assert_int_equal(found(&town, a, look_up(&town, a, "a.nec"))->error, 0);
    end(&town);
}

/* A drained node ends without it; a freed one forgets it, ended or not. */
static void test_end(void **state)
{
    struct town town;
    uint64_t start = now_us();
    size_t a, b;

    (void)state;
    begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", false);
    look_up(&town, a, "hang.nec");
    nectar_node_drain(town.nodes[a]);
    assert_int_equal(town_run(&town, a, PATIENCE_MS).type, NECTAR_NODE_CLOSED);
    look_up(&town, b, "hang.nec");
    look_up(&town, b, "a.nec");
    look_up(&town, b, "b.nec");
    assert_int_equal(town_run(&town, b, PATIENCE_MS).type, NECTAR_NODE_FOUND);
    nectar_node_free(town.nodes[b]);
    town.nodes[b] = NULL;
    assert_in_range(now_us() - start, 0, TIME_S(4));
    end(&town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),       cmocka_unit_test(test_goes_on_meanwhile),
        cmocka_unit_test(test_is_not_shared), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
