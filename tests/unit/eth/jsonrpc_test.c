/* Batches of JSON-RPC: what is written, what replies are taken, and what their results are. */
#include "eth/jsonrpc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"

enum { TEXT_MAX = 1 << 16 };

#define ANSWER(id, rest) "{\"jsonrpc\":\"2.0\",\"id\":" #id "," rest "}"
#define RESULT(id, text) ANSWER(id, "\"result\":" text)
#define ERROR(id, rest)  ANSWER(id, "\"error\":{\"code\":3," rest "}")

static struct jsonrpc_reply reply;
static char why[JSONRPC_WHY_SIZE];

static int read_text(const char *text, size_t count)
{
    struct bytes copy;
    int error;

    jsonrpc_free(&reply);
    bytes_init(&copy, TEXT_MAX);
    assert_int_equal(bytes_append_text(&copy, text), 0);
    error = jsonrpc_read(&reply, &copy, count, why);
    bytes_free(&copy); /* the reply does not live in it */
    return error;
}

static void a_batch_is_written(void **state)
{
    static const uint8_t data[] = {0xde, 0xad, 0x00};
    struct jsonrpc_writer w;
    struct bytes out;

    (void)state;
    bytes_init(&out, TEXT_MAX);
    jsonrpc_open(&w, &out);
    assert_int_equal(jsonrpc_call(&w, "eth_chainId"), 0);
    assert_int_equal(jsonrpc_call(&w, "x"), 1);
    jsonrpc_write_bytes(&w.json, (struct nectar_view){data, sizeof data});
    jsonrpc_write_bytes(&w.json, (struct nectar_view){NULL, 0});
    jsonrpc_write_quantity(&w.json, 0);
    jsonrpc_write_quantity(&w.json, UINT64_MAX);
    json_write_bool(&w.json, false);
    assert_int_equal(jsonrpc_close(&w), 0);
    assert_true(
        view_equal_text(bytes_view(&out),
                        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":[]},"
                        "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"x\",\"params\":[\"0xdead00\","
                        "\"0x\",\"0x0\",\"0xffffffffffffffff\",false]}]"));
    bytes_free(&out);
}

static void what_does_not_fit_is_told(void **state)
{
    static const uint8_t data[100];
    struct jsonrpc_writer w;
    struct bytes out;

    (void)state;
    bytes_init(&out, 200);
    jsonrpc_open(&w, &out);
    jsonrpc_call(&w, "x");
    jsonrpc_write_bytes(&w.json, (struct nectar_view){data, sizeof data});
    assert_int_equal(jsonrpc_close(&w), NECTAR_ETOOBIG);
    bytes_free(&out);
}

static void answers_in_any_order(void **state)
{
    struct jsonrpc_error error;
    uint64_t number = 0;

    (void)state;
    assert_int_equal(read_text("[" RESULT(2, "\"0x2\"") "," ERROR(
                                   3, "\"message\":\"no\"") "," RESULT(1, "null") "]",
                               3),
                     0);
    assert_non_null(jsonrpc_result(&reply, 0));
    assert_int_equal(json_type(jsonrpc_result(&reply, 0)), JSON_NULL);
    assert_false(jsonrpc_error(&error, &reply, 0));
    assert_int_equal(jsonrpc_quantity(&number, jsonrpc_result(&reply, 1)), 0);
    assert_int_equal(number, 2);
    assert_null(jsonrpc_result(&reply, 2));
    assert_true(jsonrpc_error(&error, &reply, 2));
    assert_int_equal(error.code, 3);
    assert_string_equal(error.message, "no");
    assert_null(error.data);
}

