/* What the reader refuses, and the bounds of the writer. */
#include "eth/abi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/view.h"

enum { OUT_MAX = 4096, SELECTOR = 0x01020304, NAMES = 3 };

/* (uint64, bytes, string[], (address, bytes)): one of each. */
enum {
    AT_UINT = ABI_SELECTOR,
    AT_BYTES = AT_UINT + ABI_WORD, /* offsets of what is behind the frame */
    AT_ARRAY = AT_BYTES + ABI_WORD,
    AT_TUPLE = AT_ARRAY + ABI_WORD,
    LEN_BYTES = AT_TUPLE + ABI_WORD,
    COUNT = LEN_BYTES + 2 * ABI_WORD,
    AT_TEXTS = COUNT + ABI_WORD,
    LEN_TEXTS = AT_TEXTS + NAMES * ABI_WORD,
    VALUES = 8 + 5 + 5 + 32 + ABI_ADDRESS, /* bytes that may be others */
};

static const char *const TEXTS[NAMES] = {"", "squid", "0123456789abcdef0123456789abcdef"};
static const uint8_t ADDRESS[ABI_ADDRESS] = {1, 2, 3, 255};

static void write_whole(struct bytes *out)
{
    struct abi_writer w;

    bytes_init(out, OUT_MAX);
    abi_write_call(&w, out, SELECTOR, 4);
    abi_put_uint(&w, UINT64_MAX);
    abi_put_bytes(&w, view_of_text("hello"));
    abi_open_array(&w, NAMES, 1);
    for (size_t i = 0; i < NAMES; i++)
        abi_put_bytes(&w, view_of_text(TEXTS[i]));
    abi_close(&w);
    abi_open_tuple(&w, 2);
    abi_put_address(&w, ADDRESS);
    abi_put_bytes(&w, (struct nectar_view){0});
    abi_close(&w);
    assert_int_equal(abi_write_end(&w), 0);
}

/* Reads it, from a copy with nothing behind it; the error. What is taken is, written again, what it
 * was. */
static int read_whole(struct nectar_view data)
{
    uint8_t *copy = malloc(data.len ? data.len : 1), address[ABI_ADDRESS];
    struct abi_reader r;
    struct abi_writer w;
    struct bytes out;
    size_t count;
    int error;

    assert_non_null(copy);
    memcpy(copy, data.data, data.len);
    bytes_init(&out, OUT_MAX);
    abi_read_call(&r, (struct nectar_view){copy, data.len}, SELECTOR, 4);
    abi_write_call(&w, &out, SELECTOR, 4);
    abi_put_uint(&w, abi_get_uint(&r, UINT64_MAX));
    abi_put_bytes(&w, abi_get_bytes(&r));
    count = abi_enter_array(&r, 1);
    assert_true(count <= data.len / ABI_WORD);
    abi_open_array(&w, count, 1);
    for (size_t i = 0; i < count; i++)
        abi_put_bytes(&w, abi_get_bytes(&r));
    abi_leave(&r);
    abi_close(&w);
    abi_enter_tuple(&r, 2);
    abi_open_tuple(&w, 2);
    abi_get_address(&r, address);
    abi_put_address(&w, address);
    abi_put_bytes(&w, abi_get_bytes(&r));
    abi_leave(&r);
    abi_close(&w);
    error = abi_read_end(&r);
    assert_int_equal(abi_write_end(&w), 0);
    if (!error) {
        assert_int_equal(out.len, data.len);
        assert_memory_equal(out.data, data.data, data.len);
    }
    bytes_free(&out);
    free(copy);
    return error;
}

static void cut_and_followed(void **state)
{
    struct bytes whole;

    (void)state;
    write_whole(&whole);
    assert_int_equal(read_whole(bytes_view(&whole)), 0);
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(read_whole((struct nectar_view){whole.data, len}), NECTAR_EFORMAT);
    for (size_t i = 0; i < 2 * ABI_WORD; i++) {
        assert_int_equal(bytes_append_byte(&whole, 0), 0);
        assert_int_equal(read_whole(bytes_view(&whole)), NECTAR_EFORMAT);
    }
    bytes_free(&whole);
}

/*
 * There is one form: whatever byte is another, and is no value, it is refused. But two texts have 5
 * bytes, and their lengths may become 7, 13 or 21: what was padding is then text.
 */
static void changed_anywhere(void **state)
{
    struct bytes whole;

    (void)state;
    write_whole(&whole);
    for (unsigned bit = 0; bit < 8; bit++) {
        size_t lengths = bit == 1 || bit == 3 || bit == 4 ? 2 : 0, refused = 0;

        for (size_t at = 0; at < whole.len; at++) {
            whole.data[at] ^= (uint8_t)(1U << bit);
            refused += read_whole(bytes_view(&whole)) == NECTAR_EFORMAT;
            whole.data[at] ^= (uint8_t)(1U << bit);
        }
        assert_int_equal(refused, whole.len - VALUES - lengths);
    }
    bytes_free(&whole);
}

