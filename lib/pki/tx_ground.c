/* How things stand before anything is sent: fees, nonces, and what is under way. */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "pki/tx_ask.h"
#include "pki/tx_item.h"
#include "pki/wei.h"

/* Where the answers stand; those to each entry follow one another. */
struct places {
    size_t pending;
    size_t latest;
    size_t entries;
    size_t tip; /* which not all tell */
};

static void ask_all(struct places *out, struct chain_batch *ask, const uint8_t *from,
                    const struct nonce_journal *journal)
{
    out->pending = ask_nonce(ask, from, true);
    out->latest = ask_nonce(ask, from, false);
    out->entries = out->latest + 1;
    for (size_t i = 0; journal && i < journal->count; i++) {
        ask_tx(ask, journal->entries[i].tx.hash);
        ask_receipt(ask, journal->entries[i].tx.hash);
    }
    out->tip = ask_plain(ask, "eth_maxPriorityFeePerGas");
}

/* --- fees ------------------------------------------------------------------------------------ */

/* What half of a block paid at least, in the dearest of a few. */
static int tip_of_history(struct word *out, struct tx_session *session)
{
    struct chain_batch ask;
    const struct json *rewards;
    size_t place;
    int error;

    *out = word_of(0);
    ask_begin(&ask, session);
    place = ask_fee_history(&ask);
    error = ask_post(&ask, session, ASK_ALL);
    if (!error) {
        rewards = json_field(jsonrpc_result(&ask.reply, place), "reward");
        if (json_type(rewards) != JSON_ARRAY)
            error = chain_refused(&ask, place, "eth_feeHistory", session->answer);
        for (const struct json *at = error ? NULL : json_first(rewards); at; at = json_next(at)) {
            struct word tip;

            if (jsonrpc_word(&tip, json_first(at)) == 0 && word_compare(&tip, out) > 0)
                *out = tip;
        }
    }
    chain_end(&ask);
    return error;
}

static int read_tip(struct word *out, const struct chain_batch *ask, size_t place,
                    struct tx_session *session)
{
    if (session->terms->tip) {
        *out = word_of_wei(session->terms->tip);
        return 0;
    }
    if (jsonrpc_word(out, jsonrpc_result(&ask->reply, place)) == 0)
        return 0;
    return tip_of_history(out, session);
}

/* As is usual: room for the base fee to double. */
static int set_fees(struct tx_ground *out, const struct chain_batch *ask, struct word tip,
                    struct tx_session *session)
{
    struct word fee;
    int error = ask_field_word(&fee, ask->head.block, "baseFeePerGas");

    if (error) {
        pki_reason(session->answer, session->driver,
                   "its blocks have no base fee: no chain for transactions of EIP-1559");
        return NECTAR_EUNREACHABLE;
    }
    error = word_multiply(&fee, &fee, 2);
    if (!error)
        error = word_add(&fee, &fee, &tip);
    if (error) {
        pki_reason(session->answer, session->driver, "its fees are beyond all bounds");
        return NECTAR_EUNREACHABLE;
    }
    if (session->terms->max_fee)
        fee = word_of_wei(session->terms->max_fee);
    if (!session->terms->tip && word_compare(&tip, &fee) > 0)
        tip = fee;
    out->max_fee = wei_of_word(&fee);
    out->tip = wei_of_word(&tip);
    return 0;
}

/* --- what is under way ----------------------------------------------------------------------- */

static struct tx_fate fate_of(const struct chain_batch *ask, size_t place)
{
    const struct json *tx = jsonrpc_result(&ask->reply, place);
    const struct json *receipt = jsonrpc_result(&ask->reply, place + 1);
    struct tx_fate fate = {.is = TX_UNHEARD};
    uint64_t status = 0;

    if (ask_field_quantity(&status, receipt, "status") == 0 &&
        ask_field_quantity(&fate.block, receipt, "blockNumber") == 0)
        fate.is = status == 0 ? TX_REVERTED : TX_IN_BLOCK;
    else if (json_type(tx) == JSON_OBJECT)
        fate.is = TX_WAITS;
    return fate;
}

int plan_ground(struct tx_ground *out, struct tx_fate *fates, struct tx_session *session,
                const uint8_t from[NECTAR_ACCOUNT_BYTES], const struct nonce_journal *journal)
{
    struct chain_batch ask;
    struct places at;
    struct word tip;
    int error;

    memset(out, 0, sizeof *out);
    ask_begin(&ask, session);
    ask_all(&at, &ask, from, journal);
    error = ask_post(&ask, session, at.tip);
    if (!error)
        error = ask_quantity(&out->settled, &ask, at.latest, "eth_getTransactionCount", session);
    if (!error)
        error = ask_quantity(&out->nonce, &ask, at.pending, "eth_getTransactionCount", session);
    if (!error)
        error = read_tip(&tip, &ask, at.tip, session);
    if (!error)
        error = set_fees(out, &ask, tip, session);
    for (size_t i = 0; !error && journal && i < journal->count; i++)
        fates[i] = fate_of(&ask, at.entries + 2 * i);
    out->head = ask.head.number;
    if (session->terms->nonce)
        out->nonce = *session->terms->nonce;
    chain_end(&ask);
    return error;
}
