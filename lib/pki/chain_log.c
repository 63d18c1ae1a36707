#include "pki/chain_log.h"

#include <inttypes.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/log.h"
#include "base/view.h"

enum {
    PIECES_MAX = 200000, /* of one reading; each takes a round trip */
    LATE_MAX = 3,        /* pieces not answered in time before the endpoint is given up */
    CALM = 16,           /* pieces without a refusal before larger ones are tried */
    SEARCHED = 1024,     /* of so many blocks refused, it is worth a look where the log begins */
    DATA_MAX = 64 << 10, /* bytes of an entry: a record is at most 9 KiB */
    PIECE_MAX = 4 << 20, /* bytes of a reply */
};

#define FAIL(reading, answer, ...)                                                                 \
    (pki_reason(answer, &(reading)->chain->base, __VA_ARGS__), NECTAR_EUNREACHABLE)

/* --- one entry ------------------------------------------------------------------------------- */

static int read_topics(struct chain_log *out, const struct json *list)
{
    out->topics = 0;
    if (json_type(list) != JSON_ARRAY)
        return NECTAR_EFORMAT;
    for (const struct json *at = json_first(list); at; at = json_next(at))
        if (out->topics == CHAIN_TOPICS_MAX ||
            jsonrpc_fixed(out->topic[out->topics++], CHAIN_HASH_BYTES, at) != 0)
            return NECTAR_EFORMAT;
    return out->topics > 0 ? 0 : NECTAR_EFORMAT;
}

/* Did the contract say so, in these blocks? */
static bool is_asked_for(const struct chain_reading *reading, const struct json *entry,
                         const struct chain_log *log, uint64_t last)
{
    uint8_t contract[NECTAR_ACCOUNT_BYTES];
    bool removed = false;

    return jsonrpc_fixed(contract, sizeof contract, json_field(entry, "address")) == 0 &&
           memcmp(contract, reading->chain->uri.contract, sizeof contract) == 0 &&
           memcmp(log->topic[0], reading->topic, sizeof reading->topic) == 0 &&
           log->block >= reading->next && log->block <= last &&
           (json_bool(&removed, json_field(entry, "removed")) != 0 || !removed);
}

static int read_entry(struct chain_log *out, struct bytes *data, const struct json *entry)
{
    int error = read_topics(out, json_field(entry, "topics"));

    if (!error)
        error = jsonrpc_quantity(&out->block, json_field(entry, "blockNumber"));
    if (!error)
        error = jsonrpc_quantity(&out->index, json_field(entry, "logIndex"));
    bytes_clear(data);
    if (!error)
        error = jsonrpc_bytes(data, json_field(entry, "data"));
    out->data = bytes_view(data);
    return error;
}

static int take_entries(struct chain_reading *reading, const struct json *list, uint64_t last,
                        int (*take)(void *context, const struct chain_log *entry), void *context,
                        struct nectar_answer *answer)
{
    struct chain_log log;
    struct bytes data;
    int error = 0;

    bytes_init(&data, DATA_MAX);
    for (const struct json *at = json_first(list); at && !error; at = json_next(at)) {
        error = read_entry(&log, &data, at);
        if (error != NECTAR_ENOMEM && (error || !is_asked_for(reading, at, &log, last)))
            error =
                FAIL(reading, answer, "eth_getLogs: an entry that was not asked for, or is none");
        if (!error)
            error = take(context, &log);
    }
    bytes_free(&data);
    return error;
}

/* --- one piece ------------------------------------------------------------------------------- */

static uint64_t piece_end(const struct chain_reading *reading)
{
    uint64_t more = reading->last - reading->next;

    return reading->next + (more < reading->span ? more : reading->span - 1);
}

static size_t ask_for(struct chain_batch *batch, const struct chain_reading *reading, uint64_t last)
{
    struct json_writer *json = &batch->writer.json;
    size_t call = jsonrpc_call(&batch->writer, "eth_getLogs");

    json_open_object(json);
    json_write_key(json, "address");
    jsonrpc_write_bytes(json,
                        (struct nectar_view){batch->chain->uri.contract, NECTAR_ACCOUNT_BYTES});
    json_write_key(json, "topics");
    json_open_array(json);
    jsonrpc_write_bytes(json, (struct nectar_view){reading->topic, sizeof reading->topic});
    json_close_array(json);
    json_write_key(json, "fromBlock");
    jsonrpc_write_quantity(json, reading->next);
    json_write_key(json, "toBlock");
    jsonrpc_write_quantity(json, last);
    json_close_object(json);
    return call;
}

/* Would fewer blocks be answered? Where there is no endpoint, or it wants other words, no. */
static bool is_too_much(const struct chain_batch *batch, const struct pki_exchange *exchange)
{
    if (exchange->error)
        return exchange->error == NECTAR_ETOOBIG || exchange->error == NECTAR_EDEADLINE;
    if (exchange->status != 200)
        return exchange->status == 400 || exchange->status == 413 || exchange->status >= 500;
    return batch->reply.refusal || !batch->reply.root;
}

/* Asks for what stands up to a block. *less: it fails, but fewer blocks might not. The batch is to
 * be ended. */
static int ask_piece(struct chain_batch *batch, size_t *call, struct chain_reading *reading,
                     uint64_t last, bool *less, struct nectar_answer *answer)
{
    const struct pki_web *web = reading->chain->web;
    struct pki_exchange exchange;
    int error;

    *less = false;
    chain_begin(batch, reading->chain, reading->span == 1 ? CHAIN_LOGS_MAX : PIECE_MAX);
    *call = ask_for(batch, reading, last);
    error = chain_prepare(batch, &exchange);
    if (error)
        return error;
    web->post(web->context, &exchange, 1);
    error = chain_take(batch, &exchange, answer);
    reading->late = exchange.error == NECTAR_EDEADLINE ? reading->late + 1 : 0;
    if (error == NECTAR_EUNREACHABLE)
        *less = is_too_much(batch, &exchange) && reading->late < LATE_MAX;
    if (error || json_type(jsonrpc_result(&batch->reply, *call)) == JSON_ARRAY)
        return error;
    *less = true;
    return chain_refused(batch, *call, "eth_getLogs", answer);
}

