#include "unit/shared/signed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eth/rlp.h"
#include "unit/shared/vectors.h"

static struct word number(const cJSON *tx, const char *name)
{
    const cJSON *field = cJSON_GetObjectItem(tx, name);
    struct word word;

    if (cJSON_IsNumber(field))
        return word_of((uint64_t)field->valuedouble);
    assert_int_equal(word_from_decimal(&word, field->valuestring), 0);
    return word;
}

static uint64_t small_number(const cJSON *tx, const char *name)
{
    struct word word = number(tx, name);
    uint64_t value = 0;

    assert_int_equal(word_to_uint(&value, &word, UINT64_MAX), 0);
    return value;
}

static void write_0x(struct rlp_writer *w, const char *text, size_t len)
{
    uint8_t bytes[32];
    cJSON *holder = cJSON_CreateObject();

    cJSON_AddStringToObject(holder, "it", text);
    assert_int_equal(vectors_hex_of_0x(bytes, sizeof bytes, holder, "it"), len);
    rlp_write_bytes(w, (struct nectar_view){bytes, len});
    cJSON_Delete(holder);
}

static void read_access_list(struct signed_row *row, const cJSON *list)
{
    struct rlp_writer writer = {.out = &row->access_list};
    size_t whole = rlp_open_list(&writer);
    const cJSON *element, *key;

    cJSON_ArrayForEach(element, list)
    {
        size_t entry = rlp_open_list(&writer), keys;

        write_0x(&writer, cJSON_GetObjectItem(element, "address")->valuestring, 20);
        keys = rlp_open_list(&writer);
        cJSON_ArrayForEach(key, cJSON_GetObjectItem(element, "storageKeys"))
            write_0x(&writer, key->valuestring, 32);
        rlp_close_list(&writer, keys);
        rlp_close_list(&writer, entry);
    }
    rlp_close_list(&writer, whole);
    assert_int_equal(writer.error, 0);
    row->tx.access_list = bytes_view(&row->access_list);
}

void signed_row_begin(struct signed_row *row, const cJSON *vector)
{
    const cJSON *tx = cJSON_GetObjectItem(vector, "tx");
    const cJSON *list = cJSON_GetObjectItem(tx, "accessList");
    uint8_t secret[32];

    memset(row, 0, sizeof *row);
    bytes_init(&row->access_list, SIGNED_RAW_MAX);
    row->tx.type = small_number(tx, "type") == 2 ? TX_FEE_MARKET : TX_LEGACY;
    row->tx.chain = small_number(tx, "chainId");
    row->tx.nonce = small_number(tx, "nonce");
    row->tx.gas = small_number(tx, "gasLimit");
    row->tx.value = number(tx, "value");
    if (row->tx.type == TX_LEGACY) {
        row->tx.max_fee = number(tx, "gasPrice");
    } else {
        row->tx.max_fee = number(tx, "maxFeePerGas");
        row->tx.priority = number(tx, "maxPriorityFeePerGas");
    }
    row->tx.creates = cJSON_IsNull(cJSON_GetObjectItem(tx, "to"));
    if (!row->tx.creates)
        vectors_hex_of_0x(row->tx.to, sizeof row->tx.to, tx, "to");
    row->tx.data.data = row->data;
    row->tx.data.len = vectors_hex_of_0x(row->data, sizeof row->data, tx, "data");
    if (list)
        read_access_list(row, list);
    vectors_hex_of_0x(secret, sizeof secret, vector, "privateKey");
    assert_int_equal(nectar_account_from_secret(&row->account, secret), 0);
    vectors_hex_of_0x(row->from, sizeof row->from, vector, "from");
    row->raw_len = vectors_hex_of_0x(row->raw, sizeof row->raw, vector, "signed_raw");
}

void signed_row_end(struct signed_row *row)
{
    nectar_account_free(row->account);
    bytes_free(&row->access_list);
}
