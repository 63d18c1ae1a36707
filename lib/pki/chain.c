#include "pki/chain.h"

#include <inttypes.h>
#include <string.h>

#include <nectar/error.h>

#include "base/view.h"

enum { REQUEST_MAX = 4 << 20, REVERTED = 3 };

/* Places in each batch. */
enum { CHAIN_ID, HEAD, CODE };

int chain_open(struct chain *chain, const struct pki_kind *kind, const char *rest,
               const struct pki_web *web, char reason[NECTAR_REASON_MAX + 1])
{
    int error;

    chain->base.kind = kind;
    chain->web = web;
    error = pki_uri_parse(&chain->uri, chain->base.label, kind->scheme, rest, reason);
    if (error)
        return error;
    if (!web) {
        snprintf(reason, NECTAR_REASON_MAX + 1, "there is no network here");
        return NECTAR_EURI;
    }
    chain->id = chain->uri.chain;
    return 0;
}

void chain_close(struct chain *chain)
{
    pki_uri_free(&chain->uri);
}

/* --- asking ---------------------------------------------------------------------------------- */

static void write_address(struct json_writer *json, const uint8_t address[NECTAR_ACCOUNT_BYTES])
{
    jsonrpc_write_bytes(json, (struct nectar_view){address, NECTAR_ACCOUNT_BYTES});
}

void chain_begin(struct chain_batch *batch, struct chain *chain, size_t reply_max)
{
    struct jsonrpc_writer *w = &batch->writer;

    *batch = (struct chain_batch){.chain = chain, .asks_code = chain->uri.has_contract};
    bytes_init(&batch->request, REQUEST_MAX);
    bytes_init(&batch->text, reply_max);
    jsonrpc_open(w, &batch->request);
    jsonrpc_call(w, "eth_chainId");
    jsonrpc_call(w, "eth_getBlockByNumber");
    json_write_text(&w->json, view_of_text("latest"));
    json_write_bool(&w->json, false);
    if (!batch->asks_code)
        return;
    jsonrpc_call(w, "eth_getCode");
    write_address(&w->json, chain->uri.contract);
    json_write_text(&w->json, view_of_text("latest"));
}

void chain_end(struct chain_batch *batch)
{
    jsonrpc_free(&batch->reply);
    bytes_free(&batch->text);
    bytes_free(&batch->request);
}

size_t chain_ask(struct chain_batch *batch, const uint8_t *to, struct nectar_view data)
{
    struct json_writer *json = &batch->writer.json;
    size_t call = jsonrpc_call(&batch->writer, "eth_call");

    json_open_object(json);
    json_write_key(json, "to");
    write_address(json, to ? to : batch->chain->uri.contract);
    json_write_key(json, "data");
    jsonrpc_write_bytes(json, data);
    json_close_object(json);
    json_write_text(json, view_of_text("latest"));
    return call;
}

int chain_prepare(struct chain_batch *batch, struct pki_exchange *out)
{
    int error = jsonrpc_close(&batch->writer);

    *out = (struct pki_exchange){.url = batch->chain->uri.url,
                                 .request = bytes_view(&batch->request),
                                 .timeout = CHAIN_TIMEOUT,
                                 .reply = &batch->text};
    return error;
}

void chain_turn(struct chain_batch *batch, struct chain *chain, struct pki_exchange *exchange)
{
    batch->chain = chain;
    batch->head = (struct chain_head){.block = NULL};
    jsonrpc_free(&batch->reply);
    bytes_clear(&batch->text);
    *exchange = (struct pki_exchange){.url = chain->uri.url,
                                      .request = exchange->request,
                                      .timeout = exchange->timeout,
                                      .reply = exchange->reply};
}

