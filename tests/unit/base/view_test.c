#include "base/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"

static void equality(void **state)
{
    (void)state;
    assert_true(view_equal_text(view_of_text("ab"), "ab"));
    assert_false(view_equal_text(view_of_text("ab"), "abc"));
    assert_false(view_equal_text(view_of_text("ab"), "ac"));
    assert_true(view_equal((struct nectar_view){NULL, 0}, view_of_text("")));
}

static void splits_at_the_first(void **state)
{
    struct nectar_view head = {NULL, 7};
    struct nectar_view tail = {NULL, 7};

    (void)state;
    assert_true(view_split(view_of_text("a:b:c"), ':', &head, &tail));
    assert_true(view_equal_text(head, "a"));
    assert_true(view_equal_text(tail, "b:c"));
    assert_true(view_split(view_of_text(":"), ':', &head, &tail));
    assert_int_equal(head.len, 0);
    assert_int_equal(tail.len, 0);
    head.len = 7;
    assert_false(view_split(view_of_text("abc"), ':', &head, &tail));
    assert_false(view_split((struct nectar_view){NULL, 0}, ':', &head, &tail));
    assert_int_equal(head.len, 7);
}

static void copies_what_fits_without_nul(void **state)
{
    char out[4] = "old";

    (void)state;
    assert_false(view_copy_text(out, sizeof out, view_of_text("four")));
    assert_false(view_copy_text(out, sizeof out, (struct nectar_view){(const uint8_t *)"a\0b", 3}));
    assert_false(view_copy_text(out, 0, view_of_text("")));
    assert_string_equal(out, "old");
    assert_true(view_copy_text(out, sizeof out, view_of_text("abc")));
    assert_string_equal(out, "abc");
    assert_true(view_copy_text(out, sizeof out, (struct nectar_view){NULL, 0}));
    assert_string_equal(out, "");
}

static void memory(void **state)
{
    uint8_t a[64];

    (void)state;
    memset(a, 0xa5, sizeof a);
    mem_wipe(a, sizeof a - 1);
    mem_wipe(NULL, 0);
    for (size_t i = 0; i < sizeof a - 1; i++)
        assert_int_equal(a[i], 0);
    assert_int_equal(a[sizeof a - 1], 0xa5);
}

static void times(void **state)
{
    (void)state;
    assert_int_equal(time_after(5, 3), 8);
    assert_true(time_after(5, TIME_NEVER) == TIME_NEVER);
    assert_true(time_after(TIME_NEVER - 1, 1) == TIME_NEVER);
    assert_true(time_after(TIME_NEVER, 0) == TIME_NEVER);
    assert_int_equal(time_earlier(3, 4), 3);
    assert_int_equal(time_earlier(TIME_NEVER, 4), 4);
    assert_int_equal(TIME_S(2), TIME_MS(2000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality),
        cmocka_unit_test(splits_at_the_first),
        cmocka_unit_test(copies_what_fits_without_nul),
        cmocka_unit_test(memory),
        cmocka_unit_test(times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
