/* Waiting for blocks. A transaction counts once its block is one of the chain's, and has as many
 * after it as were asked for: blocks may be replaced until then. */
#include <inttypes.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/time.h"
#include "pki/tx_ask.h"
#include "pki/tx_flow.h"
#include "pki/wei.h"

#define STEP_FIRST     TIME_MS(10)
#define STEP_MOST      TIME_S(2)
#define STEP_MOST_TEST TIME_MS(200)

/* How long until something that is waited for is asked again: more each time. */
static uint64_t next_step(const struct tx_session *session, uint64_t last)
{
    uint64_t most = session_is_test(session) ? STEP_MOST_TEST : STEP_MOST;
    uint64_t step = last == 0 ? STEP_FIRST : last + last / 2;

    return time_earlier(step, most);
}

/* --- receipts -------------------------------------------------------------------------------- */

/* What a receipt says; false if it is none. */
static bool read_receipt(struct nectar_tx_result *out, uint8_t block_hash[NECTAR_HASH_BYTES],
                         const struct json *receipt)
{
    const struct json *contract = json_field(receipt, "contractAddress");
    struct word price;
    uint64_t status;

    if (ask_field_quantity(&status, receipt, "status") != 0 ||
        ask_field_quantity(&out->block, receipt, "blockNumber") != 0 ||
        ask_field_hash(block_hash, receipt, "blockHash") != 0 ||
        ask_field_quantity(&out->gas, receipt, "gasUsed") != 0)
        return false;
    out->state = status ? NECTAR_TX_MINED : NECTAR_TX_FAILED;
    if (ask_field_word(&price, receipt, "effectiveGasPrice") == 0 &&
        word_multiply(&price, &price, out->gas) == 0)
        out->cost = wei_of_word(&price);
    out->created = jsonrpc_fixed(out->contract, sizeof out->contract, contract) == 0;
    return true;
}

static uint64_t confirmations_of(uint64_t block, const struct chain_batch *ask)
{
    return ask->head.number >= block ? ask->head.number - block + 1 : 0;
}

/* --- one round ------------------------------------------------------------------------------- */

/* Asks for the receipt, and for the block that it was seen in, if that is known. */
static void ask_of(struct chain_batch *ask, const struct tx_item *item)
{
    ask_receipt(ask, item->tx.hash);
    if (item->seen)
        ask_block(ask, item->block);
}

/* Takes the answers of one item; true: it is settled. */
static bool look_at(struct tx_item *item, const struct tx_session *session,
                    const struct chain_batch *ask, size_t place)
{
    const struct json *receipt = jsonrpc_result(&ask->reply, place);
    const struct json *block = item->seen ? jsonrpc_result(&ask->reply, place + 1) : NULL;
    struct nectar_tx_result result = {.resumed = item->result.resumed,
                                      .chain = session_chain(session)->id};
    uint8_t receipt_block[NECTAR_HASH_BYTES];
    uint8_t chain_block[NECTAR_HASH_BYTES];

    if (!read_receipt(&result, receipt_block, receipt)) {
        item->seen = false;
        return false;
    }
    memcpy(result.hash, item->tx.hash, sizeof result.hash);
    result.confirmations = confirmations_of(result.block, ask);
    item->result = result;
    if (item->seen && item->block == result.block &&
        ask_field_hash(chain_block, block, "hash") == 0 &&
        memcmp(chain_block, receipt_block, sizeof chain_block) == 0 &&
        result.confirmations >= session->confirmations) {
        item->stage = TX_SETTLED;
        item->error = result.state == NECTAR_TX_FAILED ? NECTAR_ETXFAILED : 0;
        return true;
    }
    item->seen = true;
    item->block = result.block;
    return false;
}

int wait_look(struct nectar_tx_result *out, struct tx_session *session,
              const uint8_t hash[NECTAR_HASH_BYTES])
{
    struct tx_item item = {.stage = TX_SENT};
    struct chain_batch ask;
    size_t place;
    size_t known;
    int error;

    memcpy(item.tx.hash, hash, sizeof item.tx.hash);
    ask_begin(&ask, session);
    known = ask_tx(&ask, hash);
    place = ask_receipt(&ask, hash);
    error = ask_post(&ask, session, ASK_ALL);
    if (!error && look_at(&item, session, &ask, place))
        error = NECTAR_EINTERNAL; /* it was not seen before */
    if (!error) {
        *out = item.result;
        memcpy(out->hash, hash, sizeof out->hash);
        if (!item.seen)
            out->state = json_type(jsonrpc_result(&ask.reply, known)) == JSON_OBJECT
                             ? NECTAR_TX_PENDING
                             : NECTAR_TX_UNKNOWN;
        else if (out->confirmations < session->confirmations)
            out->state = NECTAR_TX_PENDING;
    }
    chain_end(&ask);
    return error;
}

/* Asks about all that are waited for. *news: something has come nearer, so that asking again at
 * once may be worth it. */
