#include "shared/txargs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/clock.h"
#include "shared/common.h"
#include "shared/ethkey.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/paths.h"
#include "shared/report.h"
#include "shared/text.h"

static bool mint;
static const char *max_cost;
static uint64_t confirmations;
static uint64_t nonce;
static uint64_t gas;
static const char *max_fee;
static const char *tip;

const struct cli_option txargs_options[] = {
    {.name = "mint",
     .kind = CLI_FLAG,
     .target = &mint,
     .help = "in Hypermap: make a name that is not there"},
    {.name = "max-cost",
     .kind = CLI_TEXT,
     .target = &max_cost,
     .value = "WEI",
     .help = "what a transaction may cost; also 2gwei, 0.01eth"},
    {.name = "confirmations",
     .kind = CLI_NUMBER,
     .target = &confirmations,
     .value = "N",
     .help = "wait for so many blocks: 3, on a test chain 1",
     .min = 1,
     .max = 1000000},
    CLI_END,
};

const struct cli_option txargs_manual_options[] = {
    {.name = "mint",
     .kind = CLI_FLAG,
     .target = &mint,
     .help = "in Hypermap: make a name that is not there"},
    {.name = "max-cost",
     .kind = CLI_TEXT,
     .target = &max_cost,
     .value = "WEI",
     .help = "what the transaction may cost; also 2gwei, 0.01eth"},
    {.name = "confirmations",
     .kind = CLI_NUMBER,
     .target = &confirmations,
     .value = "N",
     .help = "wait for so many blocks: 3, on a test chain 1",
     .min = 1,
     .max = 1000000},
    {.name = "nonce",
     .kind = CLI_NUMBER,
     .target = &nonce,
     .value = "N",
     .help = "its number among the transactions of its sender"},
    {.name = "gas", .kind = CLI_NUMBER, .target = &gas, .value = "N", .help = "gas it may use"},
    {.name = "max-fee",
     .kind = CLI_TEXT,
     .target = &max_fee,
     .value = "WEI",
     .help = "for a unit of gas, at most"},
    {.name = "tip",
     .kind = CLI_TEXT,
     .target = &tip,
     .value = "WEI",
     .help = "of that, for who makes the block"},
    CLI_END,
};

/* *out points to *amount if the option was given. */
static int read_amount(const struct nectar_wei **out, struct nectar_wei *amount, const char *text,
                       const char *option)
{
    *out = NULL;
    if (!text)
        return 0;
    if (nectar_wei_parse(amount, text))
        return cli_usage_error("--%s: not an amount, as 21000, 2gwei or 0.01eth: %s", option, text);
    *out = amount;
    return 0;
}

int txargs_terms(struct nectar_tx_terms *out)
{
    static struct nectar_wei amounts[3];
    static char *state;
    memset(out, 0, sizeof *out);
    int status = read_amount(&out->max_cost, &amounts[0], max_cost, "max-cost");
    if (!status)
        status = read_amount(&out->max_fee, &amounts[1], max_fee, "max-fee");
    if (!status)
        status = read_amount(&out->tip, &amounts[2], tip, "tip");
    if (status)
        return status;
    if (!state)
        state = path_state("tx");
    out->state = state;
    out->nonce = cli_given(&nonce) ? &nonce : NULL;
    out->gas = cli_given(&gas) ? &gas : NULL;
    out->confirmations = confirmations;
    out->mint = mint;
    if (clock_left() != CLOCK_NEVER)
        out->timeout = clock_left() ? clock_left() : 1;
    return 0;
}

int txargs_account(struct nectar_account **out, struct nectar_tx_terms *terms)
{
    int status = txargs_terms(terms); /* an option that is wrong is told before anything is asked */
    if (!status)
        status = ethkey_load(out);
    if (!status)
        status = txargs_terms(terms);
    return status;
}

static void leave_it(void)
{
}

void txargs_guard(void)
{
    clock_on_deadline(leave_it);
}

/* --- what became of it ----------------------------------------------------------------------- */

void txargs_hash(char out[TXARGS_HASH_SIZE], const uint8_t hash[NECTAR_HASH_BYTES])
{
    memcpy(out, "0x", 2);
    nectar_hex_encode(out + 2, hash, NECTAR_HASH_BYTES);
}

void txargs_fields(struct json *json, const struct nectar_tx_result *result)
{
    char cost[NECTAR_WEI_TEXT_SIZE];
    char contract[NECTAR_ACCOUNT_TEXT_SIZE];
    char hash[TXARGS_HASH_SIZE];
    txargs_hash(hash, result->hash);
    json_text(json, "hash", result->state == NECTAR_TX_UNCHANGED ? NULL : hash);
    json_text(json, "status", nectar_tx_state_name(result->state));
    if (result->block) {
        nectar_wei_format(cost, &result->cost);
        json_id(json, "block", result->block);
        json_id(json, "confirmations", result->confirmations);
        json_id(json, "gas", result->gas);
        json_text(json, "cost_wei", cost);
    }
    if (result->created) {
        nectar_account_format(contract, result->contract);
        json_text(json, "contract", contract);
    }
}

void txargs_print(const struct nectar_tx_result *result)
{
    char hash[TXARGS_HASH_SIZE];
    struct json json;
    if (common.json) {
        output_open(&json, "tx");
        txargs_fields(&json, result);
        output_close(&json);
        return;
    }
    txargs_hash(hash, result->hash);
    if (result->state == NECTAR_TX_UNCHANGED)
        report_note("unchanged");
    else
        output_line(hash);
}

static const char *reason_of(int error, const struct nectar_tx_result *result,
                             const struct nectar_answer *answer)
{
    if (result && *result->reason)
        return result->reason;
    if (*answer->reason)
        return answer->reason;
    return error == NECTAR_EIO ? strerror(errno) : nectar_error_text(error);
}

/* What may be done about it; a new string, or NULL. */
static char *hint_for(int error, const char *hash)
{
    switch (error) {
    case NECTAR_ETXPENDING:
        return text_format("nectar-net tx status %s; the same command again waits on", hash);
    case NECTAR_ECOST:
        return text_format("a higher --max-cost, or a better time");
    case NECTAR_EREADONLY:
        return text_format("-p nectar+http://HOST:PORT?contract=0x...");
    default:
        return NULL;
    }
}

int txargs_report(int error, const char *subject, const struct nectar_tx_result *result,
                  const struct nectar_answer *answer)
{
    int status = exit_of_error(error);
    char hash[TXARGS_HASH_SIZE] = "";
    int saved = errno;
    if (result && result->state != NECTAR_TX_UNKNOWN) {
        txargs_hash(hash, result->hash);
        txargs_print(result);
    }
    errno = saved;
    /* Whatever was being asked when the time was up, nothing has been sent. */
    if (clock_left() == 0 && (error == NECTAR_EUNREACHABLE || error == NECTAR_EBUSY))
        status = EXIT_TIMEOUT;
    char *hint = hint_for(error, hash);
    report(&(struct report){
        .exit = status,
        .peer = subject,
        .stage = nectar_stage_name(NECTAR_STAGE_REGISTRY),
        .reason = reason_of(error, result, answer),
        .hint = hint,
    });
    free(hint);
    return status;
}
