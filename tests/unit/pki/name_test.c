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

/* A hash stands for a name that nobody knows; no name looks like one. */
static void hashes(void **state)
{
    static const char TEXT[] = "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    uint8_t hash[NAME_HASH_BYTES], again[NAME_HASH_BYTES] = {0};
    char out[NAME_HASH_SIZE], other[NAME_HASH_SIZE + 1];

    (void)state;
    for (size_t i = 0; i < sizeof hash; i++)
        hash[i] = (uint8_t)i;
    name_of_hash(out, hash);
    assert_string_equal(out, TEXT);
    assert_true(name_read_hash(again, TEXT));
    assert_memory_equal(again, hash, sizeof hash);
    assert_int_equal(name_check_router(TEXT), 0);
    assert_int_equal(name_check_router("squid.nec"), 0);
    assert_int_equal(name_check_router("squid"), NECTAR_ENAME);
    assert_int_equal(nectar_name_check(TEXT), NECTAR_ENAME);
    for (size_t i = 0; i < sizeof out; i++) {
        memcpy(other, TEXT, sizeof out);
        other[i] = i + 1 < sizeof out ? 'A' : '0';
        other[sizeof out] = '\0';
        assert_false(name_read_hash(again, other));
    }
    memcpy(other, TEXT, sizeof out);
    other[sizeof out - 2] = '\0';
    assert_false(name_read_hash(again, other));
    assert_false(name_read_hash(again, ""));
    assert_memory_equal(again, hash, sizeof hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_names), cmocka_unit_test(bad_names),  cmocka_unit_test(every_byte),
        cmocka_unit_test(limits),     cmocka_unit_test(full_names), cmocka_unit_test(hashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
