/*
 * The cache while memory is refused, each allocation once: what is found is what was put in, or it
 * is not found; nothing leaks; with memory again, the file is whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pki/cache.h"
#include "unit/shared/scarce.h"
#include "unit/shared/scratch.h"

enum { ATTEMPTS_MAX = 4000 };

static struct scratch scratch;
static char folder[100];
static const uint8_t ID[CACHE_ID_BYTES] = {1};

static struct cache_record make(const char *name, uint16_t port)
{
    struct cache_record record = {.block = 7, .quorum = 1, .source = "label"};

    snprintf(record.record.name, sizeof record.record.name, "%s", name);
    record.record.ws = (struct nectar_address){"203.0.113.7", port};
    return record;
}

static void attempt(void)
{
    const struct cache_record one = make("one.nec", 1), two = make("two.nec", 2);
    struct cache_endpoint endpoint = {.chain = 5, .tld = "nec"};
    struct cache_record found;
    struct cache *cache = cache_new(folder, NULL);

    if (!cache) {
        assert_int_equal(scarce.fails_at, 0);
        return;
    }
    cache_put(cache, "r", &one);
    cache_put(cache, "r", &two);
    cache_age(cache, "r", "one.nec");
    cache_put_endpoint(cache, ID, &endpoint);
    if (cache_find(cache, &found, "r", "one.nec"))
        assert_true(nectar_record_equal(&found.record, &one.record));
    else
        assert_int_equal(scarce.fails_at, 0);
    if (cache_find_endpoint(cache, &endpoint, ID))
        assert_true(endpoint.chain == 5 && strcmp(endpoint.tld, "nec") == 0);
    else
        assert_int_equal(scarce.fails_at, 0);
    cache_forget(cache, "r", "two.nec");
    cache_free(cache);
}

/* All that was put in before is still there, and can be changed. */
static void assert_whole(void)
{
    const struct cache_record before = make("before.nec", 3);
    struct cache *cache = cache_new(folder, NULL);
    struct cache_record found;

    assert_non_null(cache);
    assert_true(cache_find(cache, &found, "r", "before.nec"));
    assert_true(nectar_record_equal(&found.record, &before.record));
    cache_put(cache, "r", &before);
    assert_true(cache_find(cache, &found, "r", "before.nec"));
    cache_free(cache);
}

static void attempt_and_look(void)
{
    attempt();
    scarce_end();
    assert_whole();
    scarce.counting = true;
}

static void test_a_file_that_is_there(void **state)
{
    const struct cache_record before = make("before.nec", 3);
    struct cache *cache;

    (void)state;
    if (!SCARCE)
        skip();
    attempt(); /* warms the libraries up */
    cache = cache_new(folder, NULL);
    cache_put(cache, "r", &before);
    cache_free(cache);
    assert_in_range(scarce_each(attempt_and_look, ATTEMPTS_MAX), 2, ATTEMPTS_MAX - 1);
}

static void attempt_anew(void)
{
    scarce_end();
    remove(scratch_path(&scratch, "cache/registries.db"));
    remove(scratch_path(&scratch, "cache/registries.db-wal"));
    remove(scratch_path(&scratch, "cache/registries.db-shm"));
    scarce.counting = true;
    attempt();
}

static void test_a_file_that_is_made(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    attempt_anew();
    assert_in_range(scarce_each(attempt_anew, ATTEMPTS_MAX), 2, ATTEMPTS_MAX - 1);
}

static int set_up(void **state)
{
    (void)state;
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0); /* nothing here is about disks, and they are slow */
    scratch_begin(&scratch);
    snprintf(folder, sizeof folder, "%s", scratch_path(&scratch, "cache"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scarce_end();
    scratch_end(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_file_that_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_made, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
