#include <fcntl.h>
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

#include "unit/shared/scratch.h"

static struct scratch scratch;
static struct nectar_registry *registry;
static struct nectar_answer answer;

static void open_uri(const char *parameters)
{
    char uri[300];
    const char *uris[] = {uri};

    nectar_registry_free(registry);
    snprintf(uri, sizeof uri, "json:%s%s", scratch_path(&scratch, "nodes.json"), parameters);
    assert_int_equal(nectar_registry_open(&registry, uris, 1, NULL, NULL), 0);
}

static int set_up(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    open_uri("");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    nectar_registry_free(registry);
    registry = NULL;
    scratch_end(&scratch);
    return 0;
}

static void put(const char *text)
{
    scratch_write(&scratch, "nodes.json", text, strlen(text));
}

static int lookup(const char *name, struct nectar_record *out)
{
    return nectar_registry_lookup(registry, name, false, out, &answer);
}

static int ask(const char *name)
{
    struct nectar_record record;
    int error = lookup(name, &record);

    if (error == 0)
        assert_string_equal(record.name, name);
    return error;
}

#define ROUTE "\"networking_key\":null,\"ws_routing\":[\"::1\",9002]"

static void the_three_shapes(void **state)
{
    static const char *const TEXTS[] = {
        "{\"squid.nec\":{" ROUTE "},\"eel.os\":{" ROUTE ",\"username\":\"eel\"}}",
        "{\"squid.nec\":{" ROUTE ",\"name\":\"squid.nec\"},\"eel.os\":{" ROUTE
        ",\"username\":\"eel.os\"}}",
        "[{\"username\":\"squid\"," ROUTE "},{\"username\":\"eel.os\"," ROUTE "}]",
        " [ {" ROUTE ",\n\"name\":\"squid.nec\"}\r\n,\t{\"name\":\"eel.os\"," ROUTE "} ] \n",
        "{\"squid\":{" ROUTE "},\"eel.os\":{" ROUTE "}}",
        "{\"\\u0073quid.nec\":{" ROUTE "},\"eel.os\":{" ROUTE "}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        open_uri("");
        put(TEXTS[i]);
        assert_int_equal(ask("squid.nec"), 0);
        assert_int_equal(ask("eel.os"), 0);
        assert_int_equal(ask("eel.nec"), NECTAR_EUNKNOWN);
    }
    put("{\"username\":\"squid\"," ROUTE "}");
    assert_int_equal(ask("squid.nec"), 0);
    assert_int_equal(ask("eel.os"), NECTAR_EUNKNOWN);
}

static void names_in_a_map_may_be_called_name(void **state)
{
    (void)state;
    put("{\"name\":{" ROUTE "},\"username\":{" ROUTE "}}");
    assert_int_equal(ask("name.nec"), 0);
    assert_int_equal(ask("username.nec"), 0);
}

static void empty_registries(void **state)
{
    static const char *const TEXTS[] = {"{}", "[]", " { } ", "\n[\n]\n"};

    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        open_uri("");
        put(TEXTS[i]);
        assert_int_equal(ask("squid.nec"), NECTAR_EUNKNOWN);
    }
}

static void the_tld_parameter(void **state)
{
    struct nectar_record record;
    char full[NECTAR_NAME_MAX + 1];
    char tld[NECTAR_LABEL_MAX + 1];

    (void)state;
    put("[{\"username\":\"squid\"," ROUTE ",\"allowed_routers\":[\"loach\",\"eel.nec\"]}]");
    open_uri("?tld=os");
    assert_int_equal(nectar_registry_tld(tld, registry, NULL), 0);
    assert_string_equal(tld, "os");
    assert_int_equal(nectar_registry_full_name(full, registry, "squid", &answer), 0);
    assert_string_equal(full, "squid.os");
    assert_int_equal(lookup("squid.os", &record), 0);
    assert_string_equal(record.routers[0], "loach.os");
    assert_string_equal(record.routers[1], "eel.nec");
    assert_int_equal(ask("squid.nec"), NECTAR_EUNKNOWN);
}

