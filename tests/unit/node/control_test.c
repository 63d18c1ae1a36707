/* The control socket of a node, both sides in one process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <pthread.h>

#include "node/control_json.h"
#include "unit/shared/town.h"

#define SECOND UINT64_C(1000000)

/* A town whose node `a` runs in a thread of its own, with a control socket. */
struct world {
    struct town town;
    size_t a, b;
    char path[NECTAR_CONTROL_PATH_SIZE];
    volatile bool stop;
    pthread_t thread;
};

static void *run(void *context)
{
    struct world *world = context;
    struct nectar_node *a = world->town.nodes[world->a], *b = world->town.nodes[world->b];
    struct nectar_node_event event;
    static const char *const NOTES[] = {"one", "two \xc3\xa9"};

    while (!world->stop) {
        if (nectar_node_next(b, 0, &event) == 0 && event.type == NECTAR_NODE_MESSAGE)
            nectar_node_reply(b, event.connection, event.message, event.message->body);
        assert_int_equal(nectar_node_next(a, 2000, &event), 0);
        /* What a client has sent is not the program's to see. */
        assert_int_not_equal(event.type, NECTAR_NODE_REPLY);
        assert_int_not_equal(event.type, NECTAR_NODE_FAILED);
        if (event.type == NECTAR_NODE_CONTROL)
            nectar_node_control_answer(
                a, event.id,
                &(struct nectar_control_answer){
                    .error = event.control == NECTAR_CONTROL_RELOAD ? NECTAR_EBUSY : 0,
                    .reason = "because",
                    .notes = NOTES,
                    .note_count = event.control == NECTAR_CONTROL_CHECK ? 2 : 0});
    }
    return NULL;
}

static void begin(struct world *world)
{
    char reason[NECTAR_REASON_MAX + 1];

    memset(world, 0, sizeof *world);
    town_begin(&world->town);
    world->a = town_add(&world->town, "a", false);
    world->b = town_add(&world->town, "b", true);
    assert_int_equal(nectar_control_path(world->path, world->town.folder, "a.nec"), 0);
    assert_int_equal(nectar_node_control(world->town.nodes[world->a], world->path, reason), 0);
    assert_int_equal(pthread_create(&world->thread, NULL, run, world), 0);
}

static void halt(struct world *world)
{
    world->stop = true;
    nectar_node_interrupt(world->town.nodes[world->a]);
    pthread_join(world->thread, NULL);
}

static void end(struct world *world)
{
    halt(world);
    town_end(&world->town);
    assert_int_not_equal(access(world->path, F_OK), 0);
}

static struct nectar_control *open_control(struct world *world)
{
    struct nectar_control *control;
    char reason[NECTAR_REASON_MAX + 1];

    assert_int_equal(nectar_control_open(&control, world->path, 5 * SECOND, reason), 0);
    return control;
}

static struct nectar_node_event next(struct nectar_control *control)
{
    struct nectar_node_event event;

    assert_int_equal(nectar_control_next(control, 10 * SECOND, &event), 0);
    return event;
}

static void test_greeting(void **state)
{
    struct world world;
    struct nectar_control *control;
    struct stat info;

    (void)state;
    begin(&world);
    assert_int_equal(stat(world.path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    control = open_control(&world);
    assert_string_equal(nectar_control_host(control)->name, "a.nec");
    assert_memory_equal(nectar_control_host(control)->key,
                        nectar_key_public(world.town.keys[world.a]), NECTAR_PUBLIC_BYTES);
    assert_int_equal(nectar_control_host(control)->pid, getpid());
    assert_int_equal(nectar_control_host(control)->label_count, 1);
    assert_string_equal(nectar_control_host(control)->labels[0], world.town.uri);
    nectar_control_free(control);
    end(&world);
}

/* Every field of a message goes there and back; bodies of each size around the ends of a group of
 * base64, and of every byte. */
static void test_send(void **state)
{
    static const size_t SIZES[] = {0, 1, 2, 3, 4, 255, 256, 65536, 65537, 1000000};
    struct world world;
    struct nectar_control *control;
    uint8_t *body = malloc(1000000);
    uint64_t id;

    (void)state;
    assert_non_null(body);
    for (size_t i = 0; i < 1000000; i++)
        body[i] = (uint8_t)(i * 7);
    begin(&world);
    control = open_control(&world);
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        struct nectar_message message = {.body = {body, SIZES[i]}};
        struct nectar_node_event event;

        assert_int_equal(
            nectar_control_send(control,
                                &(struct nectar_send){.peer = "b.nec", .message = &message}, &id),
            0);
        event = next(control);
        assert_int_equal(event.type, NECTAR_NODE_REPLY);
        assert_int_equal(event.id, id);
        assert_string_equal(event.peer, "b.nec");
        assert_int_equal(event.message->kind, NECTAR_RESPONSE);
        assert_int_equal(event.message->body.len, SIZES[i]);
        assert_memory_equal(event.message->body.data, body, SIZES[i]);
        assert_true(event.rtt > 0);
    }
    nectar_control_free(control);
    end(&world);
    free(body);
}

static void test_failures(void **state)
{
    struct world world;
    struct nectar_control *control;
    struct nectar_node_event event;
    struct nectar_message message = {.id = 7};
    struct nectar_send send = {.peer = "nobody.nec", .message = &message};
    uint64_t id;

    (void)state;
    begin(&world);
    control = open_control(&world);
    assert_int_equal(nectar_control_send(control, &send, &id), 0);
    assert_int_equal(id, 7);
    event = next(control);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EUNKNOWN);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_REGISTRY);
    send.peer = "No Name";
    assert_int_equal(nectar_control_send(control, &send, &id), NECTAR_ENAME);
    send.peer = "b.nec";
    send.via = "b";
    send.no_reply = true;
    assert_int_equal(nectar_control_send(control, &send, &id), 0);
    event = next(control);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->stage, NECTAR_STAGE_ROUTER);
    assert_int_equal(event.failure->tried_count, 1);
    assert_string_equal(event.failure->tried[0].router, "b");
    send.via = NULL;
    assert_int_equal(nectar_control_send(control, &send, &id), 0);
    assert_int_equal(next(control).type, NECTAR_NODE_DELIVERED);
    /* The node ends with a send under way. */
    send.no_reply = false;
    halt(&world);
    assert_int_equal(nectar_control_send(control, &send, &id), 0);
    nectar_node_free(world.town.nodes[world.a]);
    world.town.nodes[world.a] = NULL;
    event = next(control);
    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.failure->error, NECTAR_EOFFLINE);
    assert_int_equal(nectar_control_next(control, SECOND, &event), NECTAR_ECLOSED);
    nectar_control_free(control);
    town_end(&world.town);
}

