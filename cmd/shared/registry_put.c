#include "shared/registry_put.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/text.h"
#include "shared/txargs.h"

int put_open(struct put *out, struct nectar_registry *registry)
{
    struct nectar_tx_terms terms;
    *out = (struct put){.registry = registry};
    if (!nectar_tx_wanted(registry))
        return 0;
    int status = txargs_account(&out->account, &terms);
    if (!status)
        out->records = text_resize(NULL, PUT_MAX * sizeof *out->records);
    return status;
}

void put_close(struct put *put)
{
    nectar_account_free(put->account);
    free(put->records);
}

/* --- an embedded registry -------------------------------------------------------------------- */

static int put_embedded(struct put *put, const struct nectar_listing *const *listings, size_t count,
                        struct put_result *results, struct nectar_answer *answer)
{
    static struct nectar_import items[PUT_MAX];
    for (size_t i = 0; i < count; i++)
        items[i] = (struct nectar_import){.listing = listings[i]};
    int error = nectar_registry_import(put->registry, items, count, answer);
    for (size_t i = 0; i < count && !error; i++)
        results[i] = (struct put_result){
            .error = items[i].error, .reason = items[i].reason, .sequence = items[i].sequence};
    return error;
}

/* --- a registry on a chain ------------------------------------------------------------------- */

static void take(void *context, size_t index, int error, const struct nectar_tx_result *result)
{
    struct put_result *results = context;
    results[index] = (struct put_result){.error = error, .tx = *result};
    results[index].reason = results[index].tx.reason;
}

/* Each is told of, also where the whole fails. With -w it is the library that watches the time:
 * what is under way is not left in the middle. */
static int put_on_chain(struct put *put, const struct nectar_listing *const *listings, size_t count,
                        struct put_result *results, struct nectar_answer *answer)
{
    struct nectar_tx_told told = {take, results};
    struct nectar_tx_terms terms;
    int status = txargs_terms(&terms);
    if (status)
        return NECTAR_EINTERNAL; /* it was well before */
    for (size_t i = 0; i < count; i++) {
        put->records[i] = listings[i]->record;
        results[i] = (struct put_result){.error = NECTAR_EINTERNAL, .reason = ""};
    }
    txargs_guard();
    (void)nectar_tx_publish(put->registry, put->account, put->records, count, &terms, told, answer);
    clock_on_deadline(NULL);
    return 0;
}

/* --- either ---------------------------------------------------------------------------------- */

int put_records(struct put *put, const struct nectar_listing *const *listings, size_t count,
                struct put_result *results, struct nectar_answer *answer)
{
    if (put->account)
        return put_on_chain(put, listings, count, results, answer);
    return put_embedded(put, listings, count, results, answer);
}

bool put_changed(const struct put *put, const struct put_result *result)
{
    return put->account ? result->tx.state != NECTAR_TX_UNCHANGED : result->sequence > 0;
}

void put_fields(const struct put *put, const struct put_result *result, struct json *json)
{
    char number[24];
    if (put->account) {
        txargs_fields(json, &result->tx);
        return;
    }
    snprintf(number, sizeof number, "%" PRIu64, result->sequence);
    json_text(json, "hash", result->sequence ? number : NULL);
    json_text(json, "status", result->sequence ? "mined" : "unchanged");
}
