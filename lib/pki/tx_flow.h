/* Changes sent and waited for (pki/tx_settle.c, tx_send.c, tx_wait.c). */
#ifndef PKI_TX_FLOW_H
#define PKI_TX_FLOW_H

#include "pki/tx_item.h"

/* Some changes of one account. */
struct flow {
    struct tx_session session;
    const struct nectar_account *account;
    struct nectar_tx_told told;
    struct nonce_journal journal;
    struct tx_fate *fates; /* of the journal's entries */
    struct tx_ground ground;
    struct tx_item *items;
    size_t count;
    struct nectar_tx obstacle; /* what a change that is TX_BLOCKED waits for */
};

/*
 * Settles, sends or blocks each item that is TX_TODO, under the lock of the account. The session's
 * errors, those of nonce_open and nonce_note, and of settle_journal. The journal stays, unlocked.
 */
int decide_locked(struct flow *flow);

/*
 * Under the journal's lock: finds out what became of its entries. Those that are of no more use are
 * forgotten; those that the endpoint has never heard of are sent, the very same bytes. Each entry
 * that stays has its fate told: *fates is new, for free(). NECTAR_EFORMAT (with a reason) one is
 * damaged and may yet be under way; NECTAR_EIO (errno set); the session's errors.
 */
int settle_journal(struct tx_session *session, struct nonce_journal *journal,
                   struct tx_fate **fates, struct tx_ground *ground,
                   const uint8_t from[NECTAR_ACCOUNT_BYTES]);

/*
 * Sends all items that are TX_PLANNED, in the order of their nonces. Those refused are settled, in
 * the endpoint's words; all others are TX_SENT then, also if nothing came back. Never an error but
 * NECTAR_ENOMEM.
 */
int send_items(struct tx_session *session, struct tx_item *items, size_t count);

/*
 * Waits for all items that are TX_SENT, until they have their confirmations or time is up, and
 * settles them; told is called for each, and then the journal (NULL: there is none) forgets it.
 */
int wait_items(struct tx_session *session, struct tx_item *items, size_t count,
               const struct nonce_journal *journal, struct nectar_tx_told told);

/* Asks once what has become of a transaction. The session's errors. */
int wait_look(struct nectar_tx_result *out, struct tx_session *session,
              const uint8_t hash[NECTAR_HASH_BYTES]);

#endif
