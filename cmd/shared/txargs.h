/* On what terms a transaction is made, and how is told what became of one. */
#ifndef SHARED_TXARGS_H
#define SHARED_TXARGS_H

#include <nectar/transaction.h>

#include "shared/cli.h"
#include "shared/json.h"

/* --max-cost and --confirmations, for what sends. */
extern const struct cli_option txargs_options[];

/* And --nonce, --gas, --max-fee and --tip, for what makes but one transaction. */
extern const struct cli_option txargs_manual_options[];

/* What the options say, and how much time is left. Returns 0 or EXIT_USAGE, already reported. */
int txargs_terms(struct nectar_tx_terms *out);

/* The same, and the key that signs and pays; asking for its passphrase may take of that time. What
 * ethkey_load() and txargs_terms() return. */
int txargs_account(struct nectar_account **out, struct nectar_tx_terms *terms);

/* From here on -w ends no process in the middle of something: the library is told how long it has.
 */
void txargs_guard(void);

/* Prints one that is mined, pending or failed, or that nothing had to change.
 */
void txargs_print(const struct nectar_tx_result *result);

/* The fields of that, in an object of type tx. */
void txargs_fields(struct json *json, const struct nectar_tx_result *result);

/* "0x" and the digits of a hash or address. */
#define TXARGS_HASH_SIZE (2 + 2 * NECTAR_HASH_BYTES + 1)
void txargs_hash(char out[TXARGS_HASH_SIZE], const uint8_t hash[NECTAR_HASH_BYTES]);

/*
 * Reports why something failed: subject is a name or a hash; result (or NULL) is printed first if
 * there is a transaction in it. Returns the exit status.
 */
int txargs_report(int error, const char *subject, const struct nectar_tx_result *result,
                  const struct nectar_answer *answer);

#endif
