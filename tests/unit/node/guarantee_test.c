/*
 * What a sender can rely on: every way in which a connection can be lost under a message, what its
 * sender is told, and how often the peer was given it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/scene.h"

enum { QUIET_MS = 80, LARGE = 10000000, SMALL_ROOM = 4096 };

/* Wholly written and read, and then the connection is lost: only by 1001 may it be sent again. */
static void test_lost_before_reply(void **state)
{
    static const int ENDS[] = {CLOSE_NORMAL,  CLOSE_AWAY, CLOSE_LATER,
                               CLOSE_NO_CODE, END_CUT,    END_RESET};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof ENDS / sizeof ENDS[0]; i++) {
        struct scene scene;
        int how = ENDS[i / 2];
        bool no_retry = i % 2;
        uint64_t id;

        scene_begin(&scene, NECTAR_TASTE_BIN);
        id = scene_send(&scene, false, no_retry);
        scene_await_requests(&scene, 1);
        scene_lose(scene.liar.requests[0].conn, how);
        if (how == CLOSE_AWAY && !no_retry) {
            scene_await_requests(&scene, 2);
            assert_int_equal(scene.liar.requests[1].id, id);
            liar_answer(&scene.liar, &scene.liar.requests[1], scene.liar.requests[1].conn);
            scene_assert_replied(&scene, id, true);
        } else {
            scene_assert_failed(&scene, id, NECTAR_STAGE_REPLY);
            scene_quiet(&scene, QUIET_MS);
            assert_int_equal(scene.liar.request_count, 1);
        }
        scene_end(&scene);
    }
}

/* Sent again once, and not a third time. */
static void test_away_twice(void **state)
{
    struct scene scene;
    uint64_t id;

    (void)state;
    scene_begin(&scene, NECTAR_TASTE_BIN);
    id = scene_send(&scene, false, false);
    scene_await_requests(&scene, 1);
    liar_close(scene.liar.requests[0].conn, CLOSE_AWAY);
    scene_await_requests(&scene, 2);
    liar_close(scene.liar.requests[1].conn, CLOSE_AWAY);
    scene_assert_failed(&scene, id, NECTAR_STAGE_REPLY);
    scene_quiet(&scene, QUIET_MS);
    assert_int_equal(scene.liar.request_count, 2);
    scene_end(&scene);
}

/* Lost while it was being written: it cannot have been handled, and is sent again. */
static void test_lost_in_writing(void **state)
{
    static const int ENDS[] = {CLOSE_NORMAL, CLOSE_AWAY, CLOSE_LATER, END_CUT, END_RESET};
    uint8_t *body = calloc(1, LARGE);

    (void)state;
    for (size_t i = 0; i < 2 * sizeof ENDS / sizeof ENDS[0]; i++) {
        struct scene scene;
        bool no_retry = i % 2;
        uint64_t id;

        scene_begin(&scene, NECTAR_TASTE_BIN);
        liar_room(&scene.liar, SMALL_ROOM);
        scene.liar.deaf_early = true;
        id = scene_send_body(&scene, (struct nectar_view){body, LARGE}, no_retry);
        scene_await_open(&scene, 0);
        scene_quiet(&scene, QUIET_MS); /* what the system takes is written */
        scene.liar.deaf_early = false;
        liar_room(&scene.liar, LARGE);
        scene_lose(&scene.liar.conns[0], ENDS[i / 2]);
        liar_cut(&scene.liar.conns[0]); /* after a Close, too */
        if (no_retry) {
            scene_assert_failed(&scene, id, NECTAR_STAGE_FRAME);
        } else {
            scene_await_requests(&scene, 1);
            liar_answer(&scene.liar, &scene.liar.requests[0], scene.liar.requests[0].conn);
            scene_assert_replied(&scene, id, true);
        }
        assert_int_equal(scene.liar.request_count, no_retry ? 0 : 1);
        scene_end(&scene);
    }
    free(body);
}

/* A liar that reads nothing, and three messages, of which the first fills all there is to fill. */
static void begin_crowded(struct scene *scene, uint64_t ids[3], struct nectar_view body)
{
    scene_begin(scene, NECTAR_TASTE_BIN);
    liar_room(&scene->liar, SMALL_ROOM);
    scene->liar.deaf_early = true;
    for (int i = 0; i < 3; i++)
        ids[i] = scene_send_body(scene, body, true);
    scene_await_open(scene, 0);
    scene_quiet(scene, QUIET_MS);
}

/* Those that waited for room are not written at all: they go with the next connection. */
static void test_lost_before_their_turn(void **state)
{
    uint8_t *body = calloc(1, LARGE);
    struct scene scene;
    uint64_t ids[3];

    (void)state;
    begin_crowded(&scene, ids, (struct nectar_view){body, LARGE});
    scene.liar.deaf_early = false;
    liar_room(&scene.liar, LARGE);
    scene_lose(&scene.liar.conns[0], END_RESET);
    scene_assert_failed(&scene, ids[0], NECTAR_STAGE_FRAME);
    for (size_t i = 0; i < 2; i++) {
        struct liar_request *request = &scene.liar.requests[i];

        scene_await_requests(&scene, i + 1);
        assert_int_equal(request->id, ids[i + 1]);
        liar_answer(&scene.liar, request, request->conn);
        scene_assert_replied(&scene, ids[i + 1], false);
    }
    scene_end(&scene);
    free(body);
}