int chain_send(struct chain_batch *batch, struct nectar_answer *answer)
{
    const struct pki_web *web = batch->chain->web;
    struct pki_exchange exchange;
    int error = chain_prepare(batch, &exchange);

    if (error == NECTAR_ETOOBIG) {
        pki_reason(answer, &batch->chain->base, "too much is asked at once");
        return NECTAR_EUNREACHABLE;
    }
    if (error)
        return error;
    web->post(web->context, &exchange, 1);
    return chain_take(batch, &exchange, answer);
}

/* --- what may be wrong ----------------------------------------------------------------------- */

#define FAIL(batch, answer, ...)                                                                   \
    (pki_reason(answer, &(batch)->chain->base, __VA_ARGS__), NECTAR_EUNREACHABLE)

static int exchange_failed(const struct chain_batch *batch, const struct pki_exchange *exchange,
                           struct nectar_answer *answer)
{
    switch (exchange->error) {
    case NECTAR_ENOMEM:
        return NECTAR_ENOMEM;
    case NECTAR_ETOOBIG:
        return FAIL(batch, answer, "its answer is over %zu KiB, which none of a registry is",
                    batch->text.max >> 10);
    case NECTAR_EDEADLINE:
        return FAIL(batch, answer, "no answer within %g s: %s", (double)exchange->timeout / 1e6,
                    exchange->reason);
    default:
        return FAIL(batch, answer, "%s", exchange->reason);
    }
}

static const char *advice_for(int status)
{
    switch (status) {
    case 401:
    case 403:
        return "does the URI have the right key or password?";
    case 404:
    case 405:
        return "is the path in the URI right?";
    case 429:
        return "too much is asked of it; wait, or name another";
    default:
        if (status >= 300 && status < 400)
            return "it sends elsewhere, which is not followed: name that URL itself";
        return status >= 500 ? "it is in trouble; try again, or name another"
                             : "is it a node's JSON-RPC?";
    }
}

/* What stands in the reply of an HTTP error may say more. */
static int status_failed(struct chain_batch *batch, int status, struct nectar_answer *answer)
{
    struct jsonrpc_error error = {.message = ""};
    char why[JSONRPC_WHY_SIZE];

    if (jsonrpc_read(&batch->reply, &batch->text, batch->writer.count, why) == 0)
        (void)jsonrpc_error(&error, &batch->reply, 0);
    return FAIL(batch, answer, "HTTP %d%s%.80s: %s", status, *error.message ? ": " : "",
                error.message, advice_for(status));
}

int chain_refused(const struct chain_batch *batch, size_t call, const char *method,
                  struct nectar_answer *answer)
{
    struct jsonrpc_error error;

    if (!jsonrpc_error(&error, &batch->reply, call))
        return FAIL(batch, answer, "%s: an answer of the wrong form", method);
    return FAIL(batch, answer, "%s: %.120s (%" PRId64 ")", method, error.message, error.code);
}

static int read_reply(struct chain_batch *batch, struct nectar_answer *answer)
{
    char why[JSONRPC_WHY_SIZE];
    struct jsonrpc_error error;
    int failed = jsonrpc_read(&batch->reply, &batch->text, batch->writer.count, why);

    bytes_free(&batch->text); /* the reply does not live in it */
    if (failed == NECTAR_ENOMEM)
        return failed;
    if (failed)
        return FAIL(batch, answer, "its answer is of no use: %s", why);
    if (batch->reply.refusal && jsonrpc_error(&error, &batch->reply, 0))
        return FAIL(batch, answer, "it refuses to answer: %.120s (%" PRId64 ")", error.message,
                    error.code);
    return 0;
}

/* --- chain, contract, newest block ----------------------------------------------------------- */

static int check_id(const struct chain_batch *batch, uint64_t *id, struct nectar_answer *answer)
{
    const struct chain *chain = batch->chain;

    if (jsonrpc_quantity(id, jsonrpc_result(&batch->reply, CHAIN_ID)) != 0 || *id == 0)
        return chain_refused(batch, CHAIN_ID, "eth_chainId", answer);
    if (chain->id == 0 || chain->id == *id)
        return 0;
    return FAIL(batch, answer, "it is on chain %" PRIu64 ", and %s %" PRIu64, *id,
                chain->uri.chain ? "the URI wants chain" : "was on chain", chain->id);
}

