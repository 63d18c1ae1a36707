/* Changes made: decided (pki/tx_decide.c), waited for, told. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "contract/registry.h"
#include "pki/list.h"
#include "pki/nectar_abi.h"
#include "pki/record.h"
#include "pki/tx.h"
#include "pki/tx_flow.h"

/* --- again, for what was blocked ------------------------------------------------------------- */

static size_t count_stage(const struct flow *flow, enum tx_stage stage)
{
    size_t found = 0;

    for (size_t i = 0; i < flow->count; i++)
        found += flow->items[i].stage == stage;
    return found;
}

/* Waits for the obstacle to be in a block; then the changes behind it are looked at afresh. */
static int clear_obstacle(struct flow *flow)
{
    struct tx_item earlier = {.stage = TX_SENT};
    struct nectar_tx_told nobody = {.call = NULL};
    int error = tx_copy(&earlier.tx, &flow->obstacle);

    if (!error)
        error = wait_items(&flow->session, &earlier, 1, NULL, nobody);
    for (size_t i = 0; i < flow->count && !error; i++) {
        struct tx_item *item = &flow->items[i];

        if (item->stage != TX_BLOCKED)
            continue;
        nectar_tx_wipe(&item->tx);
        item->unchanged = false;
        item->stage = TX_TODO;
        if (earlier.error != NECTAR_ETXPENDING)
            continue;
        pki_reason(flow->session.answer, flow->session.driver,
                   "an earlier change of %s is not confirmed yet, and comes first",
                   item_name(item));
        memcpy(item->tx.hash, earlier.tx.hash, sizeof item->tx.hash);
        item_settle(item, &flow->session, NECTAR_ETXPENDING, NECTAR_TX_PENDING);
    }
    item_wipe(&earlier);
    /* Nothing is waited for now: it is told. */
    return error ? error : wait_items(&flow->session, flow->items, flow->count, NULL, flow->told);
}

static void end_round(struct flow *flow)
{
    nonce_close(&flow->journal);
    free(flow->fates);
    flow->fates = NULL;
}

static int run_rounds(struct flow *flow)
{
    int error = 0;

    while (!error && count_stage(flow, TX_TODO) > 0) {
        error = decide_locked(flow);
        if (!error || error == NECTAR_EIO) {
            int failed =
                wait_items(&flow->session, flow->items, flow->count, &flow->journal, flow->told);

            error = error ? error : failed;
        }
        end_round(flow);
        if (!error && count_stage(flow, TX_BLOCKED) > 0)
            error = clear_obstacle(flow);
    }
    return error;
}

/* An error that is not of one change ends all that are left. */
static int settle_left(struct flow *flow, int error)
{
    int saved = errno;

    for (size_t i = 0; i < flow->count && error; i++) {
        if (flow->items[i].stage == TX_SETTLED && flow->items[i].told)
            continue;
        if (flow->items[i].stage == TX_SENT)
            item_settle(&flow->items[i], &flow->session, NECTAR_ETXPENDING, NECTAR_TX_PENDING);
        else if (flow->items[i].stage != TX_SETTLED)
            item_settle(&flow->items[i], &flow->session, error, NECTAR_TX_UNKNOWN);
        if (flow->told.call)
            flow->told.call(flow->told.context, flow->items[i].index, flow->items[i].error,
                            &flow->items[i].result);
    }
    for (size_t i = 0; i < flow->count && !error; i++) {
        error = flow->items[i].error;
        if (error)
            memcpy(flow->session.answer->reason, flow->items[i].result.reason,
                   sizeof flow->session.answer->reason);
    }
    errno = saved;
    return error;
}

static int run_flow(struct flow *flow)
{
    int error = run_rounds(flow);

    error = settle_left(flow, error);
    for (size_t i = 0; i < flow->count; i++)
        item_wipe(&flow->items[i]);
    nectar_tx_wipe(&flow->obstacle);
    return error;
}

/* --- the public calls ------------------------------------------------------------------------ */

static bool holds_name(const struct tx_item *items, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(item_name(&items[i]), name) == 0)
            return true;
    return false;
}

