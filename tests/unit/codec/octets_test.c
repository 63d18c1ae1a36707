/* Byte vectors as arrays of integers, against a way so plain that it cannot be wrong. */
#include "codec/octets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST = 300, OCTETS_MAX = 9 * LONGEST };

static uint32_t seed = 1;

static uint8_t random_byte(void)
{
    seed = seed * 1664525 + 1013904223;
    return (uint8_t)(seed >> 24);
}

/* What bytes are made of: the loops have a path for each. */
enum mix { ASCII, HIGH, PREFIXES, RANDOM, MIXES };

static uint8_t mixed_byte(enum mix mix)
{
    uint8_t byte = random_byte();

    if (mix == ASCII)
        return byte & 0x7f;
    if (mix == HIGH)
        return byte | 0x80;
    if (mix == PREFIXES)
        return byte & 1 ? 0xcc : (uint8_t)(byte >> 1);
    return byte;
}

static size_t plain_expand(uint8_t *out, const uint8_t *data, size_t n)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        if (data[i] >= 0x80)
            out[len++] = 0xcc;
        out[len++] = data[i];
    }
    return len;
}

/* Every length, every mix: the same octets as the plain way, in memory of the exact size. */
static void expand_and_pack(void **state)
{
    uint8_t data[LONGEST];
    uint8_t want[2 * LONGEST];

    (void)state;
    for (size_t n = 1; n <= LONGEST; n++) {
        for (enum mix mix = 0; mix < MIXES; mix++) {
            uint8_t *octets;
            size_t len;

            for (size_t i = 0; i < n; i++)
                data[i] = mixed_byte(mix);
            len = plain_expand(want, data, n);
            assert_int_equal(octets_size(data, n), len);
            octets = malloc(len);
            assert_non_null(octets);
            assert_int_equal(octets_expand(octets, data, n), len);
            assert_memory_equal(octets, want, len);
            assert_int_equal(octets_skip(octets, len, n), len);
            assert_int_equal(octets_pack(octets, len, n), len);
            assert_memory_equal(octets, data, n);
            free(octets);
        }
    }
}

/* Cut anywhere, an array is refused; with more behind it, only its own octets are taken. */
static void cut_and_followed(void **state)
{
    enum { N = 40 };
    uint8_t data[N];
    uint8_t whole[2 * N];

    (void)state;
    for (enum mix mix = 0; mix < MIXES; mix++) {
        size_t len;

        for (size_t i = 0; i < N; i++)
            data[i] = mixed_byte(mix);
        len = plain_expand(whole, data, N);
        for (size_t cut = 0; cut < len; cut++) {
            uint8_t *copy = malloc(cut + 1);

            assert_non_null(copy);
            memcpy(copy, whole, cut);
            assert_int_equal(octets_skip(copy, cut, N), 0);
            assert_int_equal(octets_pack(copy, cut, N), 0);
            free(copy);
        }
        for (size_t n = 1; n < N; n++) {
            uint8_t copy[2 * N];
            size_t used = plain_expand(copy, data, n);

            memcpy(copy, whole, len);
            assert_int_equal(octets_pack(copy, len, n), used);
            assert_memory_equal(copy, data, n);
            assert_memory_equal(copy + used, whole + used, len - used);
        }
    }
}

/* One byte in any of its forms that a decoder takes: form 0 is the shortest. */
static size_t write_form(uint8_t *out, uint8_t byte, unsigned form)
{
    static const struct {
        uint8_t head;
        size_t width;
    } forms[] = {{0xcc, 1}, {0xcd, 2}, {0xce, 4}, {0xcf, 8}, {0xd1, 2}, {0xd2, 4}, {0xd3, 8}};

    if (form == 0)
        return plain_expand(out, &byte, 1);
    if (form == 8) { /* i8 holds no byte over 127 */
        out[0] = 0xd0;
        out[1] = byte & 0x7f;
        return 2;
    }
    memset(out, 0, 1 + forms[form - 1].width);
    out[0] = forms[form - 1].head;
    out[forms[form - 1].width] = byte;
    return 1 + forms[form - 1].width;
}

/* Odd forms at every place among ordinary ones. */
static void every_form(void **state)
{
    enum { N = 30, FORMS = 9 };
    static uint8_t octets[OCTETS_MAX];

    (void)state;
    for (unsigned form = 0; form < FORMS; form++) {
        for (size_t every = 1; every < N; every++) {
            uint8_t data[N];
            size_t len = 0;

            for (size_t i = 0; i < N; i++) {
                data[i] = form == 8 ? random_byte() & 0x7f : random_byte();
                len += write_form(octets + len, data[i], i % every == every - 1 ? form : 0);
            }
            assert_int_equal(octets_skip(octets, len, N), len);
            assert_int_equal(octets_pack(octets, len, N), len);
            assert_memory_equal(octets, data, N);
        }
    }
}

/* Every first octet that begins no integer of 0 to 255, at every place of a word. */
static void refused_elements(void **state)
{
    static const uint8_t big[][9] = {{0xcd, 1, 0},          {0xce, 0, 1, 0, 0}, {0xcf, 1},
                                     {0xd1, 1, 0},          {0xd0, 0x80},       {0xd1, 0x80, 5},
                                     {0xd2, 0xff, 0, 0, 5}, {0xd3, 0x80}};

    (void)state;
    for (size_t place = 0; place < 24; place++) {
        for (unsigned head = 0x80; head < 0x100; head++) {
            uint8_t octets[40] = {0};

            if (head >= 0xcc && head <= 0xd3)
                continue;
            octets[place] = (uint8_t)head;
            assert_int_equal(octets_skip(octets, sizeof octets, 30), 0);
            assert_int_equal(octets_pack(octets, sizeof octets, 30), 0);
        }
        for (size_t i = 0; i < sizeof big / sizeof big[0]; i++) {
            uint8_t octets[60] = {0};

            memcpy(octets + place, big[i], sizeof big[i]);
            assert_int_equal(octets_skip(octets, sizeof octets, 30), 0);
            assert_int_equal(octets_pack(octets, sizeof octets, 30), 0);
        }
    }
}

static void integers(void **state)
{
    static const uint8_t most[] = {0xcf, 255, 255, 255, 255, 255, 255, 255, 255};
    static const uint8_t least[] = {0xd3, 127, 255, 255, 255, 255, 255, 255, 255};
    uint64_t value = 0;

    (void)state;
    assert_int_equal(octets_integer(&value, most, 9), 9);
    assert_true(value == UINT64_MAX);
    assert_int_equal(octets_integer(&value, most, 8), 0);
    assert_int_equal(octets_integer(&value, least, 9), 9);
    assert_true(value == INT64_MAX);
    assert_int_equal(octets_integer(&value, least, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expand_and_pack), cmocka_unit_test(cut_and_followed),
        cmocka_unit_test(every_form),      cmocka_unit_test(refused_elements),
        cmocka_unit_test(integers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
