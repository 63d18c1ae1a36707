/* An object of a line: what is taken, what is refused, and what its members hold. */
#include <nectar/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

/* The copies, each of the exact size so that a step too far shows. */
static uint8_t *copies[64];
static size_t copy_count;

static int forget_copies(void **state)
{
    (void)state;
    while (copy_count > 0)
        free(copies[--copy_count]);
    return 0;
}

static int read_bytes(struct nectar_json *out, const void *text, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    if (copy_count == sizeof copies / sizeof copies[0])
        forget_copies(NULL);
    copies[copy_count++] = copy;
    memcpy(copy, text, len);
    memset(out, 0xa5, sizeof *out);
    return nectar_json_read(out, (struct nectar_view){copy, len});
}

static int read_text(struct nectar_json *out, const char *text)
{
    return read_bytes(out, text, strlen(text));
}

/* The value of member "a" in an object that has no other. */
static const struct nectar_json_value *value_of(struct nectar_json *object, const char *value)
{
    char text[512];

    snprintf(text, sizeof text, "{\"a\":%s}", value);
    assert_int_equal(read_text(object, text), 0);
    return nectar_json_find(object, "a");
}

static void members(void **state)
{
    static const char text[] =
        " { \"to\" : \"bob.nec\" ,\t\"n\":-1.5e3,\"t\":true,\"z\":null,"
        "\"o\":{\"x\":[\"}\",\"]\\\"\"]},\"a\":[1,{\"y\":2}],\"e\":\"\"}\r\n";
    static const struct {
        const char *name;
        enum nectar_json_type type;
        const char *raw;
    } rows[] = {
        {"to", NECTAR_JSON_TEXT, "\"bob.nec\""},
        {"n", NECTAR_JSON_NUMBER, "-1.5e3"},
        {"t", NECTAR_JSON_BOOL, "true"},
        {"z", NECTAR_JSON_NULL, "null"},
        {"o", NECTAR_JSON_OBJECT, "{\"x\":[\"}\",\"]\\\"\"]}"},
        {"a", NECTAR_JSON_ARRAY, "[1,{\"y\":2}]"},
        {"e", NECTAR_JSON_TEXT, "\"\""},
    };
    struct nectar_json object, inner;

    (void)state;
    assert_int_equal(read_text(&object, text), 0);
    assert_int_equal(object.count, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct nectar_json_value *value = nectar_json_find(&object, rows[i].name);

        assert_non_null(value);
        assert_int_equal(value->type, rows[i].type);
        assert_int_equal(value->raw.len, strlen(rows[i].raw));
        assert_memory_equal(value->raw.data, rows[i].raw, value->raw.len);
    }
    assert_null(nectar_json_find(&object, "x"));
    assert_null(nectar_json_find(&object, "t "));
    assert_null(nectar_json_find(&object, ""));
    assert_int_equal(nectar_json_read(&inner, nectar_json_find(&object, "o")->raw), 0);
    assert_int_equal(nectar_json_find(&inner, "x")->type, NECTAR_JSON_ARRAY);
    assert_int_equal(read_text(&object, "{}"), 0);
    assert_int_equal(object.count, 0);
}

static void refused(void **state)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "null",
                                        "1",
                                        "\"a\"",
                                        "[]",
                                        "[{}]",
                                        "{} {}",
                                        "{}x",
                                        "{}\xef\xbb\xbf",
                                        "{\"a\":1,}",
                                        "{,\"a\":1}",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{a:1}",
                                        "{'a':1}",
                                        "{\"a\":01}",
                                        "{\"a\":+1}",
                                        "{\"a\":.5}",
                                        "{\"a\":1.}",
                                        "{\"a\":NaN}",
                                        "{\"a\":tru}",
                                        "{\"a\":\"\x01\"}",
                                        "{\"a\":\"\\x\"}",
                                        "{\"a\":\"\\u12\"}",
                                        "{\"a\":\"\\ud800\"}",
                                        "{\"a\":\"\\udc00\"}",
                                        "{\"a\":\"\\ud800\\u0041\"}",
                                        "{\"a\":\"\xff\"}",
                                        "{\"a\":\"\xc0\xaf\"}",
                                        "{\"a\":\"\xed\xa0\x80\"}",
                                        "{\"a\":[}]}",
                                        "{\"a\":1 \"b\":2}",
                                        "{\"a\":1,\"a\":1}",
                                        "{\"a\":1,\"\\u0061\":1}",
                                        "{\"\\/\":1,\"/\":1}",
                                        "{\"\":1,\"\":1}",
                                        "{\"\xf0\x9f\xa6\x80\":1,\"\\ud83e\\udd80\":1}"};
    struct nectar_json object;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (read_text(&object, texts[i]) != NECTAR_EFORMAT)
            fail_msg("taken: %s", texts[i]);
        assert_int_equal(object.count, 0);
    }
    assert_int_equal(read_bytes(&object, "{}\0", 3), NECTAR_EFORMAT);
    assert_int_equal(read_bytes(&object, "{\"a\":\"\0\"}", 9), NECTAR_EFORMAT);
}

