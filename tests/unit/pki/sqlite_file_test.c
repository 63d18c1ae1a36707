/* The file of the embedded registry: missing, foreign, damaged, replaced, not ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "unit/shared/embedded.h"

static void a_missing_file_is_unreachable(void **state)
{
    struct nectar_record got;

    (void)state;
    assert_int_equal(embedded_lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
    embedded_assert_reason("no registry there yet");
    assert_int_equal(access(scratch_path(&embedded.scratch, "a"), F_OK), -1);
}

static void assert_unusable(const char *file, const char *why)
{
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);
    struct nectar_record got;

    embedded_open(file);
    assert_int_equal(embedded_lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
    embedded_assert_reason(why);
    assert_int_equal(embedded_publish(&record, embedded.squid), NECTAR_EUNREACHABLE);
    embedded_assert_reason(why);
}

static void what_is_no_registry_is_unreachable(void **state)
{
    char text[8192];

    (void)state;
    memset(text, 'x', sizeof text);
    assert_unusable(embedded.scratch.folder, "is a folder");
    assert_unusable("/dev/null", "is not a file");
    assert_unusable(scratch_write(&embedded.scratch, "text", text, sizeof text), "not a database");
    assert_unusable(scratch_path(&embedded.scratch, "text/below"), "Not a directory");
}

static void foreign_and_newer_databases(void **state)
{
    const char *file = scratch_path(&embedded.scratch, "other.db");

    (void)state;
    embedded_run_sql(file, "CREATE TABLE names (name TEXT)");
    assert_unusable(file, "not a registry");
    file = scratch_path(&embedded.scratch, "newer.db");
    embedded_run_sql(file, "PRAGMA application_id = 1313162068; PRAGMA user_version = 2");
    assert_unusable(file, "newer version");
}

/* As mktemp leaves it: to be read it is no registry, to be written it becomes one. */
static void an_empty_file_becomes_a_registry(void **state)
{
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);
    struct nectar_record got;

    (void)state;
    embedded_open(scratch_write(&embedded.scratch, "empty.db", "", 0));
    assert_int_equal(embedded_lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
    embedded_assert_reason("no registry there yet");
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    assert_int_equal(embedded_lookup("squid.nec", &got), 0);
}

/* Any bytes of the file changed: an answer or an error, and nothing else. */
static void a_damaged_file_is_survived(void **state)
{
    enum { SIZE = 65536, STEP = 97 };
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);
    char *before = malloc(SIZE);
    size_t len;
    FILE *file;

    (void)state;
    assert_non_null(before);
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    embedded_open(embedded.path); /* the one before writes its log back into the file */
    file = fopen(embedded.path, "rb");
    assert_non_null(file);
    len = fread(before, 1, SIZE, file);
    fclose(file);
    for (size_t at = 0; at < len; at += at < 100 ? 1 : STEP) {
        struct nectar_record got;
        char saved = before[at];
        int error;

        before[at] = (char)~saved;
        embedded_open(scratch_write(&embedded.scratch, "damaged.db", before, len));
        error = embedded_lookup("squid.nec", &got);
        assert_true(error == 0 || error == NECTAR_EUNKNOWN || error == NECTAR_EUNREACHABLE);
        if (error == 0)
            assert_string_equal(got.name, "squid.nec");
        before[at] = saved;
    }
    free(before);
}

static void a_file_put_in_its_place_is_seen(void **state)
{
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);
    struct nectar_record got;

    (void)state;
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    assert_int_equal(embedded_lookup("squid.nec", &got), 0);
    assert_int_equal(rename(embedded.path, scratch_path(&embedded.scratch, "a/b/away.db")), 0);
    assert_int_equal(embedded_lookup("squid.nec", &got), NECTAR_EUNREACHABLE);
    unlink(scratch_path(&embedded.scratch, "a/b/registry.db-wal"));
    unlink(scratch_path(&embedded.scratch, "a/b/registry.db-shm"));
    record = embedded_record("eel.nec", embedded.squid);
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    assert_int_equal(embedded_lookup("squid.nec", &got), NECTAR_EUNKNOWN);
    assert_int_equal(embedded_lookup("eel.nec", &got), 0);
}

/* A reader that may not write, in a folder where it may not either (of root's). */
static void a_reader_needs_no_right_to_write(void **state)
{
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);
    pid_t child;
    int status = -1;

    (void)state;
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    nectar_registry_free(embedded.registry);
    embedded.registry = NULL;
    assert_int_equal(chmod(embedded.scratch.folder, 0755), 0);
    assert_int_equal(chmod(scratch_path(&embedded.scratch, "a"), 0755), 0);
    assert_int_equal(chmod(scratch_path(&embedded.scratch, "a/b"), 0555), 0);
    assert_int_equal(chmod(embedded.path, 0444), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(9);
        embedded_open(embedded.path);
        for (size_t i = 0; i < 3; i++)
            if (embedded_lookup("squid.nec", &record) != 0 ||
                embedded_lookup("eel.nec", &record) != NECTAR_EUNKNOWN)
                _exit(1);
        record = embedded_record("eel.nec", embedded.other);
        _exit(embedded_publish(&record, embedded.other) == NECTAR_EREADONLY ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(scratch_path(&embedded.scratch, "a/b"), 0755), 0);
    assert_int_equal(scratch_count(scratch_path(&embedded.scratch, "a/b")), 1);
}

static void takes_names_that_sqlite_gives_a_meaning(void **state)
{
    struct nectar_record record = embedded_record("squid.nec", embedded.squid);
    char before[4096];

    (void)state;
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(embedded.scratch.folder), 0);
    embedded_open(":memory:");
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    assert_int_equal(access(scratch_path(&embedded.scratch, ":memory:"), F_OK), 0);
    assert_int_equal(chdir(before), 0);
    embedded_open(scratch_path(&embedded.scratch, "a%41#b&mode=memory"));
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    assert_int_equal(access(scratch_path(&embedded.scratch, "a%41#b&mode=memory"), F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_missing_file_is_unreachable, embedded_begin,
                                        embedded_end),
        cmocka_unit_test_setup_teardown(what_is_no_registry_is_unreachable, embedded_begin,
                                        embedded_end),
        cmocka_unit_test_setup_teardown(foreign_and_newer_databases, embedded_begin, embedded_end),
        cmocka_unit_test_setup_teardown(an_empty_file_becomes_a_registry, embedded_begin,
                                        embedded_end),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_survived, embedded_begin, embedded_end),
        cmocka_unit_test_setup_teardown(a_file_put_in_its_place_is_seen, embedded_begin,
                                        embedded_end),
        cmocka_unit_test_setup_teardown(a_reader_needs_no_right_to_write, embedded_begin,
                                        embedded_end),
        cmocka_unit_test_setup_teardown(takes_names_that_sqlite_gives_a_meaning, embedded_begin,
                                        embedded_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
