/* The cache of registries: what is put in comes out, what is too much goes, the oldest first, and a
 * file that is something else, or was cut, is thrown away. */
#include "pki/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/view.h"
#include "unit/shared/scratch.h"

#define REGISTRY  "nectar 31337 0xab"
#define FILE_NAME "cache/registries.db"

enum { FILE_MAX = 1 << 20 };

static struct scratch scratch;
static char told[1000]; /* in the log, the last line */
static int told_count;

static void hear(void *context, enum nectar_log_level level, const char *line)
{
    (void)context;
    (void)level;
    snprintf(told, sizeof told, "%s", line);
    told_count++;
}

static const struct nectar_log LOG = {NECTAR_LOG_FRAME, hear, NULL};

static int begin(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    told_count = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_end(&scratch);
    return 0;
}

static struct cache *open_cache(void)
{
    struct cache *cache = cache_new(scratch_path(&scratch, "cache"), &LOG);

    assert_non_null(cache);
    return cache;
}

static struct cache_record make(const char *name, uint16_t port)
{
    struct cache_record record = {
        .block = 7, .time = 1700000000, .read = 1700000001000000, .quorum = 2};

    snprintf(record.record.name, sizeof record.record.name, "%s", name);
    record.record.has_key = true;
    memset(record.record.key, port & 0xff, sizeof record.record.key);
    snprintf(record.record.ws.host, sizeof record.record.ws.host, "203.0.113.7");
    record.record.ws.port = port;
    snprintf(record.source, sizeof record.source, "nectar+http://127.0.0.1:1?contract=0xab");
    return record;
}

static void put(struct cache *cache, const char *name, uint16_t port)
{
    const struct cache_record record = make(name, port);

    cache_put(cache, REGISTRY, &record);
}

/* Its port; 0: there is no such record. */
static uint16_t find(struct cache *cache, const char *name)
{
    struct cache_record found;

    return cache_find(cache, &found, REGISTRY, name) ? found.record.ws.port : 0;
}

