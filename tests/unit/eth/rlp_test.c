#include "eth/rlp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "unit/shared/vectors.h"

enum { TEXT_MAX = 1 << 20, INPUT_MAX = 1024 };

static cJSON *vectors;

/* --- the vectors ----------------------------------------------------------------------------- */

static void write_value(struct rlp_writer *w, const cJSON *value)
{
    uint8_t bytes[INPUT_MAX];
    cJSON *holder;
    const cJSON *element;
    size_t opened, len;

    if (cJSON_IsArray(value)) {
        opened = rlp_open_list(w);
        cJSON_ArrayForEach(element, value) write_value(w, element);
        rlp_close_list(w, opened);
        return;
    }
    holder = cJSON_CreateObject();
    cJSON_AddStringToObject(holder, "it", value->valuestring);
    len = vectors_hex_of_0x(bytes, sizeof bytes, holder, "it");
    rlp_write_bytes(w, (struct nectar_view){bytes, len});
    cJSON_Delete(holder);
}

/* Reads what is there and writes it again: with one form of each value, it is the same. */
static void copy_items(struct rlp_writer *w, struct rlp_reader *r)
{
    while (rlp_has_more(r)) {
        if (rlp_at_list(r)) {
            struct rlp_reader list;
            size_t opened = rlp_open_list(w);

            rlp_read_list(&list, r);
            copy_items(w, &list);
            rlp_end_list(&list, r);
            rlp_close_list(w, opened);
        } else {
            rlp_write_bytes(w, rlp_read_bytes(r));
        }
    }
}

static void vectors_both_ways(void **state)
{
    const cJSON *row;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(vectors, "rlp"))
    {
        uint8_t expected[INPUT_MAX];
        size_t len = vectors_hex_of_0x(expected, sizeof expected, row, "rlp");
        struct bytes text;
        struct rlp_writer writer = {.out = &text};
        struct rlp_reader reader;

        bytes_init(&text, TEXT_MAX);
        write_value(&writer, cJSON_GetObjectItem(row, "input"));
        assert_int_equal(writer.error, 0);
        assert_int_equal(text.len, len);
        assert_memory_equal(text.data, expected, len);
        bytes_clear(&text);
        rlp_reader_init(&reader, (struct nectar_view){expected, len});
        copy_items(&writer, &reader);
        assert_int_equal(rlp_read_end(&reader), 0);
        assert_int_equal(text.len, len);
        assert_memory_equal(text.data, expected, len);
        bytes_free(&text);
        count++;
    }
    assert_int_equal(count, 10);
}

/* --- lengths --------------------------------------------------------------------------------- */

/* A string and a list of so many bytes, at each length where the head grows. */
static void lengths_of_every_head(void **state)
{
    static const size_t lens[] = {0, 1, 2, 55, 56, 57, 255, 256, 257, 65535, 65536, 70000};
    static uint8_t zeros[70000];

    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct bytes text;
        struct rlp_writer writer = {.out = &text};
        struct rlp_reader reader, list;
        size_t opened, len = lens[i];

        bytes_init(&text, TEXT_MAX);
        rlp_write_bytes(&writer, (struct nectar_view){zeros, len});
        opened = rlp_open_list(&writer);
        for (size_t k = 0; k < len; k++)
            rlp_write_bytes(&writer, (struct nectar_view){zeros, 1});
        rlp_close_list(&writer, opened);
        assert_int_equal(writer.error, 0);
        rlp_reader_init(&reader, bytes_view(&text));
        assert_int_equal(rlp_read_bytes(&reader).len, len);
        assert_true(rlp_at_list(&reader));
        rlp_read_list(&list, &reader);
        assert_int_equal(list.left.len, len);
        for (size_t k = 0; k < len; k++)
            assert_int_equal(rlp_read_bytes(&list).len, 1);
        rlp_end_list(&list, &reader);
        assert_int_equal(rlp_read_end(&reader), 0);
        bytes_free(&text);
    }
}

