#include "pki/tx_ask.h"

#include <nectar/error.h>

#include "base/view.h"

enum { HISTORY_BLOCKS = 5, HISTORY_PERCENT = 50 };

void ask_begin(struct chain_batch *ask, struct tx_session *session)
{
    chain_begin(ask, session_chain(session), CHAIN_LOGS_MAX);
}

/* --- questions ------------------------------------------------------------------------------- */

static void write_text(struct chain_batch *ask, const char *text)
{
    json_write_text(&ask->writer.json, view_of_text(text));
}

static void write_bytes(struct chain_batch *ask, const uint8_t *data, size_t len)
{
    jsonrpc_write_bytes(&ask->writer.json, (struct nectar_view){data, len});
}

size_t ask_plain(struct chain_batch *ask, const char *method)
{
    return jsonrpc_call(&ask->writer, method);
}

size_t ask_block(struct chain_batch *ask, uint64_t number)
{
    size_t place = jsonrpc_call(&ask->writer, "eth_getBlockByNumber");

    jsonrpc_write_quantity(&ask->writer.json, number);
    json_write_bool(&ask->writer.json, false);
    return place;
}

size_t ask_fee_history(struct chain_batch *ask)
{
    size_t place = jsonrpc_call(&ask->writer, "eth_feeHistory");

    jsonrpc_write_quantity(&ask->writer.json, HISTORY_BLOCKS);
    write_text(ask, "latest");
    json_open_array(&ask->writer.json);
    json_write_uint(&ask->writer.json, HISTORY_PERCENT);
    json_close_array(&ask->writer.json);
    return place;
}

size_t ask_code(struct chain_batch *ask, const uint8_t address[NECTAR_ACCOUNT_BYTES])
{
    size_t place = jsonrpc_call(&ask->writer, "eth_getCode");

    write_bytes(ask, address, NECTAR_ACCOUNT_BYTES);
    write_text(ask, "latest");
    return place;
}

size_t ask_nonce(struct chain_batch *ask, const uint8_t from[NECTAR_ACCOUNT_BYTES], bool pending)
{
    size_t place = jsonrpc_call(&ask->writer, "eth_getTransactionCount");

    write_bytes(ask, from, NECTAR_ACCOUNT_BYTES);
    write_text(ask, pending ? "pending" : "latest");
    return place;
}

static void write_call(struct chain_batch *ask, const uint8_t *from, const uint8_t *to,
                       struct nectar_view data)
{
    struct json_writer *w = &ask->writer.json;

    json_open_object(w);
    if (from) {
        json_write_key(w, "from");
        write_bytes(ask, from, NECTAR_ACCOUNT_BYTES);
    }
    if (to) {
        json_write_key(w, "to");
        write_bytes(ask, to, NECTAR_ACCOUNT_BYTES);
    }
    json_write_key(w, "data");
    jsonrpc_write_bytes(w, data);
    json_close_object(w);
}

static void write_call_of(struct chain_batch *ask, const struct nectar_tx *tx)
{
    write_call(ask, tx->from, tx->creates ? NULL : tx->to,
               (struct nectar_view){tx->data, tx->data_len});
}

size_t ask_call_of(struct chain_batch *ask, const struct nectar_tx *tx, uint64_t block)
{
    size_t place = jsonrpc_call(&ask->writer, "eth_call");

    write_call_of(ask, tx);
    jsonrpc_write_quantity(&ask->writer.json, block);
    return place;
}

size_t ask_estimate(struct chain_batch *ask, const struct nectar_tx *tx)
{
    size_t place = jsonrpc_call(&ask->writer, "eth_estimateGas");

    write_call_of(ask, tx);
    return place;
}

size_t ask_send(struct chain_batch *ask, const struct nectar_tx *tx)
{
    size_t place = jsonrpc_call(&ask->writer, "eth_sendRawTransaction");

    write_bytes(ask, tx->raw, tx->raw_len);
    return place;
}

static size_t ask_of_hash(struct chain_batch *ask, const char *method,
                          const uint8_t hash[NECTAR_HASH_BYTES])
{
    size_t place = jsonrpc_call(&ask->writer, method);

    write_bytes(ask, hash, NECTAR_HASH_BYTES);
    return place;
}

size_t ask_receipt(struct chain_batch *ask, const uint8_t hash[NECTAR_HASH_BYTES])
{
    return ask_of_hash(ask, "eth_getTransactionReceipt", hash);
}

size_t ask_tx(struct chain_batch *ask, const uint8_t hash[NECTAR_HASH_BYTES])
{
    return ask_of_hash(ask, "eth_getTransactionByHash", hash);
}

/* --- answers --------------------------------------------------------------------------------- */

int ask_quantity(uint64_t *out, const struct chain_batch *ask, size_t place, const char *method,
                 struct tx_session *session)
{
    const struct json *result = jsonrpc_result(&ask->reply, place);

    return jsonrpc_quantity(out, result) == 0 ? 0
                                              : chain_refused(ask, place, method, session->answer);
}

bool ask_revert_data(struct bytes *out, const struct chain_batch *ask, size_t place)
{
    struct jsonrpc_error error;

    return jsonrpc_error(&error, &ask->reply, place) && jsonrpc_has_bytes(error.data) &&
           jsonrpc_bytes(out, error.data) == 0;
}

int ask_field_quantity(uint64_t *out, const struct json *object, const char *field)
{
    return jsonrpc_quantity(out, json_field(object, field));
}

int ask_field_word(struct word *out, const struct json *object, const char *field)
{
    return jsonrpc_word(out, json_field(object, field));
}

int ask_field_hash(uint8_t out[NECTAR_HASH_BYTES], const struct json *object, const char *field)
{
    return jsonrpc_fixed(out, NECTAR_HASH_BYTES, json_field(object, field));
}
