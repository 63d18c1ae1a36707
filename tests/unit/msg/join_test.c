/* Splitting and joining. */
#include "msg/join.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <nectar/message.h>

#include "base/view.h"
#include "msg/split.h"

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 31 + i / 251);
}

/* Room for a message of size bytes, and that message. Free it. */
static uint8_t *pattern_new(size_t size)
{
    uint8_t *data = malloc(size);

    assert_non_null(data);
    for (size_t i = 0; i < size; i++)
        data[i] = pattern(i);
    return data;
}

/* A message of size bytes, cut into three pieces at odd places. */
static void encoded_make(struct msg_encoded *out, const uint8_t *data, size_t size)
{
    size_t first = size / 3;
    size_t second = size / 2;

    msg_encoded_init(out);
    out->piece[0] = (struct nectar_view){data, first};
    out->piece[1] = (struct nectar_view){data + first, second - first};
    out->piece[2] = (struct nectar_view){data + second, size - second};
    out->count = 3;
    out->size = size;
}

/* Through split and join, chunk by chunk as split makes them. */
static void round_trip(struct msg_join *join, const uint8_t *data, size_t size)
{
    static uint8_t chunk[MSG_CHUNK_MAX];
    struct msg_encoded encoded;
    struct msg_split split;
    size_t left = MSG_LENGTH_BYTES + size;
    uint8_t *whole = NULL;
    size_t len = 0;

    encoded_make(&encoded, data, size);
    msg_split_init(&split, &encoded);
    while (msg_split_size(&split) > 0) {
        size_t n = msg_split_size(&split);

        assert_null(whole);
        assert_int_equal(n, left < MSG_CHUNK_MAX ? left : MSG_CHUNK_MAX);
        msg_split_next(&split, chunk);
        assert_int_equal(msg_join_add(join, chunk, n, &whole, &len), 0);
        left -= n;
        assert_int_equal(msg_join_under_way(join), left > 0);
    }
    assert_int_equal(left, 0);
    assert_non_null(whole);
    assert_int_equal(len, size);
    assert_memory_equal(whole, data, size);
}

static void around_every_boundary(void **state)
{
    uint8_t *data = pattern_new(NECTAR_MESSAGE_MAX);
    struct msg_join join;

    (void)state;
    msg_join_init(&join);
    for (size_t size = 0; size < 100; size++)
        round_trip(&join, data, size);
    for (size_t k = 1; k * MSG_CHUNK_MAX + 5 <= NECTAR_MESSAGE_MAX; k += k < 8 ? 1 : 8)
        for (size_t off = 0; off <= 10; off++)
            round_trip(&join, data, k * MSG_CHUNK_MAX - 5 + off);
    round_trip(&join, data, NECTAR_MESSAGE_MAX - 1);
    round_trip(&join, data, NECTAR_MESSAGE_MAX);
    msg_join_free(&join);
    free(data);
}