/* Words that are a trap for who adds to them or takes memory for them. */
static void numbers(void **state)
{
    static const size_t places[] = {AT_BYTES, AT_ARRAY, AT_TUPLE,  LEN_BYTES,
                                    COUNT,    AT_TEXTS, LEN_TEXTS, AT_TEXTS + ABI_WORD};
    static const uint64_t low[] = {UINT64_MAX,      UINT64_MAX - 31, UINT64_MAX - 4, INT64_MAX,
                                   1ULL << 59,      UINT32_MAX,      1ULL << 31,     4096,
                                   4 * ABI_WORD + 1};
    struct bytes whole;

    (void)state;
    write_whole(&whole);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        uint8_t before[ABI_WORD];

        memcpy(before, whole.data + places[i], ABI_WORD);
        for (size_t n = 0; n < sizeof low / sizeof low[0]; n++) {
            for (unsigned above = 0; above < 2; above++) {
                memset(whole.data + places[i], above ? 0xff : 0, ABI_WORD);
                for (size_t j = 0; j < 8; j++)
                    whole.data[places[i] + ABI_WORD - 1 - j] = (uint8_t)(low[n] >> (8 * j));
                assert_int_equal(read_whole(bytes_view(&whole)), NECTAR_EFORMAT);
            }
        }
        memcpy(whole.data + places[i], before, ABI_WORD);
    }
    bytes_free(&whole);
}

/* Many elements that are all one: a small reply that would be read as a large one. */
static void elements_in_one_place(void **state)
{
    struct bytes out;
    struct abi_writer w;
    struct abi_reader r;

    (void)state;
    bytes_init(&out, OUT_MAX);
    abi_write_bare(&w, &out, 1);
    abi_open_array(&w, 2, 1);
    abi_put_bytes(&w, view_of_text("a"));
    abi_put_bytes(&w, view_of_text("a"));
    abi_close(&w);
    assert_int_equal(abi_write_end(&w), 0);
    memcpy(out.data + 3 * ABI_WORD, out.data + 2 * ABI_WORD, ABI_WORD);
    abi_read_bare(&r, bytes_view(&out), 1);
    assert_int_equal(abi_enter_array(&r, 1), 2);
    assert_true(view_equal_text(abi_get_bytes(&r), "a"));
    assert_null(abi_get_bytes(&r).data);
    abi_leave(&r);
    assert_int_equal(abi_read_end(&r), NECTAR_EFORMAT);
    bytes_free(&out);
}

/* A reader of one word that ends so. */
static struct abi_reader reader_of(uint8_t word[ABI_WORD], uint8_t first, uint8_t last)
{
    struct abi_reader r;

    memset(word, 0, ABI_WORD);
    word[ABI_WORD - ABI_ADDRESS - 1] = first;
    word[ABI_WORD - 1] = last;
    abi_read_bare(&r, (struct nectar_view){word, ABI_WORD}, 1);
    return r;
}

static void values_of_their_types(void **state)
{
    uint8_t word[ABI_WORD], address[ABI_ADDRESS];
    struct abi_reader r = reader_of(word, 0, 1);

    (void)state;
    assert_true(abi_get_bool(&r) && abi_read_end(&r) == 0);
    r = reader_of(word, 0, 2);
    assert_true(!abi_get_bool(&r) && abi_read_end(&r) == NECTAR_EFORMAT);
    r = reader_of(word, 0, 9);
    assert_true(abi_get_uint(&r, 9) == 9 && abi_read_end(&r) == 0);
    r = reader_of(word, 0, 9);
    assert_true(abi_get_uint(&r, 8) == 0 && abi_read_end(&r) == NECTAR_EFORMAT);
    r = reader_of(word, 1, 9);
    assert_true(abi_get_uint(&r, UINT64_MAX) == 0 && abi_read_end(&r) == NECTAR_EFORMAT);
    r = reader_of(word, 1, 9);
    abi_get_address(&r, address);
    assert_int_equal(address[ABI_ADDRESS - 1], 0);
    assert_int_equal(abi_read_end(&r), NECTAR_EFORMAT);
    assert_int_equal(abi_selector((struct nectar_view){word, 3}), 0);
}

static void bounds_of_the_writer(void **state)
{
    uint8_t zeros[ABI_WORD] = {0};
    struct abi_writer w;
    struct bytes out;

    (void)state;
    for (size_t max = 0; max < 5 * ABI_WORD; max++) {
        bytes_init(&out, max);
        abi_write_bare(&w, &out, 2);
        abi_put_word(&w, zeros);
        abi_open_array(&w, 1, 1);
        abi_put_bytes(&w, (struct nectar_view){0});
        abi_close(&w);
        assert_int_equal(abi_write_end(&w), NECTAR_ETOOBIG);
        assert_true(out.len <= max);
        bytes_free(&out);
    }
    bytes_init(&out, OUT_MAX);
    abi_write_bare(&w, &out, 1);
    abi_open_array(&w, SIZE_MAX, 2);
    abi_close(&w);
    assert_int_equal(abi_write_end(&w), NECTAR_ETOOBIG);
    bytes_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_and_followed),
        cmocka_unit_test(changed_anywhere),
        cmocka_unit_test(numbers),
        cmocka_unit_test(elements_in_one_place),
        cmocka_unit_test(values_of_their_types),
        cmocka_unit_test(bounds_of_the_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
