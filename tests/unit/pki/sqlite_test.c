/* The embedded registry: whose names are whose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "unit/shared/embedded.h"

static void publishes_and_reads(void **state)
{
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);
    struct nectar_record got;
    struct stat info;

    (void)state;
    record.router_count = 2;
    snprintf(record.routers[0], sizeof record.routers[0], "loach.nec");
    snprintf(record.routers[1], sizeof record.routers[1], "eel.os");
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    assert_int_equal(embedded_lookup("squid.nec", &got), 0);
    assert_true(nectar_record_equal(&got, &record));
    assert_false(embedded.answer.cached);
    assert_int_equal(embedded.answer.block, 0);
    assert_non_null(strstr(embedded.answer.source, "registry.db"));
    assert_int_equal(stat(scratch_path(&embedded.scratch, "a/b"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    record.tcp = (struct nectar_address){"host.example", 1};
    record.ws.port = 0;
    record.router_count = 0;
    assert_int_equal(embedded_publish(&record, embedded.squid), 2);
    assert_int_equal(embedded_lookup("squid.nec", &got), 0);
    assert_true(nectar_record_equal(&got, &record));
}

static void no_change_is_sequence_0(void **state)
{
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);

    (void)state;
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    assert_int_equal(embedded_publish(&record, embedded.squid), 0);
    assert_int_equal(embedded_publish(&record, embedded.other), 0);
    record.ws.port++;
    assert_int_equal(embedded_publish(&record, embedded.squid), 2);
}

static void names_belong_to_their_key(void **state)
{
    struct nectar_record mine = embedded_record("squid.nec", embedded.squid);
    struct nectar_record theirs = embedded_record("squid.nec", embedded.other);
    struct nectar_record got;

    (void)state;
    assert_int_equal(embedded_publish(&mine, embedded.other), NECTAR_EREJECTED);
    embedded_assert_reason("is new");
    assert_int_equal(embedded_lookup("squid.nec", &got), NECTAR_EUNKNOWN);
    assert_int_equal(embedded_publish(&mine, embedded.squid), 1);
    assert_int_equal(embedded_publish(&theirs, embedded.other), NECTAR_EREJECTED);
    embedded_assert_reason("belongs to another key");
    mine.ws.port++;
    assert_int_equal(embedded_publish(&mine, embedded.other), NECTAR_EREJECTED);
    assert_int_equal(embedded_lookup("squid.nec", &got), 0);
    assert_int_equal(got.ws.port, 9002);
    /* the change of keys, signed by the old one */
    assert_int_equal(embedded_publish(&theirs, embedded.squid), 2);
    assert_int_equal(embedded_publish(&mine, embedded.squid), NECTAR_EREJECTED);
    assert_int_equal(embedded_publish(&mine, embedded.other), 3);
}

/* A key that is taken back leaves the name with the one who did it. */
static void a_name_without_key_keeps_its_owner(void **state)
{
    struct nectar_record none = embedded_record("squid.nec", NULL);
    struct nectar_record theirs = embedded_record("squid.nec", embedded.other);
    struct nectar_record got;

    (void)state;
    assert_int_equal(embedded_publish(&none, embedded.squid), 1);
    assert_int_equal(embedded_lookup("squid.nec", &got), 0);
    assert_false(got.has_key);
    assert_int_equal(embedded_publish(&theirs, embedded.other), NECTAR_EREJECTED);
    assert_int_equal(embedded_publish(&theirs, embedded.squid), 2);
    assert_int_equal(embedded_publish(&none, embedded.other), 3);
    theirs = embedded_record("squid.nec", embedded.squid);
    assert_int_equal(embedded_publish(&theirs, embedded.squid), NECTAR_EREJECTED);
}

static void malformed_records_are_refused(void **state)
{
    struct nectar_record record = embedded_record("squid", embedded.squid);

    (void)state;
    assert_int_equal(embedded_publish(&record, embedded.squid), NECTAR_ENAME);
    record = embedded_record("Squid.nec", embedded.squid);
    assert_int_equal(embedded_publish(&record, embedded.squid), NECTAR_ENAME);
    record = embedded_record("squid.nec", embedded.squid);
    record.ws.host[0] = '\0';
    assert_int_equal(embedded_publish(&record, embedded.squid), NECTAR_EADDRESS);
    assert_int_equal(access(embedded.path, F_OK), -1);
}

static void a_damaged_row_is_unreachable(void **state)
{
    static const char *const DAMAGE[] = {
        "UPDATE names SET key = x'00'",          "UPDATE names SET ws_port = 0",
        "UPDATE names SET ws_host = 'a b'",      "UPDATE names SET routers = 'Bad'",
        "UPDATE names SET routers = 'a.b  c.d'", "UPDATE names SET owner = x''",
        "UPDATE names SET ws_port = 65536",      "UPDATE names SET ws_port = NULL",
    };
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);
    struct nectar_record got;

    (void)state;
    for (size_t i = 0; i < sizeof DAMAGE / sizeof DAMAGE[0]; i++) {
        assert_int_equal(embedded_publish(&record, embedded.squid), 1);
        embedded_run_sql(embedded.path, DAMAGE[i]);
        assert_int_equal(embedded_lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
        embedded_assert_reason("damaged");
        record.ws.port++;
        assert_int_equal(embedded_publish(&record, embedded.squid), NECTAR_EUNREACHABLE);
        embedded_run_sql(embedded.path, "DELETE FROM names");
    }
}

static void readers_see_a_writer(void **state)
{
    char uri[300];
    const char *uris[] = {uri};
    struct nectar_registry *reader = NULL;
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);
    struct nectar_record got;

    (void)state;
    snprintf(uri, sizeof uri, "sqlite:%s", embedded.path);
    assert_int_equal(nectar_registry_open(&reader, uris, 1, NULL, NULL), 0);
    for (int64_t i = 1; i <= 20; i++) {
        record.ws.port = (uint16_t)i;
        assert_int_equal(embedded_publish(&record, embedded.squid), i);
        assert_int_equal(nectar_registry_lookup(reader, "squid.nec", false, &got, NULL), 0);
        assert_int_equal(got.ws.port, i);
    }
    nectar_registry_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(publishes_and_reads, embedded_begin, embedded_end),
        cmocka_unit_test_setup_teardown(no_change_is_sequence_0, embedded_begin, embedded_end),
        cmocka_unit_test_setup_teardown(names_belong_to_their_key, embedded_begin, embedded_end),
        cmocka_unit_test_setup_teardown(a_name_without_key_keeps_its_owner, embedded_begin,
                                        embedded_end),
        cmocka_unit_test_setup_teardown(malformed_records_are_refused, embedded_begin,
                                        embedded_end),
        cmocka_unit_test_setup_teardown(a_damaged_row_is_unreachable, embedded_begin, embedded_end),
        cmocka_unit_test_setup_teardown(readers_see_a_writer, embedded_begin, embedded_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
