/* JSON: what is taken, what is refused and on which line, and what is written. */
#include "codec/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"

/* Parses a copy of the exact size, so that a step too far shows. */
static int parse(struct json **out, const void *text, size_t len, size_t *line)
{
    uint8_t *copy = malloc(len ? len : 1);
    int error;

    assert_non_null(copy);
    memcpy(copy, text, len);
    *out = NULL;
    error = json_parse(out, (struct nectar_view){copy, len}, line);
    free(copy);
    return error;
}

static void taken(void **state)
{
    static const char *const texts[] = {
        "null",
        " true\n",
        "[]",
        "{}",
        "\t[ 1 , 2 ]\r\n",
        "0",
        "-0",
        "-1.5e+10",
        "1E2",
        "\"\"",
        "\"\\u00e9\\ud83e\\udd80\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\xc3\xa9\x7f\"",
        "{\"a\":{\"a\":1},\"b\":[{\"a\":2},{\"a\":3}]}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct json *root;

        if (parse(&root, texts[i], strlen(texts[i]), NULL))
            fail_msg("refused: %s", texts[i]);
        json_free(root);
    }
}

static const char *const malformed[] = {
    "",
    " ",
    "nul",
    "nulll",
    "True",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1}",
    "{",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{a:1}",
    "{\"a\" 1}",
    "{1:1}",
    "{\"a\":1]",
    "1 2",
    "[] x",
    "01",
    "-",
    "+1",
    ".5",
    "1.",
    "1e",
    "1e+",
    "0x10",
    "NaN",
    "-Infinity",
    "\"",
    "\"a",
    "\"\\",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\ud800x\"",
    "\"\\ud800\\u0041\"",
    "\"\\udc00\"",
    "\"\n\"",
    "\"\t\"",
    "\"\x01\"",
    "'a'",
    "\"\xff\"",
    "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"",
    "\xef\xbb\xbf[]",
    "[]\v",
    "/**/[]",
    "[1,//\n2]",
    "{\"a\":1,\"a\":2}",
    "[{\"a\":1,\"b\":{},\"\\u0061\":2}]",
    "{\"\":1,\"\":1}",
    "1111111111111111111111111111111111111111111111111111111111111111"};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        struct json *root;

        if (parse(&root, malformed[i], strlen(malformed[i]), NULL) != NECTAR_EFORMAT)
            fail_msg("taken: %s", malformed[i]);
        assert_null(root);
    }
}

static void refused_nul(void **state)
{
    struct json *root;

    (void)state;
    assert_int_equal(parse(&root, "[]\0", 3, NULL), NECTAR_EFORMAT);
    assert_int_equal(parse(&root, "\"a\0b\"", 5, NULL), NECTAR_EFORMAT);
    assert_int_equal(parse(&root, "[1\0]", 4, NULL), NECTAR_EFORMAT);
    assert_int_equal(parse(&root, "\0", 1, NULL), NECTAR_EFORMAT);
}

/* Every cut of a text is refused. */
static void every_cut(void **state)
{
    static const char text[] =
        "{\"a\":[1.5e3,true,null,\"x\\u00e9\\ud83e\\udd80\"],\"b\":{\"c\":{}}}";

    (void)state;
    for (size_t cut = 0; cut < sizeof text - 1; cut++) {
        struct json *root;

        assert_int_equal(parse(&root, text, cut, NULL), NECTAR_EFORMAT);
    }
}

static void lines(void **state)
{
    struct json *root;
    size_t line;

    (void)state;
    assert_int_equal(parse(&root, "{\n\"a\": 1,\n\n  b\n}", 17, &line), NECTAR_EFORMAT);
    assert_int_equal(line, 4);
    assert_int_equal(parse(&root, "x", 1, &line), NECTAR_EFORMAT);
    assert_int_equal(line, 1);
    assert_int_equal(parse(&root, "{\"a\":1,\n\"a\":2}", 14, &line), NECTAR_EFORMAT);
    assert_int_equal(line, 0);
}

static void limits(void **state)
{
    char *text = malloc(JSON_TEXT_MAX + 1);
    struct json *root;

    (void)state;
    assert_non_null(text);
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    assert_int_equal(parse(&root, text, 66, NULL), NECTAR_ETOOBIG);
    memset(text, '[', 100000);
    assert_int_equal(parse(&root, text, 100000, NULL), NECTAR_ETOOBIG);
    memset(text, ' ', JSON_TEXT_MAX + 1);
    text[0] = '1';
    assert_int_equal(parse(&root, text, JSON_TEXT_MAX + 1, NULL), NECTAR_ETOOBIG);
    assert_int_equal(parse(&root, text, JSON_TEXT_MAX, NULL), 0);
    json_free(root);
    /* The array itself and one value too many in it. */
    text[0] = '[';
    for (size_t i = 0; i < JSON_VALUES_MAX; i++) {
        text[1 + 2 * i] = '1';
        text[2 + 2 * i] = i + 1 < JSON_VALUES_MAX ? ',' : ']';
    }
    assert_int_equal(parse(&root, text, 1 + 2 * (size_t)JSON_VALUES_MAX, NULL), NECTAR_ETOOBIG);
    free(text);
}

