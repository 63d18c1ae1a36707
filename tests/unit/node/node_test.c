/* Nodes that talk to each other over real sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/town.h"

static void assert_body(const struct nectar_message *message, const char *text)
{
    assert_int_equal(message->body.len, strlen(text));
    assert_memory_equal(message->body.data, text, strlen(text));
}

static void test_hello(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t a, b;
    uint64_t id;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    id = town_hello(&town, a, b, "hello");
    event = town_run(&town, a, 5000);
    assert_int_equal(event.type, NECTAR_NODE_REPLY);
    assert_int_equal(event.id, id);
    assert_string_equal(event.peer, "b.nec");
    assert_body(event.message, "ack");
    assert_false(event.retried);

    /* And once more over the connection that stands. */
    town_hello(&town, a, b, "again");
    event = town_run(&town, b, 5000);
    assert_int_equal(event.type, NECTAR_NODE_MESSAGE);
    assert_true(event.hello);
    assert_string_equal(event.peer, "a.nec");
    assert_body(event.message, "again");
    town_end(&town);
}

static void test_offline(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t a, b;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", false);
    town_hello(&town, a, b, "hello");
    event = town_run(&town, a, 6000);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EOFFLINE);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_TCP);
    assert_string_equal(event.failure->reason, "Connection refused");
    assert_string_equal(event.failure->addr, "127.0.0.1:1");
    town_end(&town);
}

static void test_unknown(void **state)
{
    struct town town;
    struct nectar_node_event event;
    struct nectar_message message = {.id = 7};
    uint64_t id;
    size_t a;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    assert_int_equal(
        nectar_node_send(town.nodes[a],
                         &(struct nectar_send){.peer = "nobody.nec", .message = &message}, &id),
        0);
    assert_int_equal(id, 7);
    event = town_run(&town, a, 1000);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EUNKNOWN);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_REGISTRY);
    town_end(&town);
}

/* A registry that holds another key for the peer: stage auth, and the peer hears nothing. */
static void test_wrong_key(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t a, b;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    town_rekey(&town, b);
    town_hello(&town, a, b, "hello");
    event = town_run(&town, a, 6000);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EOFFLINE);
    assert_int_equal(event.failure->cause, NECTAR_ESIGNATURE);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_AUTH);
    assert_int_equal(town_idle(&town, b, 50), 0);
    town_end(&town);
}

/* We are refused: our own record does not fit our key. */
static void test_refused(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t a, b;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    town_rekey(&town, a);
    town_hello(&town, a, b, "hello");
    event = town_run(&town, a, 6000);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EOFFLINE);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_AUTH);
    assert_non_null(strstr(event.failure->reason, "signature does not match the published key"));
    assert_int_equal(town_idle(&town, b, 50), 0);
    town_end(&town);
}

static void test_no_reply(void **state)
{
    struct town town;
    struct nectar_node_event event;
    struct nectar_message message = {.body = {(const uint8_t *)"note", 4}};
    size_t a, b, heard = 0;
    uint64_t id;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    assert_int_equal(
        nectar_node_send(
            town.nodes[a],
            &(struct nectar_send){.peer = "b.nec", .message = &message, .no_reply = true}, &id),
        0);
    /* b runs on its own here, so that its events are seen. */
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(nectar_node_next(town.nodes[b], 0, &event), 0);
        heard += event.type == NECTAR_NODE_MESSAGE;
        assert_int_equal(nectar_node_next(town.nodes[a], 1000, &event), 0);
        if (event.type != NECTAR_NODE_IDLE)
            break;
    }
    assert_int_equal(event.type, NECTAR_NODE_DELIVERED);
    assert_int_equal(event.id, id);
    assert_int_equal(heard, 1);
    town_end(&town);
}

static void test_too_big(void **state)
{
    struct town town;
    struct nectar_node_event event;
    struct nectar_message message = {.target = {NULL, 0}};
    uint8_t *body = calloc(1, NECTAR_MESSAGE_MAX);
    size_t a, b;
    uint64_t id;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    message.body = (struct nectar_view){body, NECTAR_MESSAGE_MAX};
    assert_int_equal(nectar_node_send(town.nodes[a],
                                      &(struct nectar_send){.peer = "b.nec", .message = &message},
                                      &id),
                     NECTAR_ETOOBIG);
    town_hello(&town, a, b, "still here");
    event = town_run(&town, a, 5000);
    assert_int_equal(event.type, NECTAR_NODE_REPLY);
    free(body);
    town_end(&town);
}

/* A newer connection of the same name replaces the older, which loses nothing by it. */
static void test_replaced(void **state)
{
    struct town town;
    struct nectar_node_event event;
    struct nectar_node *twin;
    struct nectar_message message = {.body = {(const uint8_t *)"twin", 4}};
    size_t a, b;
    uint64_t id;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    town_hello(&town, a, b, "first");
    event = town_run(&town, a, 5000);
    assert_int_equal(event.type, NECTAR_NODE_REPLY);
    assert_int_equal(
        nectar_node_new(&twin, &(struct nectar_node_config){.name = "a.nec",
                                                            .key = town.keys[a],
                                                            .registry = town.registry}),
        0);
    assert_int_equal(
        nectar_node_send(twin, &(struct nectar_send){.peer = "b.nec", .message = &message}, &id),
        0);
    do {
        assert_int_equal(nectar_node_next(twin, 1000, &event), 0);
        town_idle(&town, b, 1);
    } while (event.type == NECTAR_NODE_IDLE);
    /* Over the next seconds the old connection goes; whatever a says meanwhile is answered once. */
    for (int i = 0; i < 60; i++) {
        uint64_t wanted = town_hello(&town, a, b, "more");

        event = town_run(&town, a, 6000);
        assert_int_equal(event.type, NECTAR_NODE_REPLY);
        assert_int_equal(event.id, wanted);
        town_idle(&town, b, i < 40 ? 25 : 100);
    }
    nectar_node_free(twin);
    town_end(&town);
}

static void test_drain(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t a, b;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    b = town_add(&town, "b", true);
    town_hello(&town, a, b, "hello");
    event = town_run(&town, b, 5000);
    assert_int_equal(event.type, NECTAR_NODE_MESSAGE);
    nectar_node_drain(town.nodes[b]);
    /* The request in hand is still answered, and then all is over. */
    assert_int_equal(nectar_node_reply(town.nodes[b], event.connection, event.message,
                                       (struct nectar_view){(const uint8_t *)"late", 4}),
                     0);
    event = town_run(&town, b, 1);
    event = town_run(&town, a, 5000);
    assert_int_equal(event.type, NECTAR_NODE_REPLY);
    assert_body(event.message, "late");
    event = town_run(&town, b, 5000);
    assert_int_equal(event.type, NECTAR_NODE_CLOSED);
    town_end(&town);
}

static void test_interrupt(void **state)
{
    struct town town;
    struct nectar_node_event event;
    size_t a;

    (void)state;
    town_begin(&town);
    a = town_add(&town, "a", false);
    nectar_node_interrupt(town.nodes[a]);
    assert_int_equal(nectar_node_next(town.nodes[a], NECTAR_FOREVER, &event), 0);
    assert_int_equal(event.type, NECTAR_NODE_INTERRUPTED);
    town_end(&town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello),   cmocka_unit_test(test_offline),
        cmocka_unit_test(test_unknown), cmocka_unit_test(test_wrong_key),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_no_reply),
        cmocka_unit_test(test_too_big), cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_drain),   cmocka_unit_test(test_interrupt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
