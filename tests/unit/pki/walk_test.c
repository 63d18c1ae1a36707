/* All the records of a registry, one after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/listing.h>
#include <nectar/text.h>

#include "unit/shared/embedded.h"

#define ADDRESS "0xAB01cd23efAB01cd23efAB01cd23efAB01cd23ef"
#define KEY     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* The names of what is left of a walk, with a space behind each; an error in their place. */
static const char *names_left(struct nectar_walk *walk)
{
    static char names[1024];
    struct nectar_listing listing;
    size_t len = 0;
    bool end = false;

    names[0] = '\0';
    for (;;) {
        int error = nectar_walk_next(walk, &listing, &end, &embedded.answer);

        if (error)
            return nectar_error_name(error);
        if (end)
            return names;
        len += (size_t)snprintf(names + len, sizeof names - len, "%s ", listing.record.name);
    }
}

static struct nectar_walk *walk_text(const char *text)
{
    struct nectar_walk *walk = NULL;

    assert_int_equal(nectar_walk_text(&walk, text, strlen(text), "nec", &embedded.answer), 0);
    return walk;
}

static struct nectar_walk *walk_registry(void)
{
    struct nectar_walk *walk = NULL;

    assert_int_equal(nectar_walk_open(&walk, embedded.registry, 0, &embedded.answer), 0);
    assert_non_null(strstr(embedded.answer.source, "registry.db"));
    return walk;
}

static void publish_named(const char *name)
{
    struct nectar_record record = embedded_record(name, embedded.squid);

    assert_true(embedded_publish(&record, embedded.squid) > 0);
}

static void walks_in_the_order_of_names(void **state)
{
    struct nectar_walk *walk;
    struct nectar_listing listing;
    char owner[NECTAR_OWNER_SIZE];
    bool end = false;

    (void)state;
    publish_named("b.nec");
    publish_named("b-.nec");
    publish_named("a.os");
    publish_named("b.b.nec");
    walk = walk_registry();
    assert_int_equal(nectar_walk_next(walk, &listing, &end, &embedded.answer), 0);
    assert_string_equal(listing.record.name, "a.os");
    nectar_hex_encode(owner, nectar_key_public(embedded.squid), NECTAR_PUBLIC_BYTES);
    assert_string_equal(listing.owner, owner);
    assert_string_equal(names_left(walk), "b-.nec b.b.nec b.nec ");
    /* At the end it stays there. */
    assert_string_equal(names_left(walk), "");
    nectar_walk_free(walk);
    nectar_walk_free(NULL);
    walk = walk_text("[{\"username\":\"b\",\"networking_key\":null},"
                     "{\"username\":\"b-\",\"networking_key\":null},"
                     "{\"name\":\"a.os\",\"networking_key\":null},"
                     "{\"name\":\"b.b.nec\",\"networking_key\":null}]");
    assert_string_equal(names_left(walk), "a.os b-.nec b.b.nec b.nec ");
    nectar_walk_free(walk);
}

/* What changes behind a walk, also by the same object, is not seen; nor is it kept waiting. */
static void one_state_is_walked(void **state)
{
    struct nectar_walk *walk;
    struct nectar_listing listing;
    struct nectar_record record;
    bool end = false;

    (void)state;
    publish_named("a.nec");
    publish_named("b.nec");
    walk = walk_registry();
    assert_int_equal(nectar_walk_next(walk, &listing, &end, &embedded.answer), 0);
    publish_named("c.nec");
    record = embedded_record("b.nec", embedded.squid);
    record.ws.port++;
    assert_int_equal(embedded_publish(&record, embedded.squid), 4);
    assert_int_equal(embedded_lookup("c.nec", &record), 0);
    assert_int_equal(nectar_walk_next(walk, &listing, &end, &embedded.answer), 0);
    assert_string_equal(listing.record.name, "b.nec");
    assert_int_equal(listing.record.ws.port, 9002);
    assert_string_equal(names_left(walk), "");
    nectar_walk_free(walk);
}

static void a_damaged_row_ends_the_walk(void **state)
{
    struct nectar_walk *walk;
    struct nectar_listing listing;
    bool end = false;

    (void)state;
    publish_named("a.nec");
    publish_named("b.nec");
    embedded_run_sql(embedded.path, "UPDATE names SET ws_port = 0 WHERE name = 'b.nec'");
    walk = walk_registry();
    assert_int_equal(nectar_walk_next(walk, &listing, &end, &embedded.answer), 0);
    assert_string_equal(names_left(walk), "NECTAR_EUNREACHABLE");
    embedded_assert_reason("b.nec is damaged");
    assert_int_equal(nectar_walk_next(walk, &listing, &end, &embedded.answer), 0);
    assert_true(end);
    nectar_walk_free(walk);
    embedded_run_sql(embedded.path, "UPDATE names SET name = '' WHERE name = 'b.nec'");
    walk = walk_registry();
    assert_string_equal(names_left(walk), "NECTAR_EUNREACHABLE");
    nectar_walk_free(walk);
}

