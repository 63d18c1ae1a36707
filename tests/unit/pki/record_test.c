#include "pki/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#define HEX "6077987c998066ed7dea3e30555add0523482475c705fb92c0c8e78307b8e62c"

static struct nectar_record example(void)
{
    struct nectar_record record = {
        .name = "squid.nec",
        .has_key = true,
        .key = {0x60, 0x77},
        .ws = {"147.135.114.167", 9002},
        .tcp = {"::1", 9003},
        .router_count = 2,
        .routers = {"loach.nec", "eel.os"},
    };

    return record;
}

static int parse(struct nectar_record *out, const char *text, const char *tld)
{
    return nectar_record_parse(out, text, strlen(text), tld);
}

static void assert_formats(const struct nectar_record *record, const char *expected)
{
    struct nectar_record back;
    char *text = NULL;

    assert_int_equal(nectar_record_format(&text, record), 0);
    assert_string_equal(text, expected);
    assert_int_equal(parse(&back, text, NULL), 0);
    assert_true(nectar_record_equal(&back, record));
    free(text);
}

static void the_written_form(void **state)
{
    struct nectar_record record = example();

    (void)state;
    assert_formats(&record,
                   "{\"name\":\"squid.nec\",\"username\":\"squid\",\"networking_key\":\"6077"
                   "000000000000000000000000000000000000000000000000000000000000\",\"ws_routing\":"
                   "[\"147.135.114.167\",9002],\"tcp_routing\":[\"::1\",9003],"
                   "\"allowed_routers\":[\"loach.nec\",\"eel.os\"]}");
    record = (struct nectar_record){.name = "sub.alice.os"};
    assert_formats(&record, "{\"name\":\"sub.alice.os\",\"username\":\"sub.alice\","
                            "\"networking_key\":null,\"ws_routing\":null,\"allowed_routers\":[]}");
}

/* As the founding document prints it, with a bare name and a bare router. */
static void the_founding_form(void **state)
{
    static const char TEXT[] = "{\"username\":\"squid\",\"networking_key\":\"" HEX
                               "\",\"ws_routing\":null,\"allowed_routers\":[\"loach\"]}";
    struct nectar_record record = {.name = "before"};

    (void)state;
    assert_int_equal(parse(&record, TEXT, NULL), NECTAR_ENAME);
    assert_string_equal(record.name, "before");
    assert_int_equal(parse(&record, TEXT, "nec"), 0);
    assert_string_equal(record.name, "squid.nec");
    assert_true(record.has_key);
    assert_int_equal(record.key[31], 0x2c);
    assert_false(nectar_record_is_direct(&record));
    assert_int_equal(record.router_count, 1);
    assert_string_equal(record.routers[0], "loach.nec");
}

static void every_cut_is_refused(void **state)
{
    struct nectar_record record = example();
    char *text = NULL;

    (void)state;
    assert_int_equal(nectar_record_format(&text, &record), 0);
    for (size_t cut = 0; cut < strlen(text); cut++)
        assert_int_equal(nectar_record_parse(&record, text, cut, NULL), NECTAR_EFORMAT);
    free(text);
}

#define NAME_KEY "\"name\":\"a.nec\",\"networking_key\":null"

