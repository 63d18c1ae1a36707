/* Nodes without an address, and the routers between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/town.h"

static void assert_acked(struct town *town, size_t from, size_t to, const char *via)
{
    uint64_t id = town_hello(town, from, to, "hello");
    struct nectar_node_event event = town_run(town, from, 6000);

    if (event.type == NECTAR_NODE_FAILED)
        fail_msg("%s: %s", nectar_stage_name(event.failure->stage), event.failure->reason);
    assert_int_equal(event.type, NECTAR_NODE_REPLY);
    assert_int_equal(event.id, id);
    assert_int_equal(event.message->body.len, 3);
    if (via)
        assert_string_equal(event.via, via);
    else
        assert_null(event.via);
}

static void test_to_indirect(void **state)
{
    struct town town;
    size_t r, a, b;

    (void)state;
    town_begin(&town);
    r = town_add_router(&town, "r");
    b = town_add_indirect(&town, "b", &r, 1);
    a = town_add(&town, "a", false);
    assert_acked(&town, a, b, "r.nec");
    assert_acked(&town, a, b, "r.nec");
    assert_acked(&town, a, r, NULL);
    assert_acked(&town, b, r, NULL);
    town_end(&town);
}

static void test_between_indirect(void **state)
{
    struct town town;
    size_t r[2], a, b;

    (void)state;
    town_begin(&town);
    r[0] = town_add_router(&town, "r");
    r[1] = town_add_router(&town, "s");
    a = town_add_indirect(&town, "a", &r[0], 1);
    b = town_add_indirect(&town, "b", &r[1], 1);
    assert_acked(&town, a, b, "s.nec");
    town_end(&town);
}

/* A router that is asked for a direct node dials it. */
static void test_via(void **state)
{
    struct town town;
    struct nectar_message message = {.body = {(const uint8_t *)"x", 1}};
    struct nectar_node_event event;
    uint64_t id;
    size_t a;

    (void)state;
    town_begin(&town);
    town_add_router(&town, "r");
    a = town_add(&town, "a", false);
    town_add(&town, "b", true);
    assert_int_equal(
        nectar_node_send(
            town.nodes[a],
            &(struct nectar_send){.peer = "b.nec", .message = &message, .via = "r.nec"}, &id),
        0);
    event = town_run(&town, a, 6000);
    assert_int_equal(event.type, NECTAR_NODE_REPLY);
    assert_string_equal(event.via, "r.nec");
    town_end(&town);
}

static void test_no_reply(void **state)
{
    struct town town;
    struct nectar_message message = {.body = {(const uint8_t *)"x", 1}};
    struct nectar_node_event event;
    uint64_t id;
    size_t r, a;

    (void)state;
    town_begin(&town);
    r = town_add_router(&town, "r");
    town_add_indirect(&town, "b", &r, 1);
    a = town_add(&town, "a", false);
    assert_int_equal(
        nectar_node_send(
            town.nodes[a],
            &(struct nectar_send){.peer = "b.nec", .message = &message, .no_reply = true}, &id),
        0);
    event = town_run(&town, a, 6000);
    assert_int_equal(event.type, NECTAR_NODE_DELIVERED);
    town_end(&town);
}

/* Every router is tried, and each says why not. */
static void test_tried(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t r[3], b, a;

    (void)state;
    town_begin(&town);
    r[0] = town_add_router(&town, "r");
    r[1] = town_add_router(&town, "s");
    r[2] = town_add(&town, "t", false);
    b = town_add_indirect(&town, "b", r, 3);
    a = town_add(&town, "a", false);
    nectar_node_free(town.nodes[b]); /* gone without a word */
    town.nodes[b] = NULL;
    assert_int_equal(
        nectar_node_new(&town.nodes[b], &(struct nectar_node_config){.name = "b.nec",
                                                                     .key = town.keys[b],
                                                                     .registry = town.registry}),
        0);
    town_idle(&town, a, 50);
    town_hello(&town, a, b, "hello");
    event = town_run(&town, a, 6000);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EOFFLINE);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_ROUTER);
    assert_int_equal(event.failure->tried_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct nectar_tried *tried = &event.failure->tried[i];
        bool dead = strcmp(tried->router, "t.nec") == 0;

        assert_int_equal(tried->stage, dead ? NECTAR_STAGE_TCP : NECTAR_STAGE_ROUTER);
        assert_true(*tried->reason != '\0');
    }
    town_end(&town);
}

