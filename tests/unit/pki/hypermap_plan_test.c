/*
 * What is written, as two readers see it: one follows the log, in order (the network's indexer),
 * the other asks what stands there now. Both readers are written down here from their description,
 * apart from the library, and held against what is known of the real ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/view.h"
#include "pki/hypermap_note.h"
#include "unit/shared/hypermap.h"

enum { DATA_MAX = 2 * HYPERMAP_HASH_BYTES, STEPS = 20000 };

struct value {
    uint8_t data[DATA_MAX];
    size_t len;
};

/* What the contract holds, and what the follower of its log holds. */
struct world {
    struct value stands[HYPERMAP_NOTES];
    struct value followed[HYPERMAP_NOTES];
};

static struct nectar_view view_of(const struct value *value)
{
    return (struct nectar_view){value->data, value->len};
}

static void set(struct value *value, const void *data, size_t len)
{
    assert_true(len <= sizeof value->data);
    if (len > 0)
        memcpy(value->data, data, len);
    value->len = len;
}

/* --- the two readers --- */

static bool well_formed(enum hypermap_note note, size_t len)
{
    switch (note) {
    case HYPERMAP_NET_KEY:
        return len == 32;
    case HYPERMAP_IP:
        return len == 4 || len == 16;
    case HYPERMAP_WS_PORT:
    case HYPERMAP_TCP_PORT:
        return len == 2;
    case HYPERMAP_ROUTERS:
    case HYPERMAP_NOTES:
        break;
    }
    return true;
}

/* The last writer wins: routers take the address away, an address the routers. What is malformed
 * changes nothing, but for routers: no list is an empty one. */
static void follow(struct world *world, enum hypermap_note note, const void *data, size_t len)
{
    struct value *now = world->followed;

    if (!well_formed(note, len))
        return;
    if (note == HYPERMAP_ROUTERS) {
        set(&now[note], data, len % HYPERMAP_HASH_BYTES ? 0 : len);
        now[HYPERMAP_IP].len = now[HYPERMAP_WS_PORT].len = now[HYPERMAP_TCP_PORT].len = 0;
        return;
    }
    set(&now[note], data, len);
    if (note != HYPERMAP_NET_KEY)
        now[HYPERMAP_ROUTERS].len = 0;
}

static void write_note(struct world *world, enum hypermap_note note, const void *data, size_t len)
{
    set(&world->stands[note], data, len);
    follow(world, note, data, len);
}

/* As the library reads notes, so that both can be told as records. */
static struct nectar_record record_of(const struct value values[HYPERMAP_NOTES])
{
    struct hypermap_notes notes;
    struct nectar_record record;

    for (unsigned i = 0; i < HYPERMAP_NOTES; i++)
        notes.data[i] = view_of(&values[i]);
    hypermap_note_read(&record, "alice.os", &notes);
    return record;
}

/* --- writing --- */

static size_t publish(struct world *world, const struct nectar_record *after, bool blind)
{
    struct hypermap_change changes[HYPERMAP_NOTES];
    struct value before[HYPERMAP_NOTES];
    struct hypermap_notes stands, wanted;
    uint8_t room[HYPERMAP_ROOM];
    const char *why = NULL;
    size_t count;

    memcpy(before, world->stands, sizeof before);
    for (unsigned i = 0; i < HYPERMAP_NOTES; i++)
        stands.data[i] = view_of(&before[i]);
    assert_int_equal(hypermap_note_write(&wanted, room, after, &why), 0);
    count = hypermap_note_plan(changes, blind ? NULL : &stands, &wanted);
    for (size_t i = 0; i < count; i++)
        write_note(world, changes[i].note, changes[i].data.data, changes[i].data.len);
    return count;
}

static void expect_agreed(const struct world *world, const struct nectar_record *after)
{
    struct nectar_record stands = record_of(world->stands);
    struct nectar_record followed = record_of(world->followed);

    assert_true(nectar_record_equal(&stands, after));
    assert_true(nectar_record_equal(&followed, after));
    hypermap_note_rule(&stands);
    assert_true(nectar_record_equal(&stands, after));
}

static struct nectar_record direct(const char *ws, const char *tcp)
{
    struct nectar_record record = {.name = "alice.os", .has_key = true, .key = {1}};

    if (ws)
        assert_int_equal(nectar_address_parse(&record.ws, ws), 0);
    if (tcp)
        assert_int_equal(nectar_address_parse(&record.tcp, tcp), 0);
    return record;
}

