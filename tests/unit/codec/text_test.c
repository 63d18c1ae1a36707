/* Hex, base64, UTF-8, escaping. */
#include <nectar/text.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "codec/utf8.h"

static void hex(void **state)
{
    static const char *const bad[] = {"",     "0",    "00",   "001",  "00112", "001122",
                                      "00g1", "0x11", "00 1", "-011", "001:",  "0/11"};
    uint8_t bytes[256];
    uint8_t back[256];
    char text[513];

    (void)state;
    for (size_t i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    nectar_hex_encode(text, bytes, sizeof bytes);
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text + 2 * 0xab, "ab", 2);
    assert_int_equal(nectar_hex_decode(back, sizeof back, text), 0);
    assert_memory_equal(back, bytes, sizeof back);
    assert_int_equal(nectar_hex_decode(back, 2, "aBCd"), 0);
    assert_memory_equal(back, "\xab\xcd", 2);
    assert_int_equal(nectar_hex_decode(back, 0, ""), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(nectar_hex_decode(back, 2, bad[i]), NECTAR_EFORMAT);
}

/* RFC 4648, section 10. */
static void base64(void **state)
{
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"},
                                          {"\xfb\xff\xbf", "+/+/"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = strlen(rows[i][0]);
        char *text = malloc(NECTAR_BASE64_SIZE(n));

        assert_non_null(text);
        nectar_base64_encode(text, rows[i][0], n);
        assert_string_equal(text, rows[i][1]);
        assert_int_equal(strlen(text) + 1, NECTAR_BASE64_SIZE(n));
        free(text);
    }
}

/* Every code point in its shortest form is read back; encoded here, so that the two can differ. */
static size_t encode(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (c & 63));
    return 4;
}

static void utf8_characters(void **state)
{
    uint8_t text[4];

    (void)state;
    for (uint32_t c = 0; c < 0x120000; c++) {
        size_t n = encode(text, c);
        uint32_t back = 0;
        size_t got = utf8_decode(&back, text, n);

        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
            assert_int_equal(got, 0);
        else if (got != n || back != c)
            fail_msg("U+%04X read as U+%04X", (unsigned)c, (unsigned)back);
        if (n > 1)
            assert_int_equal(utf8_decode(&back, text, n - 1), 0);
    }
}

static void utf8_texts(void **state)
{
    static const char *const bad[] = {
        "\x80",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",         "\xc3",
        "\xc3(",        "\xe2\x82",         "12345678\xff",     "1234567\xc3"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (nectar_utf8_valid(view_of_text(bad[i])))
            fail_msg("taken: row %zu", i);
    assert_true(nectar_utf8_valid((struct nectar_view){0}));
    assert_true(nectar_utf8_valid((struct nectar_view){(const uint8_t *)"a\0b", 3}));
    assert_true(nectar_utf8_valid(view_of_text("1234567\xc3\xa9 12345678 \xf0\x9f\xa6\x80")));
}

static void assert_escaped(struct nectar_view text, bool keep, const char *want)
{
    char *out = malloc(NECTAR_ESCAPE_SIZE(text.len));

    assert_non_null(out);
    assert_int_equal(nectar_escape(out, text, keep), strlen(want));
    assert_string_equal(out, want);
    free(out);
}

static void escape_texts(void **state)
{
    (void)state;
    assert_escaped(view_of_text(""), false, "");
    assert_escaped(view_of_text("h\xc3\xa9llo \xe6\x97\xa5 \xf0\x9f\xa6\x80"), false,
                   "h\xc3\xa9llo \xe6\x97\xa5 \xf0\x9f\xa6\x80");
    assert_escaped(view_of_text("a\\b"), false, "a\\\\b");
    assert_escaped(view_of_text("\033[2J\a\x7f"), false, "\\x1b[2J\\x07\\x7f");
    assert_escaped(view_of_text("a\n\tb\r"), false, "a\\x0a\\x09b\\x0d");
    assert_escaped(view_of_text("a\n\tb\r"), true, "a\n\tb\\x0d");
    assert_escaped((struct nectar_view){(const uint8_t *)"a\0b", 3}, true, "a\\x00b");
    assert_escaped(view_of_text("\xff\xc3(\xe2\x82"), false, "\\xff\\xc3(\\xe2\\x82");
    assert_escaped(view_of_text("\xc2\x9b"
                                "1m"),
                   false, "\\xc2\\x9b1m");
}

/* Each control character as a whole, and its neighbours not at all. */
static void escape_controls(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x3000; c++) {
        bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 ||
                       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        uint8_t text[4];
        char out[NECTAR_ESCAPE_SIZE(4)];
        size_t n;
        size_t len;

        if (c == '\\')
            continue;
        n = encode(text, c);
        len = nectar_escape(out, (struct nectar_view){text, n}, false);
        if (len != (control ? 4 * n : n))
            fail_msg("U+%04X", (unsigned)c);
        assert_true(control || memcmp(out, text, n) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex),
        cmocka_unit_test(base64),
        cmocka_unit_test(utf8_characters),
        cmocka_unit_test(utf8_texts),
        cmocka_unit_test(escape_texts),
        cmocka_unit_test(escape_controls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
