#include "eth/tx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "unit/shared/signed.h"
#include "unit/shared/vectors.h"

static cJSON *vectors;

static void assert_same_bytes(struct nectar_view a, struct nectar_view b)
{
    assert_int_equal(a.len, b.len);
    if (a.len > 0)
        assert_memory_equal(a.data, b.data, a.len);
}

static void assert_same_tx(const struct tx *a, const struct tx *b)
{
    assert_int_equal(a->type, b->type);
    assert_true(a->chain == b->chain && a->nonce == b->nonce && a->gas == b->gas);
    assert_memory_equal(&a->max_fee, &b->max_fee, sizeof a->max_fee);
    assert_memory_equal(&a->priority, &b->priority, sizeof a->priority);
    assert_memory_equal(&a->value, &b->value, sizeof a->value);
    assert_int_equal(a->creates, b->creates);
    assert_memory_equal(a->to, b->to, sizeof a->to);
    assert_same_bytes(a->data, b->data);
    assert_same_bytes(a->access_list, b->access_list);
}

/* Does it with each of them. */
static void for_each(void (*check)(struct signed_row *row, const cJSON *vector))
{
    const cJSON *vector;
    size_t count = 0;

    cJSON_ArrayForEach(vector, cJSON_GetObjectItem(vectors, "transactions"))
    {
        struct signed_row row;

        signed_row_begin(&row, vector);
        check(&row, vector);
        signed_row_end(&row);
        count++;
    }
    assert_int_equal(count, 14);
}

/* --- both ways ------------------------------------------------------------------------------- */

static void check_signed(struct signed_row *row, const cJSON *vector)
{
    uint8_t expected[SIGNED_RAW_MAX], hash[TX_HASH_BYTES];
    struct bytes out;
    size_t len;

    bytes_init(&out, TX_MAX);
    assert_int_equal(tx_unsigned(&out, &row->tx), 0);
    len = vectors_hex_of_0x(expected, sizeof expected, vector, "unsigned_payload");
    assert_same_bytes(bytes_view(&out), (struct nectar_view){expected, len});
    assert_int_equal(tx_signing_hash(hash, &row->tx), 0);
    vectors_hex_of_0x(expected, sizeof expected, vector, "signing_hash");
    assert_memory_equal(hash, expected, sizeof hash);
    bytes_clear(&out);
    assert_int_equal(tx_sign(&out, &row->tx, row->account), 0);
    assert_same_bytes(bytes_view(&out), (struct nectar_view){row->raw, row->raw_len});
    tx_hash(hash, bytes_view(&out));
    vectors_hex_of_0x(expected, sizeof expected, vector, "tx_hash");
    assert_memory_equal(hash, expected, sizeof hash);
    bytes_free(&out);
}

static void signed_as_others_sign(void **state)
{
    (void)state;
    for_each(check_signed);
}

static void check_decoded(struct signed_row *row, const cJSON *vector)
{
    uint8_t sender[ETH_ADDRESS_BYTES], payload[SIGNED_RAW_MAX];
    size_t len = vectors_hex_of_0x(payload, sizeof payload, vector, "unsigned_payload");
    struct tx tx;

    assert_int_equal(tx_decode(&tx, sender, (struct nectar_view){row->raw, row->raw_len}), 0);
    assert_same_tx(&tx, &row->tx);
    assert_memory_equal(sender, row->from, sizeof sender);
    assert_memory_equal(sender, nectar_account_address(row->account), sizeof sender);
    assert_int_equal(tx_decode_unsigned(&tx, (struct nectar_view){payload, len}), 0);
    assert_same_tx(&tx, &row->tx);
    assert_int_equal(tx_access_count(&tx), tx.access_list.data ? 2 : 0);
    /* The one is not the other. */
    assert_int_equal(tx_decode(&tx, sender, (struct nectar_view){payload, len}), NECTAR_EFORMAT);
    assert_int_equal(tx_decode_unsigned(&tx, (struct nectar_view){row->raw, row->raw_len}),
                     NECTAR_EFORMAT);
}

