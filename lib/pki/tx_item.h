/* Changes on their way, one item each: what is wanted, what it takes, what became of it. */
#ifndef PKI_TX_ITEM_H
#define PKI_TX_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/transaction.h>

#include "pki/change.h"
#include "pki/nonce.h"
#include "pki/tx_session.h"

enum tx_stage {
    TX_TODO,    /* nothing is known */
    TX_BLOCKED, /* another change of the same name is under way before it */
    TX_PLANNED, /* tx is whole but for its nonce */
    TX_SENT,    /* perhaps: to be waited for */
    TX_SETTLED, /* error and result are final */
};

struct tx_item {
    size_t index;                       /* of the caller */
    const struct nectar_record *record; /* what is wanted; NULL: a contract that is made */
    enum tx_stage stage;
    bool unchanged;
    struct pki_standing standing; /* of the record's name */
    struct nectar_tx tx;
    int error;
    struct nectar_tx_result result;
    bool open;      /* not decided before this round */
    size_t sent_to; /* of the session's endpoints the one that has it; TX_NOBODY: perhaps none */
    bool noted;     /* in the journal, which is to forget it */
    bool told;      /* to who asked */
    bool seen;      /* in a block, whose hash and number these are: */
    uint64_t block; /* (result has them only in the end) */
    uint8_t block_hash[NECTAR_HASH_BYTES];
};

/* Items that stand together, at most so many: one batch asks for all of them. */
enum { TX_ITEMS_MAX = 100 };

#define TX_NOBODY SIZE_MAX

/* The name whose record it changes; empty for a contract. */
const char *item_name(const struct tx_item *item);

/* It ends so. The reason is the session's, of now; no reason where error is 0. */
void item_settle(struct tx_item *item, const struct tx_session *session, int error,
                 enum nectar_tx_state state);

void item_wipe(struct tx_item *item);

/* --- planning (pki/tx_plan.c) --- */

/* What holds for all transactions of one account, now. */
struct tx_ground {
    uint64_t nonce;   /* the next, by what the endpoint has heard of */
    uint64_t settled; /* the next, by its latest block */
    uint64_t head;    /* the number of that block */
    struct nectar_wei max_fee;
    struct nectar_wei tip;
};

/* What has become of a transaction that is in the journal. */
struct tx_fate {
    enum { TX_UNHEARD, TX_WAITS, TX_IN_BLOCK, TX_REVERTED } is;
    uint64_t block; /* of the last two */
};

/* Asks for the ground, and what has become of the journal's entries (it may be NULL): fates has
 * room for each. The session's errors. */
int plan_ground(struct tx_ground *out, struct tx_fate *fates, struct tx_session *session,
                const uint8_t from[NECTAR_ACCOUNT_BYTES], const struct nonce_journal *journal);

/*
 * Reads what stands under the names of all items that are TX_TODO, and makes the calls that change
 * it: to and data of their tx. Items that cannot be are settled. The session's errors.
 */
int plan_calls(struct tx_session *session, struct tx_item *items, size_t count,
               const uint8_t from[NECTAR_ACCOUNT_BYTES]);

/* Asks what the calls of all items that are TX_TODO would take, and plans or settles them. The
 * session's errors. */
int plan_gas(struct tx_session *session, struct tx_item *items, size_t count,
             const struct tx_ground *ground);

/* The call of one record, for its tx; standing as pki_contracts has it. */
int plan_call(struct tx_item *item, struct tx_session *session,
              const struct pki_standing *standing);

/* Fills the rest of a transaction that takes so much gas (no more is added), and holds its cost
 * against what is allowed: NECTAR_ECOST with a reason, NECTAR_ETOOBIG. */
int plan_terms(struct nectar_tx *tx, struct tx_session *session, uint64_t gas,
               const struct tx_ground *ground);

/* Why a call reverted, into the session's reason; false if it was no revert. */
bool plan_tell_revert(struct tx_session *session, const struct chain_batch *ask, size_t place);

#endif
