/* The cache of registries: what is put in comes out, and what is too much goes, the oldest first.
 */
#include "pki/cache.h"

#include <sys/stat.h>

#include "unit/shared/cached.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records, begin, end),
        cmocka_unit_test_setup_teardown(far_times, begin, end),
        cmocka_unit_test_setup_teardown(the_oldest_go, begin, end),
        cmocka_unit_test_setup_teardown(endpoints, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
