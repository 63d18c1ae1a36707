/* What programs ask of transactions that are not changes of their own making: plans, and what has
 * become of one. */
#include <string.h>

#include <nectar/error.h>

#include "base/bytes.h"
#include "base/view.h"
#include "pki/list.h"
#include "pki/record.h"
#include "pki/tx.h"
#include "pki/tx_ask.h"
#include "pki/tx_flow.h"

enum { CALL_TEXT_MAX = 256 << 10, PLANS_MAX = 4 };

bool nectar_tx_wanted(const struct nectar_registry *registry)
{
    return pki_list_driver(registry, 0)->kind->contracts != NULL;
}

/* --- plans ----------------------------------------------------------------------------------- */

static int check_record(const struct tx_session *session, const struct nectar_record *record)
{
    int error = record_check(record);

    if (error)
        pki_reason(session->answer, session->driver, "the record is not well formed");
    return error;
}

static int plan_once(struct tx_item *item, struct tx_session *session)
{
    struct tx_ground ground;
    int error = plan_ground(&ground, NULL, session, session->terms->from, NULL);

    if (!error)
        error = plan_calls(session, item, 1, session->terms->from);
    if (!error)
        error = plan_gas(session, item, 1, &ground);
    return error;
}

/* All of it by one endpoint, as in tx_decide.c. */
static int plan_one(struct tx_item *item, struct tx_session *session)
{
    unsigned moves = 0;
    int error = session_meet(session);

    for (int i = 0; i < PLANS_MAX && !error && (i == 0 || session->moves != moves); i++) {
        item_wipe(item);
        *item = (struct tx_item){.record = item->record};
        moves = session->moves;
        error = plan_once(item, session);
    }
    if (!error && session->moves != moves)
        error = session_unsteady(session);
    return error ? error : item->error;
}

int nectar_tx_plan(struct nectar_tx_plan *out, struct nectar_registry *registry,
                   const struct nectar_record *record, const struct nectar_tx_terms *terms,
                   struct nectar_answer *answer)
{
    struct tx_item item = {.record = record};
    struct tx_session session;
    struct nectar_answer unasked;
    int error = session_begin(&session, registry, terms, answer, &unasked);

    if (!error)
        error = check_record(&session, record);
    if (!error)
        error = session_has_contract(&session);
    if (!error)
        error = plan_one(&item, &session);
    if (!error) {
        memset(out, 0, sizeof *out);
        out->before = item.standing.record;
        memcpy(out->owner, item.standing.owner, sizeof out->owner);
        out->unchanged = item.unchanged;
        out->tx = item.tx;
        item.tx = (struct nectar_tx){.chain = 0};
        error = nectar_tx_cost(&out->cost, &out->tx);
    }
    item_wipe(&item);
    return error;
}

static int missing(const struct tx_session *session, const char *what)
{
    pki_reason(session->answer, session->driver, "without asking anyone, %s", what);
    return NECTAR_EURI;
}

/* All that is not asked for must be told. */
static int check_alone(const struct tx_session *session)
{
    const struct nectar_tx_terms *terms = session->terms;
    const struct pki_uri *uri = &session_chain(session)->uri;

    if (!uri->has_contract)
        return missing(session, "the contract has to stand in the URI: ?contract=0x...");
    if (uri->chain == 0)
        return missing(session, "the chain has to stand in the URI: &chain=ID");
    if (!terms->nonce || !terms->gas || !terms->max_fee || !terms->tip)
        return missing(session, "nonce, gas, fee and tip have to be given");
    return 0;
}

int nectar_tx_plan_alone(struct nectar_tx *out, struct nectar_registry *registry,
                         const struct nectar_record *record, const struct nectar_tx_terms *terms,
                         struct nectar_answer *answer)
{
    struct tx_item item = {.record = record};
    struct tx_session session;
    struct nectar_answer unasked;
    int error = session_begin(&session, registry, terms, answer, &unasked);

    if (!error)
        error = check_alone(&session);
    if (!error)
        error = check_record(&session, record);
    if (!error) {
        struct tx_ground ground = {
            .nonce = *terms->nonce, .max_fee = *terms->max_fee, .tip = *terms->tip};

        memcpy(item.tx.from, terms->from, sizeof item.tx.from);
        error = plan_call(&item, &session, NULL);
        if (!error)
            error = plan_terms(&item.tx, &session, *terms->gas, &ground);
    }
    if (error)
        item_wipe(&item);
    else
        *out = item.tx;
    return error;
}