static void errors_are_kept(void **state)
{
    char text[1000];
    struct jsonrpc_error error;
    const char *data = NULL;

    (void)state;
    assert_int_equal(
        read_text("[" ANSWER(1, "\"error\":{\"code\":-32000,\"message\":\"a\\u0000\\u001b[31m"
                                "\\\\\\u0000\",\"data\":\"0x08c379a0\"}") "]",
                  1),
        0);
    assert_true(jsonrpc_error(&error, &reply, 0));
    assert_int_equal(error.code, -32000);
    assert_string_equal(error.message, "a\xef\xbf\xbd\xef\xbf\xbd[31m\\\xef\xbf\xbd");
    assert_int_equal(json_text(&data, error.data), 0);
    assert_string_equal(data, "0x08c379a0");
    /* What looks like an escape, and is a backslash and text. */
    assert_int_equal(read_text("[" ERROR(1, "\"message\":\"\\\\u0000\"") "]", 1), 0);
    assert_true(jsonrpc_error(&error, &reply, 0));
    assert_string_equal(error.message, "\\u0000");
    /* Of a long one its beginning, in whole characters. */
    for (size_t len = 186; len < 192; len++) {
        snprintf(text, sizeof text, "[" ERROR(1, "\"message\":\"%0*d\xf0\x9f\xa6\x91%0300d\"") "]",
                 (int)len, 0, 0);
        assert_int_equal(read_text(text, 1), 0);
        assert_true(jsonrpc_error(&error, &reply, 0));
        assert_true(strlen(error.message) == len || strlen(error.message) >= 190);
    }
}

static void one_error_for_all(void **state)
{
    struct jsonrpc_error error;

    (void)state;
    assert_int_equal(
        read_text(
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,\"message\":\"no\"}}", 2),
        0);
    assert_non_null(reply.refusal);
    for (size_t i = 0; i < 2; i++) {
        assert_null(jsonrpc_result(&reply, i));
        assert_true(jsonrpc_error(&error, &reply, i));
        assert_int_equal(error.code, -32600);
    }
}

static void refused(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } ROWS[] = {
        {"", "no JSON"},
        {"<html>\n<p>", "no JSON (line 1)"},
        {"[" RESULT(1, "1") ",\n" RESULT(2, "2"), "no JSON (line 2)"},
        {"null", "no JSON-RPC"},
        {"1", "no JSON-RPC"},
        {"{}", "no JSON-RPC"},
        {RESULT(1, "1"), "no JSON-RPC"},
        {"{\"error\":\"rate\"}", "no JSON-RPC"},
        {"{\"error\":{\"code\":\"1\",\"message\":\"\"}}", "no JSON-RPC"},
        {"[]", "all calls"},
        {"[" RESULT(1, "1") "]", "all calls"},
        {"[" RESULT(1, "1") "," RESULT(1, "1") "]", "one call"},
        {"[" RESULT(1, "1") "," ERROR(1, "\"message\":\"\"") "]", "one call"},
        {"[" RESULT(1, "1") "," RESULT(3, "1") "]", "not made"},
        {"[" RESULT(1, "1") "," RESULT(0, "1") "]", "not made"},
        {"[" RESULT(1, "1") "," RESULT(-2, "1") "]", "not made"},
        {"[" RESULT(1, "1") "," RESULT(2.5, "1") "]", "not made"},
        {"[" RESULT(1, "1") "," RESULT("2", "1") "]", "not made"},
        {"[" RESULT(1, "1") "," RESULT(null, "1") "]", "not made"},
        {"[" RESULT(1, "1") "," RESULT(2, "1") "," RESULT(2, "1") "]", "one call"},
        {"[" RESULT(1, "1") ",{\"id\":2,\"result\":1}]", "neither"},
        {"[" RESULT(1, "1") ",{\"jsonrpc\":\"1.0\",\"id\":2,\"result\":1}]", "neither"},
        {"[" RESULT(1, "1") "," ANSWER(2, "\"x\":1") "]", "neither"},
        {"[" RESULT(1, "1") "," ANSWER(2, "\"result\":1,\"error\":null") "]", "neither"},
        {"[" RESULT(1, "1") "," ERROR(2, "\"message\":1") "]", "neither"},
        {"[" RESULT(1, "1") ",[]]", "neither"},
        {"[" RESULT(1, "1") "," ANSWER(2, "\"result\":1,\"result\":1") "]", "no JSON"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (read_text(ROWS[i].text, 2) != NECTAR_EFORMAT || !strstr(why, ROWS[i].why))
            fail_msg("row %zu, %s: %s", i, ROWS[i].text, why);
        assert_null(reply.root);
    }
}

