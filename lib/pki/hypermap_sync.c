/*
 * The names of Hypermap, read from its log into the book of names. The log is asked for in ranges
 * of blocks, which endpoints bound, each in its own way: one that is refused is asked for again in
 * smaller ones. With each range the hash of its last block is asked for in the same breath, so that
 * it can be told later whether the log is still the one that was read.
 */
#include <inttypes.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/view.h"
#include "pki/hypermap.h"
#include "pki/hypermap_log.h"

enum {
    SPAN_FIRST = 1 << 14, /* blocks of a range */
    SPAN_MAX = 1 << 22,
    REPLY_MAX = 4 << 20, /* bytes of the log of a range: some 5,000 names */
    REPLY_LITTLE = REPLY_MAX / 8,
    CALM = 16,      /* ranges after one that was refused, before they grow again */
    DATA_MAX = 512, /* bytes of one log's data; a label takes 128 */
};

struct sync {
    struct hypermap *self;
    struct namebook *book;
    struct nectar_sync *out;
    struct nectar_answer *answer;
    uint64_t start; /* the first block that is read at all */
    uint64_t next;  /* the first that is still to be read */
    uint64_t span;
    unsigned calm; /* ranges read since one was refused */
};

static int book_failed(const struct sync *sync, int error)
{
    if (error == NECTAR_ENOMEM)
        return error;
    pki_reason(sync->answer, &sync->self->chain.base, "the names cannot be kept in %s: %s",
               sync->self->chain.base.cache, namebook_why(sync->book));
    return NECTAR_EUNREACHABLE;
}

/* --- where to begin -------------------------------------------------------------------------- */

static size_t ask_block(struct chain_batch *batch, uint64_t number)
{
    size_t call = jsonrpc_call(&batch->writer, "eth_getBlockByNumber");

    jsonrpc_write_quantity(&batch->writer.json, number);
    json_write_bool(&batch->writer.json, false);
    return call;
}

/* The hash of a block, if the endpoint has it. */
static bool read_block(uint8_t out[HYPERMAP_HASH_BYTES], const struct chain_batch *batch,
                       size_t call)
{
    const struct json *block = jsonrpc_result(&batch->reply, call);

    return jsonrpc_fixed(out, HYPERMAP_HASH_BYTES, json_field(block, "hash")) == 0;
}

/* The newest of the marks that is still on the chain; count if none is. */
static int find_mark(size_t *out, struct sync *sync, const struct namebook_state *state)
{
    struct chain_batch batch;
    size_t first = 0;
    int error;

    chain_begin(&batch, &sync->self->chain, CHAIN_REPLY_MAX);
    for (size_t i = 0; i < state->count; i++) {
        size_t call = ask_block(&batch, state->marks[i].block);

        if (i == 0)
            first = call;
    }
    error = chain_send(&batch, sync->answer);
    for (*out = 0; !error && *out < state->count; ++*out) {
        uint8_t hash[HYPERMAP_HASH_BYTES];

        if (read_block(hash, &batch, first + *out) &&
            memcmp(hash, state->marks[*out].hash, sizeof hash) == 0)
            break;
    }
    chain_end(&batch);
    return error;
}

/* Takes back what is no longer on the chain, or all if it begins too late. */
static int find_next(struct sync *sync)
{
    const struct pki_driver *driver = &sync->self->chain.base;
    struct namebook_state state;
    size_t mark = 0;
    int error = namebook_read_state(sync->book, &state);

    if (error)
        return book_failed(sync, error);
    sync->start = sync->self->chain.uri.from;
    if (state.count > 0 && state.start <= sync->start) {
        sync->start = state.start;
        error = find_mark(&mark, sync, &state);
    } else {
        mark = state.count;
    }
    if (error)
        return error;
    sync->next = mark < state.count ? state.marks[mark].block + 1 : sync->start;
    if (mark > 0) {
        log_line(driver->log, NECTAR_LOG_STAGE,
                 "registry %s: what was read of blocks %" PRIu64 " to %" PRIu64
                 " is read again: the chain has changed, or more is wanted",
                 driver->label, sync->next, state.marks[0].block);
        error = namebook_take_back(sync->book, sync->next);
    }
    return error ? book_failed(sync, error) : 0;
}