/* As many records as one batch takes, none of them of a name that is among them already. */
static size_t take_some(struct flow *flow, const struct nectar_record *records, size_t from,
                        size_t count)
{
    memset(flow->items, 0, TX_ITEMS_MAX * sizeof *flow->items);
    flow->count = 0;
    for (size_t at = from; at < count && flow->count < TX_ITEMS_MAX; at++) {
        struct tx_item *item = &flow->items[flow->count];

        if (holds_name(flow->items, flow->count, records[at].name))
            break;
        item->index = at;
        item->record = &records[at];
        flow->count++;
        if (record_check(item->record) == 0)
            continue;
        pki_reason(flow->session.answer, flow->session.driver, "the record is not well formed");
        item_settle(item, &flow->session, record_check(item->record), NECTAR_TX_UNKNOWN);
    }
    return flow->count;
}

/* Changes that have nothing to do with one another: one that fails does not end the others, but
 * what is wrong with all of them does. */
static bool ends_all(int error)
{
    return error == NECTAR_EUNREACHABLE || error == NECTAR_EBUSY || error == NECTAR_EIO ||
           error == NECTAR_EFORMAT || error == NECTAR_ENOMEM || error == NECTAR_EINTERNAL ||
           error == NECTAR_ETXPENDING;
}

static void tell_rest(const struct flow *flow, size_t from, size_t count, int error)
{
    struct nectar_tx_result result = {.state = NECTAR_TX_UNKNOWN};

    memcpy(result.reason, flow->session.answer->reason, sizeof result.reason);
    for (size_t i = from; i < count && flow->told.call; i++)
        flow->told.call(flow->told.context, i, error, &result);
}

static int publish_all(struct flow *flow, const struct nectar_record *records, size_t count)
{
    char first_reason[NECTAR_REASON_MAX + 1] = "";
    int first = 0;
    int error = session_has_contract(&flow->session);
    size_t done = 0;

    if (!error)
        error = session_meet(&flow->session);
    while (done < count && !ends_all(error)) {
        done += take_some(flow, records, done, count);
        error = run_flow(flow);
        if (error && !first) {
            first = error;
            memcpy(first_reason, flow->session.answer->reason, sizeof first_reason);
        }
    }
    tell_rest(flow, done, count, error);
    if (first)
        memcpy(flow->session.answer->reason, first_reason, sizeof first_reason);
    return first ? first : error;
}

int nectar_tx_publish(struct nectar_registry *registry, const struct nectar_account *account,
                      const struct nectar_record *records, size_t count,
                      const struct nectar_tx_terms *terms, struct nectar_tx_told told,
                      struct nectar_answer *answer)
{
    struct flow flow = {.account = account, .told = told};
    struct nectar_answer unasked;
    int error = session_begin(&flow.session, registry, terms, answer, &unasked);

    if (!error) {
        flow.items = calloc(TX_ITEMS_MAX, sizeof *flow.items);
        error = flow.items ? publish_all(&flow, records, count) : NECTAR_ENOMEM;
    }
    free(flow.items);
    for (size_t i = 0; i < count; i++)
        pki_list_age(registry, records[i].name);
    return error;
}

static int make_contract(struct tx_item *item, struct flow *flow, const char *tld)
{
    struct bytes code;
    int error;

    bytes_init(&code, NECTAR_TX_MAX);
    error = bytes_append(&code, registry_code, registry_code_len);
    if (!error)
        error = nectar_abi_constructor(&code, tld);
    if (!error)
        error = tx_copy_bytes(&item->tx.data, &item->tx.data_len, bytes_view(&code));
    bytes_free(&code);
    item->tx.creates = true;
    flow->items = item;
    flow->count = 1;
    return error;
}

int nectar_tx_deploy(struct nectar_registry *registry, const struct nectar_account *account,
                     const char *tld, const struct nectar_tx_terms *terms,
                     struct nectar_tx_told told, struct nectar_answer *answer)
{
    struct flow flow = {.account = account, .told = told};
    struct tx_item item = {.stage = TX_TODO};
    struct nectar_answer unasked;
    int error = session_begin(&flow.session, registry, terms, answer, &unasked);

    if (!error)
        error = session_meet(&flow.session);
    if (!error)
        error = make_contract(&item, &flow, tld);
    if (!error)
        error = run_flow(&flow);
    item_wipe(&item);
    return error;
}