static void decoded_with_their_senders(void **state)
{
    (void)state;
    for_each(check_decoded);
}

/* --- what is refused ------------------------------------------------------------------------- */

/* Every cut, and a byte too many. */
static void check_cut(struct signed_row *row, const cJSON *vector)
{
    uint8_t sender[ETH_ADDRESS_BYTES], *copy;
    struct tx tx;

    (void)vector;
    for (size_t len = 0; len <= row->raw_len + 1; len++) {
        if (len == row->raw_len)
            continue;
        copy = calloc(1, len ? len : 1);
        assert_non_null(copy);
        memcpy(copy, row->raw, len < row->raw_len ? len : row->raw_len);
        assert_int_equal(tx_decode(&tx, sender, (struct nectar_view){copy, len}), NECTAR_EFORMAT);
        free(copy);
    }
}

static void cut_anywhere(void **state)
{
    (void)state;
    for_each(check_cut);
}

/* A flipped bit is refused, or it is another's transaction: never the same sender. */
static void check_flipped(struct signed_row *row, const cJSON *vector)
{
    uint8_t sender[ETH_ADDRESS_BYTES];
    struct tx tx;

    (void)vector;
    for (size_t bit = 0; bit < row->raw_len * 8; bit += 5) {
        int error;

        row->raw[bit / 8] ^= (uint8_t)(1 << bit % 8);
        error = tx_decode(&tx, sender, (struct nectar_view){row->raw, row->raw_len});
        if (error)
            assert_int_equal(error, NECTAR_EFORMAT);
        else
            assert_memory_not_equal(sender, row->from, sizeof sender);
        row->raw[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void flipped_bits(void **state)
{
    (void)state;
    for_each(check_flipped);
}

static const struct tx FINE = {
    .type = TX_FEE_MARKET,
    .chain = 31337,
    .nonce = 1,
    .gas = 21000,
    .to = {1, 2, 3},
};

static void expect_unsigned(const struct tx *tx, int expected)
{
    struct bytes out;

    bytes_init(&out, TX_MAX);
    assert_int_equal(bytes_append_byte(&out, 7), 0);
    assert_int_equal(tx_unsigned(&out, tx), expected);
    if (expected) {
        assert_int_equal(out.len, 1);
        assert_int_equal(out.data[0], 7);
    }
    bytes_free(&out);
}

static void fields_out_of_bounds(void **state)
{
    struct tx tx = FINE;

    (void)state;
    expect_unsigned(&tx, 0);
    tx.chain = 0;
    expect_unsigned(&tx, NECTAR_EFORMAT);
    tx.chain = TX_CHAIN_MAX;
    expect_unsigned(&tx, 0);
    tx.chain = TX_CHAIN_MAX + 1;
    expect_unsigned(&tx, NECTAR_EFORMAT);
    tx = FINE;
    tx.nonce = TX_NONCE_MAX;
    expect_unsigned(&tx, 0);
    tx.nonce++;
    expect_unsigned(&tx, NECTAR_EFORMAT);
    tx = FINE;
    tx.type = (enum tx_type)1;
    expect_unsigned(&tx, NECTAR_EFORMAT);
    tx = FINE;
    tx.access_list = (struct nectar_view){(const uint8_t *)"\xc0", 1};
    expect_unsigned(&tx, 0);
    tx.type = TX_LEGACY;
    expect_unsigned(&tx, NECTAR_EFORMAT);
}

/* What was written before it is full goes again. */
static void a_buffer_that_is_full(void **state)
{
    struct bytes out;

    (void)state;
    for (size_t max = 1; max < 30; max++) {
        bytes_init(&out, max);
        assert_int_equal(bytes_append_byte(&out, 7), 0);
        assert_int_equal(tx_unsigned(&out, &FINE), NECTAR_ETOOBIG);
        assert_int_equal(out.len, 1);
        bytes_free(&out);
    }
}

/* The highest chain, legacy: its v is a number of 64 bits. */
static void the_highest_chain(void **state)
{
    const uint8_t secret[32] = {[31] = 1};
    struct nectar_account *account = NULL;
    uint8_t sender[ETH_ADDRESS_BYTES];
    struct tx tx = FINE, got;
    struct bytes out;

    (void)state;
    assert_int_equal(nectar_account_from_secret(&account, secret), 0);
    bytes_init(&out, TX_MAX);
    tx.type = TX_LEGACY;
    tx.chain = TX_CHAIN_MAX;
    assert_int_equal(tx_sign(&out, &tx, account), 0);
    assert_int_equal(tx_decode(&got, sender, bytes_view(&out)), 0);
    assert_same_tx(&got, &tx);
    assert_memory_equal(sender, nectar_account_address(account), sizeof sender);
    bytes_free(&out);
    nectar_account_free(account);
}

static void access_lists_that_are_none(void **state)
{
    static const char *const rows[] = {
        "80",                                                 /* a string */
        "c101",                                               /* an entry that is a string */
        "c1c0",                                               /* an entry of nothing */
        "d7d6940102030405060708090a0b0c0d0e0f1011121314",     /* no keys; and cut */
        "d6d5940102030405060708090a0b0c0d0e0f1011121314",     /* no keys */
        "d7d6940102030405060708090a0b0c0d0e0f101112131480",   /* keys that are a string */
        "d7d6940102030405060708090a0b0c0d0e0f1011121314c0c0", /* two */
        "d6d5930102030405060708090a0b0c0d0e0f10111213c0",     /* 19 bytes */
        "d8d7940102030405060708090a0b0c0d0e0f1011121314c101", /* a key of one byte */
        "d8d7940102030405060708090a0b0c0d0e0f1011121314c0c0", /* a third */
    };
    struct tx tx = FINE;
    uint8_t text[64];

    (void)state;
    tx.access_list = (struct nectar_view){
        text, vectors_hex(text, sizeof text, "d7d6940102030405060708090a0b0c0d0e0f1011121314c0")};
    expect_unsigned(&tx, 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tx.access_list.len = vectors_hex(text, sizeof text, rows[i]);
        expect_unsigned(&tx, NECTAR_EFORMAT);
    }
}

/* Signed before EIP-155: good for any chain. (Nonce 9, 1 ether, v 28.) */
static void without_a_chain(void **state)
{
    uint8_t raw[256], sender[ETH_ADDRESS_BYTES];
    size_t len = vectors_hex(
        raw, sizeof raw,
        "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a7640000801c"
        "a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
        "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
    struct tx tx;

    (void)state;
    assert_int_equal(tx_decode(&tx, sender, (struct nectar_view){raw, len}), NECTAR_EFORMAT);
}

static void too_large(void **state)
{
    static uint8_t data[TX_MAX + 1];
    struct tx tx = FINE;
    uint8_t hash[TX_HASH_BYTES];

    (void)state;
    tx.data = (struct nectar_view){data, TX_MAX};
    assert_int_equal(tx_signing_hash(hash, &tx), NECTAR_ETOOBIG);
    tx.data.len = TX_MAX - 60;
    assert_int_equal(tx_signing_hash(hash, &tx), 0);
    assert_int_equal(tx_decode_unsigned(&tx, (struct nectar_view){data, sizeof data}),
                     NECTAR_ETOOBIG);
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
        cmocka_unit_test(signed_as_others_sign), cmocka_unit_test(decoded_with_their_senders),
        cmocka_unit_test(cut_anywhere),          cmocka_unit_test(flipped_bits),
        cmocka_unit_test(fields_out_of_bounds),  cmocka_unit_test(a_buffer_that_is_full),
        cmocka_unit_test(the_highest_chain),     cmocka_unit_test(access_lists_that_are_none),
        cmocka_unit_test(without_a_chain),       cmocka_unit_test(too_large),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
