/*
 * Transactions: with a fee market (EIP-1559, type 2), and as they were before (legacy, but bound to
 * a chain by EIP-155). Bytes in, bytes out; nothing is asked of a node.
 */
#ifndef ETH_TX_H
#define ETH_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/account.h>
#include <nectar/view.h>

#include "base/bytes.h"
#include "crypto/secp256k1.h"
#include "eth/address.h"
#include "eth/word.h"

enum {
    TX_MAX = 128 << 10, /* bytes of a signed one: what nodes take */
    TX_HASH_BYTES = 32,
};

/* The highest chain id whose legacy v is a number of 64 bits (and so EIP-2294's), and the highest
 * nonce (EIP-2681). */
#define TX_CHAIN_MAX ((UINT64_MAX - 36) / 2)
#define TX_NONCE_MAX (UINT64_MAX - 1)

enum tx_type { TX_LEGACY = 0, TX_FEE_MARKET = 2 };

struct tx {
    enum tx_type type;
    uint64_t chain; /* 1 to TX_CHAIN_MAX */
    uint64_t nonce; /* to TX_NONCE_MAX */
    uint64_t gas;
    struct word max_fee;  /* for a unit of gas, in wei; legacy: its price */
    struct word priority; /* of that, what the proposer gets; legacy: not used */
    bool creates;         /* a contract; then to is not used */
    uint8_t to[ETH_ADDRESS_BYTES];
    struct word value;              /* wei */
    struct nectar_view data;        /* borrowed */
    struct nectar_view access_list; /* RLP of EIP-2930's, borrowed; absent: empty. Not in legacy. */
};

/* What is signed, and its hash. NECTAR_EFORMAT a number is out of its bounds, or the access list
 * is none; NECTAR_ETOOBIG over out->max, NECTAR_ENOMEM. */
int tx_unsigned(struct bytes *out, const struct tx *tx);
int tx_signing_hash(uint8_t out[TX_HASH_BYTES], const struct tx *tx);

/* Appends the transaction with a signature. The same errors. */
int tx_signed(struct bytes *out, const struct tx *tx, const struct secp_signature *signature);

/* Signs it: both of the above. The same errors, and NECTAR_EINTERNAL. */
int tx_sign(struct bytes *out, const struct tx *tx, const struct nectar_account *account);

/* How many addresses its access list has. */
size_t tx_access_count(const struct tx *tx);

/* The hash by which a chain knows it. */
void tx_hash(uint8_t out[TX_HASH_BYTES], struct nectar_view raw);

/*
 * Reads a signed transaction, and whose it is. Its views point into raw. NECTAR_EFORMAT malformed,
 * of another type, or nobody's; NECTAR_ETOOBIG over TX_MAX; NECTAR_ENOMEM, NECTAR_EINTERNAL.
 */
int tx_decode(struct tx *out, uint8_t sender[ETH_ADDRESS_BYTES], struct nectar_view raw);

/* The same without asking whose it is. NECTAR_EFORMAT, NECTAR_ETOOBIG. */
int tx_decode_signed(struct tx *out, struct secp_signature *signature, struct nectar_view raw);

/* Reads one that is yet to be signed. NECTAR_EFORMAT, NECTAR_ETOOBIG. */
int tx_decode_unsigned(struct tx *out, struct nectar_view raw);

#endif
