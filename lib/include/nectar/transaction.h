/*
 * The life of a change on a chain: planned, signed, noted, sent, waited for. Where the first
 * registry of a list is a chain's, its records change by transactions, which an Ethereum account
 * signs and pays for; nectar_registry_publish is for the others.
 *
 * Where the list names several endpoints of that registry, the next one goes on where one gives no
 * answer of use, each with a part of the time: whatever is asked, and whenever one fails. An error
 * of a contract, or what a node says of a transaction, is an answer. A plan is made of what one of
 * them says; the same signed bytes may be sent to several, and are one transaction.
 *
 * Transactions are those of EIP-1559. Amounts are wei; those that are written out are decimal.
 */
#ifndef NECTAR_TRANSACTION_H
#define NECTAR_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/account.h>
#include <nectar/export.h>
#include <nectar/identity.h>
#include <nectar/registry.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- amounts --- */

#define NECTAR_WEI_BYTES     32
#define NECTAR_WEI_TEXT_SIZE 79 /* 2^256 in decimal, and a NUL */

/* An amount of wei, big-endian. Plain: all-zero is none. */
struct nectar_wei {
    uint8_t bytes[NECTAR_WEI_BYTES];
};

/*
 * Reads "21000", "21000wei", "1.5gwei" or "0.01eth": digits, at most one point, and a unit; without
 * one it is wei. NECTAR_EFORMAT: none of these, a part of a wei, or 2^256 wei and more.
 */
NECTAR_API int nectar_wei_parse(struct nectar_wei *out, const char *text);

/* Writes the decimal number of wei. */
NECTAR_API void nectar_wei_format(char out[NECTAR_WEI_TEXT_SIZE], const struct nectar_wei *amount);

/* Less than 0, 0 or more, as a is less than b, equal, or more. */
NECTAR_API int nectar_wei_compare(const struct nectar_wei *a, const struct nectar_wei *b);

/* --- one transaction --- */

#define NECTAR_HASH_BYTES 32
#define NECTAR_TX_MAX     128 * 1024 /* bytes of a transaction, as most nodes have it */

/* A transaction, signed once it has raw bytes. All-zero is none; wipe what a function filled. */
struct nectar_tx {
    uint64_t chain; /* the chain's id */
    uint64_t nonce;
    uint64_t gas;              /* units that it may use */
    struct nectar_wei max_fee; /* for a unit, at most */
    struct nectar_wei tip;     /* of that, at most so much to who makes the block */
    struct nectar_wei value;   /* that goes with it */
    uint8_t from[NECTAR_ACCOUNT_BYTES];
    bool creates; /* a contract, of the code in data; to is zero */
    bool legacy;  /* of EIP-155: max_fee and tip are its gas price. Only read. */
    uint8_t to[NECTAR_ACCOUNT_BYTES]; /* who is called */
    uint8_t *data;                    /* with what */
    size_t data_len;
    bool has_access_list; /* of EIP-2930. Only read. */
    uint8_t hash[NECTAR_HASH_BYTES];
    uint8_t *raw; /* as it is sent; NULL: not signed */
    size_t raw_len;
};

NECTAR_API void nectar_tx_wipe(struct nectar_tx *tx);

/* The most that it can cost: gas * max_fee + value. NECTAR_ETOOBIG from 2^256 up. */
NECTAR_API int nectar_tx_cost(struct nectar_wei *out, const struct nectar_tx *tx);

/* Signs it: sets raw and hash. NECTAR_EREJECTED account is not who it is from; NECTAR_ENOMEM,
 * NECTAR_ETOOBIG. */
NECTAR_API int nectar_tx_sign(struct nectar_tx *tx, const struct nectar_account *account);

/*
 * Reads a signed transaction, of EIP-1559 or of EIP-155: what it says, its hash, and from whom it
 * is. NECTAR_EFORMAT, also for other kinds and for a signature that is none; NECTAR_ENOMEM. *out is
 * then empty.
 */
NECTAR_API int nectar_tx_decode(struct nectar_tx *out, const uint8_t *raw, size_t len);

