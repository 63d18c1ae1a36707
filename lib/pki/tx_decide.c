/*
 * Which transaction a change is to be. All of it happens under the lock of the account, so that two
 * processes never decide at once, and one that was killed is followed by one that finds what it
 * left.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/time.h"
#include "base/view.h"
#include "pki/tx.h"
#include "pki/tx_flow.h"

enum { PLANS_MAX = 4 };

#define LOCK_WAIT TIME_S(30)

/* --- what is under way already --------------------------------------------------------------- */

static bool same_call(const struct nectar_tx *a, const struct nectar_tx *b)
{
    return a->creates == b->creates && memcmp(a->to, b->to, sizeof a->to) == 0 &&
           view_equal((struct nectar_view){a->data, a->data_len},
                      (struct nectar_view){b->data, b->data_len});
}

/* The transaction of this item was sent before: that one is waited for. */
static int adopt(const struct flow *flow, struct tx_item *item, const struct nonce_entry *entry)
{
    nectar_tx_wipe(&item->tx);
    item->stage = TX_SENT;
    item->sent_to = flow->session.at;
    item->noted = true;
    item->result.resumed = true;
    return tx_copy(&item->tx, &entry->tx);
}

/* What an entry means to an item of the same name, or for the same kind of contract. */
static int match(struct flow *flow, struct tx_item *item, size_t i)
{
    const struct nonce_entry *entry = &flow->journal.entries[i];
    bool same = same_call(&entry->tx, &item->tx);

    if (flow->fates[i].is == TX_IN_BLOCK) {
        bool done = item->record ? item->unchanged : same;

        return done ? adopt(flow, item, entry) : 0;
    }
    if (same && !item->unchanged)
        return adopt(flow, item, entry);
    if (!item->record)
        return 0;
    /* What it is about to do must be done before it can be told what is to do. */
    item->stage = TX_BLOCKED;
    nectar_tx_wipe(&flow->obstacle);
    return tx_copy(&flow->obstacle, &entry->tx);
}

/* The newest entry of the same name decides. */
static int match_all(struct flow *flow)
{
    int error = 0;

    for (size_t i = 0; i < flow->count; i++) {
        struct tx_item *item = &flow->items[i];

        for (size_t at = flow->journal.count; at > 0 && !error && item->stage == TX_TODO; at--)
            if (strcmp(flow->journal.entries[at - 1].name, item_name(item)) == 0)
                error = match(flow, item, at - 1);
        if (!error && item->stage == TX_TODO && item->unchanged)
            item_settle(item, &flow->session, 0, NECTAR_TX_UNCHANGED);
    }
    return error;
}

/* Is a transaction of the journal one of ours now? */
static bool is_adopted(const struct flow *flow, const struct nonce_entry *entry)
{
    for (size_t i = 0; i < flow->count; i++)
        if (flow->items[i].noted &&
            memcmp(flow->items[i].tx.hash, entry->tx.hash, sizeof entry->tx.hash) == 0)
            return true;
    return false;
}

/* Left by a process that did not live to see them confirmed. A contract that was made stays: nobody
 * has been told yet where it is. */
static int forget_confirmed(struct flow *flow)
{
    const struct tx_session *session = &flow->session;
    int error = 0;

    for (size_t i = 0; i < flow->journal.count && !error; i++) {
        const struct nonce_entry *entry = &flow->journal.entries[i];
        uint64_t block = flow->fates[i].block;

        if (flow->fates[i].is == TX_IN_BLOCK && entry->name[0] && !is_adopted(flow, entry) &&
            flow->ground.head >= block && flow->ground.head - block + 1 >= session->confirmations)
            error = nonce_forget(&flow->journal, entry->nonce, entry->tx.hash);
    }
    return error;
}

/* --- sending --------------------------------------------------------------------------------- */

