#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/log.h"

static const struct {
    int number;
    const char *name;
    const char *text;
} ROWS[] = {
#define ROW(name, number, text) {number, "NECTAR_" #name, text},
    NECTAR_ERRORS(ROW)
#undef ROW
};

enum { COUNT = sizeof ROWS / sizeof ROWS[0] };

static void each_has_a_number_a_name_and_a_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(ROWS[i].number < 0);
        assert_string_equal(nectar_error_name(ROWS[i].number), ROWS[i].name);
        assert_string_equal(nectar_error_text(ROWS[i].number), ROWS[i].text);
        assert_int_not_equal(ROWS[i].text[strlen(ROWS[i].text) - 1], '.');
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(ROWS[i].number, ROWS[j].number);
    }
}

static void other_numbers(void **state)
{
    (void)state;
    assert_string_equal(nectar_error_text(0), "ok");
    assert_string_equal(nectar_error_name(0), "NECTAR_OK");
    assert_string_equal(nectar_error_text(1), "unknown error");
    assert_string_equal(nectar_error_text(-9999), "unknown error");
    assert_string_equal(nectar_error_name(-9999), "NECTAR_UNKNOWN");
}

static char last_line[2048];

static void keep(void *context, enum nectar_log_level level, const char *line)
{
    assert_ptr_equal(context, last_line);
    assert_int_equal(level, NECTAR_LOG_STAGE);
    memcpy(last_line, line, strlen(line) + 1);
}

static void log_lines(void **state)
{
    struct nectar_log log = {NECTAR_LOG_STAGE, keep, last_line};
    char long_text[1500];

    (void)state;
    log_line(NULL, NECTAR_LOG_WARNING, "nobody");
    log_line(&log, NECTAR_LOG_DETAIL, "too fine");
    assert_string_equal(last_line, "");
    log_line(&log, NECTAR_LOG_STAGE, "%s %d", "stage", 7);
    assert_string_equal(last_line, "stage 7");
    memset(long_text, 'x', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    log_line(&log, NECTAR_LOG_STAGE, "%s", long_text);
    assert_int_equal(strlen(last_line), 1023);
    log.write = NULL;
    assert_false(log_wants(&log, NECTAR_LOG_WARNING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_a_number_a_name_and_a_text),
        cmocka_unit_test(other_numbers),
        cmocka_unit_test(log_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
