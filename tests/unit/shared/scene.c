#include "unit/shared/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

enum { PATIENCE_MS = 10000 };

void scene_begin(struct scene *scene, enum nectar_taste taste)
{
    struct nectar_record record;

    town_begin(&scene->town);
    scene->a = town_add(&scene->town, "a", true);
    assert_int_equal(nectar_registry_lookup(scene->town.registry, "a.nec", true, &record, NULL), 0);
    scene->port = record.ws.port;
    liar_begin(&scene->liar, &scene->town, "b");
    assert_int_equal(nectar_node_learn(scene->town.nodes[scene->a], "b.nec", taste), 0);
}

void scene_end(struct scene *scene)
{
    liar_end(&scene->liar);
    town_end(&scene->town);
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct nectar_node_event scene_step(struct scene *scene)
{
    struct nectar_node_event event;

    liar_turn(&scene->liar);
    assert_int_equal(nectar_node_next(scene->town.nodes[scene->a], 500, &event), 0);
    return event;
}

static void assert_idle(struct nectar_node_event event)
{
    if (event.type == NECTAR_NODE_FAILED)
        fail_msg("%s: %s", nectar_stage_name(event.failure->stage), event.failure->reason);
    assert_int_equal(event.type, NECTAR_NODE_IDLE);
}

struct nectar_node_event scene_next(struct scene *scene)
{
    uint64_t until = now_ms() + PATIENCE_MS;
    struct nectar_node_event event;

    do
        event = scene_step(scene);
    while (event.type == NECTAR_NODE_IDLE && now_ms() < until);
    return event;
}

void scene_await_requests(struct scene *scene, size_t count)
{
    uint64_t until = now_ms() + PATIENCE_MS;

    while (scene->liar.request_count < count && now_ms() < until)
        assert_idle(scene_step(scene));
    assert_int_equal(scene->liar.request_count, count);
}

struct liar_conn *scene_await_open(struct scene *scene, size_t n)
{
    uint64_t until = now_ms() + PATIENCE_MS;

    while (!scene->liar.conns[n].open && now_ms() < until)
        assert_idle(scene_step(scene));
    assert_true(scene->liar.conns[n].open);
    return &scene->liar.conns[n];
}

void scene_quiet(struct scene *scene, unsigned ms)
{
    uint64_t until = now_ms() + ms;

    while (now_ms() < until)
        assert_idle(scene_step(scene));
}

static uint64_t send_as(struct scene *scene, struct nectar_send send, struct nectar_view body)
{
    struct nectar_message message = {.body = body};
    uint64_t id;

    send.peer = "b.nec";
    send.message = &message;
    assert_int_equal(nectar_node_send(scene->town.nodes[scene->a], &send, &id), 0);
    return id;
}

static const struct nectar_view HELLO = {(const uint8_t *)"hello", 5};

uint64_t scene_send(struct scene *scene, bool no_reply, bool no_retry)
{
    return send_as(scene, (struct nectar_send){.no_reply = no_reply, .no_retry = no_retry}, HELLO);
}

uint64_t scene_send_body(struct scene *scene, struct nectar_view body, bool no_retry)
{
    return send_as(scene, (struct nectar_send){.no_retry = no_retry}, body);
}

uint64_t scene_send_note(struct scene *scene, struct nectar_view body)
{
    return send_as(scene, (struct nectar_send){.no_reply = true, .no_retry = true}, body);
}

uint64_t scene_send_patiently(struct scene *scene)
{
    return send_as(scene, (struct nectar_send){.reply_timeout = 20000000}, HELLO);
}

void scene_lose(struct liar_conn *conn, int how)
{
    if (how == END_CUT)
        liar_cut(conn);
    else if (how == END_RESET)
        liar_reset(conn);
    else
        liar_close(conn, (uint16_t)how);
}

void scene_assert_failed(struct scene *scene, uint64_t id, enum nectar_stage stage)
{
    struct nectar_node_event event = scene_next(scene);

    assert_int_equal(event.type, NECTAR_NODE_FAILED);
    assert_int_equal(event.id, id);
    assert_int_equal(event.failure->error, NECTAR_EOFFLINE);
    assert_int_equal(event.failure->stage, stage);
}

static void assert_done(struct scene *scene, enum nectar_node_event_type type, uint64_t id,
                        bool retried)
{
    struct nectar_node_event event = scene_next(scene);

    if (event.type == NECTAR_NODE_FAILED)
        fail_msg("%s: %s", nectar_stage_name(event.failure->stage), event.failure->reason);
    assert_int_equal(event.type, type);
    assert_int_equal(event.id, id);
    assert_int_equal(event.retried, retried);
}

void scene_assert_replied(struct scene *scene, uint64_t id, bool retried)
{
    assert_done(scene, NECTAR_NODE_REPLY, id, retried);
}

void scene_assert_delivered(struct scene *scene, uint64_t id, bool retried)
{
    assert_done(scene, NECTAR_NODE_DELIVERED, id, retried);
}
