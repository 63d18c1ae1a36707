/* Much at once, both ways: nobody waits for one who waits for him. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "unit/shared/town.h"

enum { MESSAGES = 12, LARGE = 8 << 20, TURNS = 100000 };

static uint8_t body[LARGE];

static void send_all(struct town *town, size_t from, const char *to)
{
    const struct nectar_message message = {.body = {body, sizeof body}};
    uint64_t id;

    nectar_node_learn(town->nodes[from], to, NECTAR_TASTE_BIN);
    for (int i = 0; i < MESSAGES; i++)
        assert_int_equal(
            nectar_node_send(
                town->nodes[from],
                &(struct nectar_send){.peer = to, .message = &message, .reply_timeout = TIME_S(30)},
                &id),
            0);
}

/* One turn of a node that answers with what it is sent; how many of its own were answered. */
static unsigned turn(struct nectar_node *node)
{
    struct nectar_node_event event;

    assert_int_equal(nectar_node_next(node, 100, &event), 0);
    assert_int_not_equal(event.type, NECTAR_NODE_FAILED);
    if (event.type == NECTAR_NODE_MESSAGE)
        assert_int_equal(
            nectar_node_reply(node, event.connection, event.message, event.message->body), 0);
    return event.type == NECTAR_NODE_REPLY;
}

/* Large messages, answered with as much, by one who goes on sending. */
static void test_echo(void **state)
{
    struct town town;
    size_t a, b;
    unsigned answered = 0;

    (void)state;
    town_begin(&town);
    b = town_add(&town, "b", true);
    a = town_add(&town, "a", false);
    send_all(&town, a, "b.nec");
    for (int turns = 0; turns < TURNS && answered < MESSAGES; turns++) {
        turn(town.nodes[b]);
        answered += turn(town.nodes[a]);
    }
    assert_int_equal(answered, MESSAGES);
    town_end(&town);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_echo),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