/* No beginning of a text is a text; and with any byte of it changed nothing worse happens than that
 * it is refused, and what is taken can be walked. */
static void every_cut_and_byte(void **state)
{
    static const char text[] =
        "{\"to\":\"b\\u00e9\\n\",\"n\":[12,{\"k\":\"\\\\\\\"\"}],\"t\":false}";
    const size_t len = sizeof text - 1;
    struct nectar_json object;
    char changed[sizeof text];
    uint8_t out[sizeof text];
    size_t n;

    (void)state;
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(read_bytes(&object, text, cut), NECTAR_EFORMAT);
    for (size_t i = 0; i < len * 256; i++) {
        memcpy(changed, text, len);
        changed[i / 256] = (char)(i % 256);
        if (read_bytes(&object, changed, len))
            continue;
        for (size_t m = 0; m < object.count; m++)
            (void)nectar_json_text(out, &n, &object.members[m].value);
    }
}

static void limits(void **state)
{
    enum { DEEP = 32, MANY = NECTAR_JSON_MEMBERS_MAX };
    struct nectar_json object;
    char text[1024];
    size_t n = 0;

    (void)state;
    n += (size_t)snprintf(text, sizeof text, "{");
    for (int i = 0; i < MANY; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "\"%d\":%d,", i, i);
    text[n - 1] = '}';
    assert_int_equal(read_bytes(&object, text, n), 0);
    assert_int_equal(object.count, MANY);
    snprintf(text + n - 1, sizeof text - n, ",\"x\":0}");
    assert_int_equal(read_text(&object, text), NECTAR_ETOOBIG);
    assert_int_equal(object.count, 0);

    n = (size_t)snprintf(text, sizeof text, "{\"a\":");
    memset(text + n, '[', DEEP - 1);
    memset(text + n + DEEP - 1, ']', DEEP - 1);
    snprintf(text + n + 2 * (DEEP - 1), 2, "}");
    assert_int_equal(read_text(&object, text), 0);
    memset(text + n, '[', DEEP);
    memset(text + n + DEEP, ']', DEEP);
    snprintf(text + n + 2 * DEEP, 2, "}");
    assert_int_equal(read_text(&object, text), NECTAR_ETOOBIG);
}

static void size_limit(void **state)
{
    uint8_t *text = malloc(NECTAR_JSON_MAX + 1);
    struct nectar_json object;

    (void)state;
    assert_non_null(text);
    memset(text, ' ', NECTAR_JSON_MAX + 1);
    memcpy(text, "{}", 2);
    assert_int_equal(nectar_json_read(&object, (struct nectar_view){text, NECTAR_JSON_MAX}), 0);
    assert_int_equal(nectar_json_read(&object, (struct nectar_view){text, NECTAR_JSON_MAX + 1}),
                     NECTAR_ETOOBIG);
    free(text);
}

static void texts(void **state)
{
    static const struct {
        const char *json, *text;
        size_t len;
    } rows[] = {
        {"\"\"", "", 0},
        {"\"hello\"", "hello", 5},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
        {"\"a\\u0000b\"", "a\0b", 3},
        {"\"\\u0041\\u00e9\\u20AC\\ud83e\\udd80\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x80", 10},
        {"\"\xc3\xa9x\\n\xf0\x9f\xa6\x80\"", "\xc3\xa9x\n\xf0\x9f\xa6\x80", 8},
        {"\"\\uffff\\u07ff\\u0800\\udbff\\udfff\"",
         "\xef\xbf\xbf\xdf\xbf\xe0\xa0\x80\xf4\x8f\xbf\xbf", 12},
    };
    static const char *const others[] = {"1", "null", "true", "[\"a\"]", "{\"a\":\"a\"}"};
    struct nectar_json object;
    uint8_t out[64];
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct nectar_json_value *value = value_of(&object, rows[i].json);

        assert_int_equal(nectar_json_text(out, &len, value), 0);
        assert_int_equal(len, rows[i].len);
        assert_memory_equal(out, rows[i].text, len);
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(nectar_json_text(out, &len, value_of(&object, others[i])), NECTAR_EFORMAT);
    assert_int_equal(nectar_json_text(out, &len, NULL), NECTAR_EFORMAT);
}

