#include "unit/shared/town.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void town_begin(struct town *town)
{
    const char *uri = town->uri;

    memset(town, 0, sizeof *town);
    snprintf(town->folder, sizeof town->folder, "/tmp/nectar-town-XXXXXX");
    assert_non_null(mkdtemp(town->folder));
    snprintf(town->uri, sizeof town->uri, "sqlite:%s/registry.db", town->folder);
    assert_int_equal(nectar_registry_open(&town->registry, &uri, 1, NULL, NULL), 0);
}

void town_end(struct town *town)
{
    static const char *const FILES[] = {"registry.db", "registry.db-wal", "registry.db-shm"};
    char path[128];

    for (size_t i = 0; i < town->count; i++) {
        nectar_node_free(town->nodes[i]);
        nectar_key_free(town->keys[i]);
    }
    nectar_registry_free(town->registry);
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", town->folder, FILES[i]);
        unlink(path);
    }
    rmdir(town->folder);
}

void town_publish(struct town *town, size_t who, const char *host, uint16_t port)
{
    struct nectar_record record = {.has_key = true, .ws = {.port = port}};
    uint64_t sequence;

    snprintf(record.name, sizeof record.name, "%s", town->names[who]);
    snprintf(record.ws.host, sizeof record.ws.host, "%s", host);
    memcpy(record.key, nectar_key_public(town->keys[who]), sizeof record.key);
    assert_int_equal(
        nectar_registry_publish(town->registry, &record, town->keys[who], &sequence, NULL), 0);
}

static size_t add(struct town *town, const char *name, const struct nectar_router_policy *policy)
{
    size_t who = town->count++;
    struct nectar_node_config config = town->config;

    assert(who < TOWN_MAX);
    snprintf(town->names[who], sizeof town->names[who], "%s.nec", name);
    assert_int_equal(nectar_key_generate(&town->keys[who], town->names[who]), 0);
    config.name = town->names[who];
    config.key = town->keys[who];
    config.registry = town->registry;
    config.router = policy;
    assert_int_equal(nectar_node_new(&town->nodes[who], &config), 0);
    return who;
}

static void listen_and_publish(struct town *town, size_t who)
{
    struct nectar_address address = {.host = "127.0.0.1"}, bound;

    assert_int_equal(nectar_node_listen(town->nodes[who], &address, &bound, NULL), 0);
    town_publish(town, who, "127.0.0.1", bound.port);
}

size_t town_add(struct town *town, const char *name, bool listening)
{
    size_t who = add(town, name, NULL);

    if (listening)
        listen_and_publish(town, who);
    else
        town_publish(town, who, "127.0.0.1", 1); /* where nobody is */
    return who;
}

size_t town_add_router(struct town *town, const char *name)
{
    size_t who = add(town, name, &town->policy);

    listen_and_publish(town, who);
    return who;
}

size_t town_add_indirect(struct town *town, const char *name, const size_t *routers, size_t count)
{
    size_t who = add(town, name, NULL);
    struct nectar_record record = {.has_key = true, .router_count = count};
    uint64_t sequence;

    snprintf(record.name, sizeof record.name, "%s", town->names[who]);
    for (size_t i = 0; i < count; i++)
        snprintf(record.routers[i], sizeof record.routers[i], "%s", town->names[routers[i]]);
    memcpy(record.key, nectar_key_public(town->keys[who]), sizeof record.key);
    assert_int_equal(
        nectar_registry_publish(town->registry, &record, town->keys[who], &sequence, NULL), 0);
    assert_int_equal(nectar_node_join(town->nodes[who], &record), 0);
    assert_int_equal(town_run(town, who, 5000).type, NECTAR_NODE_ROUTER_UP);
    return who;
}

void town_rekey(struct town *town, size_t who)
{
    struct nectar_record record;
    struct nectar_key *other;
    uint64_t sequence;

    assert_int_equal(nectar_registry_lookup(town->registry, town->names[who], true, &record, NULL),
                     0);
    assert_int_equal(nectar_key_generate(&other, town->names[who]), 0);
    memcpy(record.key, nectar_key_public(other), sizeof record.key);
    assert_int_equal(
        nectar_registry_publish(town->registry, &record, town->keys[who], &sequence, NULL), 0);
    nectar_key_free(other);
}

uint64_t town_hello(struct town *town, size_t from, size_t to, const char *body)
{
    struct nectar_message message = {
        .body = {(const uint8_t *)body, strlen(body)},
    };
    uint64_t id = 0;

    assert_int_equal(
        nectar_node_send(town->nodes[from],
                         &(struct nectar_send){.peer = town->names[to], .message = &message}, &id),
        0);
    return id;
}

static void answer(struct nectar_node *node, const struct nectar_node_event *event)
{
    struct nectar_view ack = {(const uint8_t *)"ack", 3};

    if (event->type == NECTAR_NODE_MESSAGE)
        assert_int_equal(nectar_node_reply(node, event->connection, event->message, ack), 0);
}

struct nectar_node_event town_run(struct town *town, size_t who, unsigned ms)
{
    struct nectar_node_event event;
    uint64_t until = now_ms() + ms;

    do {
        for (size_t i = 0; i < town->count; i++) {
            if (i == who)
                continue;
            assert_int_equal(nectar_node_next(town->nodes[i], 0, &event), 0);
            answer(town->nodes[i], &event);
        }
        assert_int_equal(nectar_node_next(town->nodes[who], 1000, &event), 0);
        if (event.type != NECTAR_NODE_IDLE)
            return event;
    } while (now_ms() < until);
    return event;
}

size_t town_idle(struct town *town, size_t who, unsigned ms)
{
    uint64_t until = now_ms() + ms;
    size_t requests = 0;

    while (now_ms() < until) {
        struct nectar_node_event event = town_run(town, who, 1);

        requests += event.type == NECTAR_NODE_MESSAGE;
        answer(town->nodes[who], &event);
    }
    return requests;
}