static void malformed_files_say_where(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } ROWS[] = {
        {"", "line 1: "},
        {"\n\n7", "line 3: neither"},
        {"\"text\"", "line 1: neither"},
        {"[\n", "line 2: malformed JSON"},
        {"{\n\"a.nec\":{" ROUTE "}", "line 2: malformed JSON"},
        {"{\n\"a.nec\"\n\n{" ROUTE "}}", "line 4: malformed JSON"},
        {"{\n\n,}", "line 3: malformed JSON"},
        {"[\n,]", "line 2: malformed JSON"},
        {"[{\"name\":\"a.nec\"," ROUTE "},\n]", "line 2: malformed JSON"},
        {"[{\"name\":\"a.nec\"," ROUTE "}\n{}]", "line 2: malformed JSON"},
        {"[]\n\n]", "line 3: malformed JSON"},
        {"{\"a.nec\":{" ROUTE "}]", "line 1: malformed JSON"},
        {"{a.nec:{" ROUTE "}}", "line 1: malformed JSON"},
        {"{\"a.nec\":{\n\"networking_key\":nul}}", "line 2: malformed JSON"},
        {"{\"a.nec\":{\n" ROUTE ",\n\"networking_key\":null}}", "malformed JSON"},
        {"{\"a.nec\":{\n[}]}", "malformed JSON"},
        {"{\"a.nec\":{" ROUTE "},\n\"b\\x.nec\":{" ROUTE "}}", "line 2: malformed JSON"},
        {"{\"a.nec\":{" ROUTE "},\n\"b.nec\":7}", "line 2: not a record"},
        {"{\"a.nec\":{" ROUTE "},\n\"b.nec\":{}}", "line 2: not a record"},
        {"{\"a.nec\":{" ROUTE "},\n\"B.nec\":{" ROUTE "}}", "line 2: not a node name"},
        {"{\"a.nec\":{" ROUTE "},\n\"b.nec\":{" ROUTE ",\"name\":\"c.nec\"}}",
         "line 2: not a record"},
        {"{\"a.nec\":{\"networking_key\":null,\"ws_routing\":[\"a\",0]}}",
         "line 1: not an address"},
        {"{\"a.nec\":{" ROUTE "},\n\"b.nec\":{" ROUTE "},\n\"a.nec\":{" ROUTE "}}",
         "line 3: a.nec is there twice"},
        {"{\"a.nec\":{" ROUTE "},\n\"a\":{" ROUTE "}}", "line 2: a.nec is there twice"},
        {"[{" ROUTE "}]", "line 1: not a record"},
        {"{\"a.nec\":\"\\", "line 1: malformed JSON"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        put(ROWS[i].text);
        assert_int_equal(ask("a.nec"), NECTAR_EUNREACHABLE);
        if (!strstr(answer.reason, ROWS[i].why) || !strstr(answer.reason, "nodes.json"))
            fail_msg("row %zu: reason is: %s", i, answer.reason);
    }
}

static void every_cut_is_unreachable(void **state)
{
    static const char TEXT[] =
        "{\"a.nec\":{" ROUTE "},\n\"b.nec\":{" ROUTE ",\"allowed_routers\":[\"a\\u002enec\"]}}";

    (void)state;
    for (size_t cut = 0; cut < sizeof TEXT - 1; cut++) {
        scratch_write(&scratch, "nodes.json", TEXT, cut);
        assert_int_equal(ask("a.nec"), NECTAR_EUNREACHABLE);
    }
    put(TEXT);
    assert_int_equal(ask("b.nec"), 0);
}

static void reasons_are_printable(void **state)
{
    char file[300];
    char uri[400];
    const char *uris[] = {uri};

    (void)state;
    snprintf(file, sizeof file, "%s", scratch_path(&scratch, "a\x1b[31m\nb"));
    snprintf(uri, sizeof uri, "json:%s", file);
    nectar_registry_free(registry);
    assert_int_equal(nectar_registry_open(&registry, uris, 1, NULL, NULL), 0);
    assert_int_equal(ask("a.nec"), NECTAR_EUNREACHABLE);
    for (const char *at = answer.reason; *at; at++)
        assert_true(*at >= ' ' && *at != 0x7f);
    assert_non_null(strstr(answer.reason, "No such file"));
}

/* A path of any length leaves room for the reason. */
static void long_paths_leave_room(void **state)
{
    char uri[4096 + 16];
    const char *uris[] = {uri};

    (void)state;
    memset(uri, '\x01', sizeof uri);
    memcpy(uri, "json:", 5);
    uri[5 + 4095] = '\0';
    nectar_registry_free(registry);
    assert_int_equal(nectar_registry_open(&registry, uris, 1, NULL, NULL), 0);
    assert_int_equal(ask("a.nec"), NECTAR_EUNREACHABLE);
    assert_true(strlen(answer.reason) <= NECTAR_REASON_MAX);
}

