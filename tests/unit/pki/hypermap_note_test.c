#include "pki/hypermap_note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "unit/shared/hypermap.h"

static const uint8_t KEY[NECTAR_PUBLIC_BYTES] = {7, 7, 7};
static const uint8_t IP[] = {203, 0, 113, 7};
static const uint8_t WS[] = {0x23, 0x28};
static const uint8_t TCP[] = {0x27, 0x10};
static const uint8_t ZERO[] = {0, 0};
static uint8_t router[HYPERMAP_HASH_BYTES]; /* router1.os */
static char router_text[] = "0x................................................................";

#define BYTES(array) ((struct nectar_view){array, sizeof(array)})

static int load(void **state)
{
    (void)state;
    hypermap_hash_name(router, "router1.os");
    nectar_hex_encode(router_text + 2, router, sizeof router);
    return 0;
}

/* --- the data of notes --- */

static const cJSON *note_data(enum hypermap_note note)
{
    return hypermap_in("note_data", hypermap_note_label(note));
}

static void labels(void **state)
{
    const cJSON *each;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), "note_data"))
    {
        enum hypermap_note note = hypermap_note_of(view_of_text(each->string));

        assert_true(note < HYPERMAP_NOTES);
        assert_string_equal(hypermap_note_label(note), each->string);
        assert_null(hypermap_label_refusal(view_of_text(each->string), HYPERMAP_TILDE));
        count++;
    }
    assert_int_equal(count, HYPERMAP_NOTES);
    assert_int_equal(hypermap_note_of(view_of_text("~ips")), HYPERMAP_NOTES);
    assert_int_equal(hypermap_note_of(view_of_text("")), HYPERMAP_NOTES);
}

static void write_record(struct hypermap_notes *out, const struct nectar_record *record)
{
    static uint8_t room[HYPERMAP_ROOM];
    const char *why = NULL;

    assert_int_equal(hypermap_note_write(out, room, record, &why), 0);
    assert_null(why);
}

/* An address of the vectors, both ways. */
static void expect_address(const char *host, uint16_t port, const cJSON *ip, const cJSON *ws)
{
    struct nectar_record record = {.name = "alice.os", .ws.port = port};
    struct nectar_record again;
    struct hypermap_notes notes;

    snprintf(record.ws.host, sizeof record.ws.host, "%s", host);
    write_record(&notes, &record);
    hypermap_expect(hypermap_member(ip, "hex"), notes.data[HYPERMAP_IP].data,
                    notes.data[HYPERMAP_IP].len);
    hypermap_expect(hypermap_member(ws, "hex"), notes.data[HYPERMAP_WS_PORT].data,
                    notes.data[HYPERMAP_WS_PORT].len);
    assert_int_equal(notes.data[HYPERMAP_TCP_PORT].len, 0);
    hypermap_note_read(&again, "alice.os", &notes);
    assert_true(nectar_record_equal(&record, &again));
}

static void addresses(void **state)
{
    const cJSON *ips = note_data(HYPERMAP_IP);
    const cJSON *ports = note_data(HYPERMAP_WS_PORT);

    (void)state;
    assert_int_equal(cJSON_GetArraySize(ips), 3);
    assert_int_equal(cJSON_GetArraySize(ports), 3);
    for (int i = 0; i < 3; i++) {
        const cJSON *ip = cJSON_GetArrayItem(ips, i);
        const cJSON *port = cJSON_GetArrayItem(ports, i);

        expect_address(hypermap_member(ip, "meaning")->valuestring,
                       (uint16_t)hypermap_member(port, "meaning")->valueint, ip, port);
    }
}

static void keys_and_other_ports(void **state)
{
    const cJSON *port = cJSON_GetArrayItem(note_data(HYPERMAP_TCP_PORT), 0);
    struct nectar_view key = hypermap_bytes(hypermap_member(note_data(HYPERMAP_NET_KEY), "hex"));
    struct nectar_record record = {.name = "alice.os", .has_key = true};
    struct hypermap_notes notes;

    (void)state;
    memcpy(record.key, key.data, sizeof record.key);
    snprintf(record.tcp.host, sizeof record.tcp.host, "127.0.0.1");
    record.tcp.port = (uint16_t)hypermap_member(port, "meaning")->valueint;
    write_record(&notes, &record);
    assert_true(view_equal(notes.data[HYPERMAP_NET_KEY], key));
    hypermap_expect(hypermap_member(port, "hex"), notes.data[HYPERMAP_TCP_PORT].data,
                    notes.data[HYPERMAP_TCP_PORT].len);
    assert_int_equal(notes.data[HYPERMAP_WS_PORT].len, 0);
}

