/* nectar-net tx: what has become of a transaction, and what one says. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>
#include <nectar/transaction.h>

#include "shared/cli.h"
#include "shared/clock.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/text.h"
#include "shared/txargs.h"
#include "shared/txhex.h"

static uint64_t confirmations;

static const struct cli_option options[] = {
    {.name = "confirmations",
     .kind = CLI_NUMBER,
     .target = &confirmations,
     .value = "N",
     .help = "status: mined means N blocks, its own included",
     .min = 1,
     .max = 1000000},
    CLI_END,
};

static const struct cli cli = {
    .verb = "tx",
    .operands = "status HASH | decode [HEX | -]",
    .min_operands = 1,
    .max_operands = 2,
    .groups = {options, pki_options},
};

/* --- status ---------------------------------------------------------------------------------- */

static void print_state(const struct nectar_tx_result *result)
{
    char cost[NECTAR_WEI_TEXT_SIZE];
    if (common.json) {
        txargs_print(result);
        return;
    }
    printf("%s", nectar_tx_state_name(result->state));
    if (result->block) {
        nectar_wei_format(cost, &result->cost);
        printf(", block %" PRIu64 ", confirmations %" PRIu64 ", gas %" PRIu64 ", cost %s wei",
               result->block, result->confirmations, result->gas, cost);
    }
    putchar('\n');
    output_flush();
}

/* The status tells scripts what the word tells people. */
static int status_of(enum nectar_tx_state state)
{
    return state == NECTAR_TX_MINED    ? EXIT_OK
           : state == NECTAR_TX_FAILED ? EXIT_TX_FAILED
                                       : EXIT_TX_PENDING;
}

static int read_hash(uint8_t out[NECTAR_HASH_BYTES], const char *text)
{
    if (strncmp(text, "0x", 2) != 0 || nectar_hex_decode(out, NECTAR_HASH_BYTES, text + 2) != 0)
        return cli_usage_error("not the hash of a transaction, 0x and 64 hex digits: %s", text);
    return 0;
}

static int ask_status(const char *text)
{
    struct nectar_answer answer = {.source = ""};
    struct nectar_tx_terms terms = {.confirmations = confirmations};
    struct nectar_registry *registry = NULL;
    struct nectar_tx_result result;
    uint8_t hash[NECTAR_HASH_BYTES];
    int status = read_hash(hash, text);
    if (!status)
        status = pki_open(&registry);
    if (status)
        return status;
    if (clock_left() != CLOCK_NEVER)
        terms.timeout = clock_left() ? clock_left() : 1;
    int error = nectar_tx_status(&result, registry, hash, &terms, &answer);
    if (error) {
        status = txargs_report(error, text, NULL, &answer);
    } else {
        print_state(&result);
        status = status_of(result.state);
    }
    nectar_registry_free(registry);
    return status;
}

/* --- decode ---------------------------------------------------------------------------------- */

struct field {
    const char *key;
    char value[NECTAR_WEI_TEXT_SIZE];
};

enum { FIELDS_MAX = 16 };

struct fields {
    struct field all[FIELDS_MAX];
    size_t count;
};

static char *add(struct fields *fields, const char *key)
{
    struct field *field = &fields->all[fields->count++];
    field->key = key;
    return field->value;
}

static void add_uint(struct fields *fields, const char *key, uint64_t value)
{
    snprintf(add(fields, key), NECTAR_WEI_TEXT_SIZE, "%" PRIu64, value);
}

static void add_wei(struct fields *fields, const char *key, const struct nectar_wei *value)
{
    nectar_wei_format(add(fields, key), value);
}

/* All but what it calls. */
static void collect(struct fields *fields, const struct nectar_tx *tx)
{
    struct nectar_wei cost;
    fields->count = 0;
    txargs_hash(add(fields, "hash"), tx->hash);
    snprintf(add(fields, "kind"), NECTAR_WEI_TEXT_SIZE, "%s", tx->legacy ? "legacy" : "eip-1559");
    add_uint(fields, "chain", tx->chain);
    nectar_account_format(add(fields, "from"), tx->from);
    if (!tx->creates)
        nectar_account_format(add(fields, "to"), tx->to);
    add_uint(fields, "nonce", tx->nonce);
    add_uint(fields, "gas", tx->gas);
    add_wei(fields, "max_fee", &tx->max_fee);
    add_wei(fields, "tip", &tx->tip);
    add_wei(fields, "value", &tx->value);
    if (nectar_tx_cost(&cost, tx) == 0)
        add_wei(fields, "max_cost_wei", &cost);
}

static void print_decoded(const struct nectar_tx *tx, const char *call)
{
    struct fields fields;
    struct json json;
    collect(&fields, tx);
    char *data = text_resize(NULL, 2 * tx->data_len + 3);
    memcpy(data, "0x", 2);
    nectar_hex_encode(data + 2, tx->data, tx->data_len);
    if (common.json) {
        output_open(&json, "decoded");
        for (size_t i = 0; i < fields.count; i++)
            json_text(&json, fields.all[i].key, fields.all[i].value);
        if (tx->creates)
            json_text(&json, "to", NULL);
        json_bool(&json, "access_list", tx->has_access_list);
        json_text(&json, "data", data);
        json_raw(&json, "call", call ? call : "null");
        output_close(&json);
    } else {
        for (size_t i = 0; i < fields.count; i++)
            printf("%s %s\n", fields.all[i].key, fields.all[i].value);
        printf("data %s\n", data);
        if (call)
            printf("call %s\n", call);
        output_flush();
    }
    free(data);
}

static int decode(const char *operand)
{
    struct nectar_tx tx = {.chain = 0};
    char *call = NULL;
    int status = operand && strcmp(operand, "-") != 0 ? txhex_read(&tx, operand, strlen(operand))
                                                      : txhex_read_file(&tx, "-");
    if (status)
        return status;
    int error = nectar_tx_call(&call, &tx);
    if (error)
        status = report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    else
        print_decoded(&tx, call);
    free(call);
    nectar_tx_wipe(&tx);
    return status;
}

int main(int argc, char **argv)
{
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    const char *word = operands.items[0];
    const char *operand = operands.count > 1 ? operands.items[1] : NULL;
    if (strcmp(word, "decode") == 0)
        return confirmations ? cli_usage_error("--confirmations goes with status")
                             : decode(operand);
    if (strcmp(word, "status") != 0)
        return cli_usage_error("status or decode, not %s", word);
    if (!operand)
        return cli_usage_error("status of which transaction? its hash is missing");
    return ask_status(operand);
}
