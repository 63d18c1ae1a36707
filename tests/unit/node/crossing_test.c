/* Closes that cross a message, a node's own among them: what is said on both sides, and that
 * nothing is handled twice by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/scene.h"

enum { QUIET_MS = 80, REPLACED_MS = 1300, MOMENTS = 24, TURNS_MAX = 2000000 };

/* A message that wants no answer goes out with our Close behind it; the peer has read neither. */
static void test_no_reply_unread(void **state)
{
    static const int ENDS[] = {CLOSE_AWAY, CLOSE_LATER, END_RESET};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof ENDS / sizeof ENDS[0]; i++) {
        struct scene scene;
        bool no_retry = i % 2;
        uint64_t id;

        scene_begin(&scene, NECTAR_TASTE_BIN);
        scene.liar.deaf_early = true;
        id = scene_send(&scene, true, no_retry);
        scene_await_open(&scene, 0);
        scene_quiet(&scene, QUIET_MS);
        scene.liar.deaf_early = false;
        scene_lose(&scene.liar.conns[0], ENDS[i / 2]);
        if (ENDS[i / 2] == CLOSE_AWAY && !no_retry)
            scene_assert_delivered(&scene, id, true);
        else
            scene_assert_failed(&scene, id, NECTAR_STAGE_REPLY);
        scene_quiet(&scene, QUIET_MS);
        assert_int_equal(scene.liar.request_count, ENDS[i / 2] == CLOSE_AWAY && !no_retry ? 1 : 0);
        scene_end(&scene);
    }
}

/* The peer ends the stream while most of a message that wants no answer is on its way: all of it
 * was written, and our Close, but the end of the stream does not answer that. */
static void test_no_reply_half_read(void **state)
{
    enum { SMALL_ROOM = 4096, BODY = 200000 };
    struct nectar_view body = {calloc(1, BODY), BODY};
    struct scene scene;
    uint64_t id;

    (void)state;
    scene_begin(&scene, NECTAR_TASTE_BIN);
    liar_room(&scene.liar, SMALL_ROOM);
    scene.liar.deaf_early = true;
    id = scene_send_note(&scene, body);
    scene_await_open(&scene, 0);
    scene_quiet(&scene, QUIET_MS);
    liar_end_stream(&scene.liar.conns[0]);
    scene_assert_failed(&scene, id, NECTAR_STAGE_REPLY);
    scene_end(&scene);
    free((void *)(uintptr_t)body.data);
}

/* The peer has handled it, and its Close crosses ours: by the code it says so, or its answer does
 * before a Close 1001 of others' sake. */
static void test_no_reply_handled(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct scene scene;
        struct liar_conn *conn;
        uint64_t id;

        scene_begin(&scene, NECTAR_TASTE_BIN);
        scene.liar.deaf_at_request = i > 0;
        id = scene_send(&scene, true, false);
        if (i > 0) {
            scene_await_requests(&scene, 1);
            conn = scene.liar.requests[0].conn;
            if (i == 2)
                liar_answer(&scene.liar, &scene.liar.requests[0], conn);
            liar_close(conn, i == 1 ? CLOSE_NORMAL : CLOSE_AWAY);
        }
        scene_assert_delivered(&scene, id, false);
        scene_quiet(&scene, QUIET_MS);
        assert_int_equal(scene.liar.request_count, 1);
        scene_end(&scene);
    }
}

/* Two connections of the peer's: the older is to go. The Close of the node crosses a request, which
 * it does not handle; the code says so unless it has handled another there that it did not answer.
 */
