#include "pki/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

/* Writes labels of len bytes with dots between them, total bytes in all. */
static void fill(char *out, size_t total, size_t len)
{
    for (size_t i = 0; i < total; i++)
        out[i] = i % (len + 1) == len ? '.' : 'a';
    out[total] = '\0';
}

static void good_names(void **state)
{
    static const char *const NAMES[] = {"a", "squid.nec", "0", "-", "-a-.b--c", "a.b.c.d"};

    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        assert_int_equal(nectar_name_check(NAMES[i]), 0);
}

static void bad_names(void **state)
{
    static const char *const NAMES[] = {"",      ".",     "a.",  ".a",   "a..b",
                                        "Squid", "sq id", "a_b", "a\n",  "~net-key.a",
                                        "a@b",   "a:b",   "a/b", "\xc3", "a b.nec"};

    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        assert_int_equal(nectar_name_check(NAMES[i]), NECTAR_ENAME);
}

static void every_byte(void **state)
{
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        const char name[] = {'a', (char)byte, 'a', '\0'};
        bool good = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
                    byte == '.';

        assert_int_equal(nectar_name_check(name), good ? 0 : NECTAR_ENAME);
    }
}

static void limits(void **state)
{
    char name[400];

    (void)state;
    fill(name, 63, 63);
    assert_int_equal(nectar_name_check(name), 0);
    fill(name, 64, 64);
    assert_int_equal(nectar_name_check(name), NECTAR_ENAME);
    fill(name, 253, 62);
    assert_int_equal(nectar_name_check(name), 0);
    fill(name, 254, 62);
    assert_int_equal(nectar_name_check(name), NECTAR_ENAME);
    fill(name, 399, 62);
    assert_int_equal(nectar_name_check(name), NECTAR_ENAME);
}

static void full_names(void **state)
{
    char out[NECTAR_NAME_MAX + 1] = "before";
    char name[400];

    (void)state;
    assert_int_equal(name_check_full("squid"), NECTAR_ENAME);
    assert_int_equal(name_check_full("squid.nec"), 0);
    assert_int_equal(name_check_full("squid."), NECTAR_ENAME);
    assert_int_equal(name_complete(out, "squid", NULL), NECTAR_ENAME);
    assert_int_equal(name_complete(out, "", "nec"), NECTAR_ENAME);
    assert_int_equal(name_complete(out, "Squid", "nec"), NECTAR_ENAME);
    assert_int_equal(name_complete(out, "squid", "n.."), NECTAR_ENAME);
    fill(name, 399, 62);
    assert_int_equal(name_complete(out, name, "nec"), NECTAR_ENAME);
    assert_string_equal(out, "before");
    assert_int_equal(name_complete(out, "squid", "nec"), 0);
    assert_string_equal(out, "squid.nec");
    assert_int_equal(name_complete(out, "squid.os", "nec"), 0);
    assert_string_equal(out, "squid.os");
    assert_int_equal(name_without_tld("sub.alice.os"), strlen("sub.alice"));
    assert_int_equal(name_without_tld("alice"), strlen("alice"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_names), cmocka_unit_test(bad_names),  cmocka_unit_test(every_byte),
        cmocka_unit_test(limits),     cmocka_unit_test(full_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
