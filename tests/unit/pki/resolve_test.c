/* The list of registries: order, and what counts as an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/registry.h>

#include "unit/shared/scratch.h"

#define RECORD(port) "{\"networking_key\":null,\"ws_routing\":[\"::1\"," port "]}"

static struct scratch scratch;
static struct nectar_answer answer;
static char logged[4096];

static void keep_line(void *context, enum nectar_log_level level, const char *line)
{
    size_t len = strlen(logged);

    (void)context;
    snprintf(logged + len, sizeof logged - len, "%d %s\n", (int)level, line);
}

static const struct nectar_log LOG = {.level = NECTAR_LOG_DETAIL, .write = keep_line};

static int set_up(void **state)
{
    (void)state;
    logged[0] = '\0';
    scratch_begin(&scratch);
    scratch_write(&scratch, "two.json", "{\"a.nec\":" RECORD("2") ",\"b.os\":" RECORD("2") "}",
                  strlen("{\"a.nec\":" RECORD("2") ",\"b.os\":" RECORD("2") "}"));
    scratch_write(&scratch, "one.json", "{\"a.nec\":" RECORD("1") "}",
                  strlen("{\"a.nec\":" RECORD("1") "}"));
    scratch_write(&scratch, "bad.json", "{", 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_end(&scratch);
    return 0;
}

/* Asks a list of two files; the port in the record, or the error. */
static int ask(const char *first, const char *second, const char *name)
{
    struct nectar_registry *registry = NULL;
    struct nectar_record record;
    char tld[NECTAR_LABEL_MAX + 1];
    char text[2][300];
    const char *uris[] = {text[0], text[1]};
    int error;

    snprintf(text[0], sizeof text[0], "json:%s", scratch_path(&scratch, first));
    snprintf(text[1], sizeof text[1], "json:%s?tld=os", scratch_path(&scratch, second));
    assert_int_equal(nectar_registry_open(&registry, uris, 2, &LOG, NULL), 0);
    assert_int_equal(nectar_registry_tld(tld, registry, &answer), 0);
    assert_string_equal(tld, "nec");
    error = nectar_registry_lookup(registry, name, false, &record, &answer);
    nectar_registry_free(registry);
    return error ? error : record.ws.port;
}

static void the_first_that_has_it_wins(void **state)
{
    (void)state;
    assert_int_equal(ask("one.json", "two.json", "a.nec"), 1);
    assert_non_null(strstr(answer.source, "one.json"));
    assert_int_equal(ask("two.json", "one.json", "a.nec"), 2);
    assert_int_equal(ask("one.json", "two.json", "b.os"), 2);
    assert_non_null(strstr(answer.source, "two.json"));
    assert_string_equal(answer.reason, "");
}

static void nobody_has_it(void **state)
{
    (void)state;
    assert_int_equal(ask("one.json", "two.json", "c.nec"), NECTAR_EUNKNOWN);
    assert_non_null(strstr(answer.reason, "one.json"));
    assert_non_null(strstr(answer.reason, "no such name"));
}

static void a_failed_one_is_passed_over(void **state)
{
    (void)state;
    assert_int_equal(ask("bad.json", "two.json", "b.os"), 2);
    assert_non_null(strstr(logged, "bad.json: line 1"));
    assert_int_equal(logged[0], '0' + NECTAR_LOG_WARNING);
}

static void none_has_it_and_one_failed(void **state)
{
    (void)state;
    assert_int_equal(ask("bad.json", "two.json", "c.nec"), NECTAR_EUNREACHABLE);
    assert_non_null(strstr(answer.reason, "bad.json: line 1"));
    assert_null(strstr(answer.reason, "two.json"));
    assert_int_equal(ask("one.json", "none.json", "c.nec"), NECTAR_EUNREACHABLE);
    assert_non_null(strstr(answer.reason, "none.json"));
    assert_int_equal(ask("bad.json", "none.json", "c.nec"), NECTAR_EUNREACHABLE);
    assert_non_null(strstr(answer.reason, "bad.json"));
    assert_non_null(strstr(answer.reason, "none.json"));
}

static void only_full_names_are_asked_for(void **state)
{
    (void)state;
    assert_int_equal(ask("one.json", "two.json", "a"), NECTAR_ENAME);
    assert_int_equal(ask("one.json", "two.json", "A.nec"), NECTAR_ENAME);
    assert_int_equal(ask("one.json", "two.json", ""), NECTAR_ENAME);
}

