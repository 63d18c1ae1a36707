#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/registry.h>
#include <sqlite3.h>

#include "unit/shared/scratch.h"

static struct scratch scratch;
static struct nectar_registry *registry;
static struct nectar_key *squid;
static struct nectar_key *other;
static struct nectar_answer answer;
static char path[256];

static struct nectar_registry *open_at(const char *file)
{
    struct nectar_registry *opened = NULL;
    char uri[300];
    const char *uris[] = {uri};

    snprintf(uri, sizeof uri, "sqlite:%s", file);
    assert_int_equal(nectar_registry_open(&opened, uris, 1, NULL, NULL), 0);
    return opened;
}

static int set_up(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    snprintf(path, sizeof path, "%s", scratch_path(&scratch, "a/b/registry.db"));
    registry = open_at(path);
    assert_int_equal(nectar_key_generate(&squid, NULL), 0);
    return nectar_key_generate(&other, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    nectar_registry_free(registry);
    nectar_key_free(squid);
    nectar_key_free(other);
    scratch_end(&scratch);
    return 0;
}

static struct nectar_record record_of(const char *name, const struct nectar_key *key)
{
    struct nectar_record record = {.has_key = key != NULL, .ws = {"::1", 9002}};

    snprintf(record.name, sizeof record.name, "%s", name);
    if (key)
        memcpy(record.key, nectar_key_public(key), sizeof record.key);
    return record;
}

/* Publishes; the sequence number, or the error. */
static int64_t publish(const struct nectar_record *record, const struct nectar_key *signer)
{
    uint64_t sequence = 77;
    int error = nectar_registry_publish(registry, record, signer, &sequence, &answer);

    assert_true(error == 0 || sequence == 0);
    assert_true((error == 0) == (answer.reason[0] == '\0'));
    return error ? error : (int64_t)sequence;
}

static int lookup(const char *name, struct nectar_record *out)
{
    return nectar_registry_lookup(registry, name, true, out, &answer);
}

static void assert_reason(const char *part)
{
    if (!strstr(answer.reason, part))
        fail_msg("reason is: %s", answer.reason);
}

static void publishes_and_reads(void **state)
{
    struct nectar_record record = record_of("squid.nec", squid);
    struct nectar_record got;
    struct stat info;

    (void)state;
    record.router_count = 2;
    snprintf(record.routers[0], sizeof record.routers[0], "loach.nec");
    snprintf(record.routers[1], sizeof record.routers[1], "eel.os");
    assert_int_equal(publish(&record, squid), 1);
    assert_int_equal(lookup("squid.nec", &got), 0);
    assert_true(nectar_record_equal(&got, &record));
    assert_false(answer.cached);
    assert_int_equal(answer.block, 0);
    assert_non_null(strstr(answer.source, "registry.db"));
    assert_int_equal(stat(scratch_path(&scratch, "a/b"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    record.tcp = (struct nectar_address){"host.example", 1};
    record.ws.port = 0;
    record.router_count = 0;
    assert_int_equal(publish(&record, squid), 2);
    assert_int_equal(lookup("squid.nec", &got), 0);
    assert_true(nectar_record_equal(&got, &record));
}

static void no_change_is_sequence_0(void **state)
{
    struct nectar_record record = record_of("squid.nec", squid);

    (void)state;
    assert_int_equal(publish(&record, squid), 1);
    assert_int_equal(publish(&record, squid), 0);
    assert_int_equal(publish(&record, other), 0);
    record.ws.port++;
    assert_int_equal(publish(&record, squid), 2);
}

static void names_belong_to_their_key(void **state)
{
    struct nectar_record mine = record_of("squid.nec", squid);
    struct nectar_record theirs = record_of("squid.nec", other);
    struct nectar_record got;

    (void)state;
    assert_int_equal(publish(&mine, other), NECTAR_EREJECTED);
    assert_reason("is new");
    assert_int_equal(lookup("squid.nec", &got), NECTAR_EUNKNOWN);
    assert_int_equal(publish(&mine, squid), 1);
    assert_int_equal(publish(&theirs, other), NECTAR_EREJECTED);
    assert_reason("belongs to another key");
    mine.ws.port++;
    assert_int_equal(publish(&mine, other), NECTAR_EREJECTED);
    assert_int_equal(lookup("squid.nec", &got), 0);
    assert_int_equal(got.ws.port, 9002);
    /* the change of keys, signed by the old one */
    assert_int_equal(publish(&theirs, squid), 2);
    assert_int_equal(publish(&mine, squid), NECTAR_EREJECTED);
    assert_int_equal(publish(&mine, other), 3);
}

/* A key that is taken back leaves the name with the one who did it. */
static void a_name_without_key_keeps_its_owner(void **state)
{
    struct nectar_record none = record_of("squid.nec", NULL);
    struct nectar_record theirs = record_of("squid.nec", other);
    struct nectar_record got;

    (void)state;
    assert_int_equal(publish(&none, squid), 1);
    assert_int_equal(lookup("squid.nec", &got), 0);
    assert_false(got.has_key);
    assert_int_equal(publish(&theirs, other), NECTAR_EREJECTED);
    assert_int_equal(publish(&theirs, squid), 2);
    assert_int_equal(publish(&none, other), 3);
    theirs = record_of("squid.nec", squid);
    assert_int_equal(publish(&theirs, squid), NECTAR_EREJECTED);
}

static void malformed_records_are_refused(void **state)
{
    struct nectar_record record = record_of("squid", squid);

    (void)state;
    assert_int_equal(publish(&record, squid), NECTAR_ENAME);
    record = record_of("Squid.nec", squid);
    assert_int_equal(publish(&record, squid), NECTAR_ENAME);
    record = record_of("squid.nec", squid);
    record.ws.host[0] = '\0';
    assert_int_equal(publish(&record, squid), NECTAR_EADDRESS);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_missing_file_is_unreachable(void **state)
{
    struct nectar_record got;

    (void)state;
    assert_int_equal(lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
    assert_reason("no registry there yet");
    assert_int_equal(access(scratch_path(&scratch, "a"), F_OK), -1);
}

static void assert_unusable(const char *file, const char *why)
{
    struct nectar_record record = record_of("squid.nec", squid);
    struct nectar_record got;

    nectar_registry_free(registry);
    registry = open_at(file);
    assert_int_equal(lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
    assert_reason(why);
    assert_int_equal(publish(&record, squid), NECTAR_EUNREACHABLE);
    assert_reason(why);
}

static void what_is_no_registry_is_unreachable(void **state)
{
    char text[8192];

    (void)state;
    memset(text, 'x', sizeof text);
    assert_unusable(scratch.folder, "is a folder");
    assert_unusable("/dev/null", "is not a file");
    assert_unusable(scratch_write(&scratch, "text", text, sizeof text), "not a database");
    assert_unusable(scratch_path(&scratch, "text/below"), "Not a directory");
}

static void run_sql(const char *file, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void foreign_and_newer_databases(void **state)
{
    const char *file = scratch_path(&scratch, "other.db");

    (void)state;
    run_sql(file, "CREATE TABLE names (name TEXT)");
    assert_unusable(file, "not a registry");
    file = scratch_path(&scratch, "newer.db");
    run_sql(file, "PRAGMA application_id = 1313162068; PRAGMA user_version = 2");
    assert_unusable(file, "newer version");
}

/* As mktemp leaves it: to be read it is no registry, to be written it becomes one. */
static void an_empty_file_becomes_a_registry(void **state)
{
    struct nectar_record record = record_of("squid.nec", squid);
    struct nectar_record got;

    (void)state;
    nectar_registry_free(registry);
    registry = open_at(scratch_write(&scratch, "empty.db", "", 0));
    assert_int_equal(lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
    assert_reason("no registry there yet");
    assert_int_equal(publish(&record, squid), 1);
    assert_int_equal(lookup("squid.nec", &got), 0);
}

static void a_damaged_row_is_unreachable(void **state)
{
    static const char *const DAMAGE[] = {
        "UPDATE names SET key = x'00'",          "UPDATE names SET ws_port = 0",
        "UPDATE names SET ws_host = 'a b'",      "UPDATE names SET routers = 'Bad'",
        "UPDATE names SET routers = 'a.b  c.d'", "UPDATE names SET owner = x''",
        "UPDATE names SET ws_port = 65536",      "UPDATE names SET ws_port = NULL",
    };
    struct nectar_record record = record_of("squid.nec", squid);
    struct nectar_record got;

    (void)state;
    for (size_t i = 0; i < sizeof DAMAGE / sizeof DAMAGE[0]; i++) {
        assert_int_equal(publish(&record, squid), 1);
        run_sql(path, DAMAGE[i]);
        assert_int_equal(lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
        assert_reason("damaged");
        record.ws.port++;
        assert_int_equal(publish(&record, squid), NECTAR_EUNREACHABLE);
        run_sql(path, "DELETE FROM names");
    }
}

/* Any bytes of the file changed: an answer or an error, and nothing else. */
static void a_damaged_file_is_survived(void **state)
{
    enum { SIZE = 65536, STEP = 97 };
    struct nectar_record record = record_of("squid.nec", squid);
    char *before = malloc(SIZE);
    size_t len;
    FILE *file;

    (void)state;
    assert_non_null(before);
    assert_int_equal(publish(&record, squid), 1);
    nectar_registry_free(registry); /* the log is written back into the file */
    registry = NULL;
    file = fopen(path, "rb");
    assert_non_null(file);
    len = fread(before, 1, SIZE, file);
    fclose(file);
    for (size_t at = 0; at < len; at += at < 100 ? 1 : STEP) {
        struct nectar_record got;
        char saved = before[at];
        int error;

        before[at] = (char)~saved;
        registry = open_at(scratch_write(&scratch, "damaged.db", before, len));
        error = lookup("squid.nec", &got);
        assert_true(error == 0 || error == NECTAR_EUNKNOWN || error == NECTAR_EUNREACHABLE);
        if (error == 0)
            assert_string_equal(got.name, "squid.nec");
        nectar_registry_free(registry);
        before[at] = saved;
    }
    registry = open_at(path);
    free(before);
}

static void a_file_put_in_its_place_is_seen(void **state)
{
    struct nectar_record record = record_of("squid.nec", squid);
    struct nectar_record got;

    (void)state;
    assert_int_equal(publish(&record, squid), 1);
    assert_int_equal(lookup("squid.nec", &got), 0);
    assert_int_equal(rename(path, scratch_path(&scratch, "a/b/away.db")), 0);
    assert_int_equal(lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
    unlink(scratch_path(&scratch, "a/b/registry.db-wal"));
    unlink(scratch_path(&scratch, "a/b/registry.db-shm"));
    record = record_of("eel.nec", squid);
    assert_int_equal(publish(&record, squid), 1);
    assert_int_equal(lookup("squid.nec", &got), NECTAR_EUNKNOWN);
    assert_int_equal(lookup("eel.nec", &got), 0);
}

static void readers_see_a_writer(void **state)
{
    struct nectar_registry *reader = open_at(path);
    struct nectar_record record = record_of("squid.nec", squid);
    struct nectar_record got;

    (void)state;
    for (int64_t i = 1; i <= 20; i++) {
        record.ws.port = (uint16_t)i;
        assert_int_equal(publish(&record, squid), i);
        assert_int_equal(nectar_registry_lookup(reader, "squid.nec", false, &got, NULL), 0);
        assert_int_equal(got.ws.port, i);
    }
    nectar_registry_free(reader);
}

static void takes_names_that_sqlite_gives_a_meaning(void **state)
{
    struct nectar_record record = record_of("squid.nec", squid);
    char before[4096];

    (void)state;
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(scratch.folder), 0);
    nectar_registry_free(registry);
    registry = open_at(":memory:");
    assert_int_equal(publish(&record, squid), 1);
    assert_int_equal(access(scratch_path(&scratch, ":memory:"), F_OK), 0);
    assert_int_equal(chdir(before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(publishes_and_reads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_change_is_sequence_0, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_belong_to_their_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_name_without_key_keeps_its_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(malformed_records_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_file_is_unreachable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_registry_is_unreachable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(foreign_and_newer_databases, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_file_becomes_a_registry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_row_is_unreachable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_survived, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_put_in_its_place_is_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(readers_see_a_writer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_names_that_sqlite_gives_a_meaning, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