static struct nectar_record indirect(const char *const *routers, size_t count)
{
    struct nectar_record record = {.name = "alice.os", .has_key = true, .key = {1}};
    struct hypermap_notes notes;
    uint8_t room[HYPERMAP_ROOM];
    const char *why = NULL;

    for (size_t i = 0; i < count; i++)
        snprintf(record.routers[record.router_count++], sizeof record.routers[0], "%s", routers[i]);
    /* By their hashes, as they are read. */
    assert_int_equal(hypermap_note_write(&notes, room, &record, &why), 0);
    hypermap_note_read(&record, "alice.os", &notes);
    return record;
}

static size_t all_records(struct nectar_record out[10])
{
    static const char *const ROUTERS[] = {"router1.os", "alice.os"};
    size_t count = 0;

    out[count++] = direct("203.0.113.7:9000", NULL);
    out[count++] = direct("203.0.113.7:9000", "203.0.113.7:9001");
    out[count++] = direct(NULL, "203.0.113.7:9001");
    out[count++] = direct("203.0.113.8:9000", NULL);
    out[count++] = direct("[2001:db8::1]:80", NULL);
    out[count++] = indirect(ROUTERS, 1);
    out[count++] = indirect(ROUTERS, 2);
    out[count++] = indirect(NULL, 0);
    for (size_t i = 0; i < 2; i++) {
        out[count] = out[i ? 5 : 0];
        out[count++].key[0] = 2;
    }
    return count;
}

/* The same numbers every time, 0 to bound - 1. */
static size_t draw(size_t bound)
{
    static uint32_t seed = 1;

    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % bound;
}

/* From any record to any other, again and again: all agree, and nothing is written twice. */
static void any_change(void **state)
{
    struct nectar_record records[10];
    size_t count = all_records(records);
    struct world world = {{{{0}, 0}}, {{{0}, 0}}};

    (void)state;
    for (size_t i = 0; i < STEPS; i++) {
        const struct nectar_record *after = &records[draw(count)];

        publish(&world, after, draw(8) == 0);
        expect_agreed(&world, after);
        assert_int_equal(publish(&world, after, false), 0);
    }
}

/* What one change writes is what is needed, in this order. */
static void expect_plan(struct world *world, const struct nectar_record *after,
                        const char *expected)
{
    struct hypermap_change changes[HYPERMAP_NOTES];
    struct hypermap_notes stands, wanted;
    uint8_t room[HYPERMAP_ROOM];
    const char *why = NULL;
    char text[128] = "";
    size_t count;

    for (unsigned i = 0; i < HYPERMAP_NOTES; i++)
        stands.data[i] = view_of(&world->stands[i]);
    assert_int_equal(hypermap_note_write(&wanted, room, after, &why), 0);
    count = hypermap_note_plan(changes, &stands, &wanted);
    for (size_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s:%zu", i ? " " : "",
                 hypermap_note_label(changes[i].note), changes[i].data.len);
    assert_string_equal(text, expected);
    publish(world, after, false);
}

static void order(void **state)
{
    struct nectar_record records[10];
    struct world world = {{{{0}, 0}}, {{{0}, 0}}};

    (void)state;
    all_records(records);
    expect_plan(&world, &records[1], "~net-key:32 ~ip:4 ~ws-port:2 ~tcp-port:2");
    /* Port 0: the indexer takes no empty one. */
    expect_plan(&world, &records[0], "~ip:4 ~ws-port:2 ~tcp-port:2");
    expect_plan(&world, &records[3], "~ip:4 ~ws-port:2");
    expect_plan(&world, &records[5], "~ip:0 ~ws-port:0 ~routers:32");
    expect_plan(&world, &records[6], "~routers:64");
    expect_plan(&world, &records[0], "~routers:0 ~ip:4 ~ws-port:2");
    expect_plan(&world, &records[8], "~net-key:32");
    expect_plan(&world, &records[7], "~net-key:32 ~ip:0 ~ws-port:0 ~routers:0");
    expect_plan(&world, &records[7], "");
}

/* --- the cases of the vectors --- */

static const uint8_t KEY[32] = {1};
static const uint8_t IP[] = {203, 0, 113, 7};
static const uint8_t PORT[] = {0x23, 0x28};

static struct world world_of(const char *name)
{
    struct world world = {{{{0}, 0}}, {{{0}, 0}}};
    uint8_t router[HYPERMAP_HASH_BYTES];
    bool routers_first = strncmp(name, "routers-then", 12) == 0;