/* The chain's newest block, and with it the chain, whose book it is. */
static int begin(struct sync *sync)
{
    struct chain *chain = &sync->self->chain;
    struct chain_batch batch;
    int error;

    if (!chain->base.cache) {
        pki_reason(sync->answer, &chain->base, "there is no folder to keep names in");
        return NECTAR_EREADONLY;
    }
    chain_begin(&batch, chain, CHAIN_REPLY_MAX);
    error = chain_send(&batch, sync->answer);
    sync->out->head = batch.head.number;
    chain_end(&batch);
    if (error)
        return error;
    sync->book = hypermap_book(sync->self, chain->id);
    if (!sync->book) {
        pki_reason(sync->answer, &chain->base, "the names cannot be kept in %s", chain->base.cache);
        return NECTAR_EUNREACHABLE;
    }
    return find_next(sync);
}

/* --- a range --------------------------------------------------------------------------------- */

struct range {
    uint64_t from, to;
    struct chain_batch batch;
    size_t log, block; /* places of the calls */
    size_t reply;      /* bytes */
    bool slow;         /* no answer in time */
};

static void ask_range(struct range *range, struct chain *chain)
{
    struct json_writer *json = &range->batch.writer.json;
    struct nectar_view contract = {chain->uri.contract, sizeof chain->uri.contract};

    range->log = jsonrpc_call(&range->batch.writer, "eth_getLogs");
    json_open_object(json);
    json_write_key(json, "address");
    jsonrpc_write_bytes(json, contract);
    json_write_key(json, "topics");
    json_open_array(json);
    json_write_text(json, view_of_text(HYPERMAP_MINT_TOPIC));
    json_close_array(json);
    json_write_key(json, "fromBlock");
    jsonrpc_write_quantity(json, range->from);
    json_write_key(json, "toBlock");
    jsonrpc_write_quantity(json, range->to);
    json_close_object(json);
    range->block = ask_block(&range->batch, range->to);
}

/* Is it the range that the endpoint does not like, so that a smaller one may do? */
static bool is_refusal(const struct range *range, const struct pki_exchange *exchange, int error)
{
    static const int OTHER_REASONS[] = {401, 403, 404, 405, 429};

    if (exchange->error)
        return exchange->error == NECTAR_ETOOBIG || exchange->error == NECTAR_EDEADLINE;
    for (size_t i = 0; i < sizeof OTHER_REASONS / sizeof OTHER_REASONS[0]; i++)
        if (exchange->status == OTHER_REASONS[i])
            return false;
    return exchange->status != 200 || range->batch.reply.refusal ||
           (!error && !jsonrpc_result(&range->batch.reply, range->log));
}

/* NECTAR_ETOOBIG: with the reason noted, refused for its size. */
static int send_range(struct range *range, struct sync *sync)
{
    const struct pki_web *web = sync->self->chain.web;
    struct pki_exchange exchange;
    int error = chain_prepare(&range->batch, &exchange);
    bool refused;

    if (error)
        return error;
    web->post(web->context, &exchange, 1);
    range->reply = range->batch.text.len;
    range->slow = exchange.error == NECTAR_EDEADLINE;
    error = chain_take(&range->batch, &exchange, sync->answer);
    if (error == NECTAR_ENOMEM)
        return error;
    refused = is_refusal(range, &exchange, error);
    if (!error && refused)
        (void)chain_refused(&range->batch, range->log, "eth_getLogs", sync->answer);
    return refused ? NECTAR_ETOOBIG : error;
}

/* One log, of which the endpoint says that it is Hypermap's and of a name; where it was read must
 * be in the range, and not before what came before it. */
struct entry {
    uint8_t topics[HYPERMAP_TOPICS][HYPERMAP_HASH_BYTES];
    uint64_t block, index;
};

static bool read_entry(struct entry *out, struct bytes *data, const struct json *log)
{
    const struct json *topic = json_first(json_field(log, "topics"));
    size_t count = 0;

    for (; topic && count < HYPERMAP_TOPICS; topic = json_next(topic))
        if (jsonrpc_fixed(out->topics[count++], HYPERMAP_HASH_BYTES, topic) != 0)
            return false;
    bytes_clear(data);
    return count == HYPERMAP_TOPICS && !topic &&
           jsonrpc_quantity(&out->block, json_field(log, "blockNumber")) == 0 &&
           jsonrpc_quantity(&out->index, json_field(log, "logIndex")) == 0 &&
           jsonrpc_bytes(data, json_field(log, "data")) == 0;
}

static int put_entry(struct sync *sync, const struct entry *entry, struct nectar_view data)
{
    struct hypermap_mint mint;
    bool added = false;
    int error =
        hypermap_mint_read(&mint, (const uint8_t(*)[HYPERMAP_HASH_BYTES])entry->topics, data);

    if (error) {
        log_line(sync->self->chain.base.log, NECTAR_LOG_DETAIL,
                 "registry %s: log %" PRIu64 " of block %" PRIu64 " is of no name",
                 sync->self->chain.base.label, entry->index, entry->block);
        return 0;
    }
    error = namebook_add(sync->book, &added, mint.parent, mint.hash, mint.label);
    if (error == NECTAR_EUNKNOWN || error == NECTAR_ETOOBIG) {
        sync->out->unknown++;
        return 0;
    }
    sync->out->added += added;
    sync->out->names += added;
    return error ? book_failed(sync, error) : 0;
}

