#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/common.h"
#include "shared/ethkey.h"
#include "shared/exit.h"
#include "shared/input.h"
#include "shared/output.h"
#include "shared/publish.h"
#include "shared/report.h"
#include "shared/txargs.h"
#include "shared/txhex.h"

/* Bytes of a transaction in JSON. */
#define JSON_MAX (2 * NECTAR_TX_MAX + 65536)

/* --- plans ----------------------------------------------------------------------------------- */

/* Who signs, as far as that can be told without the key itself. */
static int set_from(struct nectar_tx_terms *terms, uint8_t from[NECTAR_ACCOUNT_BYTES],
                    const struct publish_way *way)
{
    int status = ethkey_address(from, way->from);
    terms->from = from;
    return status;
}

static int show_plan(const struct nectar_tx_plan *plan, const struct nectar_record *after)
{
    char cost[NECTAR_WEI_TEXT_SIZE];
    struct json json;
    nectar_wei_format(cost, &plan->cost);
    if (!common.json) {
        int status = publish_show(&plan->before, after, plan->unchanged);
        if (!status && !plan->unchanged) {
            printf("gas %" PRIu64 ", at most %s wei\n", plan->tx.gas, cost);
            output_flush();
        }
        return status;
    }
    int status = publish_show_open(&json, &plan->before, after, plan->unchanged);
    if (status)
        return status;
    if (!plan->unchanged) {
        json_id(&json, "gas", plan->tx.gas);
        json_text(&json, "max_cost_wei", cost);
    }
    output_close(&json);
    return 0;
}

/* The transaction as JSON, for another machine to sign. */
static int print_bare(const struct nectar_tx_plan *plan, const char *name)
{
    char *text = NULL;
    char *call = NULL;
    struct json json;
    if (plan->unchanged) {
        txargs_print(&(struct nectar_tx_result){.state = NECTAR_TX_UNCHANGED});
        return 0;
    }
    int error = nectar_tx_format(&text, &plan->tx);
    if (!error)
        error = nectar_tx_call(&call, &plan->tx);
    if (!error) {
        output_open(&json, "unsigned");
        json_text(&json, "name", name);
        json_merge(&json, text);
        json_raw(&json, "call", call ? call : "null");
        output_close(&json);
    }
    free(text);
    free(call);
    return error ? report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error))
                 : 0;
}

static int plan(struct nectar_registry *registry, const struct nectar_record *after,
                const struct publish_way *way)
{
    struct nectar_answer answer = {.source = ""};
    struct nectar_tx_plan made = {.unchanged = false};
    struct nectar_tx_terms terms;
    uint8_t from[NECTAR_ACCOUNT_BYTES];
    int status = txargs_terms(&terms);
    if (!status)
        status = set_from(&terms, from, way);
    if (status)
        return status;
    txargs_guard();
    int error = nectar_tx_plan(&made, registry, after, &terms, &answer);
    if (error)
        status = txargs_report(error, after->name, NULL, &answer);
    else
        status = way->dry_run ? show_plan(&made, after) : print_bare(&made, after->name);
    nectar_tx_plan_wipe(&made);
    return status;
}

/* --- signed here, sent elsewhere ------------------------------------------------------------- */

static void print_raw(const struct nectar_tx *tx)
{
    char hash[TXARGS_HASH_SIZE];
    char *text = txhex_format(tx);
    struct json json;
    if (common.json) {
        txargs_hash(hash, tx->hash);
        output_open(&json, "signed");
        json_text(&json, "hash", hash);
        json_text(&json, "raw", text);
        output_close(&json);
    } else {
        output_line(text);
    }
    free(text);
}

/* What the key is lent to. */
static void tell_call(const struct nectar_tx *tx)
{
    char *call = NULL;
    if (nectar_tx_call(&call, tx) == 0)
        report_note("signing, for chain %" PRIu64 ", nonce %" PRIu64 ": %s", tx->chain, tx->nonce,
                    call ? call : "a call that is unknown here");
    free(call);
}

static int sign(struct nectar_tx *tx)
{
    struct nectar_account *account = NULL;
    char address[NECTAR_ACCOUNT_TEXT_SIZE];
    int status = ethkey_load(&account);
    if (status)
        return status;
    int error = nectar_tx_sign(tx, account);
    if (error == NECTAR_EREJECTED) {
        nectar_account_format(address, tx->from);
        status = report_local(EXIT_KEY, address, NULL, "the transaction is not of this key");
    } else if (error) {
        status = report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    } else {
        tell_call(tx);
        print_raw(tx);
    }
    nectar_account_free(account);
    return status;
}

