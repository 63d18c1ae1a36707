/*
 * An endpoint of a chain: questions in batches, of which nothing is believed before the chain, the
 * contract and the newest block have been looked at. The same for every kind of registry there.
 */
#ifndef PKI_CHAIN_H
#define PKI_CHAIN_H

#include "eth/jsonrpc.h"
#include "pki/driver.h"
#include "pki/uri.h"

enum {
    CHAIN_REPLY_MAX = 1 << 20,      /* bytes of a reply, of one lookup */
    CHAIN_LOGS_MAX = JSON_TEXT_MAX, /* and of many records, or of logs */
    CHAIN_HASH_BYTES = 32,
};

#define CHAIN_TIMEOUT 5000000 /* us of an exchange */

/* The driver of each kind on a chain begins with this. */
struct chain {
    struct pki_driver base;
    const struct pki_web *web;
    struct pki_uri uri;
    uint64_t id; /* of the chain: the URI's, else what the endpoint said first; 0: not known yet */
};

/* Fills an all-zero chain; the label of its driver too. NECTAR_EURI with a reason, NECTAR_ENOMEM;
 * it is to be closed then, too. */
int chain_open(struct chain *chain, const struct pki_kind *kind, const char *rest,
               const struct pki_web *web, char reason[NECTAR_REASON_MAX + 1]);
void chain_close(struct chain *chain);

/* The newest block, as far as the endpoint knows. */
struct chain_head {
    uint64_t number;
    uint64_t time; /* s since 1970 */
    uint8_t hash[CHAIN_HASH_BYTES];
    const struct json *block; /* all that was said of it; lives as long as the reply */
};

/* One batch and its reply. */
struct chain_batch {
    struct chain *chain;
    struct jsonrpc_writer writer; /* where calls are added: jsonrpc_call */
    struct bytes request;
    struct bytes text; /* of the reply */
    struct jsonrpc_reply reply;
    struct chain_head head;
    bool asks_code; /* whether a contract stands there: where the URI names one */
};

/* Begins a batch, by the calls whose answers are looked at. Every batch is ended. */
void chain_begin(struct chain_batch *batch, struct chain *chain, size_t reply_max);
void chain_end(struct chain_batch *batch);

/* Adds a call of a contract, as things stand in the newest block; returns its place. to: NULL for
 * the URI's. */
size_t chain_ask(struct chain_batch *batch, const uint8_t *to, struct nectar_view data);

/*
 * Sends the batch, reads the reply and looks at chain, contract and newest block; sets block and
 * age_s of answer. The reply stands until the batch ends. NECTAR_EUNREACHABLE with a reason,
 * NECTAR_ENOMEM.
 */
int chain_send(struct chain_batch *batch, struct nectar_answer *answer);

/* The same in parts, for batches to several endpoints at once: the exchange to be made, and what
 * came of it. */
int chain_prepare(struct chain_batch *batch, struct pki_exchange *out);
int chain_take(struct chain_batch *batch, const struct pki_exchange *exchange,
               struct nectar_answer *answer);

/* Has another endpoint of the same registry answer a batch that is prepared, as if the one before
 * had not been asked: the exchange is made to it. */
void chain_turn(struct chain_batch *batch, struct chain *chain, struct pki_exchange *exchange);

/*
 * Appends the bytes that a call of a contract replied with. NECTAR_EREJECTED it reverted, and they
 * are what it reverted with (none, where the endpoint keeps that to itself); NECTAR_EUNREACHABLE
 * with a reason: anything else; NECTAR_ENOMEM.
 */
int chain_reply(struct bytes *out, const struct chain_batch *batch, size_t call,
                struct nectar_answer *answer);

/* --- lookups --- */

/* What is asked of an endpoint about a name; name NULL: about the registry alone, its TLD. */
struct chain_question {
    struct chain_batch batch;
    const char *name;
    bool asks_tld, asks_record;
    size_t tld, record; /* the places of the calls */
};

/*
 * A lookup in parts, as each kind has them, so that it can be sent to several endpoints at once.
 * The driver is question->batch.chain.
 */
struct chain_parts {
    /* Adds the calls. NECTAR_EUNKNOWN no such name can be there; NECTAR_EUNREACHABLE with a reason
     * the URI does not say enough; NECTAR_ENOMEM. */
    int (*ask)(struct chain_question *question, struct nectar_answer *answer);

    /* Reads what they were answered with; where a TLD was asked for, it is the driver's from now
     * on. NECTAR_EUNKNOWN, NECTAR_EUNREACHABLE with a reason, NECTAR_ENOMEM. */
    int (*read)(struct chain_question *question, struct nectar_record *out,
                struct nectar_answer *answer);

    /* Completes a record that was read before and kept: what was not known of it then may be known
     * by now. id: of the chain. NULL: all was known. */
    void (*complete)(struct chain *chain, uint64_t id, struct nectar_record *record);
};

/* Begins a question, which is ended in any case. The errors of ask. */
int chain_question_begin(struct chain_question *question, struct chain *chain, const char *name,
                         struct nectar_answer *answer);
/* The errors of chain_take and of read. */
int chain_question_take(struct chain_question *question, const struct pki_exchange *exchange,
                        struct nectar_record *out, struct nectar_answer *answer);
void chain_question_end(struct chain_question *question);

/* Members of struct pki_kind: one endpoint, alone. */
int chain_lookup(struct pki_driver *driver, const char *name, bool fresh, struct nectar_record *out,
                 struct nectar_answer *answer);
int chain_ask_tld(struct pki_driver *driver, struct nectar_answer *answer);

/* --- */

/* Notes that a call is answered with an error, or with what is none of its results: "METHOD: the
 * endpoint's words". Returns NECTAR_EUNREACHABLE. */
int chain_refused(const struct chain_batch *batch, size_t call, const char *method,
                  struct nectar_answer *answer);

#endif