static void test_own_close(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct scene scene;
        struct liar_conn *old;

        scene_begin(&scene, NECTAR_TASTE_BIN);
        liar_dial(&scene.liar, scene.a, scene.port);
        old = scene_await_open(&scene, 0);
        if (i == 1) {
            liar_ask(&scene.liar, old, scene.a, 4, false);
            assert_int_equal(scene_next(&scene).type, NECTAR_NODE_MESSAGE);
        }
        old->deaf = true;
        liar_dial(&scene.liar, scene.a, scene.port);
        scene_await_open(&scene, 1);
        for (int n = 0; n < 5000 && !liar_is_told(old); n++)
            scene_quiet(&scene, 1);
        liar_ask(&scene.liar, old, scene.a, 5, true);
        scene_quiet(&scene, QUIET_MS);
        old->deaf = false;
        scene_quiet(&scene, QUIET_MS);
        assert_int_equal(old->close, i == 0 ? CLOSE_AWAY : CLOSE_NORMAL);
        scene_end(&scene);
    }
}

/* A request in flight on our connection, and the peer dials us: ours goes on, and the answer counts
 * by whichever it comes. */
static void test_replaced_by_inbound(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct scene scene;
        struct liar_conn *ours, *theirs;
        uint64_t id;

        scene_begin(&scene, NECTAR_TASTE_BIN);
        id = scene_send(&scene, false, false);
        scene_await_requests(&scene, 1);
        ours = scene.liar.requests[0].conn;
        theirs = liar_dial(&scene.liar, scene.a, scene.port);
        scene_await_open(&scene, 1);
        scene_quiet(&scene, REPLACED_MS);
        assert_int_equal(ours->close, 0);
        assert_true(ours->fd >= 0);
        liar_answer(&scene.liar, &scene.liar.requests[0], i == 0 ? ours : theirs);
        scene_assert_replied(&scene, id, false);
        scene_quiet(&scene, QUIET_MS);
        assert_int_equal(scene.liar.request_count, 1);
        scene_end(&scene);
    }
}

/* A request of ours on the peer's connection, which a newer one of its replaces: the time is up and
 * the node says Close 1001 for itself. That the peer repeats the code says nothing of the request.
 */
static void test_echoed_close(void **state)
{
    struct scene scene;
    uint64_t id;

    (void)state;
    scene_begin(&scene, NECTAR_TASTE_BIN);
    liar_dial(&scene.liar, scene.a, scene.port);
    scene_await_open(&scene, 0);
    id = scene_send_patiently(&scene);
    scene_await_requests(&scene, 1);
    assert_ptr_equal(scene.liar.requests[0].conn, &scene.liar.conns[0]);
    liar_dial(&scene.liar, scene.a, scene.port);
    scene_await_open(&scene, 1);
    scene_assert_failed(&scene, id, NECTAR_STAGE_REPLY);
    assert_int_equal(scene.liar.conns[0].close, CLOSE_AWAY);
    scene_quiet(&scene, QUIET_MS);
    assert_int_equal(scene.liar.request_count, 1);
    scene_end(&scene);
}

/* One turn of all three; counts what the two called b handle, and gives what happens at a. */
static struct nectar_node_event turn(struct town *town, struct nectar_node *twin, size_t *handled)
{
    struct nectar_node *bs[] = {town->nodes[1], twin};
    struct nectar_view ack = {(const uint8_t *)"ack", 3};
    struct nectar_node_event event;

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(nectar_node_next(bs[i], 0, &event), 0);
        if (event.type != NECTAR_NODE_MESSAGE)
            continue;
        ++*handled;
        if (event.hello)
            assert_int_equal(nectar_node_reply(bs[i], event.connection, event.message, ack), 0);
    }
    assert_int_equal(nectar_node_next(town->nodes[0], 0, &event), 0);
    return event;
}

struct parting {
    struct town town; /* a, b */
    struct nectar_node *twin;
    in_port_t twin_port;
    size_t handled;
};

static void begin(struct parting *parting)
{
    struct nectar_address address = {.host = "127.0.0.1"};
    struct town *town = &parting->town;

    parting->handled = 0;
    town_begin(town);
    town_add(town, "a", false);
    town_add(town, "b", true);
    assert_int_equal(
        nectar_node_new(&parting->twin, &(struct nectar_node_config){.name = "b.nec",
                                                                     .key = town->keys[1],
                                                                     .registry = town->registry}),
        0);
    assert_int_equal(nectar_node_listen(parting->twin, &address, &address, NULL), 0);
    parting->twin_port = address.port;
    assert_int_equal(nectar_node_learn(town->nodes[0], "b.nec", NECTAR_TASTE_BIN), 0);
}

