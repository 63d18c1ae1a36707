/*
 * The nonces of an account on a chain: who may take the next one, and what is under way with those
 * that are taken. A folder for each chain and account holds a lock, and a file for each
 * transaction that is not yet settled: NONCE-HASH.json, written before the transaction is sent,
 * with its very bytes, and removed when it is confirmed. No secret is in it.
 *
 * One chain id may be that of many chains (31337 is that of every developer's), so the folder is
 * named after the hash of the chain's first block too.
 */
#ifndef PKI_NONCE_H
#define PKI_NONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/transaction.h>

/* The account and the chain. */
struct nonce_owner {
    const char *state; /* the folder of folders */
    uint64_t chain;
    const uint8_t *genesis; /* NECTAR_HASH_BYTES */
    const uint8_t *from;    /* NECTAR_ACCOUNT_BYTES */
};

/* A transaction that is under way. */
struct nonce_entry {
    uint64_t nonce;
    bool damaged; /* the file is no such thing: there is only the rest of its name */
    char name[NECTAR_NAME_MAX + 1]; /* whose record it changes; empty: it makes a contract */
    struct nectar_tx tx;
};

/* Those of one account, ordered by nonce, and the lock. All-zero is not locked. */
struct nonce_journal {
    bool locked;
    int lock;
    char *folder;
    struct nonce_entry *entries;
    size_t count;
};

/*
 * Takes the lock, waiting for at most wait us, and reads what is under way. NECTAR_EBUSY,
 * NECTAR_EIO (errno set), NECTAR_ETOOBIG more files than can be under way, NECTAR_ENOMEM.
 */
int nonce_open(struct nonce_journal *out, const struct nonce_owner *owner, uint64_t wait);

/* Gives the lock back. What was read stays until nonce_close. */
void nonce_unlock(struct nonce_journal *journal);
void nonce_close(struct nonce_journal *journal);

/* Writes a signed transaction down, durably; it is then one of the entries, too. NECTAR_EIO (errno
 * set): nothing is there then. NECTAR_ETOOBIG, NECTAR_ENOMEM. */
int nonce_note(struct nonce_journal *journal, const char *name, const struct nectar_tx *tx);

/* Removes the file of a transaction: it is settled, or will never be sent. The lock is not needed.
 * NECTAR_EIO (errno set), NECTAR_ENOMEM. */
int nonce_forget(const struct nonce_journal *journal, uint64_t nonce,
                 const uint8_t hash[NECTAR_HASH_BYTES]);

/* The lowest nonce from `next` up that no entry has. */
uint64_t nonce_free(const struct nonce_journal *journal, uint64_t next);

#endif