static void numbers(void **state)
{
    static const struct {
        uint64_t value;
        const char *rlp;
    } rows[] = {
        {0, "80"},
        {1, "01"},
        {127, "7f"},
        {128, "8180"},
        {256, "820100"},
        {1024, "820400"},
        {0xffff, "82ffff"},
        {0x10000, "83010000"},
        {UINT64_MAX, "88ffffffffffffffff"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct word word = word_of(rows[i].value), again;
        uint8_t expected[16];
        size_t len = vectors_hex(expected, sizeof expected, rows[i].rlp);
        struct bytes text;
        struct rlp_writer writer = {.out = &text};
        struct rlp_reader reader;

        bytes_init(&text, TEXT_MAX);
        rlp_write_uint(&writer, rows[i].value);
        rlp_write_word(&writer, &word);
        assert_int_equal(text.len, 2 * len);
        assert_memory_equal(text.data, expected, len);
        assert_memory_equal(text.data + len, expected, len);
        rlp_reader_init(&reader, bytes_view(&text));
        assert_true(rlp_read_uint(&reader, rows[i].value) == rows[i].value);
        rlp_read_word(&again, &reader);
        assert_memory_equal(&again, &word, sizeof word);
        assert_int_equal(rlp_read_end(&reader), 0);
        rlp_reader_init(&reader, bytes_view(&text));
        if (rows[i].value > 0) {
            assert_true(rlp_read_uint(&reader, rows[i].value - 1) == 0);
            assert_int_equal(rlp_read_end(&reader), NECTAR_EFORMAT);
        }
        bytes_free(&text);
    }
}

/* --- what is refused ------------------------------------------------------------------------- */

static int read_as(const char *hex, char kind)
{
    uint8_t data[INPUT_MAX];
    size_t len = vectors_hex(data, sizeof data, hex);
    struct rlp_reader reader, list;
    struct word word;

    rlp_reader_init(&reader, (struct nectar_view){data, len});
    if (kind == 'b')
        (void)rlp_read_bytes(&reader);
    else if (kind == 'n')
        (void)rlp_read_uint(&reader, UINT64_MAX);
    else if (kind == 'w')
        rlp_read_word(&word, &reader);
    else if (kind == '3')
        rlp_read_exactly(word.bytes, 3, &reader);
    else {
        rlp_read_list(&list, &reader);
        (void)rlp_read_bytes(&list);
        rlp_end_list(&list, &reader);
    }
    return rlp_read_end(&reader);
}

#define ZEROS_7  "00000000000000"
#define ZEROS_56 ZEROS_7 ZEROS_7 ZEROS_7 ZEROS_7 ZEROS_7 ZEROS_7 ZEROS_7 ZEROS_7

static void other_forms_are_refused(void **state)
{
    static const struct {
        char kind; /* b bytes, n number, w word, 3 three bytes, l a list of one string */
        const char *rlp;
    } rows[] = {
        {'b', ""},
        {'b', "8100"},                 /* stands for itself */
        {'b', "817f"},                 /* likewise */
        {'b', "81"},                   /* cut */
        {'b', "82ff"},                 /* cut */
        {'b', "b7"},                   /* cut */
        {'b', "b8"},                   /* no length */
        {'b', "b80001"},               /* a length with a zero in front */
        {'b', "b801ff"},               /* a long head for a short string */
        {'b', "b837"},                 /* 55 bytes, long head */
        {'b', "b838ff"},               /* cut */
        {'b', "b90038" ZEROS_56},      /* zero in front */
        {'b', "b9ffff"},               /* cut */
        {'b', "bfffffffffffffffff"},   /* 2^64 - 1 bytes */
        {'b', "bf7fffffffffffffff01"}, /* 2^63 - 1 bytes */
        {'b', "bf00000000000000ff"},
        {'b', "c0"},                   /* a list */
        {'b', "0101"},                 /* something behind */
        {'n', "00"},                   /* a zero is empty */
        {'n', "820001"},               /* zero in front */
        {'n', "89010000000000000000"}, /* over 64 bits */
        {'n', "c0"},
        {'w', "00"},
        {'w', "820001"},
        {'w', "a1010000000000000000000000000000000000000000000000000000000000000000"},
        {'3', "820102"},
        {'3', "8401020304"},
        {'3', "80"},
        {'3', "c3010203"},
        {'l', ""},
        {'l', "80"},     /* a string */
        {'l', "c0"},     /* nothing in it */
        {'l', "c1"},     /* cut */
        {'l', "c20101"}, /* two */
        {'l', "c10101"}, /* something behind */
        {'l', "c181"},   /* its string is cut by its end */
        {'l', "c18101"}, /* a string over its end */
        {'l', "f800"},
        {'l', "f80101"},
        {'l', "f90001"},
        {'l', "ffffffffffffffffff01"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(read_as(rows[i].rlp, rows[i].kind), NECTAR_EFORMAT);
    assert_int_equal(read_as("83010203", '3'), 0);
    assert_int_equal(read_as("c101", 'l'), 0);
    assert_int_equal(read_as("8180", 'b'), 0);
    assert_int_equal(read_as("b838" ZEROS_56, 'b'), 0);
}

static void an_error_sticks(void **state)
{
    const uint8_t data[] = {0x81, 0x01, 0x05};
    struct rlp_reader reader, list;

    (void)state;
    rlp_reader_init(&reader, (struct nectar_view){data, sizeof data});
    assert_int_equal(rlp_read_bytes(&reader).len, 0);
    assert_false(rlp_has_more(&reader));
    assert_false(rlp_at_list(&reader));
    assert_true(rlp_read_uint(&reader, 9) == 0);
    rlp_read_list(&list, &reader);
    assert_false(rlp_has_more(&list));
    assert_int_equal(rlp_read_end(&reader), NECTAR_EFORMAT);
}

static void a_buffer_that_is_full(void **state)
{
    struct bytes text;
    struct rlp_writer writer = {.out = &text};
    size_t opened;

    (void)state;
    bytes_init(&text, 3);
    opened = rlp_open_list(&writer);
    rlp_write_uint(&writer, 1);
    rlp_write_uint(&writer, 2);
    rlp_write_uint(&writer, 3);
    assert_int_equal(writer.error, 0);
    rlp_close_list(&writer, opened);
    assert_int_equal(writer.error, NECTAR_ETOOBIG);
    rlp_write_uint(&writer, 1);
    assert_int_equal(text.len, 3);
    bytes_free(&text);
}

static int set_up(void **state)
{
    (void)state;
    vectors = vectors_read("tests/vectors/eth-vectors.json");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cJSON_Delete(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_both_ways), cmocka_unit_test(lengths_of_every_head),
        cmocka_unit_test(numbers),           cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(an_error_sticks),   cmocka_unit_test(a_buffer_that_is_full),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
