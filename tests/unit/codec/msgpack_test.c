/* MessagePack: the shortest form written, every form read, nothing read past the end. */
#include "codec/msgpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"

enum { OUT_MAX = 1 << 18 };

static struct bytes out;
static struct msgpack_writer w;

static void begin(void)
{
    bytes_free(&out);
    bytes_init(&out, OUT_MAX);
    w = (struct msgpack_writer){.out = &out};
}

static void assert_begins(const char *head, size_t n, size_t len)
{
    assert_int_equal(w.error, 0);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.data, head, n);
}

#define ASSERT_WRITTEN(head, len) assert_begins((head), sizeof(head) - 1, (len))

static void write_uints(void **state)
{
    static const struct {
        uint64_t value;
        const char *octets;
        size_t len;
    } rows[] = {{0, "\x00", 1},
                {127, "\x7f", 1},
                {128, "\xcc\x80", 2},
                {255, "\xcc\xff", 2},
                {256, "\xcd\x01\x00", 3},
                {65535, "\xcd\xff\xff", 3},
                {65536, "\xce\x00\x01\x00\x00", 5},
                {UINT32_MAX, "\xce\xff\xff\xff\xff", 5},
                {(uint64_t)UINT32_MAX + 1, "\xcf\x00\x00\x00\x01\x00\x00\x00\x00", 9},
                {UINT64_MAX, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct msgpack_reader r;

        begin();
        msgpack_write_uint(&w, rows[i].value);
        assert_begins(rows[i].octets, rows[i].len, rows[i].len);
        msgpack_reader_init(&r, out.data, out.len);
        assert_true(msgpack_read_uint(&r, UINT64_MAX) == rows[i].value);
        assert_int_equal(msgpack_read_end(&r), 0);
    }
}

static void write_heads(void **state)
{
    static uint8_t data[65536];
    struct nectar_view text = {data, 31};

    (void)state;
    begin();
    msgpack_write_array(&w, 15);
    ASSERT_WRITTEN("\x9f", 1);
    begin();
    msgpack_write_array(&w, 16);
    ASSERT_WRITTEN("\xdc\x00\x10", 3);
    begin();
    msgpack_write_array(&w, 65536);
    ASSERT_WRITTEN("\xdd\x00\x01\x00\x00", 5);
    begin();
    msgpack_write_map(&w, 15);
    ASSERT_WRITTEN("\x8f", 1);
    begin();
    msgpack_write_map(&w, 65535);
    ASSERT_WRITTEN("\xde\xff\xff", 3);
    begin();
    msgpack_write_map(&w, 65536);
    ASSERT_WRITTEN("\xdf\x00\x01\x00\x00", 5);
    begin();
    msgpack_write_bin(&w, 255);
    ASSERT_WRITTEN("\xc4\xff", 2);
    begin();
    msgpack_write_bin(&w, 256);
    ASSERT_WRITTEN("\xc5\x01\x00", 3);
    begin();
    msgpack_write_bin(&w, 65536);
    ASSERT_WRITTEN("\xc6\x00\x01\x00\x00", 5);
    begin();
    msgpack_write_str(&w, text);
    ASSERT_WRITTEN("\xbf\x00", 32);
    begin();
    text.len = 32;
    msgpack_write_str(&w, text);
    ASSERT_WRITTEN("\xd9\x20", 34);
    begin();
    text.len = 65535;
    msgpack_write_str(&w, text);
    ASSERT_WRITTEN("\xda\xff\xff", 65538);
    begin();
    text.len = 65536;
    msgpack_write_str(&w, text);
    ASSERT_WRITTEN("\xdb\x00\x01\x00\x00", 65541);
}

static void write_errors(void **state)
{
    (void)state;
    begin();
    msgpack_write_array(&w, (size_t)UINT32_MAX + 1);
    assert_int_equal(w.error, NECTAR_ETOOBIG);
    msgpack_write_nil(&w);
    assert_int_equal(out.len, 0);
    bytes_free(&out);
    bytes_init(&out, 3);
    w.error = 0;
    msgpack_write_octets(&w, view_of_text("abc"));
    assert_int_equal(w.error, NECTAR_ETOOBIG);
    assert_true(out.len <= 3);
}

/* A reader over a copy of the exact size, so that a step too far shows. */
static uint8_t *reader_over(struct msgpack_reader *r, const void *data, size_t len)
{
    uint8_t *copy = malloc(len + 1);
    uint8_t *end = copy + 1;

    assert_non_null(copy);
    memcpy(end, data, len);
    msgpack_reader_init(r, end, len);
    return copy;
}

#define READER(r, text) reader_over((r), (text), sizeof(text) - 1)

static void read_lengths_beyond_the_end(void **state)
{
    static const char heads[][6] = {"\xa1",
                                    "\xd9\x01",
                                    "\xda\x00\x01",
                                    "\xdb\xff\xff\xff\xff",
                                    "\xdb\x00\x00\x00",
                                    "\xc4\x01",
                                    "\xc5\x00\x01",
                                    "\xc5\x00",
                                    "\xc6\xff\xff\xff\xff",
                                    "\x91",
                                    "\xdc\x00\x01",
                                    "\xdc\x00",
                                    "\xdd\xff\xff\xff\xff",
                                    "\x81",
                                    "\xde\x00\x01",
                                    "\xdf\xff\xff\xff\xff",
                                    ""};
    static const size_t lens[] = {1, 2, 3, 5, 4, 2, 3, 2, 5, 1, 3, 2, 5, 1, 3, 5, 0};

    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        for (int what = 0; what < 5; what++) {
            struct msgpack_reader r;
            uint8_t *copy = reader_over(&r, heads[i], lens[i]);

            if (what == 0)
                assert_null(msgpack_read_str(&r).data);
            else if (what == 1)
                assert_null(msgpack_read_bytes(&r).data);
            else if (what == 2)
                assert_int_equal(msgpack_read_array(&r), 0);
            else if (what == 3)
                assert_int_equal(msgpack_read_map(&r), 0);
            else
                msgpack_skip_bytes(&r);
            assert_int_equal(r.error, NECTAR_EFORMAT);
            assert_true(r.at <= r.len);
            free(copy);
        }
    }
}