static int look_at_all(struct tx_session *session, struct tx_item *items, size_t count, bool *news)
{
    struct chain_batch ask;
    size_t place;
    int error;

    *news = false;
    ask_begin(&ask, session);
    place = ask.writer.count;
    for (size_t i = 0; i < count; i++)
        if (items[i].stage == TX_SENT)
            ask_of(&ask, &items[i]);
    error = ask_post(&ask, session, ASK_ALL);
    for (size_t i = 0; i < count && !error; i++) {
        bool seen = items[i].seen;

        if (items[i].stage != TX_SENT)
            continue;
        if (look_at(&items[i], session, &ask, place) ||
            (!seen && items[i].seen && items[i].result.confirmations >= session->confirmations))
            *news = true;
        place += seen ? 2 : 1;
    }
    chain_end(&ask);
    return error;
}

/* Is it in no block yet, and perhaps nowhere that this endpoint hears of? */
static bool is_elsewhere(const struct tx_item *item, const struct tx_session *session)
{
    return item->stage == TX_SENT && !item->seen && item->sent_to != session->at;
}

/* Who has it may be gone, and never have told anyone: whoever answers now gets the very same bytes.
 * What it says of them is no matter, for it may have them. */
static int send_again(struct tx_session *session, struct tx_item *items, size_t count)
{
    struct chain_batch ask;
    size_t first;
    int error = 0;

    ask_begin(&ask, session);
    first = ask.writer.count;
    for (size_t i = 0; i < count; i++)
        if (is_elsewhere(&items[i], session))
            ask_send(&ask, &items[i].tx);
    if (ask.writer.count > first) {
        size_t at = session->at;

        error = ask_post(&ask, session, 0);
        for (size_t i = 0; i < count && !error; i++)
            if (items[i].sent_to != at)
                items[i].sent_to = session->at;
    }
    chain_end(&ask);
    return error;
}

/* Why did it fail? The same call, on the state behind its block, mostly fails alike. */
static void tell_failure(struct tx_session *session, struct tx_item *item)
{
    struct chain_batch ask;
    size_t place;
    bool told = false;

    ask_begin(&ask, session);
    place = ask_call_of(&ask, &item->tx, item->result.block);
    if (ask_post(&ask, session, 0) == 0)
        told = plan_tell_revert(session, &ask, place);
    chain_end(&ask);
    if (!told)
        pki_reason(session->answer, session->driver,
                   item->result.gas >= item->tx.gas ? "it failed in block %" PRIu64
                                                      ": it used up all of its gas"
                                                    : "it failed in block %" PRIu64,
                   item->result.block);
    memcpy(item->result.reason, session->answer->reason, sizeof item->result.reason);
}

/* --- all of it ------------------------------------------------------------------------------- */

static size_t count_sent(const struct tx_item *items, size_t count)
{
    size_t sent = 0;

    for (size_t i = 0; i < count; i++)
        sent += items[i].stage == TX_SENT;
    return sent;
}

/* Those of which it has come to be known. */
static int tell_settled(struct tx_session *session, struct tx_item *items, size_t count,
                        const struct nonce_journal *journal, struct nectar_tx_told told)
{
    int error = 0;

    for (size_t i = 0; i < count; i++) {
        struct tx_item *item = &items[i];
        int failed = 0;

        if (item->stage != TX_SETTLED || item->told)
            continue;
        if (item->result.state == NECTAR_TX_FAILED)
            tell_failure(session, item);
        item->told = true;
        if (told.call)
            told.call(told.context, item->index, item->error, &item->result);
        if (item->noted && journal && item->error != NECTAR_ETXPENDING)
            failed = nonce_forget(journal, item->tx.nonce, item->tx.hash);
        error = error ? error : failed;
    }
    return error;
}

static void give_up(struct tx_session *session, struct tx_item *items, size_t count)
{
    char hash[2 * NECTAR_HASH_BYTES + 1];

    for (size_t i = 0; i < count; i++) {
        struct tx_item *item = &items[i];
        uint64_t has = item->seen ? item->result.confirmations : 0;

        if (item->stage != TX_SENT)
            continue;
        nectar_hex_encode(hash, item->tx.hash, NECTAR_HASH_BYTES);
        pki_reason(session->answer, session->driver,
                   has ? "0x%s has %" PRIu64 " of %" PRIu64 " confirmations"
                       : "0x%s is in no block yet",
                   hash, has, session->confirmations);
        item_settle(item, session, NECTAR_ETXPENDING, NECTAR_TX_PENDING);
    }
}

int wait_items(struct tx_session *session, struct tx_item *items, size_t count,
               const struct nonce_journal *journal, struct nectar_tx_told told)
{
    uint64_t step = 0;
    int error = tell_settled(session, items, count, journal, told);

    while (!error && count_sent(items, count) > 0) {
        bool news;

        if (session_left(session) == 0) {
            give_up(session, items, count);
        } else {
            /* An endpoint that fails for a while is asked again. */
            error = look_at_all(session, items, count, &news);
            if (!error)
                error = send_again(session, items, count);
            error = error == NECTAR_ENOMEM ? error : 0;
            step = news ? 0 : next_step(session, step);
            time_sleep(time_earlier(step, session_left(session)));
        }
        if (!error)
            error = tell_settled(session, items, count, journal, told);
    }
    return error;
}