/*
 * One that is not signed, as a JSON object without a newline: "chain", "from", "to" (null makes a
 * contract), "nonce", "gas", "max_fee", "tip", "value" (decimal, in texts), "data" (0x...).
 * *out is a new string. NECTAR_ENOMEM.
 */
NECTAR_API int nectar_tx_format(char **out, const struct nectar_tx *tx);

/* Reads such an object; other fields are left alone. NECTAR_EFORMAT, NECTAR_ETOOBIG,
 * NECTAR_ENOMEM. */
NECTAR_API int nectar_tx_parse(struct nectar_tx *out, const char *json, size_t len);

/*
 * What it does, if it calls a registry of a kind that we know: {"function":"publish",
 * "arguments":{...}} without a newline, texts escaped for a terminal. *out is a new string, NULL if
 * it is none of these. NECTAR_ENOMEM.
 */
NECTAR_API int nectar_tx_call(char **out, const struct nectar_tx *tx);

/* --- making changes --- */

/* Are the changes of the first registry made by transactions? */
NECTAR_API bool nectar_tx_wanted(const struct nectar_registry *registry);

/* How to go about it. All-zero (with a state folder, for what sends) is a good choice. */
struct nectar_tx_terms {
    const char *state;                 /* folder for locks and journals, made where missing */
    const uint8_t *from;               /* for a plan: who would sign */
    const struct nectar_wei *max_cost; /* NULL: no bound */
    /* What is asked of the endpoint unless it stands here. */
    const uint64_t *nonce;
    const uint64_t *gas;
    const struct nectar_wei *max_fee;
    const struct nectar_wei *tip;
    uint64_t confirmations; /* blocks, its own included; 0: 1 on test chains, 3 elsewhere */
    uint64_t timeout;       /* us for the whole call; 0: two minutes */
    bool mint;              /* a name that is not there is to be made, where that takes more than
                               publishing it */
};

/* What a change would be. All-zero is none. */
struct nectar_tx_plan {
    struct nectar_record before; /* name is empty: there is no such name yet */
    uint8_t owner[NECTAR_ACCOUNT_BYTES];
    bool unchanged; /* it is so already: tx and cost are empty */
    struct nectar_tx tx;
    struct nectar_wei cost; /* at most */
};

NECTAR_API void nectar_tx_plan_wipe(struct nectar_tx_plan *plan);

/*
 * Finds out what it would take for the first registry to hold record, signed by terms->from.
 * Nothing is signed or sent, and no lock is taken.
 * NECTAR_EREJECTED the name is another's, or the registry would refuse it (answer->reason names its
 * error); NECTAR_ETXFAILED the endpoint refuses it for another reason, in its words; NECTAR_ECOST;
 * NECTAR_EUNREACHABLE no usable answer, another chain than the URI's, or no contract there;
 * NECTAR_EREADONLY; NECTAR_EURI; NECTAR_ENAME, NECTAR_EADDRESS the record is not well formed or
 * none for this registry; NECTAR_ENOMEM.
 */
NECTAR_API int nectar_tx_plan(struct nectar_tx_plan *out, struct nectar_registry *registry,
                              const struct nectar_record *record,
                              const struct nectar_tx_terms *terms, struct nectar_answer *answer);

/*
 * The same with no word to anyone: the URI gives chain and contract, and terms all the rest. The
 * whole record is published, whatever stands there now. NECTAR_EURI and answer->reason say what is
 * missing.
 */
NECTAR_API int nectar_tx_plan_alone(struct nectar_tx *out, struct nectar_registry *registry,
                                    const struct nectar_record *record,
                                    const struct nectar_tx_terms *terms,
                                    struct nectar_answer *answer);

enum nectar_tx_state {
    NECTAR_TX_UNKNOWN,   /* no endpoint that was asked knows of it */
    NECTAR_TX_UNCHANGED, /* nothing had to change, and nothing was sent */
    NECTAR_TX_PENDING,   /* sent; not in a block, or not in one that is old enough */
    NECTAR_TX_MINED,     /* in a block, as many confirmations old as was asked */
    NECTAR_TX_FAILED,    /* in a block, and reverted */
};