static void what_cannot_be_read(void **state)
{
    (void)state;
    assert_int_equal(ask("a.nec"), NECTAR_EUNREACHABLE);
    assert_non_null(strstr(answer.reason, "No such file"));
    assert_int_equal(mkdir(scratch_path(&scratch, "nodes.json"), 0700), 0);
    assert_int_equal(ask("a.nec"), NECTAR_EUNREACHABLE);
    assert_non_null(strstr(answer.reason, "Is a directory"));
}

static void what_is_too_large(void **state)
{
    (void)state;
    put("[]");
    assert_int_equal(truncate(scratch_path(&scratch, "nodes.json"), (64 << 20) + 1), 0);
    assert_int_equal(ask("a.nec"), NECTAR_EUNREACHABLE);
    assert_non_null(strstr(answer.reason, "larger than 64 MiB"));
}

static void changes_are_seen(void **state)
{
    (void)state;
    put("{\"a.nec\":{" ROUTE "}}");
    assert_int_equal(ask("a.nec"), 0);
    put("{\"a.nec\":{" ROUTE "},\"b.nec\":{" ROUTE "}}");
    assert_int_equal(ask("b.nec"), 0);
    put("{");
    assert_int_equal(ask("b.nec"), NECTAR_EUNREACHABLE);
    put("{\"b.nec\":{" ROUTE "}}");
    assert_int_equal(ask("b.nec"), 0);
    assert_int_equal(ask("a.nec"), NECTAR_EUNKNOWN);
    /* another file of the same size and time under that name */
    usleep(10000);
    scratch_write(&scratch, "next.json", "{\"c.nec\":{" ROUTE "}}",
                  strlen("{\"c.nec\":{" ROUTE "}}"));
    assert_int_equal(
        rename(scratch_path(&scratch, "next.json"), scratch_path(&scratch, "nodes.json")), 0);
    assert_int_equal(ask("c.nec"), 0);
    unlink(scratch_path(&scratch, "nodes.json"));
    assert_int_equal(ask("c.nec"), NECTAR_EUNREACHABLE);
}

/* A pipe is read once, and then known. */
static void a_pipe_is_read_once(void **state)
{
    static const char TEXT[] = "{\"a.nec\":{" ROUTE "}}";
    char uri[64];
    const char *uris[] = {uri};
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    snprintf(uri, sizeof uri, "json:/dev/fd/%d", ends[0]);
    nectar_registry_free(registry);
    assert_int_equal(nectar_registry_open(&registry, uris, 1, NULL, NULL), 0);
    assert_true(write(ends[1], TEXT, strlen(TEXT)) == (ssize_t)strlen(TEXT));
    close(ends[1]);
    assert_int_equal(ask("a.nec"), 0);
    assert_int_equal(ask("a.nec"), 0);
    close(ends[0]);
}

/* A number of its own for each i, in no order. */
static unsigned scattered(unsigned i)
{
    return i * 2654435761U;
}

static void many_records(void **state)
{
    enum { COUNT = 50000, EACH = 100 };
    char *text = malloc((size_t)COUNT * EACH);
    int len = 1;

    (void)state;
    assert_non_null(text);
    text[0] = '{';
    for (unsigned i = 0; i < COUNT; i++)
        len +=
            snprintf(text + len, EACH, "%s\"n%u.nec\":{" ROUTE "}\n", i ? "," : "", scattered(i));
    text[len++] = '}';
    scratch_write(&scratch, "nodes.json", text, (size_t)len);
    free(text);
    for (unsigned i = 0; i < COUNT; i += 7) {
        char name[32];

        snprintf(name, sizeof name, "n%u.nec", scattered(i));
        assert_int_equal(ask(name), 0);
    }
    assert_int_equal(ask("n.nec"), NECTAR_EUNKNOWN);
    assert_int_equal(ask("zzz.nec"), NECTAR_EUNKNOWN);
}

static void it_is_only_read(void **state)
{
    struct nectar_record record = {.name = "a.nec", .has_key = true};
    struct nectar_key *key = NULL;
    uint64_t sequence = 7;

    (void)state;
    assert_int_equal(nectar_key_generate(&key, NULL), 0);
    memcpy(record.key, nectar_key_public(key), sizeof record.key);
    assert_int_equal(nectar_registry_publish(registry, &record, key, &sequence, &answer),
                     NECTAR_EREADONLY);
    assert_int_equal(sequence, 0);
    assert_non_null(strstr(answer.reason, "only read"));
    nectar_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_three_shapes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_in_a_map_may_be_called_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(empty_registries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_tld_parameter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(malformed_files_say_where, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_cut_is_unreachable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reasons_are_printable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_paths_leave_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_too_large, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changes_are_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pipe_is_read_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_only_read, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