    hypermap_hash_name(router, "router1.os");
    if (strcmp(name, "bad-values.os") == 0) {
        write_note(&world, HYPERMAP_NET_KEY, "\1", 1);
        write_note(&world, HYPERMAP_IP, IP, 3);
        write_note(&world, HYPERMAP_WS_PORT, PORT, 1);
        write_note(&world, HYPERMAP_ROUTERS, router, 1);
        return world;
    }
    write_note(&world, HYPERMAP_NET_KEY, KEY, sizeof KEY);
    if (routers_first)
        write_note(&world, HYPERMAP_ROUTERS, router, sizeof router);
    write_note(&world, HYPERMAP_IP, IP, sizeof IP);
    if (strcmp(name, "routers-then-ip-only.os") != 0)
        write_note(&world, HYPERMAP_WS_PORT, PORT, sizeof PORT);
    if (strcmp(name, "direct-then-routers.os") == 0)
        write_note(&world, HYPERMAP_ROUTERS, router, sizeof router);
    else if (strcmp(name, "direct-then-empty-routers.os") == 0)
        write_note(&world, HYPERMAP_ROUTERS, NULL, 0);
    else if (strcmp(name, "direct-then-empty-ip.os") == 0)
        write_note(&world, HYPERMAP_IP, NULL, 0);
    return world;
}

static size_t array_size(const cJSON *object, const char *name)
{
    return (size_t)cJSON_GetArraySize(hypermap_member(object, name));
}

static void expect_seen(const struct value values[HYPERMAP_NOTES], const cJSON *expected)
{
    const cJSON *ports = hypermap_member(expected, "ports");
    const struct value *ip = &values[HYPERMAP_IP];
    const struct value *routers = &values[HYPERMAP_ROUTERS];
    bool has_ip = ip->len == 4;

    assert_int_equal(has_ip, array_size(expected, "ips"));
    assert_int_equal(values[HYPERMAP_WS_PORT].len == 2,
                     cJSON_GetObjectItemCaseSensitive(ports, "ws") != NULL);
    assert_int_equal(routers->len % 32 ? 0 : routers->len / 32, array_size(expected, "routers"));
}

static void cases(void **state)
{
    const cJSON *each;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_in("indexer_cases", "cases"))
    {
        struct world world = world_of(each->string);

        expect_seen(world.followed, hypermap_member(each, "log_replay"));
        expect_seen(world.stands, hypermap_member(each, "get_path"));
        count++;
    }
    assert_int_equal(count, 6);
}

/* Our rule: as the network layer sees them, but an address without a port does not hide routers. */
static void cases_by_our_rule(void **state)
{
    static const struct {
        const char *name, *host;
        uint16_t port;
        size_t routers;
    } EXPECTED[] = {
        {"direct-then-routers.os", "203.0.113.7", 9000, 0},
        {"routers-then-direct.os", "203.0.113.7", 9000, 0},
        {"routers-then-ip-only.os", "", 0, 1},
        {"direct-then-empty-routers.os", "203.0.113.7", 9000, 0},
        {"direct-then-empty-ip.os", "", 0, 0},
        {"bad-values.os", "", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof EXPECTED / sizeof EXPECTED[0]; i++) {
        struct world world = world_of(EXPECTED[i].name);
        struct nectar_record record = record_of(world.stands);

        hypermap_note_rule(&record);
        assert_string_equal(record.ws.host, EXPECTED[i].host);
        assert_int_equal(record.ws.port, EXPECTED[i].port);
        assert_int_equal(record.router_count, EXPECTED[i].routers);
        assert_int_equal(record.has_key, strcmp(EXPECTED[i].name, "bad-values.os") != 0);
    }
}

static bool same_route(const struct nectar_record *a, const struct nectar_record *b)
{
    struct nectar_record other = *b;

    other.has_key = a->has_key;
    memcpy(other.key, a->key, sizeof other.key);
    return nectar_record_equal(a, &other);
}

/* Whatever others have left there, a change of mode sets it right for both readers. */
static void cases_set_right(void **state)
{
    struct nectar_record records[10];
    size_t count = all_records(records);
    size_t changed = 0;
    const cJSON *each;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_in("indexer_cases", "cases"))
    {
        for (size_t i = 0; i < count; i++) {
            struct world world = world_of(each->string);
            struct nectar_record stands = record_of(world.stands);

            /* One that is so already, for who asks: an empty list of routers leaves no trace. */
            if (same_route(&stands, &records[i]))
                continue;
            publish(&world, &records[i], false);
            expect_agreed(&world, &records[i]);
            changed++;
        }
    }
    assert_in_range(changed, 50, 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_change),      cmocka_unit_test(order),
        cmocka_unit_test(cases),           cmocka_unit_test(cases_by_our_rule),
        cmocka_unit_test(cases_set_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