static void bare_names_take_the_first_tld(void **state)
{
    const char *uris[] = {"json:/x?tld=os", "sqlite:/y"};
    struct nectar_registry *registry = NULL;
    char full[NECTAR_NAME_MAX + 1];

    (void)state;
    assert_int_equal(nectar_registry_open(&registry, uris, 2, NULL, NULL), 0);
    assert_int_equal(nectar_registry_full_name(full, registry, "squid", NULL), 0);
    assert_string_equal(full, "squid.os");
    assert_int_equal(nectar_registry_full_name(full, registry, "squid.nec", NULL), 0);
    assert_string_equal(full, "squid.nec");
    assert_int_equal(nectar_registry_full_name(full, registry, "squid.", NULL), NECTAR_ENAME);
    assert_int_equal(nectar_registry_full_name(full, registry, "", NULL), NECTAR_ENAME);
    nectar_registry_free(registry);
    nectar_registry_free(NULL);
}

static void bad_uris(void **state)
{
    static const struct {
        const char *uri;
        const char *why;
    } ROWS[] = {
        {"", "KIND"},
        {"/a/path", "KIND"},
        {"registry.db", "KIND"},
        {"sqlite:", "no path"},
        {"json:?tld=os", "no path"},
        {"json:/x?tld=", "TLD"},
        {"json:/x?tld=a.b", "TLD"},
        {"json:/x?tld=OS", "TLD"},
        {"json:/x?max-age=3", "parameter"},
        {"sqlitex:/x", "sqlitex: no such kind"},
        {"SQLITE:/x", "KIND"},
        {"unknown+http://user:secret@host", "unknown+http: no such kind"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const char *uris[] = {"sqlite:/good", ROWS[i].uri};
        struct nectar_registry *registry = NULL;
        char reason[NECTAR_REASON_MAX + 1];

        assert_int_equal(nectar_registry_open(&registry, uris, 2, NULL, reason), NECTAR_EURI);
        assert_null(registry);
        if (!strstr(reason, ROWS[i].why) || strstr(reason, "secret"))
            fail_msg("row %zu: reason is: %s", i, reason);
        assert_int_equal(nectar_registry_open(&registry, uris, 2, NULL, NULL), NECTAR_EURI);
    }
}

static void an_answer_may_be_left_out(void **state)
{
    const char *uris[] = {"json:/nonexistent/file"};
    struct nectar_registry *registry = NULL;
    struct nectar_record record = {.name = "before"};

    (void)state;
    assert_int_equal(nectar_registry_open(&registry, uris, 1, NULL, NULL), 0);
    assert_int_equal(nectar_registry_lookup(registry, "a.nec", true, &record, NULL),
                     NECTAR_EUNREACHABLE);
    assert_string_equal(record.name, "before");
    nectar_registry_free(registry);
}

static void one_of_them_is_asked_alone(void **state)
{
    static const int ERRORS[] = {0, NECTAR_EUNKNOWN, NECTAR_EUNREACHABLE};
    static const char *const FILES[] = {"two.json", "one.json", "bad.json"};
    struct nectar_registry *registry = NULL;
    struct nectar_record record;
    char text[3][300];
    const char *uris[] = {text[0], text[1], text[2]};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        snprintf(text[i], sizeof text[i], "json:%s", scratch_path(&scratch, FILES[i]));
    assert_int_equal(nectar_registry_open(&registry, uris, 3, NULL, NULL), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(nectar_registry_lookup_at(registry, i, "b.os", true, &record, &answer),
                         ERRORS[i]);
        assert_non_null(strstr(answer.source, FILES[i]));
        assert_true((ERRORS[i] == 0) == (answer.reason[0] == '\0'));
    }
    assert_int_equal(nectar_registry_lookup_at(registry, 1, "a.nec", true, &record, NULL), 0);
    assert_int_equal(record.ws.port, 1);
    assert_int_equal(nectar_registry_lookup_at(registry, 0, "bare", true, &record, NULL),
                     NECTAR_ENAME);
    nectar_registry_free(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_that_has_it_wins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_has_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_one_is_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(none_has_it_and_one_failed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_full_names_are_asked_for, set_up, tear_down),
        cmocka_unit_test(bare_names_take_the_first_tld),
        cmocka_unit_test(bad_uris),
        cmocka_unit_test(an_answer_may_be_left_out),
        cmocka_unit_test_setup_teardown(one_of_them_is_asked_alone, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
