/* How much others may take: messages half received, and connections of one address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "node/node.h"
#include "unit/shared/town.h"

enum { SENDERS = 3, LARGE = 4 << 20 };

/* Connections whose message is half here and read on; *waiting: and those that must wait. */
static unsigned reading(const struct nectar_node *node, unsigned *waiting)
{
    const struct node_conn *conn;
    unsigned count = 0;

    TAILQ_FOREACH (conn, &node->conns, all) {
        *waiting += conn->is_crowded;
        count += conn->state == CONN_OPEN && !conn->is_crowded && conn->room > 0 &&
                 nectar_link_expects(conn->link) > 0;
    }
    return count;
}

/* Several large messages at once and little room: they come one after the other, and all come. */
static void test_one_at_a_time(void **state)
{
    static uint8_t body[LARGE];
    struct nectar_message message = {.body = {body, sizeof body}};
    struct nectar_node_event event;
    struct town town;
    size_t target, senders[SENDERS];
    unsigned came = 0, waiting = 0, answered = 0;
    uint64_t id;

    (void)state;
    town_begin(&town);
    town.config = (struct nectar_node_config){.max_partial = LARGE / 2};
    target = town_add(&town, "t", true);
    for (size_t i = 0; i < SENDERS; i++) {
        senders[i] = town_add(&town, (const char *[]){"a", "b", "c"}[i], false);
        nectar_node_learn(town.nodes[senders[i]], "t.nec", NECTAR_TASTE_BIN);
        assert_int_equal(
            nectar_node_send(town.nodes[senders[i]],
                             &(struct nectar_send){.peer = "t.nec", .message = &message}, &id),
            0);
    }
    for (int turns = 0; answered < SENDERS && turns < 100000; turns++) {
        assert_int_equal(nectar_node_next(town.nodes[target], 100, &event), 0);
        assert_true(reading(town.nodes[target], &waiting) <= 1);
        if (event.type == NECTAR_NODE_MESSAGE) {
            came++;
            assert_int_equal(event.message->body.len, LARGE);
            assert_int_equal(nectar_node_reply(town.nodes[target], event.connection, event.message,
                                               (struct nectar_view){(const uint8_t *)"ack", 3}),
                             0);
        }
        for (size_t i = 0; i < SENDERS; i++) {
            assert_int_equal(nectar_node_next(town.nodes[senders[i]], 0, &event), 0);
            assert_int_not_equal(event.type, NECTAR_NODE_FAILED);
            answered += event.type == NECTAR_NODE_REPLY;
        }
    }
    assert_int_equal(came, SENDERS);
    assert_int_equal(answered, SENDERS);
    assert_true(waiting > 0); /* or nothing was shown */
    town_end(&town);
}

/* What was taken is given back when its connection ends in the middle of the message. */
static void test_given_back(void **state)
{
    static uint8_t body[LARGE];
    struct nectar_message message = {.body = {body, sizeof body}};
    struct nectar_node_event event;
    struct town town;
    size_t target, sender;
    uint64_t id;
    unsigned waiting = 0;

    (void)state;
    town_begin(&town);
    target = town_add(&town, "t", true);
    sender = town_add(&town, "a", false);
    assert_int_equal(nectar_node_send(town.nodes[sender],
                                      &(struct nectar_send){.peer = "t.nec", .message = &message},
                                      &id),
                     0);
    for (int turns = 0; turns < 10000 && !reading(town.nodes[target], &waiting); turns++) {
        assert_int_equal(nectar_node_next(town.nodes[target], 0, &event), 0);
        assert_int_equal(event.type, NECTAR_NODE_IDLE);
        assert_int_equal(nectar_node_next(town.nodes[sender], 0, &event), 0);
    }
    assert_true(town.nodes[target]->partial >= LARGE);
    nectar_node_free(town.nodes[sender]);
    town.nodes[sender] = NULL;
    for (int turns = 0; turns < 1000 && town.nodes[target]->partial > 0; turns++)
        assert_int_equal(nectar_node_next(town.nodes[target], 1000, &event), 0);
    assert_int_equal(town.nodes[target]->partial, 0);
    town_end(&town);
}

/* Beyond so many connections of one address, the next is closed at once; when one has ended, there
 * is room for another. */
static void test_per_address(void **state)
{
    struct nectar_node_event event;
    struct town town;
    size_t target, first, second;

    (void)state;
    town_begin(&town);
    town.config = (struct nectar_node_config){.max_per_address = 1};
    target = town_add(&town, "t", true);
    first = town_add(&town, "a", false);
    second = town_add(&town, "b", false);
    town_hello(&town, first, target, "1");
    assert_int_equal(town_run(&town, first, 5000).type, NECTAR_NODE_REPLY);
    town_hello(&town, second, target, "2");
    event = town_run(&town, second, 5000);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EOFFLINE);
    nectar_node_free(town.nodes[first]);
    town.nodes[first] = NULL;
    for (int i = 0; i < 100; i++)
        assert_int_equal(nectar_node_next(town.nodes[target], 1000, &event), 0);
    town_hello(&town, second, target, "3");
    /* town_run has every node run, and one is gone. */
    for (int i = 0; i < 5000 && event.type != NECTAR_NODE_REPLY; i++) {
        assert_int_equal(nectar_node_next(town.nodes[target], 1000, &event), 0);
        if (event.type == NECTAR_NODE_MESSAGE)
            assert_int_equal(nectar_node_reply(town.nodes[target], event.connection, event.message,
                                               (struct nectar_view){(const uint8_t *)"ack", 3}),
                             0);
        assert_int_equal(nectar_node_next(town.nodes[second], 1000, &event), 0);
    }
    assert_int_equal(event.type, NECTAR_NODE_REPLY);
    town_end(&town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_given_back),
        cmocka_unit_test(test_per_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
