/* The Nectar registry: a contract on a chain, asked of an endpoint (contract/NectarRegistry.sol).
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "pki/chain.h"
#include "pki/nectar_abi.h"
#include "pki/nectar_change.h"
#include "pki/nectar_walk.h"

enum { CALL_MAX = 1024 };

static int add_call(size_t *place, struct chain_question *question, int error, struct bytes *data)
{
    if (!error)
        *place = chain_ask(&question->batch, NULL, bytes_view(data));
    bytes_free(data);
    return error;
}

static int ask(struct chain_question *question, struct nectar_answer *answer)
{
    const struct chain *chain = question->batch.chain;
    const char *name = question->name;
    struct nectar_view username;
    struct bytes data;
    int error = 0;

    if (!chain->uri.has_contract) {
        pki_reason(answer, &chain->base, "the URI names no contract: add ?contract=0x...");
        return NECTAR_EUNREACHABLE;
    }
    if (name && nectar_abi_username(&username, name, chain->base.tld) != 0)
        return NECTAR_EUNKNOWN;
    bytes_init(&data, CALL_MAX);
    question->asks_tld = !chain->base.tld[0];
    question->asks_record = name != NULL;
    if (question->asks_tld)
        error = add_call(&question->tld, question, nectar_abi_tld(&data), &data);
    if (!error && name)
        error = add_call(&question->record, question, nectar_abi_record(&data, username), &data);
    return error;
}

/* What stands there answers, and no Nectar registry would answer so. */
static int is_no_registry(const struct chain *chain, struct nectar_answer *answer)
{
    pki_reason(answer, &chain->base, "the contract there is no Nectar registry");
    return NECTAR_EUNREACHABLE;
}

static int reply_of(struct bytes *out, const struct chain_question *question, size_t call,
                    struct nectar_answer *answer)
{
    int error;

    bytes_init(out, CHAIN_REPLY_MAX);
    error = chain_reply(out, &question->batch, call, answer);
    return error == NECTAR_EREJECTED ? is_no_registry(question->batch.chain, answer) : error;
}

static int read_tld(struct chain_question *question, struct nectar_answer *answer)
{
    struct chain *chain = question->batch.chain;
    struct bytes reply;
    int error = reply_of(&reply, question, question->tld, answer);

    if (!error && nectar_abi_read_tld(chain->base.tld, bytes_view(&reply)) != 0)
        error = is_no_registry(chain, answer);
    bytes_free(&reply);
    return error;
}

static int read_record(const struct chain_question *question, struct nectar_record *out,
                       struct nectar_answer *answer)
{
    static const uint8_t NOBODY[NECTAR_ACCOUNT_BYTES] = {0};
    struct chain *chain = question->batch.chain;
    const char *name = question->name;
    uint8_t owner[NECTAR_ACCOUNT_BYTES];
    struct bytes reply;
    int error = reply_of(&reply, question, question->record, answer);

    if (!error) {
        int malformed =
            nectar_abi_read_record(out, owner, name, chain->base.tld, bytes_view(&reply));
        bool owned = memcmp(owner, NOBODY, sizeof owner) != 0;

        if (malformed && owned) {
            pki_reason(answer, &chain->base,
                       "what stands there of %s is no record; its owner has to publish it anew",
                       name);
            error = NECTAR_EUNREACHABLE;
        } else if (malformed) {
            error = is_no_registry(chain, answer);
        } else if (!owned) {
            error = NECTAR_EUNKNOWN;
        }
    }
    bytes_free(&reply);
    return error;
}

/* The name may be one under another TLD than that which is known only now. */
static int read(struct chain_question *question, struct nectar_record *out,
                struct nectar_answer *answer)
{
    struct nectar_view username;
    int error = question->asks_tld ? read_tld(question, answer) : 0;

    if (error || !question->asks_record)
        return error;
    if (nectar_abi_username(&username, question->name, question->batch.chain->base.tld) != 0)
        return NECTAR_EUNKNOWN;
    return read_record(question, out, answer);
}

static const struct chain_parts PARTS = {.ask = ask, .read = read};

/* --- the driver ------------------------------------------------------------------------------ */

static void free_registry(struct pki_driver *driver)
{
    chain_close((struct chain *)driver);
    free(driver);
}

static int open_registry(const struct pki_kind *kind, struct pki_driver **out, const char *rest,
                         const struct pki_web *web, char reason[NECTAR_REASON_MAX + 1])
{
    struct chain *chain = calloc(1, sizeof *chain);
    int error;

    if (!chain)
        return NECTAR_ENOMEM;
    error = chain_open(chain, kind, rest, web, reason);
    if (error)
        free_registry(&chain->base);
    else
        *out = &chain->base;
    return error;
}

static int open_http(struct pki_driver **out, const char *rest, const struct pki_web *web,
                     char reason[NECTAR_REASON_MAX + 1])
{
    return open_registry(&PKI_NECTAR_HTTP, out, rest, web, reason);
}

static int open_https(struct pki_driver **out, const char *rest, const struct pki_web *web,
                      char reason[NECTAR_REASON_MAX + 1])
{
    return open_registry(&PKI_NECTAR_HTTPS, out, rest, web, reason);
}

#define CALLS                                                                                      \
    .remote = true, .ask_tld = chain_ask_tld, .lookup = chain_lookup, .parts = &PARTS,             \
    .contracts = &NECTAR_CONTRACTS, .walk = nectar_log_walk, .free = free_registry

const struct pki_kind PKI_NECTAR_HTTP = {.scheme = "nectar+http", .open = open_http, CALLS};
const struct pki_kind PKI_NECTAR_HTTPS = {.scheme = "nectar+https", .open = open_https, CALLS};
