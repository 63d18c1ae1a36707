/* URLs and their parts. */
#include "codec/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"

/* A part as text; "-" where it is absent. */
static void assert_part(struct nectar_view part, const char *want)
{
    if (strcmp(want, "-") == 0)
        assert_null(part.data);
    else
        assert_true(part.data && view_equal_text(part, want));
}

static void parts(void **state)
{
    static const struct {
        const char *text, *scheme, *user, *host;
        uint16_t port;
        const char *path, *query;
    } rows[] = {
        {"sqlite:/var/lib/registry.db", "sqlite", "-", "-", 0, "/var/lib/registry.db", "-"},
        {"sqlite:", "sqlite", "-", "-", 0, "", "-"},
        {"sqlite:a b@c:1.db", "sqlite", "-", "-", 0, "a b@c:1.db", "-"},
        {"json:nodes.json?tld=nec", "json", "-", "-", 0, "nodes.json", "tld=nec"},
        {"json:a?", "json", "-", "-", 0, "a", ""},
        {"json:a?b?c", "json", "-", "-", 0, "a", "b?c"},
        {"nectar+http://127.0.0.1:8545?contract=0xab", "nectar+http", "-", "127.0.0.1", 8545, "",
         "contract=0xab"},
        {"nectar+https://h.example/v2/key?x=1&y=2", "nectar+https", "-", "h.example", 0, "/v2/key",
         "x=1&y=2"},
        {"a://[::1]:65535/", "a", "-", "::1", 65535, "/", "-"},
        {"a://[fe80::1%25eth0]", "a", "-", "fe80::1%25eth0", 0, "", "-"},
        {"a://me:secret@h:1/p", "a", "me:secret", "h", 1, "/p", "-"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct url url;

        assert_int_equal(url_parse(&url, rows[i].text), 0);
        assert_part(url.scheme, rows[i].scheme);
        assert_part(url.user, rows[i].user);
        assert_part(url.host, rows[i].host);
        assert_int_equal(url.port, rows[i].port);
        assert_part(url.path, rows[i].path);
        assert_part(url.query, rows[i].query);
    }
}

static void refused(void **state)
{
    static const char *const texts[] = {"",
                                        "sqlite",
                                        ":",
                                        ":a",
                                        "1a:x",
                                        "+a:x",
                                        "A:x",
                                        "a b:x",
                                        "a_b:x",
                                        "/tmp/x:y",
                                        "a://",
                                        "a:///x",
                                        "a://:80",
                                        "a://?x",
                                        "a://h:",
                                        "a://h:0",
                                        "a://h:65536",
                                        "a://h:99999",
                                        "a://h:123456",
                                        "a://h:-1",
                                        "a://h:+1",
                                        "a://h:1x",
                                        "a://h:1:2",
                                        "a://[::1",
                                        "a://[]",
                                        "a://[::1]x",
                                        "a://[::1]:",
                                        "a://::1",
                                        "a://h/x\n",
                                        "a:\x7f",
                                        "a:\x1b[2J",
                                        "a:\xff",
                                        "a://h\xc3\xa9",
                                        "a://h x",
                                        "a://h%41",
                                        "a://u@"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct url url = {.port = 7};

        if (url_parse(&url, texts[i]) != NECTAR_EFORMAT)
            fail_msg("taken: %s", texts[i]);
        assert_int_equal(url.port, 7);
    }
}

static void parameters(void **state)
{
    static const char *const want[][2] = {
        {"a", "1"}, {"b", ""}, {"c", "-"}, {"", "-"}, {"d", "e=f"}};
    struct nectar_view query = view_of_text("a=1&b=&c&&d=e=f");
    struct nectar_view name;
    struct nectar_view value;

    (void)state;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        assert_true(url_next_parameter(&query, &name, &value));
        assert_part(name, want[i][0]);
        assert_part(value, want[i][1]);
    }
    assert_false(url_next_parameter(&query, &name, &value));
    query = (struct nectar_view){0};
    assert_false(url_next_parameter(&query, &name, &value));
}

static void decoding(void **state)
{
    static const char *const bad[] = {"%", "%4", "a%", "%4g", "%-1", "%00", "%ff", "%c3", "%%41"};
    char out[8];

    (void)state;
    assert_int_equal(url_decode(out, sizeof out, view_of_text("a%2Fb%20+")), 0);
    assert_string_equal(out, "a/b +");
    assert_int_equal(url_decode(out, sizeof out, view_of_text("%c3%A9")), 0);
    assert_string_equal(out, "\xc3\xa9");
    assert_int_equal(url_decode(out, sizeof out, (struct nectar_view){0}), 0);
    assert_string_equal(out, "");
    assert_int_equal(url_decode(out, sizeof out, view_of_text("1234567")), 0);
    assert_int_equal(url_decode(out, sizeof out, view_of_text("12345678")), NECTAR_ETOOBIG);
    assert_int_equal(url_decode(out, 0, (struct nectar_view){0}), NECTAR_ETOOBIG);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (url_decode(out, sizeof out, view_of_text(bad[i])) != NECTAR_EFORMAT)
            fail_msg("taken: %s", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts),
        cmocka_unit_test(refused),
        cmocka_unit_test(parameters),
        cmocka_unit_test(decoding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