/* "unknown", "unchanged", "pending", "mined", "failed". Static storage. */
NECTAR_API const char *nectar_tx_state_name(enum nectar_tx_state state);

/* What became of a transaction. */
struct nectar_tx_result {
    enum nectar_tx_state state;
    bool resumed; /* it was sent, or about to be, by a call before this one */
    uint8_t hash[NECTAR_HASH_BYTES];
    uint64_t chain; /* its id */
    uint64_t block; /* 0: in none */
    uint64_t confirmations;
    uint64_t gas;           /* used */
    struct nectar_wei cost; /* paid */
    bool created;           /* a contract, at: */
    uint8_t contract[NECTAR_ACCOUNT_BYTES];
    char reason[NECTAR_REASON_MAX + 1]; /* of an error, printable */
};

/*
 * Told of one of the changes once it is settled: error is 0, or as nectar_tx_publish has it. The
 * journal forgets the transaction only when this has returned, so that what is written here is not
 * lost by a process that is killed.
 */
struct nectar_tx_told {
    void (*call)(void *context, size_t index, int error, const struct nectar_tx_result *result);
    void *context;
};

/*
 * Makes the first registry hold each of count records: many are in flight at once, their nonces in
 * the order of the records; two of the same name one after the other. For each, told is called once
 * (in any order; told may be NULL). For each account and chain one process at a time takes a nonce,
 * under a lock in terms->state. What is to be sent is in a journal there first: after a process was
 * killed, whenever that was, the same call finds what was under way, waits for it, or sends the
 * very same bytes. A change never costs a second transaction, and none replaces another.
 *
 * Returns 0 if all are mined or needed no change; else the error of the first that is not:
 * those of nectar_tx_plan, and
 * NECTAR_ETXFAILED not accepted, in the endpoint's words, or reverted in its block;
 * NECTAR_ETXPENDING sent, perhaps, and not confirmed in time: do not send another;
 * NECTAR_EBUSY the lock stayed taken; NECTAR_EIO the state folder cannot be used (errno set);
 * NECTAR_EFORMAT its journal is damaged.
 */
NECTAR_API int nectar_tx_publish(struct nectar_registry *registry,
                                 const struct nectar_account *account,
                                 const struct nectar_record *records, size_t count,
                                 const struct nectar_tx_terms *terms, struct nectar_tx_told told,
                                 struct nectar_answer *answer);

/*
 * Puts a new Nectar registry for tld on the chain behind the first registry's URI, which names no
 * contract: so other URIs are other registries, and that endpoint alone is asked. The same promises
 * and errors; result->contract is its address.
 */
NECTAR_API int nectar_tx_deploy(struct nectar_registry *registry,
                                const struct nectar_account *account, const char *tld,
                                const struct nectar_tx_terms *terms, struct nectar_tx_told told,
                                struct nectar_answer *answer);

/*
 * Sends a signed transaction to the endpoint of the first registry, and waits. One that the
 * endpoint has already is only waited for. Errors as above; NECTAR_EUNREACHABLE also if it is for
 * another chain, or calls what is no contract.
 */
NECTAR_API int nectar_tx_send(struct nectar_tx_result *out, struct nectar_registry *registry,
                              const struct nectar_tx *tx, const struct nectar_tx_terms *terms,
                              struct nectar_answer *answer);

/* Asks once what has become of a transaction. 0 also for NECTAR_TX_UNKNOWN and NECTAR_TX_FAILED;
 * NECTAR_EUNREACHABLE, NECTAR_EREADONLY, NECTAR_ENOMEM. */
NECTAR_API int nectar_tx_status(struct nectar_tx_result *out, struct nectar_registry *registry,
                                const uint8_t hash[NECTAR_HASH_BYTES],
                                const struct nectar_tx_terms *terms, struct nectar_answer *answer);

#ifdef __cplusplus
}
#endif
#endif
