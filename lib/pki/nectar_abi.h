/*
 * Calls of the Nectar registry's contract and what it replies, as bytes. A username is the one
 * label before the TLD; a record has one host for both of its ports, and a name of the registry's
 * own TLD is written without it where it is a router.
 */
#ifndef PKI_NECTAR_ABI_H
#define PKI_NECTAR_ABI_H

#include <stdbool.h>

#include <nectar/identity.h>
#include <nectar/transaction.h>
#include <nectar/view.h>

#include "base/bytes.h"
#include "codec/json.h"

enum { NECTAR_ABI_WORD = 32 };

/*
 * The username of a full name. NECTAR_ENAME it has not exactly one label before its TLD, or another
 * TLD than tld, where that is not empty.
 */
int nectar_abi_username(struct nectar_view *out, const char *name, const char *tld);

/* Calls, appended to out. NECTAR_ETOOBIG, NECTAR_ENOMEM. */
int nectar_abi_tld(struct bytes *out);
int nectar_abi_record(struct bytes *out, struct nectar_view username);
int nectar_abi_set_key(struct bytes *out, struct nectar_view username,
                       const uint8_t key[NECTAR_PUBLIC_BYTES]);

/* The call that makes a record so. tld: that of bare routers. NECTAR_EADDRESS its two addresses
 * have not one host. */
int nectar_abi_publish(struct bytes *out, struct nectar_view username,
                       const struct nectar_record *record, const char *tld);

/* What is put behind the contract's code, to make a registry for tld. */
int nectar_abi_constructor(struct bytes *out, const char *tld);

/* Replies. NECTAR_EFORMAT it is none. */
int nectar_abi_read_tld(char out[NECTAR_LABEL_MAX + 1], struct nectar_view reply);

/*
 * What stands under a full name: owner is zero where there is nothing. NECTAR_EFORMAT also for a
 * record that is not well formed, as this contract lets nobody publish; owner is set even then,
 * unless the reply is none at all, which leaves it zero.
 */
int nectar_abi_read_record(struct nectar_record *out, uint8_t owner[NECTAR_ACCOUNT_BYTES],
                           const char *name, const char *tld, struct nectar_view reply);

/*
 * What was published, from an entry of the log: its topics behind the first, and its data.
 * NECTAR_EFORMAT it is none of this contract's.
 */
int nectar_abi_read_published(struct nectar_record *out, uint8_t owner[NECTAR_ACCOUNT_BYTES],
                              const char *tld, const uint8_t id[NECTAR_ABI_WORD],
                              const uint8_t owner_word[NECTAR_ABI_WORD], struct nectar_view data);

/* The two of struct pki_contracts (pki/change.h). */
bool nectar_abi_explain(char *out, size_t size, struct nectar_view error);
int nectar_abi_describe(struct json_writer *w, const struct nectar_tx *tx);

#endif