/* But not with a third. */
static void test_lost_before_its_turn_twice(void **state)
{
    uint8_t *body = calloc(1, LARGE);
    struct scene scene;
    uint64_t ids[3];

    (void)state;
    begin_crowded(&scene, ids, (struct nectar_view){body, LARGE});
    scene_lose(&scene.liar.conns[0], END_RESET);
    scene_assert_failed(&scene, ids[0], NECTAR_STAGE_FRAME);
    scene_await_open(&scene, 1);
    scene_quiet(&scene, QUIET_MS);
    scene_lose(&scene.liar.conns[1], END_RESET);
    scene_assert_failed(&scene, ids[1], NECTAR_STAGE_FRAME);
    scene_assert_failed(&scene, ids[2], NECTAR_STAGE_FRAME);
    scene_end(&scene);
    free(body);
}

/* The one exception: a peer of whom nothing is known hangs up without a word. */
static void test_taste(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct scene scene;
        bool no_retry = i % 2;
        uint64_t id;

        scene_begin(&scene, NECTAR_TASTE_UNKNOWN);
        id = scene_send(&scene, false, no_retry);
        scene_await_requests(&scene, 1);
        assert_int_equal(scene.liar.requests[0].form, NECTAR_FORM_BIN);
        scene_lose(scene.liar.requests[0].conn, i < 2 ? END_CUT : END_RESET);
        if (no_retry) {
            scene_assert_failed(&scene, id, NECTAR_STAGE_REPLY);
        } else {
            scene_await_requests(&scene, 2);
            assert_int_equal(scene.liar.requests[1].form, NECTAR_FORM_ARRAY);
            assert_int_equal(scene.liar.requests[1].id, id);
            liar_answer(&scene.liar, &scene.liar.requests[1], scene.liar.requests[1].conn);
            scene_assert_replied(&scene, id, true);
        }
        scene_end(&scene);
    }
}

/* Not if it has spoken, or says Close: then it was not the form. */
static void test_taste_spoken(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct scene scene;
        struct nectar_node_event event;
        uint64_t id;

        scene_begin(&scene, NECTAR_TASTE_UNKNOWN);
        id = scene_send(&scene, false, false);
        scene_await_requests(&scene, 1);
        if (i == 0) {
            liar_ask(&scene.liar, scene.liar.requests[0].conn, scene.a, 5, false);
            event = scene_next(&scene);
            assert_int_equal(event.type, NECTAR_NODE_MESSAGE);
            liar_cut(scene.liar.requests[0].conn);
        } else {
            liar_close(scene.liar.requests[0].conn, CLOSE_NORMAL);
        }
        scene_assert_failed(&scene, id, NECTAR_STAGE_REPLY);
        scene_quiet(&scene, QUIET_MS);
        assert_int_equal(scene.liar.request_count, 1);
        scene_end(&scene);
    }
}

/* Two in flight, one answered: the other's fate is its own. */
static void test_two_in_flight(void **state)
{
    static const int ENDS[] = {CLOSE_NORMAL, CLOSE_AWAY, END_CUT};

    (void)state;
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        struct scene scene;
        struct liar_request *requests = scene.liar.requests;
        uint64_t ids[2];

        scene_begin(&scene, NECTAR_TASTE_BIN);
        ids[0] = scene_send(&scene, false, false);
        ids[1] = scene_send(&scene, false, false);
        scene_await_requests(&scene, 2);
        assert_ptr_equal(requests[0].conn, requests[1].conn);
        liar_answer(&scene.liar, &requests[1], requests[1].conn);
        scene_lose(requests[1].conn, ENDS[i]);
        scene_assert_replied(&scene, requests[1].id, false);
        if (ENDS[i] == CLOSE_AWAY) {
            scene_await_requests(&scene, 3);
            assert_int_equal(requests[2].id, requests[0].id);
            liar_answer(&scene.liar, &requests[2], requests[2].conn);
            scene_assert_replied(&scene, requests[0].id, true);
        } else {
            scene_assert_failed(&scene, requests[0].id, NECTAR_STAGE_REPLY);
        }
        scene_quiet(&scene, QUIET_MS);
        assert_int_equal(scene.liar.request_count, ENDS[i] == CLOSE_AWAY ? 3 : 2);
        assert_true(ids[0] != ids[1]);
        scene_end(&scene);
    }
}

/* The peer closes an idle connection at the moment a request goes out on it. */
static void test_idle_close_crosses(void **state)
{
    static const int ENDS[] = {CLOSE_AWAY, CLOSE_NORMAL, CLOSE_NO_CODE};

    (void)state;
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        struct scene scene;
        struct liar_conn *first;
        uint64_t id;

        scene_begin(&scene, NECTAR_TASTE_BIN);
        id = scene_send(&scene, false, false);
        scene_await_requests(&scene, 1);
        first = scene.liar.requests[0].conn;
        liar_answer(&scene.liar, &scene.liar.requests[0], first);
        scene_assert_replied(&scene, id, false);
        first->deaf = true;
        id = scene_send(&scene, false, false);
        while (!liar_is_told(first))
            scene_quiet(&scene, 1);
        liar_close(first, (uint16_t)ENDS[i]);
        if (ENDS[i] == CLOSE_AWAY) {
            scene_await_requests(&scene, 2);
            assert_ptr_not_equal(scene.liar.requests[1].conn, first);
            liar_answer(&scene.liar, &scene.liar.requests[1], scene.liar.requests[1].conn);
            scene_assert_replied(&scene, id, true);
        } else {
            /* It does not say whether it handled what it has not answered. */
            scene_assert_failed(&scene, id, NECTAR_STAGE_REPLY);
        }
        scene_end(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost_before_reply),
        cmocka_unit_test(test_away_twice),
        cmocka_unit_test(test_lost_in_writing),
        cmocka_unit_test(test_lost_before_their_turn),
        cmocka_unit_test(test_lost_before_its_turn_twice),
        cmocka_unit_test(test_taste),
        cmocka_unit_test(test_taste_spoken),
        cmocka_unit_test(test_two_in_flight),
        cmocka_unit_test(test_idle_close_crosses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
