#include "crypto/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The flags that the kernel keeps of the memory an address lies in. */
static void flags_of(char *out, size_t size, const void *address)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    char line[512];
    int inside = 0;

    assert_non_null(maps);
    out[0] = '\0';
    while (fgets(line, sizeof line, maps)) {
        uintptr_t begin;
        uintptr_t end;

        if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
            inside = (uintptr_t)address >= begin && (uintptr_t)address < end;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            snprintf(out, size, "%s", line);
    }
    fclose(maps);
}

static void is_zero_aligned_and_writable(void **state)
{
    (void)state;
    for (size_t size = 1; size < 9000; size += size < 70 ? 1 : 997) {
        uint8_t *secret = secret_new(size);

        assert_non_null(secret);
        assert_int_equal((uintptr_t)secret % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(secret[i], 0);
        memset(secret, 0xff, size);
        secret_free(secret);
    }
    secret_free(NULL);
}

static void is_left_out_of_core_files(void **state)
{
    void *secret = secret_new(100);
    char flags[512];

    (void)state;
    assert_non_null(secret);
    flags_of(flags, sizeof flags, secret);
    assert_non_null(strstr(flags, " dd")); /* "do not dump" */
    secret_free(secret);
}

static void an_impossible_size_is_refused(void **state)
{
    (void)state;
    assert_null(secret_new(SIZE_MAX));
    assert_null(secret_new(SIZE_MAX - 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_zero_aligned_and_writable),
        cmocka_unit_test(is_left_out_of_core_files),
        cmocka_unit_test(an_impossible_size_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