static void fields(void **state)
{
    static const char text[] =
        "{\"t\":\"x\",\"n\":9002,\"b\":true,\"z\":null,\"l\":[1,\"two\"],\"o\":{},"
        "\"T\":\"other\",\"f\":1.5,\"m\":-1,\"big\":9007199254740993}";
    struct json *root;
    const struct json *element;
    const char *string = "untouched";
    uint64_t number = 7;
    bool boolean = false;

    (void)state;
    assert_int_equal(parse(&root, text, sizeof text - 1, NULL), 0);
    assert_int_equal(json_type(root), JSON_OBJECT);
    assert_int_equal(json_text(&string, json_field(root, "n")), NECTAR_EFORMAT);
    assert_int_equal(json_text(&string, json_field(root, "none")), NECTAR_EFORMAT);
    assert_string_equal(string, "untouched");
    assert_int_equal(json_text(&string, json_field(root, "t")), 0);
    assert_string_equal(string, "x");
    assert_int_equal(json_uint(&number, json_field(root, "n"), 9001), NECTAR_EFORMAT);
    assert_int_equal(json_uint(&number, json_field(root, "f"), JSON_UINT_MAX), NECTAR_EFORMAT);
    assert_int_equal(json_uint(&number, json_field(root, "m"), JSON_UINT_MAX), NECTAR_EFORMAT);
    assert_int_equal(json_uint(&number, json_field(root, "big"), UINT64_MAX), NECTAR_EFORMAT);
    assert_int_equal(json_uint(&number, json_field(root, "t"), JSON_UINT_MAX), NECTAR_EFORMAT);
    assert_int_equal(json_uint(&number, NULL, JSON_UINT_MAX), NECTAR_EFORMAT);
    assert_int_equal(number, 7);
    assert_int_equal(json_uint(&number, json_field(root, "n"), 9002), 0);
    assert_int_equal(number, 9002);
    assert_int_equal(json_bool(&boolean, json_field(root, "z")), NECTAR_EFORMAT);
    assert_int_equal(json_bool(&boolean, json_field(root, "b")), 0);
    assert_true(boolean);
    assert_int_equal(json_type(json_field(root, "z")), JSON_NULL);
    assert_int_equal(json_type(NULL), JSON_NULL);
    assert_null(json_field(json_field(root, "l"), "t"));
    assert_null(json_field(NULL, "t"));
    element = json_first(json_field(root, "l"));
    assert_int_equal(json_type(element), JSON_NUMBER);
    element = json_next(element);
    assert_int_equal(json_type(element), JSON_TEXT);
    assert_null(json_next(element));
    assert_null(json_next(NULL));
    assert_null(json_first(json_field(root, "o")));
    assert_null(json_first(NULL));
    json_free(root);
}

static void written(void **state)
{
    struct bytes out;
    struct json_writer w = {.out = &out};
    struct json *root;
    const char *text;

    (void)state;
    bytes_init(&out, 1024);
    json_open_object(&w);
    json_write_key(&w, "a\"");
    json_open_array(&w);
    json_write_uint(&w, UINT64_MAX);
    json_write_bool(&w, true);
    json_write_bool(&w, false);
    json_write_null(&w);
    json_open_array(&w);
    json_close_array(&w);
    json_close_array(&w);
    json_write_key(&w, "b");
    json_write_text(&w, view_of_text("\\ \"\x1b\n\x7f\xc3\xa9"));
    json_write_key(&w, "c");
    json_open_object(&w);
    json_close_object(&w);
    json_close_object(&w);
    assert_int_equal(w.error, 0);
    assert_true(view_equal_text(bytes_view(&out),
                                "{\"a\\\"\":[18446744073709551615,true,false,null,[]],"
                                "\"b\":\"\\\\ \\\"\\u001b\\n\\u007f\xc3\xa9\",\"c\":{}}"));
    assert_int_equal(parse(&root, out.data, out.len, NULL), 0);
    assert_int_equal(json_text(&text, json_field(root, "b")), 0);
    assert_string_equal(text, "\\ \"\x1b\n\x7f\xc3\xa9");
    json_free(root);
    bytes_free(&out);
}

static void not_written(void **state)
{
    struct bytes out;
    struct json_writer w = {.out = &out};

    (void)state;
    bytes_init(&out, 4);
    json_write_text(&w, view_of_text("\xff"));
    assert_int_equal(w.error, NECTAR_EFORMAT);
    w.error = 0;
    json_write_text(&w, view_of_text("abcd"));
    assert_int_equal(w.error, NECTAR_ETOOBIG);
    json_write_null(&w);
    assert_true(out.len <= 4);
    bytes_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken),     cmocka_unit_test(refused), cmocka_unit_test(refused_nul),
        cmocka_unit_test(every_cut), cmocka_unit_test(lines),   cmocka_unit_test(limits),
        cmocka_unit_test(fields),    cmocka_unit_test(written), cmocka_unit_test(not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