static int put_entries(struct sync *sync, const struct range *range)
{
    const struct json *logs = jsonrpc_result(&range->batch.reply, range->log);
    struct entry last = {.block = range->from};
    struct entry entry;
    struct bytes data;
    int error = json_type(logs) == JSON_ARRAY ? 0 : NECTAR_EFORMAT;

    bytes_init(&data, DATA_MAX);
    for (const struct json *log = json_first(logs); log && !error; log = json_next(log)) {
        if (!read_entry(&entry, &data, log) || entry.block < last.block ||
            entry.block > range->to || (entry.block == last.block && entry.index < last.index))
            error = NECTAR_EFORMAT;
        else
            error = put_entry(sync, &entry, bytes_view(&data));
        last = entry;
    }
    bytes_free(&data);
    if (error == NECTAR_EFORMAT)
        return chain_refused(&range->batch, range->log, "eth_getLogs", sync->answer);
    return error;
}

/* NECTAR_EBUSY: another process has taken something back. */
static int keep_range(struct sync *sync, const struct range *range)
{
    struct nectar_sync before = *sync->out;
    struct namebook_mark mark = {.block = range->to};
    int error;

    if (!read_block(mark.hash, &range->batch, range->block))
        return chain_refused(&range->batch, range->block, "eth_getBlockByNumber", sync->answer);
    error = namebook_begin(sync->book, range->from, sync->start);
    if (error)
        return error == NECTAR_EBUSY ? error : book_failed(sync, error);
    error = put_entries(sync, range);
    if (error) {
        namebook_roll_back(sync->book);
        *sync->out = before;
        return error;
    }
    error = namebook_commit(sync->book, &mark);
    return error ? book_failed(sync, error) : 0;
}

static void grow(struct sync *sync, size_t reply)
{
    if (sync->calm < CALM)
        sync->calm++;
    else if (reply < REPLY_LITTLE && sync->span < SPAN_MAX)
        sync->span *= 2;
}

/* A range that is refused is asked for again at half its size, one that took too long at a
 * sixteenth. */
static int shrink(struct sync *sync, const struct range *range)
{
    uint64_t asked = range->to - range->from + 1;

    if (asked <= 1)
        return NECTAR_EUNREACHABLE; /* with the reason of the last */
    sync->span = asked / (range->slow ? 16 : 2);
    if (sync->span == 0)
        sync->span = 1;
    sync->calm = 0;
    log_line(sync->self->chain.base.log, NECTAR_LOG_DETAIL,
             "registry %s; asking for %" PRIu64 " blocks at once", sync->answer->reason,
             sync->span);
    return 0;
}

static int read_range(struct sync *sync)
{
    uint64_t left = sync->out->head - sync->next;
    struct range range = {.from = sync->next,
                          .to = sync->next + (left < sync->span ? left : sync->span - 1)};
    int error;

    chain_begin(&range.batch, &sync->self->chain,
                range.from == range.to ? CHAIN_LOGS_MAX : REPLY_MAX);
    ask_range(&range, &sync->self->chain);
    error = send_range(&range, sync);
    if (error == NECTAR_ETOOBIG) {
        error = shrink(sync, &range);
    } else if (!error) {
        error = keep_range(sync, &range);
        if (!error) {
            sync->next = range.to + 1;
            sync->out->block = range.to;
            grow(sync, range.reply);
        }
    }
    chain_end(&range.batch);
    return error == NECTAR_EBUSY ? find_next(sync) : error;
}

int hypermap_sync(struct pki_driver *driver, struct nectar_sync_told told, struct nectar_sync *out,
                  struct nectar_answer *answer)
{
    struct sync sync = {.self = (struct hypermap *)driver,
                        .out = out,
                        .answer = answer,
                        .span = SPAN_FIRST,
                        .calm = CALM};
    int error = begin(&sync);

    if (error)
        return error;
    error = namebook_count(sync.book, &out->names);
    if (error)
        return book_failed(&sync, error);
    out->from = sync.next;
    out->block = sync.next ? sync.next - 1 : 0;
    while (!error && sync.next <= out->head) {
        error = read_range(&sync);
        if (!error && told.call)
            told.call(told.context, out);
    }
    return error;
}
