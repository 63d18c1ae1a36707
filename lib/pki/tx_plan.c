/* What a change takes: its call, gas and fees. Nothing is signed or sent here. */
#include <inttypes.h>
#include <string.h>

#include <nectar/error.h>

#include "base/bytes.h"
#include "eth/abi.h"
#include "pki/tx.h"
#include "pki/tx_ask.h"
#include "pki/tx_item.h"
#include "pki/wei.h"

enum {
    CALL_MAX = 64 << 10,  /* bytes of a call */
    REPLY_MAX = 64 << 10, /* and of what it replies */
    REVERT_MAX = 4096,
    REVERTED = 3, /* the code of an error reply that says so */
    GAS_MORE = 5, /* a fifth more than is estimated: the state may change until then */
};

const char *item_name(const struct tx_item *item)
{
    return item->record ? item->record->name : "";
}

void item_settle(struct tx_item *item, const struct tx_session *session, int error,
                 enum nectar_tx_state state)
{
    item->stage = TX_SETTLED;
    item->error = error;
    item->result.state = state;
    memcpy(item->result.hash, item->tx.hash, sizeof item->result.hash);
    if (error)
        memcpy(item->result.reason, session->answer->reason, sizeof item->result.reason);
}

void item_wipe(struct tx_item *item)
{
    nectar_tx_wipe(&item->tx);
}

/* --- calls ----------------------------------------------------------------------------------- */

int plan_call(struct tx_item *item, struct tx_session *session, const struct pki_standing *standing)
{
    struct pki_wish wish = {
        .after = item->record, .from = item->tx.from, .mint = session->terms->mint};
    struct pki_call call = {.to = {0}};
    int error;

    bytes_init(&call.data, CALL_MAX);
    error = session->contracts->change(session->driver, &call, &wish, standing, session->answer);
    if (!error && call.data.len > 0)
        error = tx_copy_bytes(&item->tx.data, &item->tx.data_len, bytes_view(&call.data));
    if (!error)
        memcpy(item->tx.to, call.to, sizeof item->tx.to);
    bytes_free(&call.data);
    return error;
}

/* The errors that are of one item, and leave the others alone. */
static bool is_of_item(int error)
{
    return error == NECTAR_EREJECTED || error == NECTAR_ENAME || error == NECTAR_EADDRESS ||
           error == NECTAR_ETXFAILED || error == NECTAR_ECOST || error == NECTAR_ETOOBIG;
}

/* The call of what is not so yet; standing is known. */
static int call_for(struct tx_item *item, struct tx_session *session)
{
    int error = plan_call(item, session, &item->standing);

    item->unchanged = !error && item->tx.data_len == 0;
    if (!is_of_item(error))
        return error;
    item_settle(item, session, error, NECTAR_TX_UNKNOWN);
    return 0;
}

static int make_call(struct tx_item *item, struct tx_session *session,
                     const struct chain_batch *ask, size_t place)
{
    struct bytes reply;
    int error;

    bytes_init(&reply, REPLY_MAX);
    error = jsonrpc_bytes(&reply, jsonrpc_result(&ask->reply, place));
    if (!error)
        error = session->contracts->read(session->driver, &item->standing, item->record->name,
                                         bytes_view(&reply));
    if (error == NECTAR_EFORMAT || error == NECTAR_ETOOBIG)
        error = chain_refused(ask, place, "eth_call", session->answer);
    item->standing.reply = bytes_view(&reply);
    if (!error)
        error = call_for(item, session);
    item->standing.reply = (struct nectar_view){NULL, 0};
    bytes_free(&reply);
    return error;
}

static int ask_standing(struct chain_batch *ask, struct tx_session *session, struct tx_item *item)
{
    struct pki_call call = {.to = {0}};
    int error;

    bytes_init(&call.data, CALL_MAX);
    error = session->contracts->ask(session->driver, &call, item->record->name);
    if (!error)
        chain_ask(ask, call.to, bytes_view(&call.data));
    bytes_free(&call.data);
    if (!is_of_item(error))
        return error;
    pki_reason(session->answer, session->driver, "%s: no name of this registry",
               item->record->name);
    item_settle(item, session, error, NECTAR_TX_UNKNOWN);
    return 0;
}

static bool wants_call(const struct tx_item *item)
{
    return item->stage == TX_TODO && item->record;
}

int plan_calls(struct tx_session *session, struct tx_item *items, size_t count,
               const uint8_t from[NECTAR_ACCOUNT_BYTES])
{
    struct chain_batch ask;
    size_t first;
    size_t place;
    int error = 0;

    ask_begin(&ask, session);
    first = place = ask.writer.count;
    for (size_t i = 0; i < count && !error; i++) {
        memcpy(items[i].tx.from, from, NECTAR_ACCOUNT_BYTES);
        if (wants_call(&items[i]))
            error = ask_standing(&ask, session, &items[i]);
    }
    if (!error && ask.writer.count > first)
        error = ask_post(&ask, session, ASK_ALL);
    for (size_t i = 0; i < count && !error; i++)
        if (wants_call(&items[i]))
            error = make_call(&items[i], session, &ask, place++);
    chain_end(&ask);
    return error;
}

/* --- gas ------------------------------------------------------------------------------------- */

