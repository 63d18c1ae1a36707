/*
 * A batch of questions of a session, which any endpoint of the registry can answer: first the one
 * that has answered before; where it gives no answer of use the next one, once around, each for a
 * part of the time that is left. Those that were only late are asked once more then, with more
 * time.
 *
 * The same signed bytes may reach several endpoints like this: they are one transaction. But what
 * one of them refuses, another may have taken (session->doubt).
 *
 * Nothing is asked of another endpoint before its first block has been seen to be that of the
 * chain: an id may be that of many chains.
 */
#include <inttypes.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/time.h"
#include "pki/tx_ask.h"

enum { REVERTED = 3 };

_Static_assert(PKI_REGISTRIES_MAX <= 64, "a bit for each endpoint");

struct post {
    struct tx_session *session;
    struct chain_batch *ask;
    struct pki_exchange exchange;
    size_t needed;
    uint64_t late;   /* a bit for each that had not time enough, */
    uint64_t partly; /* and that refused a call that is needed */
};

static uint64_t bit(size_t at)
{
    return UINT64_C(1) << at;
}

/* --- one endpoint ---------------------------------------------------------------------------- */

static void send_one(struct post *post, size_t at, struct pki_exchange *exchange)
{
    const struct pki_web *web = post->ask->chain->web;

    web->post(web->context, exchange, 1);
    if (exchange->error == NECTAR_EDEADLINE)
        post->late |= bit(at);
}

/* Is it on the same chain? Asked once. */
static int meet(struct post *post, struct chain *chain, size_t at, uint64_t timeout)
{
    struct tx_session *session = post->session;
    uint8_t genesis[NECTAR_HASH_BYTES];
    struct pki_exchange first;
    struct chain_batch ask;
    size_t place;
    int error;

    if (!session->has_genesis || session->met & bit(at))
        return 0;
    chain_begin(&ask, chain, CHAIN_REPLY_MAX);
    place = ask_block(&ask, 0);
    error = chain_prepare(&ask, &first);
    if (!error) {
        first.timeout = timeout;
        send_one(post, at, &first);
        error = chain_take(&ask, &first, session->answer);
    }
    if (!error && ask_field_hash(genesis, jsonrpc_result(&ask.reply, place), "hash") != 0)
        error = chain_refused(&ask, place, "eth_getBlockByNumber", session->answer);
    if (!error && memcmp(genesis, session->genesis, sizeof genesis) != 0) {
        pki_reason(session->answer, &chain->base,
                   "it is on another chain %" PRIu64 ": its first block is another", chain->id);
        error = NECTAR_EUNREACHABLE;
    }
    chain_end(&ask);
    if (!error)
        session->met |= bit(at);
    return error;
}

/* An endpoint may answer a batch, and refuse what is in it. */
static int check_calls(struct post *post, size_t at)
{
    const struct chain_batch *ask = post->ask;
    struct jsonrpc_error error;

    for (size_t i = 0; i < post->needed && i < ask->writer.count; i++) {
        if (!jsonrpc_error(&error, &ask->reply, i) || error.code == REVERTED ||
            jsonrpc_has_bytes(error.data))
            continue;
        pki_reason(post->session->answer, &ask->chain->base,
                   "it refuses to answer: %.120s (%" PRId64 ")", error.message, error.code);
        post->partly |= bit(at);
        return NECTAR_EUNREACHABLE;
    }
    return 0;
}

static int take_turn(struct post *post, size_t at, uint64_t timeout)
{
    struct tx_session *session = post->session;
    struct chain *chain = (struct chain *)session->turns.drivers[at];
    int error;

    if (chain->id == 0)
        chain->id = session_chain(session)->id;
    error = meet(post, chain, at, timeout);
    if (error)
        return error;
    chain_turn(post->ask, chain, &post->exchange);
    post->exchange.timeout = timeout;
    send_one(post, at, &post->exchange);
    error = chain_take(post->ask, &post->exchange, session->answer);
    if (!error)
        error = check_calls(post, at);
    if (error && !(post->exchange.error && post->exchange.unsent))
        session->doubt = true;
    return error;
}

