/*
 * Memory that is refused to a node, whichever it is and wherever: it goes on. A send ends in its
 * one event, nothing is kept that should have been given back, and the next send is as good as
 * ever.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <sqlite3.h>

#include "base/time.h"
#include "unit/shared/scarce.h"
#include "unit/shared/town.h"

enum { BODY = 200000, ATTEMPTS_MAX = 2000, TURNS_MAX = 20000 };

/* Who is short of memory. */
enum role { SENDER, TARGET, ROUTER, ROLES };

struct scene {
    struct town town;
    size_t who[ROLES];
    bool routed;
    enum role poor;
};

#if SCARCE
/* What SQLite takes, it keeps: that is not counted. */
static void *sqlite_take(int size)
{
    return __libc_malloc((size_t)size);
}

static void *sqlite_resize(void *old, int size)
{
    return __libc_realloc(old, (size_t)size);
}

static int sqlite_size(void *block)
{
    return (int)malloc_usable_size(block);
}

static int sqlite_round(int size)
{
    return (size + 7) & ~7;
}

static int sqlite_begin(void *context)
{
    (void)context;
    return SQLITE_OK;
}

static void sqlite_end(void *context)
{
    (void)context;
}

static void spare_sqlite(void)
{
    static const struct sqlite3_mem_methods METHODS = {
        .xMalloc = sqlite_take,
        .xFree = __libc_free,
        .xRealloc = sqlite_resize,
        .xSize = sqlite_size,
        .xRoundup = sqlite_round,
        .xInit = sqlite_begin,
        .xShutdown = sqlite_end,
    };

    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &METHODS), SQLITE_OK);
}
#else
static void spare_sqlite(void)
{
}
#endif

static void scene_begin(struct scene *scene, bool routed, enum role poor)
{
    struct town *town = &scene->town;

    *scene = (struct scene){.routed = routed, .poor = poor};
    town_begin(town);
    town->config = (struct nectar_node_config){.connect_timeout = TIME_MS(400)};
    scene->who[ROUTER] = town_add_router(town, "r");
    scene->who[TARGET] =
        routed ? town_add_indirect(town, "t", &scene->who[ROUTER], 1) : town_add(town, "t", true);
    scene->who[SENDER] = town_add(town, "s", false);
    nectar_node_learn(town->nodes[scene->who[SENDER]], "t.nec", NECTAR_TASTE_BIN);
}

static int next(struct scene *scene, enum role role, struct nectar_node_event *event)
{
    bool poor = role == scene->poor;
    int error;

    scarce.counting = poor && scarce.fails_at >= 0;
    error = nectar_node_next(scene->town.nodes[scene->who[role]], 0, event);
    if (event->type == NECTAR_NODE_MESSAGE && !error) {
        static const struct nectar_view ACK = {(const uint8_t *)"ack", 3};

        /* Without memory for it there is no answer: then it is the sender's to say so. */
        (void)nectar_node_reply(scene->town.nodes[scene->who[role]], event->connection,
                                event->message, ACK);
    }
    scarce.counting = false;
    return error;
}

/* One message from sender to target; true if it was answered, false if it failed. */
static bool converse(struct scene *scene)
{
    static uint8_t body[BODY];
    const struct nectar_message message = {.body = {body, sizeof body}};
    const struct nectar_send send = {
        .peer = "t.nec", .message = &message, .reply_timeout = TIME_MS(400), .no_retry = true};
    struct nectar_node_event event;
    uint64_t id;
    int error;

    scarce.counting = scene->poor == SENDER;
    error = nectar_node_send(scene->town.nodes[scene->who[SENDER]], &send, &id);
    scarce.counting = false;
    if (error) {
        assert_int_equal(error, NECTAR_ENOMEM);
        return false;
    }
    for (int turns = 0; turns < TURNS_MAX; turns++) {
        for (int role = ROUTER; role >= SENDER; role--) {
            error = next(scene, (enum role)role, &event);
            assert_true(error == 0 || error == NECTAR_ENOMEM);
            if (role == SENDER && event.type == NECTAR_NODE_REPLY)
                return true;
            if (role == SENDER && event.type == NECTAR_NODE_FAILED)
                return false;
        }
        usleep(100);
    }
    fail_msg("a send without an event, %ld left", scarce.fails_at);
    return false;
}

/* Lets all of them run for a little while. */
static void live(struct scene *scene, unsigned turns)
{
    struct nectar_node_event event;

    for (; turns > 0; turns--) {
        for (int role = ROUTER; role >= SENDER; role--)
            assert_int_equal(next(scene, (enum role)role, &event), 0);
        usleep(100);
    }
}

/* The same until it is answered, now that there is memory again; a router that was lost is joined
 * again within 2 s. */
static void recover(struct scene *scene)
{
    for (int tries = 0; tries < 50; tries++) {
        if (converse(scene))
            return;
        live(scene, 400);
    }
    fail_msg("it does not recover");
}

static void refuse_each(bool routed, enum role poor)
{
    long nth, failures = 0;

    for (nth = 1; nth < ATTEMPTS_MAX; nth++) {
        struct scene scene;
        long left;

        scene_begin(&scene, routed, poor);
        scarce_begin(nth);
        scarce.counting = false;
        failures += !converse(&scene);
        left = scarce.fails_at;
        scarce.fails_at = 0;
        recover(&scene);
        town_end(&scene.town);
        if (left > 0)
            break; /* there was no nth */
    }
    assert_true(nth < ATTEMPTS_MAX);
    assert_true(nth > 5);
    assert_true(failures > 0);
}

static void test_direct(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    refuse_each(false, SENDER);
    refuse_each(false, TARGET);
}

static void test_routed(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    refuse_each(true, SENDER);
    refuse_each(true, ROUTER);
    refuse_each(true, TARGET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_direct),
        cmocka_unit_test(test_routed),
    };

    spare_sqlite();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
