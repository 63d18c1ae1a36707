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

static void check_cost(const char *fee, uint64_t gas, const char *value, const char *cost)
{
    struct nectar_wei wei;
    struct nectar_wei more;
    char text[NECTAR_WEI_TEXT_SIZE];

    assert_int_equal(nectar_wei_parse(&wei, fee), 0);
    assert_int_equal(nectar_wei_parse(&more, value), 0);
    assert_int_equal(wei_cost(&wei, gas, &wei, &more), cost ? 0 : NECTAR_ETOOBIG);
    if (cost) {
        nectar_wei_format(text, &wei);
        assert_string_equal(text, cost);
    }
}

static void costs(void **state)
{
    (void)state;
    check_cost("0", UINT64_MAX, "0", "0");
    check_cost("2gwei", 210265, "5", "420530000000005");
    check_cost("18446744073709551615", UINT64_MAX, "0", "340282366920938463426481119284349108225");
    check_cost(LARGEST, 1, "0", LARGEST);
    check_cost(LARGEST, 1, "1", NULL);
    check_cost(LARGEST, 2, "0", NULL);
}

static void order(void **state)
{
    struct nectar_wei a;
    struct nectar_wei b;

    (void)state;
    assert_int_equal(nectar_wei_parse(&a, "256"), 0);
    assert_int_equal(nectar_wei_parse(&b, "255"), 0);
    assert_true(nectar_wei_compare(&a, &b) > 0);
    assert_true(nectar_wei_compare(&b, &a) < 0);
    assert_int_equal(nectar_wei_compare(&a, &a), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(no_amounts),
        cmocka_unit_test(costs),
        cmocka_unit_test(order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
