/* One transaction: signed, read, wiped. */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/transaction.h>

#include "eth/tx.h"
#include "pki/tx.h"
#include "pki/wei.h"

_Static_assert((int)NECTAR_TX_MAX == (int)TX_MAX, "one limit of a transaction");

void nectar_tx_wipe(struct nectar_tx *tx)
{
    free(tx->data);
    free(tx->raw);
    memset(tx, 0, sizeof *tx);
}

int nectar_tx_cost(struct nectar_wei *out, const struct nectar_tx *tx)
{
    return wei_cost(out, tx->gas, &tx->max_fee, &tx->value);
}

int tx_copy_bytes(uint8_t **out, size_t *len, struct nectar_view bytes)
{
    uint8_t *copy = malloc(bytes.len ? bytes.len : 1);

    if (!copy)
        return NECTAR_ENOMEM;
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    *out = copy;
    *len = bytes.len;
    return 0;
}

int nectar_tx_sign(struct nectar_tx *tx, const struct nectar_account *account)
{
    struct tx plain = {
        .type = TX_FEE_MARKET,
        .chain = tx->chain,
        .nonce = tx->nonce,
        .gas = tx->gas,
        .max_fee = word_of_wei(&tx->max_fee),
        .priority = word_of_wei(&tx->tip),
        .creates = tx->creates,
        .value = word_of_wei(&tx->value),
        .data = {tx->data, tx->data_len},
    };
    struct bytes raw;
    uint8_t *copy = NULL;
    size_t len = 0;
    int error;

    if (memcmp(tx->from, nectar_account_address(account), sizeof tx->from) != 0)
        return NECTAR_EREJECTED;
    memcpy(plain.to, tx->to, sizeof plain.to);
    bytes_init(&raw, TX_MAX);
    error = tx_sign(&raw, &plain, account);
    if (!error)
        error = tx_copy_bytes(&copy, &len, bytes_view(&raw));
    if (!error) {
        free(tx->raw);
        tx->raw = copy;
        tx->raw_len = len;
        tx_hash(tx->hash, bytes_view(&raw));
    }
    bytes_free(&raw);
    return error;
}

/* All that is of fixed size. */
static void take_fields(struct nectar_tx *out, const struct tx *plain)
{
    out->chain = plain->chain;
    out->nonce = plain->nonce;
    out->gas = plain->gas;
    out->max_fee = wei_of_word(&plain->max_fee);
    out->legacy = plain->type == TX_LEGACY;
    out->tip = out->legacy ? out->max_fee : wei_of_word(&plain->priority);
    out->value = wei_of_word(&plain->value);
    out->creates = plain->creates;
    out->has_access_list = plain->access_list.len > 1; /* one byte is an empty list */
    if (!out->creates)
        memcpy(out->to, plain->to, sizeof out->to);
}

int nectar_tx_decode(struct nectar_tx *out, const uint8_t *raw, size_t len)
{
    const struct nectar_view bytes = {raw, len};
    struct tx plain;
    int error;

    memset(out, 0, sizeof *out);
    error = tx_decode(&plain, out->from, bytes);
    if (!error) {
        take_fields(out, &plain);
        tx_hash(out->hash, bytes);
        error = tx_copy_bytes(&out->data, &out->data_len, plain.data);
    }
    if (!error)
        error = tx_copy_bytes(&out->raw, &out->raw_len, bytes);
    if (error)
        nectar_tx_wipe(out);
    return error == NECTAR_ETOOBIG ? NECTAR_EFORMAT : error;
}

int tx_copy(struct nectar_tx *out, const struct nectar_tx *tx)
{
    int error;

    *out = *tx;
    out->data = NULL;
    out->raw = NULL;
    error = tx_copy_bytes(&out->data, &out->data_len, (struct nectar_view){tx->data, tx->data_len});
    if (!error && tx->raw)
        error = tx_copy_bytes(&out->raw, &out->raw_len, (struct nectar_view){tx->raw, tx->raw_len});
    if (error)
        nectar_tx_wipe(out);
    return error;
}

const char *nectar_tx_state_name(enum nectar_tx_state state)
{
    static const char *const NAMES[] = {"unknown", "unchanged", "pending", "mined", "failed"};

    return (size_t)state < sizeof NAMES / sizeof NAMES[0] ? NAMES[state] : "unknown";
}

void nectar_tx_plan_wipe(struct nectar_tx_plan *plan)
{
    nectar_tx_wipe(&plan->tx);
    memset(plan, 0, sizeof *plan);
}
