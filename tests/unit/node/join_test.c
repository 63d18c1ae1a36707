/* What an indirect node and its routers tell each other: still known, and not wanted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "unit/shared/town.h"

/* The next event of `who`, the router's requests answered only if it remembers. */
static struct nectar_node_event run(struct town *town, size_t router, size_t who, bool remembers,
                                    unsigned *asked)
{
    struct nectar_node_event event;

    for (int turns = 0; turns < 10000; turns++) {
        assert_int_equal(nectar_node_next(town->nodes[router], 1000, &event), 0);
        if (event.type == NECTAR_NODE_MESSAGE) {
            ++*asked;
            assert_true(event.hello);
            if (remembers)
                assert_int_equal(nectar_node_reply(town->nodes[router], event.connection,
                                                   event.message,
                                                   (struct nectar_view){(const uint8_t *)"ack", 3}),
                                 0);
            else
                nectar_node_ignore(town->nodes[router], event.connection);
        }
        assert_int_equal(nectar_node_next(town->nodes[who], 1000, &event), 0);
        if (event.type != NECTAR_NODE_IDLE || (remembers && *asked >= 4))
            break;
    }
    return event;
}

/* A router that has forgotten us goes on reading and answers nothing: we find out, and register
 * again. While it remembers, it is asked now and then, and nothing is told. */
static void test_forgotten(void **state)
{
    struct nectar_node_event event;
    struct town town;
    unsigned asked = 0;
    size_t r, b;

    (void)state;
    town_begin(&town);
    r = town_add_router(&town, "r");
    town.config =
        (struct nectar_node_config){.probe_time = TIME_MS(50), .connect_timeout = TIME_MS(500)};
    b = town_add_indirect(&town, "b", &r, 1);
    event = run(&town, r, b, true, &asked);
    assert_int_equal(event.type, NECTAR_NODE_IDLE);
    assert_true(asked >= 4);
    event = run(&town, r, b, false, &asked);
    assert_int_equal(event.type, NECTAR_NODE_ROUTER_DOWN);
    assert_string_equal(event.reason, "no reply");
    asked = 0;
    event = run(&town, r, b, true, &asked);
    assert_int_equal(event.type, NECTAR_NODE_ROUTER_UP);
    town_end(&town);
}

/* Lets two nodes alone run until the first, a router, tells of that step. */
static struct nectar_routing run_two(struct town *town, size_t router, size_t other,
                                     enum nectar_routing_step step)
{
    struct nectar_node_event event;

    for (int turns = 0; turns < 2000; turns++) {
        assert_int_equal(nectar_node_next(town->nodes[other], 1000, &event), 0);
        assert_int_equal(nectar_node_next(town->nodes[router], 1000, &event), 0);
        if (event.type == NECTAR_NODE_ROUTING && event.routing->step == step)
            return *event.routing;
    }
    fail_msg("no such step");
    return *event.routing;
}

/* One that cannot meet a caller, here since it no longer knows where its router is, says so: the
 * caller need not wait until its time is up. */
static void test_rejected(void **state)
{
    struct nectar_node_event event;
    struct nectar_routing refused;
    struct town town;
    size_t r, a, b;

    (void)state;
    town_begin(&town);
    r = town_add_router(&town, "r");
    b = town_add_indirect(&town, "b", &r, 1);
    a = town_add(&town, "a", false);
    town_hello(&town, a, b, "hello");
    run_two(&town, r, a, NECTAR_ROUTING_PENDING);
    town_publish(&town, r, "", 0);
    refused = run_two(&town, r, b, NECTAR_ROUTING_REFUSED);
    assert_string_equal(refused.from, "a.nec");
    assert_string_equal(refused.to, "b.nec");
    assert_string_equal(refused.why, "its target does not want it");
    event = town_run(&town, a, 3000);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EOFFLINE);
    town_end(&town);
}

/* One who asks for a way and leaves holds no place, though what it sent is not read. */
static void test_left(void **state)
{
    struct nectar_routing refused;
    struct town town;
    size_t r, a, b, other;

    (void)state;
    town_begin(&town);
    r = town_add_router(&town, "r");
    b = town_add_indirect(&town, "b", &r, 1);
    a = town_add(&town, "a", false);
    other = town_add(&town, "c", false);
    town_hello(&town, a, b, "hello");
    run_two(&town, r, a, NECTAR_ROUTING_PENDING);
    nectar_node_free(town.nodes[a]);
    town.nodes[a] = NULL;
    refused = run_two(&town, r, other, NECTAR_ROUTING_REFUSED);
    assert_string_equal(refused.from, "a.nec");
    assert_string_equal(refused.why, "it has not waited");
    town_end(&town);
}

/* What is refused again is told once, and counted. */
static void test_told_once(void **state)
{
    struct nectar_node_event event;
    struct town town;
    size_t r, a, b;
    unsigned told = 0, failed = 0;
    struct nectar_message message = {.body = {(const uint8_t *)"x", 1}};
    uint64_t id;

    (void)state;
    town_begin(&town);
    r = town_add_router(&town, "r");
    a = town_add(&town, "a", false);
    b = town_add_indirect(&town, "b", &r, 1);
    nectar_node_free(town.nodes[b]); /* known, and not here */
    town.nodes[b] = NULL;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(
            nectar_node_send(
                town.nodes[a],
                &(struct nectar_send){.peer = "b.nec", .message = &message, .via = "r.nec"}, &id),
            0);
        for (unsigned before = failed; failed == before;) {
            assert_int_equal(nectar_node_next(town.nodes[r], 1000, &event), 0);
            told +=
                event.type == NECTAR_NODE_ROUTING && event.routing->step == NECTAR_ROUTING_REFUSED;
            assert_int_equal(nectar_node_next(town.nodes[a], 1000, &event), 0);
            failed += event.type == NECTAR_NODE_FAILED;
        }
    }
    assert_int_equal(told, 1);
    town_end(&town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forgotten),
        cmocka_unit_test(test_rejected),
        cmocka_unit_test(test_left),
        cmocka_unit_test(test_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
