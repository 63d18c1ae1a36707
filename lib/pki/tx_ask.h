/* Batches of questions to the endpoint of a chain, by their meaning. */
#ifndef PKI_TX_ASK_H
#define PKI_TX_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/transaction.h>

#include "base/bytes.h"
#include "eth/jsonrpc.h"
#include "eth/word.h"
#include "pki/chain.h"
#include "pki/tx_session.h"

/*
 * Begins a batch of questions to the session's endpoint, which is ended with chain_end. The
 * functions that add a question return its place.
 */
void ask_begin(struct chain_batch *ask, struct tx_session *session);

/* A method without parameters: eth_maxPriorityFeePerGas. */
size_t ask_plain(struct chain_batch *ask, const char *method);

/* A block by its number. The latest is in every batch: ask->head. */
size_t ask_block(struct chain_batch *ask, uint64_t number);

/* What a few blocks paid their makers, for endpoints that do not suggest it. */
size_t ask_fee_history(struct chain_batch *ask);

size_t ask_code(struct chain_batch *ask, const uint8_t address[NECTAR_ACCOUNT_BYTES]);

/* How many transactions an account has sent; pending: those that are in no block, too. */
size_t ask_nonce(struct chain_batch *ask, const uint8_t from[NECTAR_ACCOUNT_BYTES], bool pending);

/* What tx would do, or take: of it count from, to and data. */
size_t ask_call_of(struct chain_batch *ask, const struct nectar_tx *tx, uint64_t block);
size_t ask_estimate(struct chain_batch *ask, const struct nectar_tx *tx);

size_t ask_send(struct chain_batch *ask, const struct nectar_tx *tx);
size_t ask_receipt(struct chain_batch *ask, const uint8_t hash[NECTAR_HASH_BYTES]);
size_t ask_tx(struct chain_batch *ask, const uint8_t hash[NECTAR_HASH_BYTES]);

/* The calls of a batch that have to be answered. */
#define ASK_ALL SIZE_MAX

/*
 * chain_send, in what time is left, to the session's endpoint or, where that gives no answer of
 * use, to the next one (pki/tx_post.c). needed: of the first so many calls an error is no answer
 * either, unless it is a revert; if all endpoints answer so, one of them will do.
 * NECTAR_EUNREACHABLE with the session's reason, NECTAR_ENOMEM.
 */
int ask_post(struct chain_batch *ask, struct tx_session *session, size_t needed);

/* The same to one of the endpoints alone. */
int ask_post_at(struct chain_batch *ask, struct tx_session *session, size_t at);

/* Reads a result that is a number; method: what was asked. NECTAR_EUNREACHABLE with a reason: it is
 * an error, or of another form. */
int ask_quantity(uint64_t *out, const struct chain_batch *ask, size_t place, const char *method,
                 struct tx_session *session);

/* The bytes that a call reverted with, appended to out; false: there are none. */
bool ask_revert_data(struct bytes *out, const struct chain_batch *ask, size_t place);

/* A field of an object: a number; a number in a word; a hash. NECTAR_EFORMAT. */
int ask_field_quantity(uint64_t *out, const struct json *object, const char *field);
int ask_field_word(struct word *out, const struct json *object, const char *field);
int ask_field_hash(uint8_t out[NECTAR_HASH_BYTES], const struct json *object, const char *field);

#endif