/* What Solidity itself reverts with. */
static bool tell_plain_revert(char *out, size_t size, struct nectar_view error)
{
    struct abi_reader reader;
    struct nectar_view text;
    uint64_t code;

    abi_read_call(&reader, error, ABI_ERROR, 1);
    text = abi_get_bytes(&reader);
    if (abi_read_end(&reader) == 0) {
        snprintf(out, size, "%.*s", text.len > size ? (int)size : (int)text.len,
                 text.len > 0 ? (const char *)text.data : "");
        return true;
    }
    abi_read_call(&reader, error, ABI_PANIC, 1);
    code = abi_get_uint(&reader, UINT32_MAX);
    if (abi_read_end(&reader) != 0)
        return false;
    snprintf(out, size, "Panic(0x%02" PRIx64 ")", code);
    return true;
}

bool plan_tell_revert(struct tx_session *session, const struct chain_batch *ask, size_t place)
{
    char why[NECTAR_REASON_MAX + 1] = "";
    struct bytes data;
    bool known = false;
    bool reverted;

    bytes_init(&data, REVERT_MAX);
    reverted = ask_revert_data(&data, ask, place);
    if (reverted)
        known = session->contracts->explain(why, sizeof why, bytes_view(&data)) ||
                tell_plain_revert(why, sizeof why, bytes_view(&data));
    if (known)
        pki_reason(session->answer, session->driver, "refused by the contract: %s", why);
    else if (reverted)
        pki_reason(session->answer, session->driver,
                   "refused by the contract: an error that is none of its own, 0x%08" PRIx32,
                   abi_selector(bytes_view(&data)));
    bytes_free(&data);
    return reverted;
}

static int estimate_failed(struct tx_session *session, const struct chain_batch *ask, size_t place)
{
    struct jsonrpc_error error;

    if (plan_tell_revert(session, ask, place))
        return NECTAR_EREJECTED;
    if (!jsonrpc_error(&error, &ask->reply, place))
        return chain_refused(ask, place, "eth_estimateGas", session->answer);
    pki_reason(session->answer, session->driver, "%s", error.message);
    return error.code == REVERTED ? NECTAR_EREJECTED : NECTAR_ETXFAILED;
}

static int check_cost(const struct nectar_tx *tx, struct tx_session *session)
{
    const struct nectar_wei *most = session->terms->max_cost;
    char text[NECTAR_WEI_TEXT_SIZE];
    char allowed[NECTAR_WEI_TEXT_SIZE];
    struct nectar_wei cost;
    int error = nectar_tx_cost(&cost, tx);

    if (error || !most || nectar_wei_compare(&cost, most) <= 0)
        return error;
    nectar_wei_format(text, &cost);
    nectar_wei_format(allowed, most);
    pki_reason(session->answer, session->driver, "it may cost %s wei, and %s are allowed", text,
               allowed);
    return NECTAR_ECOST;
}

int plan_terms(struct nectar_tx *tx, struct tx_session *session, uint64_t gas,
               const struct tx_ground *ground)
{
    tx->chain = session_chain(session)->id;
    tx->gas = gas;
    tx->max_fee = ground->max_fee;
    tx->tip = ground->tip;
    tx->nonce = ground->nonce;
    return check_cost(tx, session);
}

/* What was estimated, and more. */
static int set_terms(struct tx_item *item, struct tx_session *session, uint64_t gas,
                     const struct tx_ground *ground)
{
    if (gas > UINT64_MAX - gas / GAS_MORE) {
        pki_reason(session->answer, session->driver, "the gas it takes is beyond all bounds");
        return NECTAR_EUNREACHABLE;
    }
    if (session->terms->gas)
        return plan_terms(&item->tx, session, *session->terms->gas, ground);
    return plan_terms(&item->tx, session, gas + gas / GAS_MORE, ground);
}

static bool wants_gas(const struct tx_item *item)
{
    return item->stage == TX_TODO && !item->unchanged;
}

static int set_gas(struct tx_item *item, struct tx_session *session, const struct chain_batch *ask,
                   size_t place, const struct tx_ground *ground)
{
    uint64_t gas = 0;
    int error = jsonrpc_quantity(&gas, jsonrpc_result(&ask->reply, place));

    if (error)
        error = estimate_failed(session, ask, place);
    if (!error)
        error = set_terms(item, session, gas, ground);
    if (!error)
        item->stage = TX_PLANNED;
    if (!is_of_item(error))
        return error;
    item_settle(item, session, error, NECTAR_TX_UNKNOWN);
    return 0;
}

int plan_gas(struct tx_session *session, struct tx_item *items, size_t count,
             const struct tx_ground *ground)
{
    struct chain_batch ask;
    size_t first;
    size_t place;
    int error = 0;

    ask_begin(&ask, session);
    first = place = ask.writer.count;
    for (size_t i = 0; i < count; i++)
        if (wants_gas(&items[i]))
            ask_estimate(&ask, &items[i].tx);
    if (ask.writer.count > first)
        error = ask_post(&ask, session, 0);
    for (size_t i = 0; i < count && !error; i++)
        if (wants_gas(&items[i]))
            error = set_gas(&items[i], session, &ask, place++, ground);
    chain_end(&ask);
    return error;
}
