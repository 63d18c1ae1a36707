#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"

static void grows_to_its_maximum_and_no_further(void **state)
{
    (void)state;
    for (size_t max = 0; max < 1100; max += 9) {
        struct bytes b;

        bytes_init(&b, max);
        for (size_t i = 0; i < max; i++)
            assert_int_equal(bytes_append_byte(&b, (uint8_t)i), 0);
        assert_int_equal(bytes_append_byte(&b, 0), NECTAR_ETOOBIG);
        assert_int_equal(bytes_reserve(&b, SIZE_MAX), NECTAR_ETOOBIG);
        assert_int_equal(bytes_append(&b, NULL, 0), 0);
        assert_int_equal(b.len, max);
        assert_true(b.cap <= max);
        for (size_t i = 0; i < max; i++)
            assert_int_equal(b.data[i], (uint8_t)i);
        bytes_free(&b);
        assert_null(b.data);
        assert_int_equal(b.max, max);
    }
}

static void a_refused_append_changes_nothing(void **state)
{
    struct bytes b;

    (void)state;
    bytes_init(&b, 5);
    assert_int_equal(bytes_append_text(&b, "abc"), 0);
    assert_int_equal(bytes_append_text(&b, "def"), NECTAR_ETOOBIG);
    assert_true(view_equal_text(bytes_view(&b), "abc"));
    bytes_free(&b);
}

static void consumes_from_the_front(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 6; n++) {
        struct bytes b;

        bytes_init(&b, 100);
        assert_int_equal(bytes_append_text(&b, "abcdef"), 0);
        bytes_consume(&b, n);
        assert_true(view_equal_text(bytes_view(&b), &"abcdef"[n]));
        bytes_clear(&b);
        assert_int_equal(b.len, 0);
        bytes_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_its_maximum_and_no_further),
        cmocka_unit_test(a_refused_append_changes_nothing),
        cmocka_unit_test(consumes_from_the_front),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