int nectar_tx_call(char **out, const struct nectar_tx *tx)
{
    const struct pki_contracts *contracts;
    struct bytes text;
    int error = NECTAR_EFORMAT;

    *out = NULL;
    bytes_init(&text, CALL_TEXT_MAX);
    for (size_t i = 0; error == NECTAR_EFORMAT && (contracts = pki_contracts_at(i)) != NULL; i++) {
        struct json_writer writer = {.out = &text};

        bytes_clear(&text);
        error = contracts->describe(&writer, tx);
    }
    if (!error)
        error = bytes_append_byte(&text, '\0');
    if (!error) {
        *out = strdup((const char *)text.data);
        error = *out ? 0 : NECTAR_ENOMEM;
    }
    bytes_free(&text);
    return error == NECTAR_EFORMAT ? 0 : error;
}

/* --- what others have signed ----------------------------------------------------------------- */

/* A transaction goes to the chain that it is for, and to a contract that is there. */
static int check_place(struct tx_session *session, const struct nectar_tx *tx)
{
    uint64_t id = session_chain(session)->id;
    struct chain_batch ask;
    size_t place;
    int error = 0;

    if (tx->chain != id) {
        pki_reason(session->answer, session->driver,
                   "it is on chain %llu, and the transaction is for chain %llu",
                   (unsigned long long)id, (unsigned long long)tx->chain);
        return NECTAR_EUNREACHABLE;
    }
    if (tx->creates || tx->data_len == 0)
        return 0;
    ask_begin(&ask, session);
    place = ask_code(&ask, tx->to);
    error = ask_post(&ask, session, ASK_ALL);
    if (!error && !jsonrpc_has_bytes(jsonrpc_result(&ask.reply, place))) {
        pki_reason(session->answer, session->driver,
                   "no contract stands where the transaction calls one");
        error = NECTAR_EUNREACHABLE;
    }
    chain_end(&ask);
    return error;
}

static void keep_result(void *context, size_t index, int error,
                        const struct nectar_tx_result *result)
{
    (void)index;
    (void)error;
    *(struct nectar_tx_result *)context = *result;
}

/* Does the endpoint have it already? */
static int look_for(struct tx_item *item, struct tx_session *session)
{
    struct chain_batch ask;
    size_t place;
    int error;

    ask_begin(&ask, session);
    place = ask_tx(&ask, item->tx.hash);
    error = ask_post(&ask, session, ASK_ALL);
    if (!error && json_type(jsonrpc_result(&ask.reply, place)) == JSON_OBJECT) {
        item->stage = TX_SENT;
        item->sent_to = session->at;
        item->result.resumed = true;
    }
    chain_end(&ask);
    return error;
}

int nectar_tx_send(struct nectar_tx_result *out, struct nectar_registry *registry,
                   const struct nectar_tx *tx, const struct nectar_tx_terms *terms,
                   struct nectar_answer *answer)
{
    struct tx_item item = {.stage = TX_PLANNED};
    struct nectar_tx_told told = {keep_result, out};
    struct tx_session session;
    struct nectar_answer unasked;
    int error = session_begin(&session, registry, terms, answer, &unasked);

    memset(out, 0, sizeof *out);
    memcpy(out->hash, tx->hash, sizeof out->hash);
    if (!error)
        error = session_meet(&session);
    if (!error)
        error = check_place(&session, tx);
    if (!error)
        error = tx_copy(&item.tx, tx);
    if (!error)
        error = look_for(&item, &session);
    if (!error)
        error = send_items(&session, &item, 1);
    if (!error)
        error = wait_items(&session, &item, 1, NULL, told);
    if (!error && item.error) {
        error = item.error;
        memcpy(session.answer->reason, item.result.reason, sizeof session.answer->reason);
    }
    item_wipe(&item);
    return error;
}

/* One that this endpoint does not know may have been sent by another. */
static int look_further(struct nectar_tx_result *out, struct tx_session *session,
                        const uint8_t hash[NECTAR_HASH_BYTES])
{
    size_t begun = session->at;
    int error = 0;

    for (size_t i = 1; i < session->turns.count && out->state == NECTAR_TX_UNKNOWN; i++) {
        session_move(session, (begun + i) % session->turns.count);
        error = wait_look(out, session, hash);
        if (error == NECTAR_ENOMEM)
            return error;
    }
    return 0;
}

int nectar_tx_status(struct nectar_tx_result *out, struct nectar_registry *registry,
                     const uint8_t hash[NECTAR_HASH_BYTES], const struct nectar_tx_terms *terms,
                     struct nectar_answer *answer)
{
    struct tx_session session;
    struct nectar_answer unasked;
    int error = session_begin(&session, registry, terms, answer, &unasked);

    if (!error)
        error = session_meet(&session);
    if (!error)
        error = wait_look(out, &session, hash);
    return error ? error : look_further(out, &session, hash);
}
