/*
 * A registry that takes its time: who does not need it is not kept waiting, and who does waits no
 * longer than for anything else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/time.h"
#include "unit/shared/slow.h"

enum { HELLOS = 200, CROWD = 300 };

static uint64_t send_to(struct town *town, size_t from, const char *peer)
{
    struct nectar_message message = {.body = {(const uint8_t *)"x", 1}};
    uint64_t id = 0;

    assert_int_equal(nectar_node_send(town->nodes[from],
                                      &(struct nectar_send){.peer = peer, .message = &message},
                                      &id),
                     0);
    return id;
}

static void test_goes_on_meanwhile(void **state)
{
    struct town town;
    uint64_t slowest = 0;
    size_t a, b;

    (void)state;
    begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    town_hello(&town, a, b, "first");
    assert_int_equal(town_run(&town, a, PATIENCE_MS).type, NECTAR_NODE_REPLY);
    for (int i = 0; i < 20; i++)
        send_to(&town, a, "hang.nec");
    send_to(&town, b, "hang.nec");
    for (int i = 0; i < HELLOS; i++) {
        struct nectar_node_event event;

        town_hello(&town, a, b, "hello");
        event = town_run(&town, a, PATIENCE_MS);
        assert_int_equal(event.type, NECTAR_NODE_REPLY);
        slowest = event.rtt > slowest ? event.rtt : slowest;
    }
    assert_in_range(slowest, 1, TIME_MS(500));
    end(&town);
}

static void test_hangs(void **state)
{
    struct town town;
    struct nectar_node_event event;
    uint64_t start;
    size_t a;

    (void)state;
    begin(&town);
    town.config.connect_timeout = TIME_MS(300);
    a = town_add(&town, "a", false);
    start = now_us();
    for (int i = 0; i < 3; i++)
        send_to(&town, a, "hang.nec");
    for (int i = 0; i < 3; i++) {
        event = town_run(&town, a, PATIENCE_MS);
        assert_int_equal(event.type, NECTAR_NODE_FAILED);
        assert_int_equal(event.failure->error, NECTAR_EUNREACHABLE);
        assert_int_equal(event.failure->cause, NECTAR_EDEADLINE);
        assert_int_equal(event.failure->stage, NECTAR_STAGE_REGISTRY);
    }
    assert_in_range(now_us() - start, TIME_MS(300), TIME_S(4));
    assert_int_equal(slow.asked, 1); /* for all of them */
    end(&town);
}

static void test_fails(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t a;

    (void)state;
    begin(&town);
    a = town_add(&town, "a", false);
    send_to(&town, a, "nobody.nec");
    event = town_run(&town, a, PATIENCE_MS);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EUNKNOWN);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_REGISTRY);
    assert_non_null(strstr(event.failure->reason, "no such name"));
    end(&town);
}

/* Whatever waits is bounded; what is given up makes room. */
static void test_busy(void **state)
{
    struct town town;
    char name[32];
    unsigned busy = 0, late = 0;
    size_t a;

    (void)state;
    begin(&town);
    town.config.connect_timeout = TIME_MS(1500);
    a = town_add(&town, "a", false);
    for (int i = 0; i < CROWD; i++) {
        snprintf(name, sizeof name, "hang%d.nec", i);
        send_to(&town, a, name);
    }
    for (int i = 0; i < CROWD; i++) {
        struct nectar_node_event event = town_run(&town, a, PATIENCE_MS);

        assert_int_equal(event.type, NECTAR_NODE_FAILED);
        assert_int_equal(event.failure->stage, NECTAR_STAGE_REGISTRY);
        assert_int_equal(event.failure->error, NECTAR_EUNREACHABLE);
        busy += strstr(event.failure->reason, "busy") != NULL;
        late += event.failure->cause == NECTAR_EDEADLINE;
    }
    assert_int_equal(busy, CROWD - 256);
    assert_int_equal(late, 256);
    assert_in_range(slow.asked, 1, 8);
    slow.released = true;
    send_to(&town, a, "nobody.nec");
    assert_int_equal(town_run(&town, a, PATIENCE_MS).failure->error, NECTAR_EUNKNOWN);
    end(&town);
}