static int sign_and_note(struct flow *flow, struct tx_item *item)
{
    int error;

    if (!flow->session.terms->nonce)
        item->tx.nonce = nonce_free(&flow->journal, flow->ground.nonce);
    error = nectar_tx_sign(&item->tx, flow->account);
    if (!error)
        error = nonce_note(&flow->journal, item_name(item), &item->tx);
    if (!error)
        item->noted = true;
    return error;
}

/* Nothing of these was sent. */
static void take_back(struct flow *flow)
{
    int saved = errno;

    for (size_t i = 0; i < flow->count; i++)
        if (flow->items[i].stage == TX_PLANNED && flow->items[i].noted)
            (void)nonce_forget(&flow->journal, flow->items[i].tx.nonce, flow->items[i].tx.hash);
    errno = saved;
}

static int send_all(struct flow *flow)
{
    int error = 0;

    for (size_t i = 0; i < flow->count && !error; i++)
        if (flow->items[i].stage == TX_PLANNED)
            error = sign_and_note(flow, &flow->items[i]);
    if (error) {
        take_back(flow);
        return error;
    }
    error = send_items(&flow->session, flow->items, flow->count);
    for (size_t i = 0; i < flow->count && !error; i++) {
        struct tx_item *item = &flow->items[i];

        /* Refused: its nonce is free again. */
        if (item->stage == TX_SETTLED && item->noted && !item->result.resumed) {
            item->noted = false;
            error = nonce_forget(&flow->journal, item->tx.nonce, item->tx.hash);
        }
    }
    return error;
}

/* --- planning -------------------------------------------------------------------------------- */

static int plan_once(struct flow *flow)
{
    struct tx_session *session = &flow->session;
    const uint8_t *from = nectar_account_address(flow->account);
    int error = settle_journal(session, &flow->journal, &flow->fates, &flow->ground, from);

    if (!error)
        error = plan_calls(session, flow->items, flow->count, from);
    if (!error)
        error = match_all(flow);
    if (!error)
        error = plan_gas(session, flow->items, flow->count, &flow->ground);
    return error;
}

/* As they were before they were planned. */
static void reopen(struct flow *flow)
{
    free(flow->fates);
    flow->fates = NULL;
    for (size_t i = 0; i < flow->count; i++) {
        struct tx_item *item = &flow->items[i];

        if (!item->open)
            continue;
        item_wipe(item);
        *item = (struct tx_item){.index = item->index, .record = item->record, .open = true};
    }
}

/* A plan is made of what one endpoint says. Of two, one may know of a change, and so which nonce
 * comes next, and the other not yet what stands there since: the change would be made again. */
static int plan(struct flow *flow)
{
    struct tx_session *session = &flow->session;

    for (size_t i = 0; i < flow->count; i++)
        flow->items[i].open = flow->items[i].stage == TX_TODO;
    for (int i = 0; i < PLANS_MAX; i++) {
        unsigned moves = session->moves;
        int error;

        if (i > 0)
            reopen(flow);
        error = plan_once(flow);
        if (error || session->moves == moves)
            return error;
    }
    return session_unsteady(session);
}

/* All that is done under the lock. */
static int decide(struct flow *flow)
{
    int error = plan(flow);

    if (!error)
        error = forget_confirmed(flow);
    if (!error)
        error = send_all(flow);
    return error;
}

int decide_locked(struct flow *flow)
{
    struct tx_session *session = &flow->session;
    const struct nonce_owner owner = {.state = session->terms->state,
                                      .chain = session_chain(session)->id,
                                      .genesis = session->genesis,
                                      .from = nectar_account_address(flow->account)};
    int error = nonce_open(&flow->journal, &owner, time_earlier(LOCK_WAIT, session_left(session)));

    if (error == NECTAR_EBUSY)
        pki_reason(session->answer, session->driver,
                   "another process is sending with this account");
    if (!error)
        error = decide(flow);
    nonce_unlock(&flow->journal);
    return error;
}
