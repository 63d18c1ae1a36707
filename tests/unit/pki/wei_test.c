#include "pki/wei.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#define LARGEST "115792089237316195423570985008687907853269984665640564039457584007913129639935"

static void texts(void **state)
{
    static const struct {
        const char *text;
        const char *wei;
    } GOOD[] = {
        {"0", "0"},
        {"007", "7"},
        {"21000", "21000"},
        {"3wei", "3"},
        {"1gwei", "1000000000"},
        {"1.5gwei", "1500000000"},
        {"0.000000001gwei", "1"},
        {"0.01eth", "10000000000000000"},
        {"1.000000000000000001eth", "1000000000000000001"},
        {"18446744073709551616", "18446744073709551616"},
        {LARGEST, LARGEST},
    };
    char text[NECTAR_WEI_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        struct nectar_wei wei;

        assert_int_equal(nectar_wei_parse(&wei, GOOD[i].text), 0);
        nectar_wei_format(text, &wei);
        assert_string_equal(text, GOOD[i].wei);
    }
}

static void no_amounts(void **state)
{
    static const char *const BAD[] = {
        "",
        "-1",
        "+1",
        "1 gwei",
        "gwei",
        ".5eth",
        "1.eth",
        "1.5",
        "0.5wei",
        "1e9",
        "0x10",
        "1.0000000001gwei",
        "1,5eth",
        "1.5.0eth",
        "1GWEI",
        "1ether",
        " 1",
        "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        "115792089237316195423570985008687907853269984665640564039458eth",
    };
    struct nectar_wei wei;

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_int_equal(nectar_wei_parse(&wei, BAD[i]), NECTAR_EFORMAT);
}

static void check_product(const char *a, uint64_t factor, const char *product)
{
    struct nectar_wei wei;
    char text[NECTAR_WEI_TEXT_SIZE];

    assert_int_equal(nectar_wei_parse(&wei, a), 0);
    assert_int_equal(wei_multiply(&wei, factor), product ? 0 : NECTAR_ETOOBIG);
    if (product) {
        nectar_wei_format(text, &wei);
        assert_string_equal(text, product);
    }
}

static void products(void **state)
{
    (void)state;
    check_product("0", UINT64_MAX, "0");
    check_product("2000000000", 210265, "420530000000000");
    check_product("18446744073709551615", UINT64_MAX, "340282366920938463426481119284349108225");
    check_product("1", UINT64_C(1) << 32, "4294967296");
    check_product("4294967297", (UINT64_C(1) << 32) + 1, "18446744082299486209");
    check_product(LARGEST, 1, LARGEST);
    check_product(LARGEST, 2, NULL);
    check_product(LARGEST, UINT64_C(1) << 32, NULL);
}

static void sums_and_order(void **state)
{
    struct nectar_wei a;
    struct nectar_wei b;
    char text[NECTAR_WEI_TEXT_SIZE];

    (void)state;
    wei_from_uint(&a, UINT64_MAX);
    wei_from_uint(&b, 1);
    assert_true(nectar_wei_compare(&a, &b) > 0);
    assert_true(nectar_wei_compare(&b, &a) < 0);
    assert_int_equal(nectar_wei_compare(&a, &a), 0);
    assert_int_equal(wei_add(&a, &b), 0);
    nectar_wei_format(text, &a);
    assert_string_equal(text, "18446744073709551616");
    assert_int_equal(nectar_wei_parse(&a, LARGEST), 0);
    assert_int_equal(wei_add(&a, &b), NECTAR_ETOOBIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(no_amounts),
        cmocka_unit_test(products),
        cmocka_unit_test(sums_and_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