/* Routers by their names, and by a hash of which nobody knows the name. */
static void routers(void **state)
{
    const cJSON *names = hypermap_member(note_data(HYPERMAP_ROUTERS), "meaning");
    struct nectar_view hashes = hypermap_bytes(hypermap_member(note_data(HYPERMAP_ROUTERS), "hex"));
    struct nectar_record record = {.name = "bob.os"};
    struct hypermap_notes notes;

    (void)state;
    for (int i = 0; i < cJSON_GetArraySize(names); i++)
        snprintf(record.routers[record.router_count++], sizeof record.routers[0], "%s",
                 cJSON_GetArrayItem(names, i)->valuestring);
    write_record(&notes, &record);
    assert_true(view_equal(notes.data[HYPERMAP_ROUTERS], hashes));
    snprintf(record.routers[1], sizeof record.routers[1], "%s", router_text);
    write_record(&notes, &record);
    assert_true(view_equal(notes.data[HYPERMAP_ROUTERS], hashes));
    hypermap_note_read(&record, "bob.os", &notes);
    assert_int_equal(record.router_count, 2);
    assert_string_equal(record.routers[1], router_text);
}

static void expect_no_place(const struct nectar_record *record, const char *reason)
{
    uint8_t room[HYPERMAP_ROOM];
    struct hypermap_notes notes;
    const char *why = NULL;

    assert_int_equal(hypermap_note_write(&notes, room, record, &why), NECTAR_EADDRESS);
    assert_non_null(strstr(why, reason));
}

static void records_without_a_place(void **state)
{
    struct nectar_record record = {.name = "alice.os"};

    (void)state;
    assert_int_equal(nectar_address_parse(&record.ws, "alice.example:9000"), 0);
    expect_no_place(&record, "IP addresses only");
    assert_int_equal(nectar_address_parse(&record.ws, "[fe80::1%eth0]:9000"), 0);
    expect_no_place(&record, "IP addresses only");
    assert_int_equal(nectar_address_parse(&record.ws, "203.0.113.7:9000"), 0);
    assert_int_equal(nectar_address_parse(&record.tcp, "203.0.113.8:9001"), 0);
    expect_no_place(&record, "one IP address");
    record.tcp.port = 0;
    snprintf(record.routers[0], sizeof record.routers[0], "router1.os");
    record.router_count = 1;
    expect_no_place(&record, "not both");
}

/* --- what notes say --- */

/* "ip/ws/tcp/routers" with the host, ports and how many routers. */
static void expect_read(const struct hypermap_notes *notes, bool ruled, const char *expected)
{
    char text[NECTAR_HOST_MAX + 64];
    struct nectar_record record;

    hypermap_note_read(&record, "alice.os", notes);
    if (ruled)
        hypermap_note_rule(&record);
    snprintf(text, sizeof text, "%s/%u/%u/%zu", record.ws.port ? record.ws.host : record.tcp.host,
             record.ws.port, record.tcp.port, record.router_count);
    assert_string_equal(text, expected);
}

/* An address needs a port, and comes before routers; what is malformed does not count. */
static void rule(void **state)
{
    static const uint8_t THREE[] = {1, 2, 3};
    struct hypermap_notes notes = {{[HYPERMAP_NET_KEY] = BYTES(KEY),
                                    [HYPERMAP_IP] = BYTES(IP),
                                    [HYPERMAP_WS_PORT] = BYTES(WS),
                                    [HYPERMAP_TCP_PORT] = BYTES(TCP),
                                    [HYPERMAP_ROUTERS] = BYTES(router)}};

    (void)state;
    expect_read(&notes, false, "203.0.113.7/9000/10000/1");
    expect_read(&notes, true, "203.0.113.7/9000/10000/0");
    notes.data[HYPERMAP_WS_PORT] = BYTES(ZERO);
    expect_read(&notes, true, "203.0.113.7/0/10000/0");
    notes.data[HYPERMAP_TCP_PORT] = BYTES(THREE);
    expect_read(&notes, true, "/0/0/1");
    notes.data[HYPERMAP_WS_PORT] = BYTES(WS);
    notes.data[HYPERMAP_IP] = BYTES(THREE);
    expect_read(&notes, true, "/0/0/1");
    notes.data[HYPERMAP_ROUTERS].len--;
    expect_read(&notes, true, "/0/0/0");
    notes.data[HYPERMAP_ROUTERS].len = 0;
    expect_read(&notes, true, "/0/0/0");
}

static void more_routers_than_a_record_has(void **state)
{
    static uint8_t many[(NECTAR_ROUTERS_MAX + 1) * HYPERMAP_HASH_BYTES];
    struct hypermap_notes notes = {{[HYPERMAP_ROUTERS] = BYTES(many)}};

    (void)state;
    expect_read(&notes, true, "/0/0/32");
}

static void keys_of_another_length(void **state)
{
    static const uint8_t LONG[NECTAR_PUBLIC_BYTES + 1] = {1};
    struct hypermap_notes notes = {{[HYPERMAP_NET_KEY] = BYTES(LONG)}};
    struct nectar_record record;

    (void)state;
    for (size_t len = 0; len <= sizeof LONG; len++) {
        notes.data[HYPERMAP_NET_KEY].len = len;
        hypermap_note_read(&record, "alice.os", &notes);
        assert_int_equal(record.has_key, len == NECTAR_PUBLIC_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels),
        cmocka_unit_test(addresses),
        cmocka_unit_test(keys_and_other_ports),
        cmocka_unit_test(routers),
        cmocka_unit_test(records_without_a_place),
        cmocka_unit_test(rule),
        cmocka_unit_test(more_routers_than_a_record_has),
        cmocka_unit_test(keys_of_another_length),
    };

    return cmocka_run_group_tests(tests, load, NULL);
}