static void refused_texts(void **state)
{
    static const struct {
        int error;
        const char *text;
    } ROWS[] = {
        {NECTAR_EFORMAT, "[]"},
        {NECTAR_EFORMAT, "{}"},
        {NECTAR_EFORMAT, "{\"networking_key\":null}"},
        {NECTAR_EFORMAT, "{\"name\":\"a.nec\"}"},
        {NECTAR_EFORMAT, "{\"name\":7,\"networking_key\":null}"},
        {NECTAR_EFORMAT, "{\"username\":null,\"networking_key\":null}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"username\":\"b\"}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"username\":\"a.ne\"}"},
        {NECTAR_EFORMAT, "{\"name\":\"a.nec\",\"networking_key\":\"\"}"},
        {NECTAR_EFORMAT, "{\"name\":\"a.nec\",\"networking_key\":\"" HEX "0\"}"},
        {NECTAR_EFORMAT, "{\"name\":\"a.nec\",\"networking_key\":\"0x" HEX "\"}"},
        {NECTAR_EFORMAT, "{\"name\":\"a.nec\",\"networking_key\":[1]}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"ws_routing\":\"a:1\"}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"ws_routing\":[]}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"ws_routing\":[\"a\"]}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"ws_routing\":[\"a\",\"1\"]}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"ws_routing\":[\"a\",1,2]}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"ws_routing\":{\"a\":\"b\",\"c\":1}}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"ws_routing\":[\"a\",1.5]}"},
        {NECTAR_EADDRESS, "{" NAME_KEY ",\"ws_routing\":[\"\",1]}"},
        {NECTAR_EADDRESS, "{" NAME_KEY ",\"ws_routing\":[\"a\",0]}"},
        {NECTAR_EADDRESS, "{" NAME_KEY ",\"ws_routing\":[\"a\",65536]}"},
        {NECTAR_EADDRESS, "{" NAME_KEY ",\"ws_routing\":[\"a b\",1]}"},
        {NECTAR_EADDRESS, "{" NAME_KEY ",\"tcp_routing\":[\"[::1]\",1]}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"allowed_routers\":\"a.nec\"}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"allowed_routers\":[1]}"},
        {NECTAR_ENAME, "{" NAME_KEY ",\"allowed_routers\":[\"bare\"]}"},
        {NECTAR_ENAME, "{" NAME_KEY ",\"allowed_routers\":[\"A.nec\"]}"},
        {NECTAR_ENAME, "{\"name\":\"A.nec\",\"networking_key\":null}"},
        {NECTAR_EFORMAT, "{" NAME_KEY ",\"name\":\"a.nec\"}"},
        {NECTAR_EFORMAT, "{" NAME_KEY "} x"},
    };
    struct nectar_record record;

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        assert_int_equal(parse(&record, ROWS[i].text, NULL), ROWS[i].error);
    assert_int_equal(parse(&record, "{" NAME_KEY ",\"later\":[{}],\"allowed_routers\":null}", NULL),
                     0);
}

static void router_limit(void **state)
{
    char text[1024];
    struct nectar_record record;

    (void)state;
    for (size_t count = NECTAR_ROUTERS_MAX; count <= NECTAR_ROUTERS_MAX + 1; count++) {
        int len = snprintf(text, sizeof text, "{" NAME_KEY ",\"allowed_routers\":[");

        for (size_t i = 0; i < count; i++)
            len +=
                snprintf(text + len, sizeof text - (size_t)len, "%s\"r%zu.nec\"", i ? "," : "", i);
        snprintf(text + len, sizeof text - (size_t)len, "]}");
        assert_int_equal(parse(&record, text, NULL),
                         count <= NECTAR_ROUTERS_MAX ? 0 : NECTAR_EFORMAT);
    }
    assert_int_equal(record.router_count, NECTAR_ROUTERS_MAX);
}

/* The largest record there can be goes through the text and back. */
static void the_largest_record(void **state)
{
    struct nectar_record record = example();
    struct nectar_record back;
    char *text = NULL;

    (void)state;
    memset(record.ws.host, 'h', NECTAR_HOST_MAX);
    record.router_count = NECTAR_ROUTERS_MAX;
    for (size_t i = 0; i < NECTAR_ROUTERS_MAX; i++)
        for (size_t at = 0; at < NECTAR_NAME_MAX; at++)
            record.routers[i][at] = at % 60 == 59 ? '.' : 'r';
    assert_int_equal(nectar_record_format(&text, &record), 0);
    assert_int_equal(parse(&back, text, NULL), 0);
    assert_true(nectar_record_equal(&back, &record));
    free(text);
}