/* After an error nothing more is read, and the error stays. */
static void read_after_an_error(void **state)
{
    struct msgpack_reader r;
    uint8_t *copy = READER(&r, "\xc1\x01\x01\x01");

    (void)state;
    assert_int_equal(msgpack_read_uint(&r, 9), 0);
    assert_int_equal(r.error, NECTAR_EFORMAT);
    r.at = 1;
    assert_int_equal(msgpack_read_uint(&r, 9), 0);
    assert_false(msgpack_read_nil(&r));
    assert_false(msgpack_read_bool(&r));
    assert_null(msgpack_read_str(&r).data);
    assert_null(msgpack_read_bytes(&r).data);
    assert_int_equal(msgpack_read_array(&r), 0);
    assert_int_equal(msgpack_read_map(&r), 0);
    msgpack_skip_bytes(&r);
    assert_int_equal(r.at, 1);
    assert_int_equal(msgpack_read_end(&r), NECTAR_EFORMAT);
    free(copy);
}

static void read_values(void **state)
{
    struct msgpack_reader r;
    uint8_t *copy =
        READER(&r, "\xc0\xc3\xc2\xd1\x01\x00\xa2hi\xc0\xd9\x01x\x92\xcc\xff\x01\xc4\x01z");

    (void)state;
    assert_true(msgpack_read_nil(&r));
    assert_false(msgpack_read_nil(&r));
    assert_true(msgpack_read_bool(&r));
    assert_false(msgpack_read_bool(&r));
    assert_int_equal(msgpack_read_uint(&r, 256), 256);
    assert_true(view_equal_text(msgpack_read_optional_str(&r), "hi"));
    assert_null(msgpack_read_optional_str(&r).data);
    assert_true(view_equal_text(msgpack_read_str(&r), "x"));
    assert_true(view_equal_text(msgpack_read_bytes(&r), "\xff\x01"));
    assert_int_equal(r.error, 0);
    assert_true(view_equal_text(msgpack_read_bytes(&r), "z"));
    assert_int_equal(msgpack_read_end(&r), 0);
    free(copy);
}

static void refused_values(void **state)
{
    struct msgpack_reader r;
    uint8_t *copy;

    (void)state;
    copy = READER(&r, "\xcd\x01\x00");
    assert_int_equal(msgpack_read_uint(&r, 255), 0);
    assert_int_equal(r.error, NECTAR_EFORMAT);
    free(copy);
    copy = READER(&r, "\xa2\xc3\x28");
    assert_null(msgpack_read_str(&r).data);
    assert_int_equal(r.error, NECTAR_EFORMAT);
    free(copy);
    copy = READER(&r, "\xc4\x01x");
    assert_null(msgpack_read_str(&r).data);
    free(copy);
    copy = READER(&r, "\x92\x01\x02");
    msgpack_expect_array(&r, 3);
    assert_int_equal(r.error, NECTAR_EFORMAT);
    free(copy);
    copy = READER(&r, "\x01\x02");
    msgpack_read_uint(&r, 9);
    assert_int_equal(msgpack_read_end(&r), NECTAR_EFORMAT);
    free(copy);
}

/* Over data that must not change: bin is read, an array is not packed. */
static void read_only(void **state)
{
    static const uint8_t data[] = {0xc4, 1, 'a', 0x91, 0xcc, 0x80};
    struct msgpack_reader r;

    (void)state;
    msgpack_reader_init_const(&r, (struct nectar_view){data, sizeof data});
    assert_true(view_equal_text(msgpack_read_bytes(&r), "a"));
    msgpack_skip_bytes(&r);
    assert_int_equal(msgpack_read_end(&r), 0);
    msgpack_reader_init_const(&r, (struct nectar_view){data + 3, 3});
    assert_null(msgpack_read_bytes(&r).data);
    assert_int_equal(r.error, NECTAR_EFORMAT);
}

static int tidy(void **state)
{
    (void)state;
    bytes_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_uints),         cmocka_unit_test(write_heads),
        cmocka_unit_test(write_errors),        cmocka_unit_test(read_lengths_beyond_the_end),
        cmocka_unit_test(read_after_an_error), cmocka_unit_test(read_values),
        cmocka_unit_test(refused_values),      cmocka_unit_test(read_only),
    };

    return cmocka_run_group_tests(tests, NULL, tidy);
}
