/* What all steps of a change have in common: whom is asked, for how long, and on what terms. */
#ifndef PKI_TX_SESSION_H
#define PKI_TX_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <nectar/transaction.h>

#include "pki/chain.h"
#include "pki/change.h"
#include "pki/driver.h"
#include "pki/turns.h"

struct tx_session {
    struct turns turns;        /* the endpoints of the registry; failures: of the last batch */
    struct pki_driver *driver; /* the endpoint that has answered last, and is asked first */
    size_t at;                 /* its place among them */
    unsigned moves;            /* how often that has become another */
    uint64_t met;              /* a bit for each: its chain is the session's */
    uint64_t slow;             /* takes more than its part of the time, and answers then */
    bool doubt;                /* one has failed that may have taken the last batch for all that */
    const struct pki_contracts *contracts;
    const struct nectar_tx_terms *terms;
    struct nectar_answer *answer; /* never NULL */
    uint64_t deadline;            /* time_now() of the end */
    bool has_genesis;
    uint8_t genesis[NECTAR_HASH_BYTES];
    uint64_t confirmations;
};

/* Begins to count the time. NECTAR_EREADONLY (with a reason) it is no registry on a chain. Asks
 * nothing. answer may be NULL: then unasked is taken. */
int session_begin(struct tx_session *out, struct nectar_registry *registry,
                  const struct nectar_tx_terms *terms, struct nectar_answer *answer,
                  struct nectar_answer *unasked);

/* Has this endpoint be asked first from now on. */
void session_move(struct tx_session *session, size_t at);

/* Asks which chain it is. NECTAR_EUNREACHABLE it is another than the URI's, no contract stands
 * where the URI says, or no usable answer; NECTAR_ENOMEM. */
int session_meet(struct tx_session *session);

/* The endpoint that is asked first. Its id is known once something was. */
struct chain *session_chain(const struct tx_session *session);

/* There was always another endpoint that answered, so nothing can be planned by one. Returns
 * NECTAR_EUNREACHABLE. */
int session_unsteady(struct tx_session *session);

/* Does the URI name a contract? NECTAR_EUNREACHABLE with a reason: it does not. */
int session_has_contract(const struct tx_session *session);

/* us to the end; 0 when it has passed. */
uint64_t session_left(const struct tx_session *session);

/* Are the blocks of this chain worth nothing? Then one is enough, and they come at once. */
bool session_is_test(const struct tx_session *session);

#endif