static void count_peer(void *context, const struct nectar_peer *peer)
{
    assert_string_equal(peer->peer, "b.nec");
    assert_int_equal(peer->state, NECTAR_PEER_OPEN);
    assert_false(peer->inbound);
    (*(size_t *)context)++;
}

static void test_asks(void **state)
{
    struct world world;
    struct nectar_control *control;
    struct nectar_control_answer answer;
    struct nectar_status status;
    struct nectar_message message = {.id = 1};
    size_t peers = 0;
    uint64_t id;

    (void)state;
    begin(&world);
    control = open_control(&world);
    assert_int_equal(nectar_control_send(
                         control, &(struct nectar_send){.peer = "b.nec", .message = &message}, &id),
                     0);
    assert_int_equal(next(control).type, NECTAR_NODE_REPLY);
    assert_int_equal(nectar_control_status(control, 5 * SECOND, &status), 0);
    assert_string_equal(status.name, "a.nec");
    assert_int_equal(status.connections, 1);
    assert_int_equal(status.calls, 0);
    assert_int_equal(status.clients, 1);
    assert_true(status.uptime > 0);
    assert_int_equal(nectar_control_peers(control, 5 * SECOND, count_peer, &peers), 0);
    assert_int_equal(peers, 1);
    assert_int_equal(nectar_control_ask(control, NECTAR_CONTROL_CHECK, 5 * SECOND, &answer), 0);
    assert_int_equal(answer.error, 0);
    assert_int_equal(answer.note_count, 2);
    assert_string_equal(answer.notes[1], "two \xc3\xa9");
    assert_int_equal(nectar_control_ask(control, NECTAR_CONTROL_RELOAD, 5 * SECOND, &answer), 0);
    assert_int_equal(answer.error, NECTAR_EBUSY);
    assert_string_equal(answer.reason, "because");
    assert_int_equal(nectar_control_await_end(control, SECOND / 10), NECTAR_EDEADLINE);
    nectar_control_free(control);
    end(&world);
}

static void test_path(void **state)
{
    char path[NECTAR_CONTROL_PATH_SIZE], other[NECTAR_CONTROL_PATH_SIZE];
    char name[NECTAR_NAME_MAX + 1], folder[200];

    (void)state;
    memset(name, 'a', NECTAR_NAME_MAX);
    name[NECTAR_NAME_MAX] = '\0';
    assert_int_equal(nectar_control_path(path, "/run", "a.nec"), 0);
    assert_string_equal(path, "/run/a.nec.sock");
    assert_int_equal(nectar_control_path(path, "/run", name), 0);
    assert_int_equal(strlen(path), strlen("/run/") + 32 + strlen(".sock"));
    name[0] = 'b';
    assert_int_equal(nectar_control_path(other, "/run", name), 0);
    assert_string_not_equal(path, other);
    memset(folder, 'f', sizeof folder - 1);
    folder[sizeof folder - 1] = '\0';
    assert_int_equal(nectar_control_path(path, folder, "a.nec"), NECTAR_ETOOBIG);
}

static void test_open_errors(void **state)
{
    struct nectar_control *control;
    char reason[NECTAR_REASON_MAX + 1], path[NECTAR_CONTROL_PATH_SIZE + 1];

    (void)state;
    assert_int_equal(nectar_control_open(&control, "/nowhere/x.sock", SECOND, reason),
                     NECTAR_EOFFLINE);
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(nectar_control_open(&control, path, SECOND, reason), NECTAR_ETOOBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path),     cmocka_unit_test(test_open_errors),
        cmocka_unit_test(test_greeting), cmocka_unit_test(test_send),
        cmocka_unit_test(test_failures), cmocka_unit_test(test_asks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