/* Large bodies both ways through a router; the sender is held back, not the router filled. */
static void test_large(void **state)
{
    enum { SIZE = 5 << 20 };
    struct town town;
    struct nectar_node_event event;
    struct nectar_message message = {.kind = NECTAR_REQUEST};
    uint8_t *body = malloc(SIZE);
    size_t r, a, b;
    uint64_t id;

    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        body[i] = (uint8_t)(i * 2654435761u >> 13);
    message.body = (struct nectar_view){body, SIZE};
    town_begin(&town);
    r = town_add_router(&town, "r");
    b = town_add_indirect(&town, "b", &r, 1);
    a = town_add(&town, "a", false);
    assert_int_equal(nectar_node_send(town.nodes[a],
                                      &(struct nectar_send){.peer = "b.nec", .message = &message},
                                      &id),
                     0);
    event = town_run(&town, b, 10000);
    while (event.type != NECTAR_NODE_MESSAGE)
        event = town_run(&town, b, 10000);
    assert_int_equal(event.message->body.len, SIZE);
    assert_memory_equal(event.message->body.data, body, SIZE);
    assert_int_equal(
        nectar_node_reply(town.nodes[b], event.connection, event.message, event.message->body), 0);
    while ((event = town_run(&town, a, 10000)).type == NECTAR_NODE_IDLE)
        ;
    assert_int_equal(event.type, NECTAR_NODE_REPLY);
    assert_int_equal(event.message->body.len, SIZE);
    assert_memory_equal(event.message->body.data, body, SIZE);
    free(body);
    town_end(&town);
}

/* Both call at once, through one router: it always ends in two conversations. */
static void test_simultaneous(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t r, a, b;

    (void)state;
    for (int round = 0; round < 10; round++) {
        bool done[2] = {false, false};

        town_begin(&town);
        r = town_add_router(&town, "r");
        a = town_add_indirect(&town, "a", &r, 1);
        b = town_add_indirect(&town, "b", &r, 1);
        town_hello(&town, a, b, "from a");
        town_hello(&town, b, a, "from b");
        for (int i = 0; i < 6000 && !(done[0] && done[1]); i++) {
            size_t who = i % 2 ? a : b;
            struct nectar_view ack = {(const uint8_t *)"ack", 3};

            assert_int_equal(nectar_node_next(town.nodes[r], 0, &event), 0);
            assert_int_equal(nectar_node_next(town.nodes[who], 1000, &event), 0);
            if (event.type == NECTAR_NODE_MESSAGE)
                nectar_node_reply(town.nodes[who], event.connection, event.message, ack);
            if (event.type == NECTAR_NODE_FAILED)
                fail_msg("%s: %s", nectar_stage_name(event.failure->stage), event.failure->reason);
            if (event.type == NECTAR_NODE_REPLY)
                done[i % 2] = true;
        }
        assert_true(done[0] && done[1]);
        town_end(&town);
    }
}

static void test_stranger_refused(void **state)
{
    static const char *const ALLOWED[] = {"c.nec"};
    struct town town;
    struct nectar_node_event event;
    size_t r, a, b;

    (void)state;
    town_begin(&town);
    r = town_add_router(&town, "r");
    b = town_add_indirect(&town, "b", &r, 1);
    a = town_add(&town, "a", false);
    town.policy.allow_from = ALLOWED;
    town.policy.allow_from_count = 1;
    town_hello(&town, a, b, "hello");
    event = town_run(&town, r, 1000);
    while (event.type != NECTAR_NODE_ROUTING || event.routing->step != NECTAR_ROUTING_REFUSED)
        event = town_run(&town, r, 1000);
    assert_string_equal(event.routing->from, "a.nec");
    assert_string_equal(event.routing->why, "it may not ask");
    event = town_run(&town, a, 6000);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    town_end(&town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_indirect),  cmocka_unit_test(test_between_indirect),
        cmocka_unit_test(test_via),          cmocka_unit_test(test_no_reply),
        cmocka_unit_test(test_tried),        cmocka_unit_test(test_large),
        cmocka_unit_test(test_simultaneous), cmocka_unit_test(test_stranger_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