static void run_sql(const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(scratch_path(&scratch, FILE_NAME), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* --- records --------------------------------------------------------------------------------- */

static void records(void **state)
{
    const struct cache_record squid = make("squid.nec", 9000);
    struct cache_record found;
    struct cache *cache = open_cache();

    (void)state;
    assert_false(cache_find(cache, &found, REGISTRY, "squid.nec"));
    cache_put(cache, REGISTRY, &squid);
    cache_free(cache);
    cache = open_cache();
    assert_true(cache_find(cache, &found, REGISTRY, "squid.nec"));
    assert_true(nectar_record_equal(&found.record, &squid.record));
    assert_int_equal(found.block, squid.block);
    assert_int_equal(found.time, squid.time);
    assert_int_equal(found.read, squid.read);
    assert_int_equal(found.quorum, squid.quorum);
    assert_string_equal(found.source, squid.source);
    /* Of another registry, or another name, it says nothing. */
    assert_false(cache_find(cache, &found, "nectar 1 0xab", "squid.nec"));
    assert_int_equal(find(cache, "squi.nec"), 0);
    put(cache, "squid.nec", 9001);
    put(cache, "cod.nec", 1);
    assert_int_equal(find(cache, "squid.nec"), 9001);
    assert_int_equal(find(cache, "cod.nec"), 1);
    cache_age(cache, REGISTRY, "squid.nec");
    cache_age(cache, REGISTRY, "nobody.nec");
    assert_true(cache_find(cache, &found, REGISTRY, "squid.nec"));
    assert_int_equal(found.read, 0);
    assert_int_equal(found.block, squid.block);
    assert_true(cache_find(cache, &found, REGISTRY, "cod.nec"));
    assert_int_equal(found.read, squid.read);
    cache_forget(cache, REGISTRY, "squid.nec");
    assert_int_equal(find(cache, "squid.nec"), 0);
    assert_int_equal(find(cache, "cod.nec"), 1);
    cache_free(cache);
    assert_int_equal(told_count, 0);
}

/* A number that a file cannot hold is as large as one can be. */
static void far_times(void **state)
{
    struct cache_record squid = make("squid.nec", 9000), found;
    struct cache *cache = open_cache();

    (void)state;
    squid.block = squid.time = squid.read = UINT64_MAX;
    cache_put(cache, REGISTRY, &squid);
    assert_true(cache_find(cache, &found, REGISTRY, "squid.nec"));
    assert_int_equal(found.read, INT64_MAX);
    assert_int_equal(found.block, INT64_MAX);
    run_sql("UPDATE records SET read = -5, time = -1, block = -9223372036854775808");
    assert_true(cache_find(cache, &found, REGISTRY, "squid.nec"));
    assert_int_equal(found.read, 0);
    assert_int_equal(found.time, 0);
    assert_int_equal(found.block, 0);
    cache_free(cache);
}

static void the_oldest_go(void **state)
{
    enum { MORE = 50 };
    struct cache *cache = open_cache();
    char name[32];
    struct stat file;

    (void)state;
    put(cache, "first.nec", 1);
    cache_free(cache);
    run_sql("WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 8192)"
            " INSERT INTO records SELECT i, registry, 'n' || i || '.nec', record, 1, 1, 1, 1, 's'"
            " FROM n, records WHERE number = 1");
    cache = open_cache();
    assert_int_equal(find(cache, "first.nec"), 1);
    for (int i = 0; i < MORE; i++) {
        snprintf(name, sizeof name, "more%d.nec", i);
        put(cache, name, 2);
    }
    assert_int_equal(find(cache, "first.nec"), 0);
    assert_int_equal(find(cache, "more0.nec"), 2);
    assert_int_equal(find(cache, "more49.nec"), 2);
    cache_free(cache);
    /* Not one more, and none that could have stayed has gone. */
    run_sql("CREATE TEMP TABLE seen (n CHECK (n = 8192), first CHECK (first = 51));"
            "INSERT INTO seen SELECT count(*), min(number) FROM records");
    assert_int_equal(stat(scratch_path(&scratch, FILE_NAME), &file), 0);
    assert_in_range(file.st_size, 1, 96 << 20);
}

/* --- endpoints ------------------------------------------------------------------------------- */

static void endpoints(void **state)
{
    const struct cache_endpoint one = {.chain = 31337,
                                       .head = 5,
                                       .seen = 1700000001000000,
                                       .failures = 3,
                                       .until = 1700000009000000,
                                       .tld = "nec"};
    struct cache_endpoint found;
    uint8_t id[CACHE_ID_BYTES] = {1};
    struct cache *cache = open_cache();

    (void)state;
    assert_false(cache_find_endpoint(cache, &found, id));
    cache_put_endpoint(cache, id, &one);
    cache_free(cache);
    cache = open_cache();
    assert_true(cache_find_endpoint(cache, &found, id));
    assert_int_equal(found.chain, one.chain);
    assert_int_equal(found.head, one.head);
    assert_int_equal(found.seen, one.seen);
    assert_int_equal(found.failures, one.failures);
    assert_int_equal(found.until, one.until);
    assert_string_equal(found.tld, "nec");
    id[31] = 1;
    assert_false(cache_find_endpoint(cache, &found, id));
    for (int i = 0; i < CACHE_ENDPOINTS_MAX; i++) {
        id[0] = (uint8_t)i;
        id[1] = 9;
        cache_put_endpoint(cache, id, &one);
    }
    assert_true(cache_find_endpoint(cache, &found, id));
    memset(id, 0, sizeof id);
    id[0] = 1;
    assert_false(cache_find_endpoint(cache, &found, id)); /* the oldest has gone */
    /* What is no label is no TLD. */
    run_sql("UPDATE endpoints SET tld = 'a.b'");
    id[1] = 9;
    id[31] = 1;
    assert_false(cache_find_endpoint(cache, &found, id));
    cache_free(cache);
    assert_int_equal(told_count, 0);
}

/* --- files ----------------------------------------------------------------------------------- */

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

/* Cut anywhere, or with some bytes that are others: a record that was put in, or none. */
static void cut_and_changed(void **state)
{
    static char whole[FILE_MAX], changed[FILE_MAX];
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
    for (size_t i = 0; i < 120; i++) {
        bool cut = i % 2;
        size_t at = (i * 7919 * 31) % len;
        uint16_t port;

        memcpy(changed, whole, len);
        memset(changed + at, 0xa5, len - at < 24 ? len - at : 24);
        scratch_write(&scratch, FILE_NAME, changed, cut ? at : len);
        cache = open_cache();
        port = find(cache, "n7.nec");
        if (port != 0 && port != 9)
            fail_msg("at %zu: another record", at);
        for (int j = 0; j < 3; j++)
            put(cache, "n7.nec", 10);
        port = find(cache, "n7.nec");
        if (port != 10)
            fail_msg("at %zu: nothing is kept: %u %s", at, port, told);
        cache_free(cache);
    }
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
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(records),     CASE(far_times),       CASE(the_oldest_go),   CASE(endpoints),
        CASE(other_files), CASE(cut_and_changed), CASE(two_on_one_file), CASE(bad_rows),
        CASE(locked),      CASE(no_place),
    };
#undef CASE

    return cmocka_run_group_tests(tests, NULL, NULL);
}
