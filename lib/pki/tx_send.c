/* Signed bytes go out; what comes back is not taken for more than it is. */
#include <stdlib.h>

#include <nectar/error.h>

#include "pki/tx_ask.h"
#include "pki/tx_flow.h"

static size_t count_planned(const struct tx_item *items, size_t count)
{
    size_t planned = 0;

    for (size_t i = 0; i < count; i++)
        planned += items[i].stage == TX_PLANNED;
    return planned;
}

static void sent_to(struct tx_item *item, size_t at)
{
    item->stage = TX_SENT;
    item->sent_to = at;
}

/* Of those that are still TX_PLANNED, which does this endpoint have? */
static int look_at_one(struct tx_session *session, struct tx_item *items, size_t count, size_t at)
{
    struct chain_batch ask;
    size_t place = 0;
    size_t first = SIZE_MAX;
    int error;

    ask_begin(&ask, session);
    for (size_t i = 0; i < count; i++) {
        if (items[i].stage != TX_PLANNED)
            continue;
        place = ask_tx(&ask, items[i].tx.hash);
        first = first == SIZE_MAX ? place : first;
    }
    error = ask_post_at(&ask, session, at);
    place = first;
    for (size_t i = 0; i < count && !error; i++)
        if (items[i].stage == TX_PLANNED &&
            json_type(jsonrpc_result(&ask.reply, place++)) == JSON_OBJECT)
            sent_to(&items[i], at);
    chain_end(&ask);
    return error;
}

/* An error on sending may mean that the endpoint had it before, or another. */
static void look_for_refused(struct tx_session *session, struct tx_item *items, size_t count)
{
    size_t begun = session->at;
    int error = look_at_one(session, items, count, begun);

    for (size_t i = 0; i < count && error; i++)
        if (items[i].stage == TX_PLANNED)
            sent_to(&items[i], TX_NOBODY); /* nobody knows: to be waited for */
    for (size_t i = 0; i < session->turns.count && count_planned(items, count) > 0; i++)
        if (i != begun)
            (void)look_at_one(session, items, count, i);
    session_move(session, begun);
}

/* The endpoint's words, before they are overwritten. */
static void keep_refusal(struct tx_item *item, const struct tx_session *session,
                         const struct chain_batch *ask, size_t place)
{
    struct nectar_answer words = {.reason = ""};
    struct jsonrpc_error error;

    if (jsonrpc_error(&error, &ask->reply, place))
        pki_reason(&words, session->driver, "%s", error.message);
    memcpy(item->result.reason, words.reason, sizeof item->result.reason);
}

/* Reads the answers to each; how many were refused. */
static size_t read_answers(struct tx_session *session, struct tx_item *items, size_t count,
                           const struct chain_batch *ask, size_t first)
{
    size_t place = first;
    size_t refused = 0;

    for (size_t i = 0; i < count; i++) {
        if (items[i].stage != TX_PLANNED)
            continue;
        if (jsonrpc_result(&ask->reply, place)) {
            sent_to(&items[i], session->at);
        } else {
            keep_refusal(&items[i], session, ask, place);
            refused++;
        }
        place++;
    }
    return refused;
}

static void settle_refused(struct tx_item *item)
{
    item->stage = TX_SETTLED;
    item->error = NECTAR_ETXFAILED;
    item->result.state = NECTAR_TX_UNKNOWN;
    memcpy(item->result.hash, item->tx.hash, sizeof item->result.hash);
}

int send_items(struct tx_session *session, struct tx_item *items, size_t count)
{
    struct chain_batch ask;
    size_t first = SIZE_MAX;
    size_t refused = 0;
    bool doubt;
    int error;

    if (count_planned(items, count) == 0)
        return 0;
    ask_begin(&ask, session);
    for (size_t i = 0; i < count; i++) {
        size_t place;

        if (items[i].stage != TX_PLANNED)
            continue;
        place = ask_send(&ask, &items[i].tx);
        first = first == SIZE_MAX ? place : first;
    }
    error = ask_post(&ask, session, 0);
    doubt = error || session->doubt;
    if (!error)
        refused = read_answers(session, items, count, &ask, first);
    chain_end(&ask);
    if (error == NECTAR_ENOMEM)
        return error;
    if (error || refused > 0)
        look_for_refused(session, items, count);
    for (size_t i = 0; i < count; i++) {
        if (items[i].stage != TX_PLANNED)
            continue;
        /* Where no answer came, an endpoint that has it not yet may still get it. */
        if (doubt)
            sent_to(&items[i], error ? TX_NOBODY : session->at);
        else
            settle_refused(&items[i]);
    }
    return 0;
}
