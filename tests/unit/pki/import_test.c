/* A registry that is made, and filled with what another one has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/listing.h>
#include <nectar/text.h>

#include "unit/shared/embedded.h"

/* Imports one listing; its error. */
static int import(const struct nectar_listing *listing, struct nectar_import *out)
{
    *out = (struct nectar_import){.listing = listing};
    assert_int_equal(nectar_registry_import(embedded.registry, out, 1, &embedded.answer), 0);
    return out->error;
}

/* The first record of the registry. */
static struct nectar_listing first(void)
{
    struct nectar_listing listing = {.block = 1};
    struct nectar_walk *walk = NULL;
    bool end = false;

    assert_int_equal(nectar_walk_open(&walk, embedded.registry, 0, &embedded.answer), 0);
    assert_int_equal(nectar_walk_next(walk, &listing, &end, &embedded.answer), 0);
    assert_false(end);
    assert_int_equal(listing.block, 0);
    nectar_walk_free(walk);
    return listing;
}

static void a_registry_is_made_once(void **state)
{
    bool made = false;
    struct nectar_record record;

    (void)state;
    assert_int_equal(nectar_registry_init(embedded.registry, &made, &embedded.answer), 0);
    assert_true(made);
    assert_int_equal(embedded_lookup("a.nec", &record), NECTAR_EUNKNOWN);
    record = embedded_record("a.nec", embedded.squid);
    assert_int_equal(embedded_publish(&record, embedded.squid), 1);
    assert_int_equal(nectar_registry_init(embedded.registry, &made, &embedded.answer), 0);
    assert_false(made);
    assert_int_equal(embedded_lookup("a.nec", &record), 0);
    embedded_open("/dev/null");
    assert_int_equal(nectar_registry_init(embedded.registry, &made, &embedded.answer),
                     NECTAR_EUNREACHABLE);
    assert_false(made);
    embedded_assert_reason("is not a file");
}

/* What is imported belongs to the key in its record, as if that had published it. */
static void imported_names_belong_to_their_key(void **state)
{
    struct nectar_listing listing = {.record = embedded_record("squid.nec", embedded.squid)};
    struct nectar_record changed = listing.record;
    struct nectar_import item;
    struct nectar_record got;

    (void)state;
    assert_int_equal(import(&listing, &item), 0);
    assert_int_equal(item.sequence, 1);
    assert_int_equal(embedded_lookup("squid.nec", &got), 0);
    assert_true(nectar_record_equal(&got, &listing.record));
    /* The same again changes nothing, something else is refused. */
    assert_int_equal(import(&listing, &item), 0);
    assert_int_equal(item.sequence, 0);
    listing.record.ws.port++;
    assert_int_equal(import(&listing, &item), NECTAR_EREJECTED);
    assert_non_null(strstr(item.reason, "squid.nec has another record here"));
    listing.record = embedded_record("squid.nec", embedded.other);
    assert_int_equal(import(&listing, &item), NECTAR_EREJECTED);
    listing.record = embedded_record("squid.nec", NULL);
    assert_int_equal(import(&listing, &item), NECTAR_EREJECTED);
    assert_int_equal(embedded_lookup("squid.nec", &got), 0);
    assert_int_equal(got.ws.port, 9002);
    /* Its key, and no other, can change it. */
    changed.ws.port = 7;
    assert_int_equal(embedded_publish(&changed, embedded.other), NECTAR_EREJECTED);
    assert_int_equal(embedded_publish(&changed, embedded.squid), 2);
}

static void a_name_without_key_belongs_to_the_owner_told(void **state)
{
    struct nectar_listing listing = {.record = embedded_record("squid.nec", NULL)};
    struct nectar_record theirs = embedded_record("squid.nec", embedded.other);
    struct nectar_import item;

    (void)state;
    nectar_hex_encode(listing.owner, nectar_key_public(embedded.squid), NECTAR_PUBLIC_BYTES);
    assert_int_equal(import(&listing, &item), 0);
    assert_int_equal(embedded_publish(&theirs, embedded.other), NECTAR_EREJECTED);
    embedded_assert_reason("belongs to another key");
    assert_string_equal(first().owner, listing.owner);
    assert_false(first().record.has_key);
    assert_int_equal(embedded_publish(&theirs, embedded.squid), 2);
}