static int read_head(struct chain_batch *batch, struct nectar_answer *answer)
{
    const struct json *block = jsonrpc_result(&batch->reply, HEAD);
    struct chain_head *head = &batch->head;

    head->block = block;
    if (jsonrpc_quantity(&head->number, json_field(block, "number")) != 0 ||
        jsonrpc_quantity(&head->time, json_field(block, "timestamp")) != 0 ||
        jsonrpc_fixed(head->hash, sizeof head->hash, json_field(block, "hash")) != 0)
        return chain_refused(batch, HEAD, "eth_getBlockByNumber", answer);
    return 0;
}

/* ended: us since 1970. */
static int check_age(const struct chain_batch *batch, uint64_t ended, struct nectar_answer *answer)
{
    const struct chain_head *head = &batch->head;
    uint64_t max = batch->chain->uri.max_age;
    uint64_t now = ended / 1000000;
    double age = (double)ended / 1e6 - (double)head->time;

    answer->block = head->number;
    answer->age_s = age > 0 ? age : 0;
    if (age > (double)max)
        return FAIL(batch, answer,
                    "its newest block, %" PRIu64 ", is %" PRIu64 " s old, over max-age=%" PRIu64
                    ": it has fallen behind; name another",
                    head->number, now - head->time, max);
    if (-age > (double)max)
        return FAIL(batch, answer,
                    "its newest block, %" PRIu64 ", is %" PRIu64
                    " s ahead of the clock here: one of the two is wrong",
                    head->number, head->time - now);
    return 0;
}

static int check_code(const struct chain_batch *batch, uint64_t id, struct nectar_answer *answer)
{
    const struct json *code = jsonrpc_result(&batch->reply, CODE);
    const char *text;

    if (jsonrpc_has_bytes(code))
        return 0;
    if (json_text(&text, code) != 0 || strcmp(text, "0x") != 0)
        return chain_refused(batch, CODE, "eth_getCode", answer);
    return FAIL(batch, answer,
                "no contract stands there on chain %" PRIu64 ": is the address right?", id);
}

int chain_take(struct chain_batch *batch, const struct pki_exchange *exchange,
               struct nectar_answer *answer)
{
    struct chain *chain = batch->chain;
    uint64_t id = 0;
    int error;

    if (exchange->error)
        return exchange_failed(batch, exchange, answer);
    if (exchange->status != 200)
        return status_failed(batch, exchange->status, answer);
    error = read_reply(batch, answer);
    if (!error)
        error = check_id(batch, &id, answer);
    if (!error)
        error = read_head(batch, answer);
    if (!error)
        error = check_age(batch, exchange->ended, answer);
    if (!error && batch->asks_code)
        error = check_code(batch, id, answer);
    if (!error)
        chain->id = id;
    return error;
}

/* --- calls of a contract --------------------------------------------------------------------- */

int chain_reply(struct bytes *out, const struct chain_batch *batch, size_t call,
                struct nectar_answer *answer)
{
    struct jsonrpc_error refusal;
    int error = jsonrpc_bytes(out, jsonrpc_result(&batch->reply, call));

    if (error != NECTAR_EFORMAT)
        return error == NECTAR_ETOOBIG ? chain_refused(batch, call, "eth_call", answer) : error;
    if (!jsonrpc_error(&refusal, &batch->reply, call))
        return chain_refused(batch, call, "eth_call", answer);
    error = jsonrpc_bytes(out, refusal.data);
    if (error == NECTAR_ENOMEM)
        return error;
    if (error && refusal.code != REVERTED)
        return chain_refused(batch, call, "eth_call", answer);
    pki_reason(answer, &batch->chain->base, "%s", refusal.message);
    return NECTAR_EREJECTED;
}
