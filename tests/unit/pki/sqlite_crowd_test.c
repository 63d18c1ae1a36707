/* Many processes on one embedded registry, and some that die in the midst of it. */
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/registry.h>
#include <sqlite3.h>

#include "unit/shared/scratch.h"

enum { CROWD = 100, KILLED = 40 };

static struct scratch scratch;
static char path[256];
static int hurry = 1;
static int longest_wait_ms;

/* Stands before SQLite's own: notes how long the library means to wait, and waits a part of it. */
int sqlite3_busy_timeout(sqlite3 *db, int ms)
{
    void *next = dlsym(RTLD_NEXT, "sqlite3_busy_timeout");
    int (*real)(sqlite3 *, int) = NULL;

    assert_non_null(next);
    memcpy(&real, &next, sizeof real);
    if (ms > longest_wait_ms)
        longest_wait_ms = ms;
    return real(db, ms / hurry);
}

static int set_up(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    snprintf(path, sizeof path, "%s", scratch_path(&scratch, "new/registry.db"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_end(&scratch);
    return 0;
}

static struct nectar_registry *open_it(void)
{
    struct nectar_registry *registry = NULL;
    char uri[300];
    const char *uris[] = {uri};

    snprintf(uri, sizeof uri, "sqlite:%s", path);
    assert_int_equal(nectar_registry_open(&registry, uris, 1, NULL, NULL), 0);
    return registry;
}

/* One process of the crowd: publishes N.nec with a key of its own. Exits 0, or 1 and says why. */
static void publish_one(size_t n)
{
    struct nectar_registry *registry = open_it();
    struct nectar_record record = {.has_key = true, .ws = {"127.0.0.1", 1}};
    struct nectar_answer answer;
    struct nectar_key *key = NULL;
    uint64_t sequence = 0;
    int error;

    if (nectar_key_generate(&key, NULL) != 0)
        _exit(2);
    snprintf(record.name, sizeof record.name, "node-%zu.nec", n);
    memcpy(record.key, nectar_key_public(key), sizeof record.key);
    error = nectar_registry_publish(registry, &record, key, &sequence, &answer);
    if (error)
        fprintf(stderr, "# %zu: %s: %s\n", n, nectar_error_text(error), answer.reason);
    nectar_registry_free(registry);
    nectar_key_free(key);
    _exit(error || sequence == 0 ? 1 : 0);
}

static void a_hundred_publishers_of_a_new_file(void **state)
{
    struct nectar_registry *registry;
    pid_t children[CROWD];

    (void)state;
    for (size_t i = 0; i < CROWD; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            publish_one(i);
    }
    for (size_t i = 0; i < CROWD; i++) {
        int status = -1;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    registry = open_it();
    for (size_t i = 0; i < CROWD; i++) {
        struct nectar_record record;
        char name[32];

        snprintf(name, sizeof name, "node-%zu.nec", i);
        assert_int_equal(nectar_registry_lookup(registry, name, true, &record, NULL), 0);
    }
    nectar_registry_free(registry);
}

static void assert_intact(void)
{
    sqlite3_stmt *statement = NULL;
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

/* Publishes one change after the other, and tells the number of each that has returned. */
static void publish_until_killed(const struct nectar_key *key, int told)
{
    struct nectar_registry *registry = open_it();
    struct nectar_record record = {.name = "squid.nec", .has_key = true, .ws = {"a", 1}};

    memcpy(record.key, nectar_key_public(key), sizeof record.key);
    for (;;) {
        uint64_t sequence = 0;

        record.ws.port = (uint16_t)(record.ws.port % 60000 + 1);
        if (nectar_registry_publish(registry, &record, key, &sequence, NULL) != 0)
            _exit(1);
        if (write(told, &record.ws.port, sizeof record.ws.port) != sizeof record.ws.port)
            _exit(2);
    }
}

/* The last that a pipe tells, or 0. */
static uint16_t last_told(int from)
{
    uint16_t port = 0;
    uint16_t last = 0;

    while (read(from, &port, sizeof port) == sizeof port)
        last = port;
    return last;
}

/* Killed in the midst of a change: what had returned is there, and the registry goes on. */
static void a_killed_writer_breaks_nothing(void **state)
{
    struct nectar_key *key = NULL;

    (void)state;
    assert_int_equal(nectar_key_generate(&key, NULL), 0);
    for (useconds_t i = 0; i < KILLED; i++) {
        struct nectar_registry *registry;
        struct nectar_record record = {.ws = {.port = 0}};
        uint16_t told;
        int ends[2];
        int error;
        pid_t child;

        assert_int_equal(pipe(ends), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
            publish_until_killed(key, ends[1]);
        close(ends[1]);
        usleep(1000 + i * 700);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        told = last_told(ends[0]);
        close(ends[0]);
        registry = open_it();
        error = nectar_registry_lookup(registry, "squid.nec", true, &record, NULL);
        /* Killed before the first change there may be no registry yet. */
        assert_true(error == 0 || told == 0);
        if (told > 0)
            assert_true(record.ws.port == told || record.ws.port == told + 1);
        nectar_registry_free(registry);
        if (access(path, F_OK) == 0)
            assert_intact();
    }
    nectar_key_free(key);
}

/* A writer that holds the file for good is waited for with an end. */
static void a_lock_that_stays_is_unreachable(void **state)
{
    struct nectar_registry *registry = open_it();
    struct nectar_record record = {.name = "squid.nec", .has_key = true, .ws = {"a", 1}};
    struct nectar_answer answer;
    struct nectar_key *key = NULL;
    uint64_t sequence = 0;
    sqlite3 *db = NULL;

    (void)state;
    hurry = 50;
    assert_int_equal(nectar_key_generate(&key, NULL), 0);
    memcpy(record.key, nectar_key_public(key), sizeof record.key);
    assert_int_equal(nectar_registry_publish(registry, &record, key, &sequence, &answer), 0);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    record.ws.port++;
    assert_int_equal(nectar_registry_publish(registry, &record, key, &sequence, &answer),
                     NECTAR_EUNREACHABLE);
    assert_non_null(strstr(answer.reason, "stays locked"));
    assert_int_equal(longest_wait_ms, 10000);
    /* Readers do not wait for writers. */
    assert_int_equal(nectar_registry_lookup(registry, "squid.nec", true, &record, &answer), 0);
    sqlite3_close(db);
    record.ws.port++;
    assert_int_equal(nectar_registry_publish(registry, &record, key, &sequence, &answer), 0);
    assert_int_equal(sequence, 2);
    hurry = 1;
    nectar_registry_free(registry);
    nectar_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hundred_publishers_of_a_new_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_killed_writer_breaks_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lock_that_stays_is_unreachable, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