/* Where the owner is no key, the name is nobody's: whoever publishes it next has it. */
static void a_name_of_nobody_is_as_a_new_one(void **state)
{
    struct nectar_listing listing = {.record = embedded_record("squid.nec", NULL),
                                     .owner = "0xAB01cd23efAB01cd23efAB01cd23efAB01cd23ef"};
    struct nectar_record mine = embedded_record("squid.nec", embedded.squid);
    struct nectar_import item;

    (void)state;
    assert_int_equal(import(&listing, &item), 0);
    assert_string_equal(first().owner, "");
    assert_int_equal(embedded_publish(&mine, embedded.other), NECTAR_EREJECTED);
    embedded_assert_reason("is new");
    listing.record.ws.port = 5;
    assert_int_equal(import(&listing, &item), 0);
    assert_int_equal(embedded_publish(&mine, embedded.squid), 3);
    assert_int_equal(import(&listing, &item), NECTAR_EREJECTED);
}

/* Of many each has its own outcome, and what is said twice is so at once. */
static void many_are_imported_at_once(void **state)
{
    enum { COUNT = 6 };
    static const int WANTED[COUNT] = {0, 0, NECTAR_EREJECTED, NECTAR_ENAME, NECTAR_EADDRESS, 0};
    struct nectar_listing *listings = calloc(COUNT, sizeof *listings);
    struct nectar_import items[COUNT];
    struct nectar_record got;

    (void)state;
    assert_non_null(listings);
    for (size_t i = 0; i < COUNT; i++) {
        listings[i].record = embedded_record(i == 5 ? "b.nec" : "a.nec", embedded.squid);
        items[i] = (struct nectar_import){.listing = &listings[i], .error = 1};
    }
    listings[2].record.ws.port = 7;
    listings[3].record.name[0] = 'A';
    listings[4].record.ws.host[0] = '\0';
    assert_int_equal(nectar_registry_import(embedded.registry, items, COUNT, &embedded.answer), 0);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(items[i].error, WANTED[i]);
        assert_true((items[i].error == 0) == (items[i].reason[0] == '\0'));
    }
    assert_int_equal(items[0].sequence, 1);
    assert_int_equal(items[1].sequence, 0);
    assert_int_equal(items[5].sequence, 2);
    assert_int_equal(embedded_lookup("b.nec", &got), 0);
    free(listings);
}

static void a_file_of_json_is_neither_made_nor_filled(void **state)
{
    char uri[300];
    const char *uris[] = {uri};
    struct nectar_registry *registry = NULL;
    struct nectar_listing listing = {.record = embedded_record("squid.nec", embedded.squid)};
    struct nectar_import item = {.listing = &listing};
    bool made = true;

    (void)state;
    snprintf(uri, sizeof uri, "json:%s", scratch_path(&embedded.scratch, "none.json"));
    assert_int_equal(nectar_registry_open(&registry, uris, 1, NULL, NULL), 0);
    assert_int_equal(nectar_registry_init(registry, &made, &embedded.answer), NECTAR_EREADONLY);
    assert_false(made);
    embedded_assert_reason("not made like this");
    assert_int_equal(nectar_registry_import(registry, &item, 1, &embedded.answer),
                     NECTAR_EREADONLY);
    embedded_assert_reason("only read");
    nectar_registry_free(registry);
}

#define WITH_REGISTRY(test) cmocka_unit_test_setup_teardown(test, embedded_begin, embedded_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_REGISTRY(a_registry_is_made_once),
        WITH_REGISTRY(imported_names_belong_to_their_key),
        WITH_REGISTRY(a_name_without_key_belongs_to_the_owner_told),
        WITH_REGISTRY(a_name_of_nobody_is_as_a_new_one),
        WITH_REGISTRY(many_are_imported_at_once),
        WITH_REGISTRY(a_file_of_json_is_neither_made_nor_filled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