/* For lookups, and other commands. Returns whether it is news that it has failed. */
static bool remember(const struct post *post, size_t at, int error)
{
    struct group *group = post->session->turns.group;
    struct member *member = turns_member(&post->session->turns, at);
    bool failed_before = member && member->state.failures > 0;

    if (!member || group->count == 1)
        return false;
    if (error == NECTAR_EUNREACHABLE)
        group_trip(member, group_now(group));
    else if (!error && failed_before)
        group_mend(group, member, post->ask->head.number, group_now(group));
    group_save(group);
    return !failed_before;
}

static int ask_one(struct post *post, size_t at, uint64_t timeout)
{
    struct tx_session *session = post->session;
    int error = take_turn(post, at, timeout);
    bool news = remember(post, at, error);

    if (!error && at != session->at) {
        session_move(session, at);
        session->moves++;
    }
    if (!error)
        session->answer->reason[0] = '\0';
    if (error != NECTAR_EUNREACHABLE || session->turns.count == 1)
        return error;
    log_line(session->turns.log, news ? NECTAR_LOG_WARNING : NECTAR_LOG_DETAIL, "registry %s",
             session->answer->reason);
    group_add_reason(session->turns.group, &session->turns.failures, session->answer->reason);
    return error;
}

/* --- all of them ----------------------------------------------------------------------------- */

static size_t count_bits(uint64_t bits)
{
    size_t count = 0;

    for (; bits; bits &= bits - 1)
        count++;
    return count;
}

static int no_time(struct tx_session *session)
{
    pki_reason(session->answer, session->driver, "no time is left");
    return NECTAR_EUNREACHABLE;
}

/* Asks those, each for at most so long, until one answers. */
static int go_round(struct post *post, uint64_t those, uint64_t timeout)
{
    struct tx_session *session = post->session;
    size_t count = session->turns.count;
    size_t begun = session->at;
    size_t left = count_bits(those);
    int error = NECTAR_EUNREACHABLE;

    for (size_t i = 0; i < count && error == NECTAR_EUNREACHABLE; i++) {
        size_t at = (begun + i) % count;
        uint64_t part = session->slow & bit(at) ? CHAIN_TIMEOUT : timeout;

        if (!(those & bit(at)))
            continue;
        if (session_left(session) == 0)
            return no_time(session);
        error = ask_one(post, at, time_earlier(session_left(session) / left, part));
        left--;
    }
    return error;
}

static int ask_among(struct post *post)
{
    struct tx_session *session = post->session;
    uint64_t all = UINT64_MAX >> (64 - session->turns.count);
    int error = go_round(post, all, GROUP_TURN_TIME);

    if (error == NECTAR_EUNREACHABLE && post->late) {
        error = go_round(post, post->late, CHAIN_TIMEOUT);
        if (!error)
            session->slow |= bit(session->at);
    }
    /* What some answers are worth, who asked for them says. */
    if (error == NECTAR_EUNREACHABLE && post->partly) {
        post->needed = 0;
        error = go_round(post, post->partly, CHAIN_TIMEOUT);
    }
    if (error == NECTAR_EUNREACHABLE && session->turns.failures.reason[0])
        memcpy(session->answer->reason, session->turns.failures.reason,
               sizeof session->answer->reason);
    return error;
}

static int begin(struct post *post)
{
    struct tx_session *session = post->session;
    int error = chain_prepare(post->ask, &post->exchange);

    session->doubt = false;
    session->turns.failures.reason[0] = '\0';
    if (error == NECTAR_ETOOBIG) {
        pki_reason(session->answer, session->driver, "too much is asked at once");
        return NECTAR_EUNREACHABLE;
    }
    return error;
}

int ask_post(struct chain_batch *ask, struct tx_session *session, size_t needed)
{
    struct post post = {.session = session, .ask = ask};
    int error = begin(&post);

    if (error)
        return error;
    if (session->turns.count == 1)
        return go_round(&post, bit(0), CHAIN_TIMEOUT);
    post.needed = needed;
    return ask_among(&post);
}

int ask_post_at(struct chain_batch *ask, struct tx_session *session, size_t at)
{
    bool alone = session->turns.count == 1;
    struct post post = {.session = session, .ask = ask, .needed = alone ? 0 : ASK_ALL};
    int error = begin(&post);

    return error ? error : go_round(&post, bit(at), alone ? CHAIN_TIMEOUT : GROUP_TURN_TIME);
}