/* Reads the result of a batch of one call. */
static const struct json *result_of(const char *text)
{
    char whole[1000];

    snprintf(whole, sizeof whole, "[" RESULT(1, "%s") "]", text);
    assert_int_equal(read_text(whole, 1), 0);
    return jsonrpc_result(&reply, 0);
}

static void quantities(void **state)
{
    static const char *const BAD[] = {"null",
                                      "1",
                                      "\"\"",
                                      "\"0\"",
                                      "\"0x\"",
                                      "\"0x00\"",
                                      "\"0x01\"",
                                      "\"0X1\"",
                                      "\"0xg\"",
                                      "\"0x1 \"",
                                      "\"0x10000000000000000\""};
    uint64_t number = 5;
    struct word word;

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        if (jsonrpc_quantity(&number, result_of(BAD[i])) != NECTAR_EFORMAT)
            fail_msg("taken: %s", BAD[i]);
    assert_int_equal(number, 5);
    assert_int_equal(jsonrpc_quantity(&number, NULL), NECTAR_EFORMAT);
    assert_int_equal(jsonrpc_quantity(&number, result_of("\"0x0\"")), 0);
    assert_int_equal(number, 0);
    assert_int_equal(jsonrpc_quantity(&number, result_of("\"0xffffFFFFffffffff\"")), 0);
    assert_true(number == UINT64_MAX);
    assert_int_equal(jsonrpc_word(&word, result_of("\"0x10000000000000000\"")), 0);
    assert_int_equal(word.bytes[WORD_BYTES - 9], 1);
    assert_int_equal(jsonrpc_word(&word, result_of("\"0x\"")), NECTAR_EFORMAT);
}

static void runs_of_bytes(void **state)
{
    static const char *const BAD[] = {"null",      "1",        "\"\"",    "\"0x1\"",
                                      "\"0x123\"", "\"0xgg\"", "\"1234\""};
    uint8_t fixed[2] = {7, 7};
    struct bytes out;

    (void)state;
    bytes_init(&out, 3);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        if (jsonrpc_bytes(&out, result_of(BAD[i])) != NECTAR_EFORMAT ||
            jsonrpc_fixed(fixed, 2, jsonrpc_result(&reply, 0)) != NECTAR_EFORMAT ||
            jsonrpc_has_bytes(jsonrpc_result(&reply, 0)))
            fail_msg("taken: %s", BAD[i]);
        assert_int_equal(out.len, 0);
    }
    assert_int_equal(jsonrpc_bytes(&out, NULL), NECTAR_EFORMAT);
    assert_int_equal(jsonrpc_bytes(&out, result_of("\"0x\"")), 0);
    assert_false(jsonrpc_has_bytes(jsonrpc_result(&reply, 0)));
    assert_int_equal(jsonrpc_bytes(&out, result_of("\"0xaBcd\"")), 0);
    assert_true(jsonrpc_has_bytes(jsonrpc_result(&reply, 0)));
    assert_memory_equal(out.data, "\xab\xcd", 2);
    assert_int_equal(jsonrpc_fixed(fixed, 2, jsonrpc_result(&reply, 0)), 0);
    assert_memory_equal(fixed, "\xab\xcd", 2);
    assert_int_equal(jsonrpc_fixed(fixed, 1, jsonrpc_result(&reply, 0)), NECTAR_EFORMAT);
    assert_int_equal(jsonrpc_bytes(&out, jsonrpc_result(&reply, 0)), NECTAR_ETOOBIG);
    assert_int_equal(out.len, 2);
    bytes_free(&out);
}

static int tear_down(void **state)
{
    (void)state;
    jsonrpc_free(&reply);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_written),
        cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test_teardown(answers_in_any_order, tear_down),
        cmocka_unit_test_teardown(errors_are_kept, tear_down),
        cmocka_unit_test_teardown(one_error_for_all, tear_down),
        cmocka_unit_test_teardown(refused, tear_down),
        cmocka_unit_test_teardown(quantities, tear_down),
        cmocka_unit_test_teardown(runs_of_bytes, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
