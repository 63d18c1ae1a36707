#include "eth/word.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

static const char MAX_DECIMAL[] =
    "115792089237316195423570985008687907853269984665640564039457584007913129639935";
static const char MAX_QUANTITY[] =
    "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

static void expect(const struct word *word, const char *decimal)
{
    char text[WORD_DECIMAL_SIZE];

    word_to_decimal(text, word);
    assert_string_equal(text, decimal);
}

static struct word of_decimal(const char *text)
{
    struct word word;

    assert_int_equal(word_from_decimal(&word, text), 0);
    return word;
}

/* The same numbers in both texts; each is read and written again. */
static void texts_both_ways(void **state)
{
    static const struct {
        const char *decimal, *quantity;
    } rows[] = {
        {"0", "0x0"},
        {"1", "0x1"},
        {"9", "0x9"},
        {"10", "0xa"},
        {"15", "0xf"},
        {"16", "0x10"},
        {"255", "0xff"},
        {"256", "0x100"},
        {"31337", "0x7a69"},
        {"1000000000000000000", "0xde0b6b3a7640000"},
        {"18446744073709551615", "0xffffffffffffffff"},
        {"18446744073709551616", "0x10000000000000000"},
        {MAX_DECIMAL, MAX_QUANTITY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct word word = of_decimal(rows[i].decimal), other;
        char text[WORD_HEX_SIZE];

        expect(&word, rows[i].decimal);
        word_to_quantity(text, &word);
        assert_string_equal(text, rows[i].quantity);
        assert_int_equal(word_from_quantity(&other, text), 0);
        assert_memory_equal(&other, &word, sizeof word);
    }
}

static void digits_of_either_case(void **state)
{
    struct word word;

    (void)state;
    assert_int_equal(word_from_quantity(&word, "0xAbCdEf"), 0);
    expect(&word, "11259375");
}

static void what_is_no_number(void **state)
{
    static const char *const quantities[] = {"",     "0",    "0x",   "0X1",  "1",
                                             "0x00", "0x01", "0xg",  "0x 1", "0x1 ",
                                             "-0x1", "0x-1", " 0x1", "0x1.", "0x0x1"};
    static const char *const decimals[] = {"",   "00",  "01",   "+1", "-1",  " 1",
                                           "1 ", "1.0", "0x10", "a",  "1e3", "1_000"};
    const struct word before = word_of(77);
    struct word word = before;

    (void)state;
    for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++)
        assert_int_equal(word_from_quantity(&word, quantities[i]), NECTAR_EFORMAT);
    for (size_t i = 0; i < sizeof decimals / sizeof decimals[0]; i++)
        assert_int_equal(word_from_decimal(&word, decimals[i]), NECTAR_EFORMAT);
    assert_memory_equal(&word, &before, sizeof word);
}

static void what_does_not_fit(void **state)
{
    const struct word before = word_of(77);
    struct word word = before;
    char text[200];

    (void)state;
    assert_int_equal(word_from_decimal(&word, "1157920892373161954235709850086879078532699846656405"
                                              "64039457584007913129639936"),
                     NECTAR_ETOOBIG);
    snprintf(text, sizeof text, "0x1%064d", 0);
    assert_int_equal(word_from_quantity(&word, text), NECTAR_ETOOBIG);
    memset(text, '9', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(word_from_decimal(&word, text), NECTAR_ETOOBIG);
    text[sizeof text - 2] = 'x';
    assert_int_equal(word_from_decimal(&word, text), NECTAR_EFORMAT);
    assert_memory_equal(&word, &before, sizeof word);
}

static void numbers_of_64_bits(void **state)
{
    static const uint64_t rows[] = {0, 1, 255, 256, UINT32_MAX, UINT64_MAX};
    struct word word;
    uint64_t value = 0;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        word = word_of(rows[i]);
        assert_int_equal(word_to_uint(&value, &word, UINT64_MAX), 0);
        assert_true(value == rows[i]);
        assert_int_equal(word_to_uint(&value, &word, rows[i]), 0);
        if (rows[i] > 0)
            assert_int_equal(word_to_uint(&value, &word, rows[i] - 1), NECTAR_ETOOBIG);
    }
    word = of_decimal("18446744073709551616");
    assert_int_equal(word_to_uint(&value, &word, UINT64_MAX), NECTAR_ETOOBIG);
}