static int sign_alone(struct nectar_registry *registry, const struct nectar_record *after,
                      const struct publish_way *way)
{
    struct nectar_answer answer = {.source = ""};
    struct nectar_tx tx = {.chain = 0};
    struct nectar_tx_terms terms;
    uint8_t from[NECTAR_ACCOUNT_BYTES];
    int status = txargs_terms(&terms);
    if (!status)
        status = set_from(&terms, from, way);
    if (status)
        return status;
    int error = nectar_tx_plan_alone(&tx, registry, after, &terms, &answer);
    status = error ? txargs_report(error, after->name, NULL, &answer) : sign(&tx);
    nectar_tx_wipe(&tx);
    return status;
}

/* Is it within what may be paid? */
static int check_cost(const struct nectar_tx *tx)
{
    struct nectar_tx_terms terms;
    struct nectar_wei cost;
    char text[NECTAR_WEI_TEXT_SIZE];
    int status = txargs_terms(&terms);
    if (status || !terms.max_cost)
        return status;
    if (nectar_tx_cost(&cost, tx) == 0 && nectar_wei_compare(&cost, terms.max_cost) <= 0)
        return 0;
    nectar_wei_format(text, &cost);
    return report(&(struct report){.exit = EXIT_TX_FAILED,
                                   .reason = "it may cost more than is allowed",
                                   .hint = "a higher --max-cost"});
}

int publish_sign(const char *path)
{
    struct nectar_tx tx = {.chain = 0};
    struct input input;
    int status = input_read(&input, path, JSON_MAX);
    if (status)
        return status;
    int error = nectar_tx_parse(&tx, (const char *)input.data, input.len);
    input_wipe(&input);
    if (error)
        return report_local(exit_of_error(error), path, NULL, "not a transaction of --unsigned: %s",
                            nectar_error_text(error));
    status = check_cost(&tx);
    if (!status)
        status = sign(&tx);
    nectar_tx_wipe(&tx);
    return status;
}

/* --- sent ------------------------------------------------------------------------------------ */

int publish_raw(struct nectar_registry *registry, const char *path)
{
    struct nectar_answer answer = {.source = ""};
    struct nectar_tx_result result;
    struct nectar_tx tx = {.chain = 0};
    struct nectar_tx_terms terms;
    char hash[TXARGS_HASH_SIZE];
    int status = txhex_read_file(&tx, path);
    if (!status)
        status = txargs_terms(&terms);
    if (!status) {
        txargs_guard();
        int error = nectar_tx_send(&result, registry, &tx, &terms, &answer);
        txargs_hash(hash, tx.hash);
        if (error)
            status = txargs_report(error, hash, &result, &answer);
        else
            txargs_print(&result);
    }
    nectar_tx_wipe(&tx);
    return status;
}

/* The one change that there is. */
struct outcome {
    int error;
    struct nectar_tx_result result;
};

static void take_outcome(void *context, size_t index, int error,
                         const struct nectar_tx_result *result)
{
    struct outcome *outcome = context;
    (void)index;
    outcome->error = error;
    outcome->result = *result;
    if (!error)
        txargs_print(result);
}

static int send(struct nectar_registry *registry, const struct nectar_record *after)
{
    struct nectar_answer answer = {.source = ""};
    struct outcome outcome = {.error = 0};
    struct nectar_tx_told told = {take_outcome, &outcome};
    struct nectar_account *account = NULL;
    struct nectar_tx_terms terms;
    int status = txargs_account(&account, &terms);
    if (status)
        return status;
    txargs_guard();
    int error = nectar_tx_publish(registry, account, after, 1, &terms, told, &answer);
    if (error)
        status = txargs_report(error, after->name, &outcome.result, &answer);
    nectar_account_free(account);
    return status;
}

int publish_on_chain(struct nectar_registry *registry, const struct nectar_record *after,
                     const struct publish_way *way)
{
    if (way->sign_only)
        return sign_alone(registry, after, way);
    if (way->dry_run || way->bare)
        return plan(registry, after, way);
    if (way->from)
        return cli_usage_error("--from goes with --dry-run, --unsigned or --sign-only");
    return send(registry, after);
}