/* Where it stands: the other members are not touched. */
static void in_place(void **state)
{
    uint8_t text[] = "{\"a\":\"\\u00e9\\nx\",\"b\":\"aGVsbG8=\",\"c\":\"7\"}";
    struct nectar_json object;
    struct nectar_view raw;
    uint64_t number;
    size_t len;

    (void)state;
    assert_int_equal(nectar_json_read(&object, (struct nectar_view){text, sizeof text - 1}), 0);
    raw = nectar_json_find(&object, "a")->raw;
    assert_int_equal(
        nectar_json_text(text + (raw.data - text), &len, nectar_json_find(&object, "a")), 0);
    assert_int_equal(len, 4);
    assert_memory_equal(raw.data, "\xc3\xa9\nx", 4);
    raw = nectar_json_find(&object, "b")->raw;
    assert_int_equal(
        nectar_json_base64(text + (raw.data - text), &len, nectar_json_find(&object, "b")), 0);
    assert_int_equal(len, 5);
    assert_memory_equal(raw.data, "hello", 5);
    assert_int_equal(nectar_json_uint(&number, nectar_json_find(&object, "c"), 7), 0);
    assert_int_equal(number, 7);
}

static void base64(void **state)
{
    static const char *const bad[] = {
        "\"aGVsbG8\"", "\"aGVsbG8==\"", "\"aGVs bG8=\"", "\"aGVsbG9=\"", "\"=\"",   "\"====\"",
        "\"a===\"",    "\"aA==aA==\"",  "\"aG_s\"",      "\"aB==\"",     "\"\\n\"", "1"};
    struct nectar_json object;
    uint8_t out[64];
    size_t len;

    (void)state;
    assert_int_equal(nectar_json_base64(out, &len, value_of(&object, "\"+\\/8AAQ==\"")), 0);
    assert_int_equal(len, 4);
    assert_memory_equal(out, "\xfb\xff\0\1", 4);
    assert_int_equal(nectar_json_base64(out, &len, value_of(&object, "\"\"")), 0);
    assert_int_equal(len, 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (nectar_json_base64(out, &len, value_of(&object, bad[i])) != NECTAR_EFORMAT)
            fail_msg("taken: %s", bad[i]);
    assert_int_equal(nectar_json_base64(out, &len, NULL), NECTAR_EFORMAT);
}

static void numbers(void **state)
{
    static const struct {
        const char *json;
        uint64_t max, number;
    } good[] = {
        {"0", 0, 0},
        {"7", 7, 7},
        {"\"0\"", UINT64_MAX, 0},
        {"9007199254740993", UINT64_MAX, 9007199254740993u},
        {"\"18446744073709551615\"", UINT64_MAX, UINT64_MAX},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX},
    };
    static const struct {
        const char *json;
        uint64_t max;
    } bad[] = {
        {"8", 7},           {"1", 0},
        {"-1", UINT64_MAX}, {"-0", UINT64_MAX},
        {"1.0", 9},         {"1e1", 99},
        {"\"\"", 9},        {"\"01\"", 9},
        {"\" 1\"", 9},      {"\"0x1\"", 9},
        {"true", 9},        {"null", 9},
        {"[1]", 9},         {"\"18446744073709551616\"", UINT64_MAX},
        {"\"\\u0031\"", 9}, {"\"99999999999999999999\"", UINT64_MAX},
    };
    struct nectar_json object;
    uint64_t number = 42;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (nectar_json_uint(&number, value_of(&object, bad[i].json), bad[i].max) != NECTAR_EFORMAT)
            fail_msg("taken: %s", bad[i].json);
    assert_int_equal(nectar_json_uint(&number, NULL, 9), NECTAR_EFORMAT);
    assert_int_equal(number, 42);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(nectar_json_uint(&number, value_of(&object, good[i].json), good[i].max),
                         0);
        assert_true(number == good[i].number);
    }
}

static void booleans(void **state)
{
    struct nectar_json object;
    bool value = false;

    (void)state;
    assert_int_equal(nectar_json_bool(&value, value_of(&object, "true")), 0);
    assert_true(value);
    assert_int_equal(nectar_json_bool(&value, value_of(&object, "false")), 0);
    assert_false(value);
    assert_int_equal(nectar_json_bool(&value, value_of(&object, "\"true\"")), NECTAR_EFORMAT);
    assert_int_equal(nectar_json_bool(&value, value_of(&object, "1")), NECTAR_EFORMAT);
    assert_int_equal(nectar_json_bool(&value, NULL), NECTAR_EFORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members),  cmocka_unit_test(refused), cmocka_unit_test(every_cut_and_byte),
        cmocka_unit_test(limits),   cmocka_unit_test(texts),   cmocka_unit_test(size_limit),
        cmocka_unit_test(in_place), cmocka_unit_test(base64),  cmocka_unit_test(numbers),
        cmocka_unit_test(booleans),
    };

    return cmocka_run_group_tests(tests, NULL, forget_copies);
}