static void one_byte_and_empty_chunks(void **state)
{
    enum { SIZE = 1000 };
    uint8_t first[MSG_LENGTH_BYTES] = {0, 0, SIZE >> 8, SIZE & 255};
    struct msg_join join;
    uint8_t *whole;
    size_t len;

    (void)state;
    msg_join_init(&join);
    assert_int_equal(msg_join_add(&join, first, sizeof first, &whole, &len), 0);
    for (size_t i = 0; i < SIZE; i++) {
        uint8_t byte = pattern(i);

        assert_null(whole);
        assert_int_equal(msg_join_add(&join, NULL, 0, &whole, &len), 0);
        assert_null(whole);
        assert_true(msg_join_under_way(&join));
        assert_int_equal(msg_join_add(&join, &byte, 1, &whole, &len), 0);
    }
    assert_false(msg_join_under_way(&join));
    assert_non_null(whole);
    assert_int_equal(len, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        assert_int_equal(whole[i], pattern(i));
    msg_join_free(&join);
}

/* One chunk: no copy, and nothing of it is kept. */
static void whole_in_one_chunk(void **state)
{
    uint8_t chunk[] = {0, 0, 0, 2, 'h', 'i'};
    uint8_t none[] = {0, 0, 0, 0};
    struct msg_join join;
    uint8_t *whole;
    size_t len;

    (void)state;
    msg_join_init(&join);
    assert_int_equal(msg_join_add(&join, chunk, sizeof chunk, &whole, &len), 0);
    assert_ptr_equal(whole, chunk + 4);
    assert_int_equal(len, 2);
    assert_int_equal(join.partial.cap, 0);
    assert_int_equal(msg_join_add(&join, none, sizeof none, &whole, &len), 0);
    assert_non_null(whole);
    assert_int_equal(len, 0);
    assert_false(msg_join_under_way(&join));
    msg_join_free(&join);
}

static void short_first_chunk(void **state)
{
    uint8_t chunk[MSG_LENGTH_BYTES] = {0};
    struct msg_join join;
    uint8_t *whole;
    size_t len;

    (void)state;
    msg_join_init(&join);
    for (size_t n = 0; n < MSG_LENGTH_BYTES; n++)
        assert_int_equal(msg_join_add(&join, chunk, n, &whole, &len), NECTAR_ESHORT);
    assert_null(whole);
    msg_join_free(&join);
}

static int declare(struct msg_join *join, uint32_t declared)
{
    uint8_t chunk[5] = {(uint8_t)(declared >> 24), (uint8_t)(declared >> 16),
                        (uint8_t)(declared >> 8), (uint8_t)declared, 0};
    uint8_t *whole;
    size_t len;

    msg_join_init(join);
    return msg_join_add(join, chunk, sizeof chunk, &whole, &len);
}

/* Memory follows the bytes that came, not the length that was declared. */
static void declared_length(void **state)
{
    struct msg_join join;

    (void)state;
    assert_int_equal(declare(&join, 10485801), NECTAR_ELENGTH);
    assert_int_equal(declare(&join, UINT32_MAX), NECTAR_ELENGTH);
    assert_int_equal(declare(&join, 10485800), 0);
    assert_true(msg_join_under_way(&join));
    assert_true(join.partial.cap <= 4096);
    msg_join_free(&join);
}

static void more_than_declared(void **state)
{
    uint8_t single[] = {0, 0, 0, 1, 'a', 'b'};
    uint8_t first[] = {0, 0, 0, 3, 'a'};
    uint8_t rest[] = {'b', 'c', 'd'};
    struct msg_join join;
    uint8_t *whole;
    size_t len;

    (void)state;
    msg_join_init(&join);
    assert_int_equal(msg_join_add(&join, single, sizeof single, &whole, &len), NECTAR_EEXCESS);
    assert_int_equal(msg_join_add(&join, first, sizeof first, &whole, &len), 0);
    assert_int_equal(msg_join_add(&join, rest, sizeof rest, &whole, &len), NECTAR_EEXCESS);
    assert_null(whole);
    assert_int_equal(msg_join_add(&join, rest, 2, &whole, &len), 0);
    assert_int_equal(len, 3);
    assert_memory_equal(whole, "abc", 3);
    msg_join_free(&join);
}

static void release(void **state)
{
    uint8_t first[] = {0, 0, 0, 2, 'a'};
    uint8_t rest[] = {'b'};
    struct msg_join join;
    uint8_t *whole;
    size_t len;

    (void)state;
    msg_join_init(&join);
    assert_int_equal(msg_join_add(&join, first, sizeof first, &whole, &len), 0);
    msg_join_release(&join);
    assert_int_equal(msg_join_add(&join, rest, sizeof rest, &whole, &len), 0);
    assert_memory_equal(whole, "ab", 2);
    msg_join_release(&join);
    assert_int_equal(join.partial.cap, 0);
    assert_int_equal(msg_join_add(&join, first, sizeof first, &whole, &len), 0);
    msg_join_free(&join);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(around_every_boundary),
        cmocka_unit_test(one_byte_and_empty_chunks),
        cmocka_unit_test(whole_in_one_chunk),
        cmocka_unit_test(short_first_chunk),
        cmocka_unit_test(declared_length),
        cmocka_unit_test(more_than_declared),
        cmocka_unit_test(release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
