#include "pki/tx.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "pki/wei.h"
#include "unit/shared/signed.h"
#include "unit/shared/vectors.h"

enum { VECTORS = 14, MARKET = 10 };

static void assert_same(const struct nectar_tx *a, const struct nectar_tx *b)
{
    assert_true(a->chain == b->chain && a->nonce == b->nonce && a->gas == b->gas);
    assert_int_equal(nectar_wei_compare(&a->max_fee, &b->max_fee), 0);
    assert_int_equal(nectar_wei_compare(&a->tip, &b->tip), 0);
    assert_int_equal(nectar_wei_compare(&a->value, &b->value), 0);
    assert_memory_equal(a->from, b->from, sizeof a->from);
    assert_int_equal(a->creates, b->creates);
    assert_memory_equal(a->to, b->to, sizeof a->to);
    assert_int_equal(a->data_len, b->data_len);
    if (a->data_len > 0)
        assert_memory_equal(a->data, b->data, a->data_len);
}

/* Decoded, handed over as JSON, signed anew: the bytes and the hash are those that others made. */
static size_t check_vector(const cJSON *vector)
{
    struct signed_row row;
    struct nectar_tx tx;
    struct nectar_tx handed;
    uint8_t hash[NECTAR_HASH_BYTES];
    char *json;
    bool market;

    signed_row_begin(&row, vector);
    assert_int_equal(nectar_tx_decode(&tx, row.raw, row.raw_len), 0);
    vectors_hex_of_0x(hash, sizeof hash, vector, "tx_hash");
    assert_memory_equal(tx.hash, hash, sizeof hash);
    assert_memory_equal(tx.from, nectar_account_address(row.account), sizeof tx.from);
    assert_int_equal(tx.legacy, row.tx.type == TX_LEGACY);
    assert_int_equal(tx.has_access_list, row.tx.access_list.len > 1);
    assert_int_equal(tx.raw_len, row.raw_len);
    market = !tx.legacy && !tx.has_access_list;
    if (market) {
        assert_int_equal(nectar_tx_format(&json, &tx), 0);
        assert_int_equal(nectar_tx_parse(&handed, json, strlen(json)), 0);
        assert_same(&tx, &handed);
        assert_null(handed.raw);
        assert_int_equal(nectar_tx_sign(&handed, row.account), 0);
        assert_int_equal(handed.raw_len, row.raw_len);
        assert_memory_equal(handed.raw, row.raw, row.raw_len);
        assert_memory_equal(handed.hash, hash, sizeof hash);
        nectar_tx_wipe(&handed);
        free(json);
    }
    nectar_tx_wipe(&tx);
    signed_row_end(&row);
    return market;
}

static void published_vectors(void **state)
{
    cJSON *vectors = vectors_read("tests/vectors/eth-vectors.json");
    const cJSON *vector;
    size_t count = 0;
    size_t market = 0;

    (void)state;
    cJSON_ArrayForEach(vector, cJSON_GetObjectItem(vectors, "transactions"))
    {
        market += check_vector(vector);
        count++;
    }
    assert_int_equal(count, VECTORS);
    assert_true(market >= MARKET - 1); /* one of them has an access list */
    cJSON_Delete(vectors);
}

static void wei_from(struct nectar_wei *out, uint64_t value)
{
    const struct word word = word_of(value);

    *out = wei_of_word(&word);
}

static struct nectar_tx example(void)
{
    struct nectar_tx tx = {.chain = 31337, .nonce = 7, .gas = 21000, .to = {1, 2, 3}};

    wei_from(&tx.max_fee, 2000000000);
    wei_from(&tx.tip, 1000000000);
    assert_int_equal(
        tx_copy_bytes(&tx.data, &tx.data_len, (struct nectar_view){(const uint8_t *)"ab", 2}), 0);
    return tx;
}

static void another_account_cannot_sign(void **state)
{
    static const uint8_t SECRET[NECTAR_ACCOUNT_SECRET_BYTES] = {1};
    struct nectar_account *account;
    struct nectar_tx tx = example();

    (void)state;
    assert_int_equal(nectar_account_from_secret(&account, SECRET), 0);
    assert_int_equal(nectar_tx_sign(&tx, account), NECTAR_EREJECTED);
    assert_null(tx.raw);
    memcpy(tx.from, nectar_account_address(account), sizeof tx.from);
    assert_int_equal(nectar_tx_sign(&tx, account), 0);
    assert_non_null(tx.raw);
    nectar_tx_wipe(&tx);
    nectar_account_free(account);
}