static void what_is_no_registry_is_not_walked(void **state)
{
    const char *file = scratch_write(&embedded.scratch, "bad.json", "{", 1);
    char uri[300];
    const char *uris[] = {"sqlite:/dev/null", uri};
    struct nectar_registry *registry = NULL;
    struct nectar_walk *walk = NULL;

    (void)state;
    assert_int_equal(nectar_walk_open(&walk, embedded.registry, 0, &embedded.answer),
                     NECTAR_EUNREACHABLE);
    embedded_assert_reason("no registry there yet");
    snprintf(uri, sizeof uri, "json:%s", file);
    assert_int_equal(nectar_registry_open(&registry, uris, 2, NULL, NULL), 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(nectar_walk_open(&walk, registry, i, &embedded.answer),
                         NECTAR_EUNREACHABLE);
        embedded_assert_reason(i == 0 ? "is not a file" : "line 1: malformed JSON");
    }
    nectar_registry_free(registry);
    assert_null(walk);
}

/* Who may write the file, or somebody who may not (of root's: everything is allowed to it). */
static void be_another(bool another)
{
    if (getuid() == 0 && !another)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(embedded.path, another ? 0444 : 0644), 0);
    if (getuid() == 0 && another)
        assert_int_equal(seteuid(65534), 0);
}

/* A file that is read without a lock, and changed meanwhile by somebody who may write it. */
static void a_walk_without_a_lock_sees_that_it_was_no_one_state(void **state)
{
    struct nectar_walk *walk;
    struct nectar_listing listing;
    bool end = false;

    (void)state;
    publish_named("a.nec");
    embedded_open(embedded.path); /* the one before writes its log back into the file */
    assert_int_equal(chmod(embedded.scratch.folder, 0755), 0);
    assert_int_equal(chmod(scratch_path(&embedded.scratch, "a"), 0755), 0);
    assert_int_equal(chmod(scratch_path(&embedded.scratch, "a/b"), 0755), 0);
    for (unsigned changed = 0; changed < 2; changed++) {
        be_another(true);
        walk = walk_registry();
        assert_int_equal(nectar_walk_next(walk, &listing, &end, &embedded.answer), 0);
        be_another(false);
        if (changed)
            publish_named("b.nec");
        embedded_open(embedded.path);
        assert_string_equal(names_left(walk), changed ? "NECTAR_EUNREACHABLE" : "");
        if (changed)
            embedded_assert_reason("changed while it was read");
        nectar_walk_free(walk);
    }
}

static void a_text_says_what_is_wrong_with_it(void **state)
{
    static const char *const TEXTS[][2] = {
        {"", "neither a map"},
        {"7", "neither a map"},
        {"{\"a.nec\":", "malformed JSON"},
        {"{\"a.nec\":{}}", "not a record"},
        {"{\"username\":\"A\",\"networking_key\":null}", "not a node name"},
        {"[\n{\"username\":\"a\",\"networking_key\":null},\n"
         "{\"username\":\"a\",\"networking_key\":null}]",
         "line 3: a.nec is there twice"},
    };
    struct nectar_walk *walk = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        assert_int_equal(
            nectar_walk_text(&walk, TEXTS[i][0], strlen(TEXTS[i][0]), "nec", &embedded.answer),
            NECTAR_EFORMAT);
        embedded_assert_reason(TEXTS[i][1]);
        assert_int_equal(nectar_walk_text(&walk, TEXTS[i][0], strlen(TEXTS[i][0]), "nec", NULL),
                         NECTAR_EFORMAT);
    }
    assert_null(walk);
}

static void owners_are_taken_where_they_are_owners(void **state)
{
    static const char *const OWNERS[][2] = {
        {"\"" KEY "\"", KEY},
        {"\"" ADDRESS "\"", ADDRESS},
        {"\"0x" KEY "\"", ""},
        {"\"aa\"", ""},
        {"\"\"", ""},
        {"\"0x\"", ""},
        {"\"gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", ""},
        {"null", ""},
        {"{\"a\":1}", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof OWNERS / sizeof OWNERS[0]; i++) {
        struct nectar_listing listing;
        struct nectar_walk *walk;
        char text[256];
        bool end = false;

        snprintf(text, sizeof text, "{\"username\":\"a\",\"networking_key\":null,\"owner\":%s}",
                 OWNERS[i][0]);
        walk = walk_text(text);
        assert_int_equal(nectar_walk_next(walk, &listing, &end, &embedded.answer), 0);
        assert_string_equal(listing.record.name, "a.nec");
        assert_string_equal(listing.owner, OWNERS[i][1]);
        nectar_walk_free(walk);
    }
}

#define WITH_REGISTRY(test) cmocka_unit_test_setup_teardown(test, embedded_begin, embedded_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_REGISTRY(walks_in_the_order_of_names),
        WITH_REGISTRY(one_state_is_walked),
        WITH_REGISTRY(a_damaged_row_ends_the_walk),
        WITH_REGISTRY(what_is_no_registry_is_not_walked),
        WITH_REGISTRY(a_walk_without_a_lock_sees_that_it_was_no_one_state),
        WITH_REGISTRY(a_text_says_what_is_wrong_with_it),
        WITH_REGISTRY(owners_are_taken_where_they_are_owners),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