/* Every lookup of a routed conversation, each of which takes a while. */
static void test_routed(void **state)
{
    struct town town;
    size_t a, b, routers[2];

    (void)state;
    begin(&town);
    slow.sleep_us = 20000;
    routers[0] = town_add_router(&town, "r1");
    routers[1] = town_add_router(&town, "r2");
    b = town_add_indirect(&town, "b", routers, 2);
    a = town_add(&town, "a", false);
    town_hello(&town, a, b, "hello");
    assert_int_equal(town_run(&town, a, PATIENCE_MS).type, NECTAR_NODE_REPLY);
    for (int i = 0; i < 5; i++) {
        town_hello(&town, a, b, "hello");
        assert_int_equal(town_run(&town, a, PATIENCE_MS).type, NECTAR_NODE_REPLY);
    }
    end(&town);
}

/* Whoever has a new key since is asked for afresh, by who is called and by who calls. */
static void test_fresh(void **state)
{
    struct town town;
    size_t a, b;

    (void)state;
    for (int caller = 0; caller < 2; caller++) {
        begin(&town);
        a = town_add(&town, "a", false);
        b = town_add(&town, "b", true);
        slow.sleep_us = 20000;
        assert_int_equal(nectar_registry_lookup(town.registry, town.names[caller ? b : a], true,
                                                &slow.stale, NULL),
                         0);
        slow.stale.key[0] ^= 1;
        slow.forgetful = true;
        town_hello(&town, a, b, "hello");
        assert_int_equal(town_run(&town, a, PATIENCE_MS).type, NECTAR_NODE_REPLY);
        end(&town);
    }
}

/* A router that cannot look up who asks says so in time. */
static void test_router_waits(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t hang, b, r;

    (void)state;
    begin(&town);
    r = town_add_router(&town, "r");
    b = town_add_indirect(&town, "b", &r, 1);
    hang = town_add(&town, "hang", false);
    town_hello(&town, hang, b, "hello");
    event = town_run(&town, hang, PATIENCE_MS);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_ROUTER);
    assert_in_range(event.failure->elapsed, TIME_S(4), TIME_S(9));
    slow.released = true;
    town_hello(&town, hang, b, "hello");
    assert_int_equal(town_run(&town, hang, PATIENCE_MS).type, NECTAR_NODE_REPLY);
    end(&town);
}

/* Freed at once, whoever waits, and whatever for. */
static void test_freed_meanwhile(void **state)
{
    struct town town;
    char name[32];
    uint64_t start;
    size_t hang, a, b, r;

    (void)state;
    begin(&town);
    r = town_add_router(&town, "r");
    b = town_add_indirect(&town, "b", &r, 1);
    a = town_add(&town, "a", true);
    hang = town_add(&town, "hang", false);
    town_hello(&town, hang, a, "hello");
    town_hello(&town, hang, b, "hello");
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "hang%d.nec", i);
        send_to(&town, a, name);
    }
    town_idle(&town, a, 300);
    start = now_us();
    for (size_t i = 0; i < town.count; i++) {
        nectar_node_free(town.nodes[i]);
        town.nodes[i] = NULL;
    }
    assert_in_range(now_us() - start, 0, TIME_S(1));
    assert_true(slow.open > 0);
    end(&town);
}

/* Winding up waits for what others wait for, as long as they do, and for nothing else. */
static void test_drain(void **state)
{
    struct town town;
    struct nectar_record own = {.router_count = 1, .routers = {"hang.nec"}};
    struct nectar_node_event event;
    size_t a;

    (void)state;
    begin(&town);
    town.config.connect_timeout = TIME_MS(300);
    a = town_add(&town, "a", false);
    assert_int_equal(nectar_node_join(town.nodes[a], &own), 0);
    town_idle(&town, a, 50);
    assert_int_equal(slow.asked, 1);
    send_to(&town, a, "hang1.nec");
    nectar_node_drain(town.nodes[a]);
    event = town_run(&town, a, PATIENCE_MS);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_REGISTRY);
    assert_int_equal(town_run(&town, a, PATIENCE_MS).type, NECTAR_NODE_CLOSED);
    end(&town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goes_on_meanwhile),
        cmocka_unit_test(test_hangs),
        cmocka_unit_test(test_fails),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_routed),
        cmocka_unit_test(test_fresh),
        cmocka_unit_test(test_router_waits),
        cmocka_unit_test(test_freed_meanwhile),
        cmocka_unit_test(test_drain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