static void equality_sees_every_field(void **state)
{
    struct nectar_record changed[10];
    const struct nectar_record record = example();
    struct nectar_record same = record;

    (void)state;
    for (size_t i = 0; i < 10; i++)
        changed[i] = record;
    changed[0].name[0] = 't';
    changed[1].has_key = false;
    changed[2].key[31] = 1;
    changed[3].ws.host[0] = '2';
    changed[4].ws.port++;
    changed[5].tcp.host[0] = '2';
    changed[6].tcp.port = 0;
    changed[7].router_count--;
    changed[8].routers[1][0] = 'f';
    snprintf(changed[9].routers[0], sizeof changed[9].routers[0], "eel.nec");
    for (size_t i = 0; i < 10; i++) {
        assert_false(nectar_record_equal(&record, &changed[i]));
        assert_false(nectar_record_equal(&changed[i], &record));
    }
    same.routers[2][0] = 'x'; /* beyond the count: says nothing */
    assert_true(nectar_record_equal(&record, &same));
}

static void checked(void **state)
{
    struct nectar_record record = example();

    (void)state;
    assert_int_equal(record_check(&record), 0);
    record.ws.host[0] = ' ';
    assert_int_equal(record_check(&record), NECTAR_EADDRESS);
    record = example();
    record.tcp.port = 0; /* absent, whatever the host */
    assert_int_equal(record_check(&record), 0);
    record.ws.host[0] = '\0';
    assert_int_equal(record_check(&record), NECTAR_EADDRESS);
    record = example();
    record.routers[1][3] = '\0';
    assert_int_equal(record_check(&record), NECTAR_ENAME);
    record = example();
    record.router_count = NECTAR_ROUTERS_MAX + 1;
    assert_int_equal(record_check(&record), NECTAR_ENAME);
    record = example();
    record.name[5] = '\0';
    assert_int_equal(record_check(&record), NECTAR_ENAME);
}

static void packing_round_trip_and_cuts(void **state)
{
    struct nectar_record record = example();
    struct nectar_record back;
    struct bytes packed;

    (void)state;
    bytes_init(&packed, 16384);
    assert_int_equal(record_pack(&packed, &record), 0);
    assert_int_equal(record_unpack(&back, bytes_view(&packed)), 0);
    assert_true(nectar_record_equal(&back, &record));
    for (size_t cut = 0; cut < packed.len; cut++)
        assert_int_not_equal(record_unpack(&back, (struct nectar_view){packed.data, cut}), 0);
    assert_int_equal(bytes_append_byte(&packed, 0), 0);
    assert_int_equal(record_unpack(&back, bytes_view(&packed)), NECTAR_EFORMAT);
    packed.len--;
    /* Whatever is read from changed bytes packs to those bytes again: there is one form. */
    for (size_t bit = 0; bit < packed.len * 8; bit++) {
        packed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (record_unpack(&back, bytes_view(&packed)) == 0) {
            struct bytes again;

            bytes_init(&again, 16384);
            assert_int_equal(record_pack(&again, &back), 0);
            assert_int_equal(again.len, packed.len);
            assert_memory_equal(again.data, packed.data, packed.len);
            bytes_free(&again);
        }
        packed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    bytes_free(&packed);
}

/* Where only the hash of a router's name is known, that is what the record says, both ways. */
static void routers_by_hash(void **state)
{
    static const char HASH[] = "0xc175489e62cd3c130744bf40ee8fa4bb86943da11fed6ebd692afe970eb96f03";
    struct nectar_record record = {.name = "bob.os", .router_count = 1};
    struct nectar_record again;
    char *text = NULL;

    (void)state;
    snprintf(record.routers[0], sizeof record.routers[0], "%s", HASH);
    assert_int_equal(record_check(&record), 0);
    assert_int_equal(nectar_record_format(&text, &record), 0);
    assert_non_null(strstr(text, HASH));
    assert_int_equal(nectar_record_parse(&again, text, strlen(text), "nec"), 0);
    assert_true(nectar_record_equal(&record, &again));
    free(text);
    record.routers[0][65] = 'g'; /* no digit */
    assert_int_equal(record_check(&record), NECTAR_ENAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_written_form),
        cmocka_unit_test(the_founding_form),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(refused_texts),
        cmocka_unit_test(router_limit),
        cmocka_unit_test(the_largest_record),
        cmocka_unit_test(checked),
        cmocka_unit_test(routers_by_hash),
        cmocka_unit_test(equality_sees_every_field),
        cmocka_unit_test(packing_round_trip_and_cuts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