static void too_large_to_sign(void **state)
{
    static const uint8_t SECRET[NECTAR_ACCOUNT_SECRET_BYTES] = {1};
    struct nectar_account *account;
    struct nectar_tx tx = example();

    (void)state;
    assert_int_equal(nectar_account_from_secret(&account, SECRET), 0);
    memcpy(tx.from, nectar_account_address(account), sizeof tx.from);
    free(tx.data);
    tx.data = calloc(1, NECTAR_TX_MAX);
    tx.data_len = NECTAR_TX_MAX;
    assert_non_null(tx.data);
    assert_int_equal(nectar_tx_sign(&tx, account), NECTAR_ETOOBIG);
    assert_null(tx.raw);
    nectar_tx_wipe(&tx);
    nectar_account_free(account);
}

static void what_it_may_cost(void **state)
{
    struct nectar_tx tx = example();
    struct nectar_wei cost;
    char text[NECTAR_WEI_TEXT_SIZE];

    (void)state;
    wei_from(&tx.value, 5);
    assert_int_equal(nectar_tx_cost(&cost, &tx), 0);
    nectar_wei_format(text, &cost);
    assert_string_equal(text, "42000000000005");
    memset(tx.max_fee.bytes, 0xff, sizeof tx.max_fee.bytes);
    assert_int_equal(nectar_tx_cost(&cost, &tx), NECTAR_ETOOBIG);
    nectar_tx_wipe(&tx);
}

static const char GOOD[] =
    "{\"chain\":\"31337\",\"from\":\"0x0000000000000000000000000000000000000001\","
    "\"to\":\"0x0102030000000000000000000000000000000000\",\"nonce\":\"7\",\"gas\":\"21000\","
    "\"max_fee\":\"2000000000\",\"tip\":\"1000000000\",\"value\":\"0\",\"data\":\"0x6162\"}";

static void json_has_one_form(void **state)
{
    struct nectar_tx tx = example();
    char *json = NULL;

    (void)state;
    tx.from[NECTAR_ACCOUNT_BYTES - 1] = 1;
    assert_int_equal(nectar_tx_format(&json, &tx), 0);
    assert_string_equal(json, GOOD);
    free(json);
    nectar_tx_wipe(&tx);
    assert_int_equal(nectar_tx_parse(&tx, GOOD, sizeof GOOD - 1), 0);
    assert_int_equal(tx.nonce, 7);
    nectar_tx_wipe(&tx);
}

/* Each field left out, and each byte of the text another: never read as something else than it is.
 */
static void json_that_is_none(void **state)
{
    char text[sizeof GOOD];
    struct nectar_tx tx;

    (void)state;
    for (size_t cut = 0; cut < sizeof GOOD - 1; cut++)
        assert_int_equal(nectar_tx_parse(&tx, GOOD, cut), NECTAR_EFORMAT);
    for (size_t at = 0; at < sizeof GOOD - 1; at++) {
        if (GOOD[at] != '"' && GOOD[at] != ':' && GOOD[at] != ',' && GOOD[at] != 'x')
            continue;
        memcpy(text, GOOD, sizeof GOOD);
        text[at] = '~';
        assert_int_equal(nectar_tx_parse(&tx, text, sizeof GOOD - 1), NECTAR_EFORMAT);
    }
    assert_int_equal(nectar_tx_parse(&tx, GOOD, 1 << 20), NECTAR_ETOOBIG);
}

static char *call_of(const struct nectar_tx *tx)
{
    char *text = NULL;

    assert_int_equal(nectar_tx_call(&text, tx), 0);
    return text;
}

static void calls_by_name(void **state)
{
    struct nectar_tx tx = example();

    (void)state;
    assert_null(call_of(&tx));
    tx.creates = true;
    assert_null(call_of(&tx));
    tx.data_len = 0;
    assert_null(call_of(&tx));
    nectar_tx_wipe(&tx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors), cmocka_unit_test(another_account_cannot_sign),
        cmocka_unit_test(too_large_to_sign), cmocka_unit_test(what_it_may_cost),
        cmocka_unit_test(json_has_one_form), cmocka_unit_test(json_that_is_none),
        cmocka_unit_test(calls_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
