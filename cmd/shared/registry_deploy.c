/* registry deploy: a new registry on a chain. */
#include <inttypes.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/transaction.h>

#include "shared/common.h"
#include "shared/output.h"
#include "shared/pki.h"
#include "shared/registry.h"
#include "shared/report.h"
#include "shared/text.h"
#include "shared/txargs.h"

static const char *tld;

const struct cli_option registry_deploy_options[] = {
    {.name = "tld",
     .kind = CLI_TEXT,
     .target = &tld,
     .value = "TLD",
     .help = "the top-level domain of all its names"},
    CLI_END,
};

struct deployment {
    const char *label; /* of the endpoint */
    struct nectar_tx_result result;
};

/* The URI to use from now on. What the label leaves out of the endpoint's URL may be secret. */
static void print_uri(const struct deployment *made)
{
    char contract[NECTAR_ACCOUNT_TEXT_SIZE];
    char hash[TXARGS_HASH_SIZE];
    char cost[NECTAR_WEI_TEXT_SIZE];
    struct json json;
    nectar_account_format(contract, made->result.contract);
    char *uri =
        text_format("%s?contract=%s&chain=%" PRIu64, made->label, contract, made->result.chain);
    if (common.json) {
        txargs_hash(hash, made->result.hash);
        nectar_wei_format(cost, &made->result.cost);
        output_open(&json, "registry");
        json_text(&json, "uri", uri);
        json_bool(&json, "made", true);
        json_text(&json, "hash", hash);
        json_id(&json, "block", made->result.block);
        json_id(&json, "gas", made->result.gas);
        json_text(&json, "cost_wei", cost);
        output_close(&json);
    } else {
        output_line(uri);
    }
    if (strstr(pki_first(), "@") || strstr(made->label, "..."))
        report_note("the user and the path are left out of that URI: put them back in");
    free(uri);
}

/* Told before the journal forgets it, so that its address is not lost. */
static void take_result(void *context, size_t index, int error,
                        const struct nectar_tx_result *result)
{
    struct deployment *made = context;
    (void)index;
    made->result = *result;
    if (!error)
        print_uri(made);
}

int registry_deploy(struct nectar_registry *registry, const char *operand)
{
    struct nectar_answer answer = {.source = ""};
    struct deployment made = {.label = nectar_registry_label(registry, 0)};
    struct nectar_tx_told told = {take_result, &made};
    struct nectar_account *account = NULL;
    struct nectar_tx_terms terms;
    (void)operand;
    if (!tld)
        return cli_usage_error("--tld TLD is needed");
    if (nectar_name_check(tld) || strchr(tld, '.'))
        return cli_usage_error("--tld: not one label of a name: %s", tld);
    int status = txargs_account(&account, &terms);
    if (status)
        return status;
    txargs_guard();
    int error = nectar_tx_deploy(registry, account, tld, &terms, told, &answer);
    if (error)
        status = txargs_report(error, made.label, &made.result, &answer);
    nectar_account_free(account);
    return status;
}