static void end(struct parting *parting)
{
    nectar_node_free(parting->twin);
    town_end(&parting->town);
}

static void send_to_b(struct parting *parting, bool no_reply, bool hello)
{
    static const char SINK[] = "b.nec@some:tests:sys";
    struct nectar_message message = {.body = {(const uint8_t *)"x", 1}};
    uint64_t id;

    if (!hello)
        message.target = (struct nectar_view){(const uint8_t *)SINK, sizeof SINK - 1};
    assert_int_equal(
        nectar_node_send(
            parting->town.nodes[0],
            &(struct nectar_send){.peer = "b.nec", .message = &message, .no_reply = no_reply}, &id),
        0);
}

/* At most so many turns, until something happens at a. */
static struct nectar_node_event turns(struct parting *parting, int count)
{
    struct nectar_node_event event = {.type = NECTAR_NODE_IDLE};

    while (count-- > 0 && event.type == NECTAR_NODE_IDLE)
        event = turn(&parting->town, parting->twin, &parting->handled);
    return event;
}

/* Handled once or, when a is told so, not at all. */
static void assert_once(const struct parting *parting, const struct nectar_node_event *event)
{
    assert_true(event->type == NECTAR_NODE_FAILED || event->type == NECTAR_NODE_REPLY ||
                event->type == NECTAR_NODE_DELIVERED);
    assert_int_equal(parting->handled, event->type == NECTAR_NODE_FAILED ? 0 : 1);
}

/* b winds up at each moment of a message's way to it; who is sent away finds another b, which is
 * published meanwhile. */
static void test_winding_up(void **state)
{
    (void)state;
    for (int moment = 0; moment < 2 * MOMENTS; moment++) {
        struct parting parting;
        struct nectar_node_event event;

        begin(&parting);
        send_to_b(&parting, true, moment % 2);
        town_publish(&parting.town, 1, "127.0.0.1", parting.twin_port);
        event = turns(&parting, moment / 2);
        nectar_node_drain(parting.town.nodes[1]);
        if (event.type == NECTAR_NODE_IDLE)
            event = turns(&parting, TURNS_MAX);
        assert_once(&parting, &event);
        end(&parting);
    }
}

/* The same on a connection that stands: b's Close is on its way when a sends. */
static void test_winding_up_idle(void **state)
{
    size_t sent_again = 0;

    (void)state;
    for (int moment = 0; moment < 2 * MOMENTS; moment++) {
        struct parting parting;
        struct nectar_node_event event;

        begin(&parting);
        send_to_b(&parting, false, true);
        event = turns(&parting, TURNS_MAX);
        assert_int_equal(event.type, NECTAR_NODE_REPLY);
        assert_int_equal(parting.handled, 1);
        parting.handled = 0;
        town_publish(&parting.town, 1, "127.0.0.1", parting.twin_port);
        if (moment % 2)
            send_to_b(&parting, false, true);
        nectar_node_drain(parting.town.nodes[1]);
        for (int i = 0; i < moment / 2 % 4; i++)
            assert_int_equal(nectar_node_next(parting.town.nodes[1], 0, &event), 0);
        if (moment % 2 == 0)
            send_to_b(&parting, false, true);
        event = turns(&parting, TURNS_MAX);
        assert_once(&parting, &event);
        assert_int_equal(event.type, NECTAR_NODE_REPLY);
        sent_again += event.retried;
        end(&parting);
    }
    /* It is no test of that if no moment was the one. */
    assert_true(sent_again > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_reply_unread),     cmocka_unit_test(test_no_reply_half_read),
        cmocka_unit_test(test_no_reply_handled),    cmocka_unit_test(test_own_close),
        cmocka_unit_test(test_replaced_by_inbound), cmocka_unit_test(test_echoed_close),
        cmocka_unit_test(test_winding_up),          cmocka_unit_test(test_winding_up_idle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