/* --- where the log begins --------------------------------------------------------------------- */

/* Does a contract stand there in that block? False also where the endpoint does not know any more.
 */
static int stood_there(bool *out, struct chain *chain, uint64_t block, bool *known,
                       struct nectar_answer *answer)
{
    struct chain_batch batch;
    const struct json *code;
    size_t call;
    int error;

    chain_begin(&batch, chain, CHAIN_REPLY_MAX);
    call = jsonrpc_call(&batch.writer, "eth_getCode");
    jsonrpc_write_bytes(&batch.writer.json,
                        (struct nectar_view){chain->uri.contract, NECTAR_ACCOUNT_BYTES});
    jsonrpc_write_quantity(&batch.writer.json, block);
    error = chain_send(&batch, answer);
    code = error ? NULL : jsonrpc_result(&batch.reply, call);
    *known = json_type(code) == JSON_TEXT;
    *out = jsonrpc_has_bytes(code);
    chain_end(&batch);
    return error;
}

/* The contract says nothing before it is there. An endpoint that has forgotten old states is not
 * asked further: its log is then read from its beginning. */
static int skip_what_was_before(struct chain_reading *reading, struct nectar_answer *answer)
{
    uint64_t low = reading->next;
    uint64_t high = reading->last;
    bool there = true;
    bool known = true;

    reading->begun = true;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        int error = stood_there(&there, reading->chain, middle, &known, answer);

        if (error || !known)
            return error;
        if (there)
            high = middle;
        else
            low = middle + 1;
    }
    log_line(reading->chain->base.log, NECTAR_LOG_DETAIL,
             "registry %s: the contract is there from block %" PRIu64, reading->chain->base.label,
             low);
    reading->next = low;
    return 0;
}

/* --- a reading ------------------------------------------------------------------------------- */

int chain_reading_begin(struct chain_reading *out, struct chain *chain, const char *topic,
                        uint64_t from, struct nectar_answer *answer)
{
    struct chain_batch batch;
    int error;

    chain_begin(&batch, chain, CHAIN_REPLY_MAX);
    error = chain_send(&batch, answer);
    if (!error) {
        uint64_t next = from ? from : chain->uri.from;

        *out = (struct chain_reading){
            .chain = chain,
            .next = next,
            .last = batch.head.number,
            .over = next > batch.head.number,
            .span = UINT64_MAX,
            .begun = next > 0,
        };
        memcpy(out->hash, batch.head.hash, sizeof out->hash);
        error = nectar_hex_decode(out->topic, sizeof out->topic, topic + 2);
    }
    chain_end(&batch);
    return error;
}

/* Half as much next time. Before that, once, it is seen where the log begins. */
static int shrink(struct chain_reading *reading, uint64_t last, struct nectar_answer *answer)
{
    uint64_t blocks = last - reading->next;

    if (!reading->begun && blocks > SEARCHED)
        return skip_what_was_before(reading, answer);
    reading->span = blocks / 2 + 1;
    reading->calm = 0;
    return 0;
}

static void advance(struct chain_reading *reading, uint64_t last)
{
    reading->over = last == reading->last;
    reading->next = reading->over ? last : last + 1;
    if (++reading->calm < CALM || reading->span > UINT64_MAX / 2)
        return;
    reading->span *= 2;
    reading->calm = 0;
}

int chain_reading_next(struct chain_reading *reading,
                       int (*take)(void *context, const struct chain_log *entry), void *context,
                       struct nectar_answer *answer)
{
    while (!reading->over) {
        uint64_t last = piece_end(reading);
        struct chain_batch batch;
        bool less = false;
        size_t call = 0;
        int error;

        if (reading->pieces++ == PIECES_MAX)
            return FAIL(reading, answer,
                        "it gives its log in pieces too small to read it all; name another");
        error = ask_piece(&batch, &call, reading, last, &less, answer);
        if (!error) {
            error = take_entries(reading, jsonrpc_result(&batch.reply, call), last, take, context,
                                 answer);
            chain_end(&batch);
            if (!error)
                advance(reading, last);
            return error;
        }
        chain_end(&batch);
        if (!less || last == reading->next)
            return error;
        log_line(reading->chain->base.log, NECTAR_LOG_DETAIL, "registry %s", answer->reason);
        error = shrink(reading, last, answer);
        if (error)
            return error;
    }
    return 0;
}

int chain_reading_end(bool *same, const struct chain_reading *reading, struct nectar_answer *answer)
{
    uint8_t hash[CHAIN_HASH_BYTES];
    struct chain_batch batch;
    size_t call;
    int error;

    chain_begin(&batch, reading->chain, CHAIN_REPLY_MAX);
    call = jsonrpc_call(&batch.writer, "eth_getBlockByNumber");
    jsonrpc_write_quantity(&batch.writer.json, reading->last);
    json_write_bool(&batch.writer.json, false);
    error = chain_send(&batch, answer);
    if (!error)
        *same = jsonrpc_fixed(hash, sizeof hash,
                              json_field(jsonrpc_result(&batch.reply, call), "hash")) == 0 &&
                memcmp(hash, reading->hash, sizeof hash) == 0;
    chain_end(&batch);
    return error;
}