static void runs_of_bytes(void **state)
{
    uint8_t bytes[40] = {0};
    struct word word;

    (void)state;
    bytes[39] = 5;
    bytes[38] = 1;
    assert_int_equal(word_from_bytes(&word, (struct nectar_view){bytes, 40}), 0);
    expect(&word, "261");
    assert_int_equal(word_digits(&word).len, 2);
    assert_memory_equal(word_digits(&word).data, "\x01\x05", 2);
    assert_int_equal(word_from_bytes(&word, (struct nectar_view){NULL, 0}), 0);
    assert_true(word_is_zero(&word));
    assert_int_equal(word_digits(&word).len, 0);
    bytes[7] = 1;
    assert_int_equal(word_from_bytes(&word, (struct nectar_view){bytes, 40}), NECTAR_ETOOBIG);
    assert_int_equal(word_from_bytes(&word, (struct nectar_view){bytes + 8, 32}), 0);
}

static void sums(void **state)
{
    struct word a = of_decimal("18446744073709551615"), b = word_of(1);
    struct word max = of_decimal(MAX_DECIMAL), before;

    (void)state;
    assert_int_equal(word_add(&a, &a, &b), 0);
    expect(&a, "18446744073709551616");
    before = b;
    assert_int_equal(word_add(&b, &max, &b), NECTAR_ETOOBIG);
    assert_memory_equal(&b, &before, sizeof b);
    b = word_of(0);
    assert_int_equal(word_add(&b, &max, &b), 0);
    expect(&b, MAX_DECIMAL);
}

static void products(void **state)
{
    static const struct {
        const char *a;
        uint64_t n;
        const char *product; /* NULL: too large */
    } rows[] = {
        {"0", UINT64_MAX, "0"},
        {"7", 0, "0"},
        {"20000000000", 210265, "4205300000000000"},
        {"18446744073709551615", UINT64_MAX, "340282366920938463426481119284349108225"},
        {"18446744073709551616", UINT64_C(0x8000000000000001),
         "170141183460469231750134047789593657344"},
        /* 2^192 and 2^192 - 1 */
        {"6277101735386680763835789423207666416102355444464034512896", UINT64_MAX,
         "115792089237316195417293883273301227089434195242432897623355228563449095127040"},
        {"6277101735386680763835789423207666416102355444464034512896", 2,
         "12554203470773361527671578846415332832204710888928069025792"},
        {"12554203470773361527671578846415332832204710888928069025792", UINT64_MAX, NULL},
        {MAX_DECIMAL, 1, MAX_DECIMAL},
        {MAX_DECIMAL, 2, NULL},
        {MAX_DECIMAL, UINT64_C(1) << 32, NULL},
        {MAX_DECIMAL, UINT64_MAX, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct word word = of_decimal(rows[i].a);
        int error = word_multiply(&word, &word, rows[i].n);

        assert_int_equal(error, rows[i].product ? 0 : NECTAR_ETOOBIG);
        expect(&word, rows[i].product ? rows[i].product : rows[i].a);
    }
}

static void order(void **state)
{
    struct word small = word_of(255), large = word_of(256);

    (void)state;
    assert_true(word_compare(&small, &large) < 0);
    assert_true(word_compare(&large, &small) > 0);
    assert_int_equal(word_compare(&large, &large), 0);
    assert_false(word_is_zero(&small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_both_ways),
        cmocka_unit_test(digits_of_either_case),
        cmocka_unit_test(what_is_no_number),
        cmocka_unit_test(what_does_not_fit),
        cmocka_unit_test(numbers_of_64_bits),
        cmocka_unit_test(runs_of_bytes),
        cmocka_unit_test(sums),
        cmocka_unit_test(products),
        cmocka_unit_test(order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
