/*
 * Registries while memory is refused: a record as ever, or an error that says so. Never is a name
 * that is there told to be unknown, nor another's record given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/listing.h>

#include "pki/record.h"
#include "unit/shared/scarce.h"
#include "unit/shared/scratch.h"

enum { ATTEMPTS_MAX = 2000, PACKED_MAX = 4096 };

#define NODE(name, port) "\"" name "\":{\"networking_key\":null,\"ws_routing\":[\"::1\"," port "]}"
#define NODES            "{" NODE("a.nec", "1") "," NODE("b.nec", "2") "," NODE("d.nec", "3") "}"

static struct scratch scratch;
static char uri[300];

static void lookup(void)
{
    const char *uris[] = {uri};
    struct nectar_registry *registry = NULL;
    struct nectar_answer answer;
    struct nectar_record record;
    int error = nectar_registry_open(&registry, uris, 1, NULL, NULL);

    if (error) {
        assert_true(scarce.fails_at == 0 && error == NECTAR_ENOMEM);
        assert_null(registry);
        return;
    }
    error = nectar_registry_lookup(registry, "a.nec", false, &record, &answer);
    if (error)
        assert_true(scarce.fails_at == 0 &&
                    (error == NECTAR_ENOMEM || error == NECTAR_EUNREACHABLE));
    else
        assert_int_equal(record.ws.port, 1);
    /* With memory again, it answers again. */
    if (error)
        error = nectar_registry_lookup(registry, "a.nec", true, &record, &answer);
    assert_int_equal(error, 0);
    assert_string_equal(record.ws.host, "::1");
    assert_int_equal(nectar_registry_lookup(registry, "c.nec", false, &record, &answer),
                     NECTAR_EUNKNOWN);
    nectar_registry_free(registry);
}

/* All its records, or an error; a walk never ends early as if that were the end. */
static void walk(void)
{
    const char *uris[] = {uri};
    struct nectar_registry *registry = NULL;
    struct nectar_walk *at = NULL;
    struct nectar_listing listing;
    size_t seen = 0;
    bool end = false;
    int error = nectar_registry_open(&registry, uris, 1, NULL, NULL);

    if (!error)
        error = nectar_walk_open(&at, registry, 0, NULL);
    while (!error && !end) {
        error = nectar_walk_next(at, &listing, &end, NULL);
        seen += !error && !end;
    }
    if (error)
        assert_true(scarce.fails_at == 0 &&
                    (error == NECTAR_ENOMEM || error == NECTAR_EUNREACHABLE));
    else
        assert_int_equal(seen, 3);
    nectar_walk_free(at);
    nectar_registry_free(registry);
}

static void pack(void)
{
    struct nectar_record record = {.name = "a.nec", .ws = {"::1", 1}}, got;
    struct bytes out;
    int error;

    bytes_init(&out, PACKED_MAX);
    error = record_pack(&out, &record);
    if (error)
        assert_true(scarce.fails_at == 0 && error == NECTAR_ENOMEM);
    else
        assert_int_equal(record_unpack(&got, bytes_view(&out)), 0);
    bytes_free(&out);
}

static void refuse_each(void (*attempt)(void))
{
    attempt(); /* warms the libraries up */
    assert_in_range(scarce_each(attempt, ATTEMPTS_MAX), 2, ATTEMPTS_MAX - 1);
}

static void test_json(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    snprintf(uri, sizeof uri, "json:%s",
             scratch_write(&scratch, "nodes.json", NODES, strlen(NODES)));
    refuse_each(lookup);
    refuse_each(walk);
}

static void test_record(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    refuse_each(pack);
}

static int set_up(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_end(&scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_json, set_up, tear_down),
        cmocka_unit_test(test_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
