/* The file of the cache: one that is something else, or damaged, is thrown away; others use it too,
 * or hold it locked; where there can be none, all goes on without. */
#include <time.h>
#include <unistd.h>

#include "unit/shared/cached.h"

enum { FILE_MAX = 1 << 20, PAGE = 4096 };

/* The file is of no use, and is made anew, without a word. */
static void is_made_anew(const char *what)
{
    struct cache *cache = open_cache();

    if (find(cache, "squid.nec") != 0)
        fail_msg("%s: something is found", what);
    put(cache, "squid.nec", 77); /* this one may be lost with the file that was damaged */
    put(cache, "squid.nec", 78);
    if (find(cache, "squid.nec") != 78)
        fail_msg("%s: nothing is kept", what);
    cache_free(cache);
    if (told_count > 0)
        fail_msg("%s: %s", what, told);
}

static void other_files(void **state)
{
    static const struct {
        const char *what, *sql;
    } rows[] = {
        {"a newer version", "PRAGMA user_version = 2"},
        {"an older version", "PRAGMA user_version = 0"},
        {"of another program", "PRAGMA application_id = 1"},
    };
    const char *path;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cache *cache = open_cache();

        put(cache, "squid.nec", 9);
        cache_free(cache);
        run_sql(rows[i].sql);
        is_made_anew(rows[i].what);
    }
    path = scratch_path(&scratch, FILE_NAME);
    for (int i = 0; i < 2; i++) {
        char garbage[5000];

        memset(garbage, i ? 0 : 'x', sizeof garbage);
        scratch_write(&scratch, FILE_NAME, garbage, sizeof garbage);
        is_made_anew(i ? "zeros" : "garbage");
    }
    scratch_write(&scratch, FILE_NAME, "", 0);
    is_made_anew("empty");
    assert_int_equal(access(path, F_OK), 0);
}

static size_t read_all(char *out)
{
    FILE *file = fopen(scratch_path(&scratch, FILE_NAME), "r");
    size_t len;

    assert_non_null(file);
    len = fread(out, 1, FILE_MAX, file);
    fclose(file);
    return len;
}

static char whole[FILE_MAX];

/* Cut there, or with some bytes that are others: a record that was put in, or none; and then one
 * that is put in. */
static void damage(size_t len, size_t at, bool cut)
{
    static char changed[FILE_MAX];
    struct cache *cache;
    uint16_t port;

    memcpy(changed, whole, len);
    memset(changed + at, 0xa5, len - at < 24 ? len - at : 24);
    scratch_write(&scratch, FILE_NAME, changed, cut ? at : len);
    cache = open_cache();
    port = find(cache, "n7.nec");
    if (port != 0 && port != 9)
        fail_msg("at %zu: another record", at);
    for (int i = 0; i < 3; i++)
        put(cache, "n7.nec", 10);
    port = find(cache, "n7.nec");
    if (port != 10)
        fail_msg("at %zu: nothing is kept: %u %s", at, port, told);
    cache_free(cache);
}

static void cut_and_changed(void **state)
{
    struct cache *cache = open_cache();
    size_t len;

    (void)state;
    for (int i = 0; i < 40; i++) {
        char name[32];

        snprintf(name, sizeof name, "n%d.nec", i);
        put(cache, name, 9);
    }
    cache_free(cache);
    len = read_all(whole);
    assert_in_range(len, 8192, FILE_MAX - 1);
    for (size_t i = 0; i < 100; i++)
        damage(len, (i * 7919 * 31) % len, i % 2);
    for (size_t page = 1; page < len / PAGE; page++)
        damage(len, page * PAGE, false); /* where it hurts */
}

static void two_on_one_file(void **state)
{
    struct cache *one = open_cache(), *two = open_cache();

    (void)state;
    put(one, "squid.nec", 1);
    assert_int_equal(find(two, "squid.nec"), 1);
    put(two, "squid.nec", 2);
    put(one, "cod.nec", 3);
    assert_int_equal(find(one, "squid.nec"), 2);
    assert_int_equal(find(two, "cod.nec"), 3);
    cache_forget(one, REGISTRY, "squid.nec");
    assert_int_equal(find(two, "squid.nec"), 0);
    cache_free(one);
    cache_free(two);
    assert_int_equal(told_count, 0);
}

/* Whoever holds it locked keeps nobody waiting for long, and not again and again. */
static void locked(void **state)
{
    struct cache *cache = open_cache();
    struct timespec start, now;
    sqlite3 *db;

    (void)state;
    put(cache, "squid.nec", 1);
    assert_int_equal(sqlite3_open(scratch_path(&scratch, FILE_NAME), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (uint16_t i = 2; i < 20; i++) {
        put(cache, "squid.nec", i);
        assert_int_equal(find(cache, "squid.nec"), 1);
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_in_range((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000,
                    100, 1200);
    assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    put(cache, "squid.nec", 20);
    assert_int_equal(find(cache, "squid.nec"), 20);
    sqlite3_close(db);
    cache_free(cache);
    assert_int_equal(told_count, 0);
}

/* A row that is no record is none, whatever it is. */
static void bad_rows(void **state)
{
    static const char *const CHANGES[] = {
        "UPDATE records SET record = x''",
        "UPDATE records SET record = substr(record, 1, length(record) - 1)",
        "UPDATE records SET record = CAST(record || x'00' AS BLOB)",
        "UPDATE records SET record = zeroblob(60000)",
        "UPDATE records SET source = ''||substr(hex(zeroblob(2000)), 1, 2000)",
        "UPDATE records SET name = 'cod.nec'",
    };

    (void)state;
    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
        struct cache *cache = open_cache();

        put(cache, "squid.nec", 5);
        run_sql("DELETE FROM records WHERE name <> 'squid.nec'");
        run_sql(CHANGES[i]);
        if (find(cache, "squid.nec") != 0 || find(cache, "cod.nec") != 0)
            fail_msg("%s: is found", CHANGES[i]);
        put(cache, "squid.nec", 6);
        assert_int_equal(find(cache, "squid.nec"), 6);
        cache_free(cache);
    }
    assert_int_equal(told_count, 0);
}

/* Told once, and then all goes on without. */
static void no_place(void **state)
{
    struct cache_endpoint endpoint = {.chain = 1};
    const uint8_t id[CACHE_ID_BYTES] = {0};
    struct cache *cache = cache_new("/dev/null", &LOG);

    (void)state;
    for (int i = 0; i < 3; i++) {
        put(cache, "squid.nec", 5);
        assert_int_equal(find(cache, "squid.nec"), 0);
        cache_forget(cache, REGISTRY, "squid.nec");
        cache_age(cache, REGISTRY, "squid.nec");
        cache_put_endpoint(cache, id, &endpoint);
        assert_false(cache_find_endpoint(cache, &endpoint, id));
    }
    cache_free(cache);
    assert_int_equal(told_count, 1);
    assert_non_null(strstr(told, "nothing is kept in the cache"));
    cache_free(NULL);
    put(NULL, "squid.nec", 5);
    assert_int_equal(find(NULL, "squid.nec"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(other_files, begin, end),
        cmocka_unit_test_setup_teardown(cut_and_changed, begin, end),
        cmocka_unit_test_setup_teardown(two_on_one_file, begin, end),
        cmocka_unit_test_setup_teardown(bad_rows, begin, end),
        cmocka_unit_test_setup_teardown(locked, begin, end),
        cmocka_unit_test_setup_teardown(no_place, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
