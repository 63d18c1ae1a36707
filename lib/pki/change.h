/*
 * What a kind of registry on a chain (pki/chain.h) tells of its contracts, so that records there
 * can be changed: which call reads a record, which one makes it so, and what a refusal means. Pure:
 * calls go out, replies come in. pki/tx does the rest, the same for every kind: it asks the
 * endpoint, signs, notes, sends and waits.
 */
#ifndef PKI_CHANGE_H
#define PKI_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include <nectar/registry.h>
#include <nectar/transaction.h>
#include <nectar/view.h>

#include "base/bytes.h"
#include "codec/json.h"

struct pki_driver;

/* One call of a contract. */
struct pki_call {
    uint8_t to[NECTAR_ACCOUNT_BYTES];
    struct bytes data; /* selector and arguments; appended to */
};

/* What stands under a name now. */
struct pki_standing {
    bool exists;
    uint8_t owner[NECTAR_ACCOUNT_BYTES]; /* who may change it */
    struct nectar_record record;         /* all-zero unless it exists */
    struct nectar_view reply;            /* that said so; empty but for a call of change */
};

/* What is wanted. */
struct pki_wish {
    const struct nectar_record *after;
    const uint8_t *from; /* who signs */
    bool mint;           /* a name that is not there is to be made, where that takes more */
};

struct pki_contracts {
    /* The one view call whose reply tells what stands under a full name. NECTAR_ENAME no name of
     * this registry's, NECTAR_ENOMEM. */
    int (*ask)(struct pki_driver *driver, struct pki_call *out, const char *name);

    /* Reads that reply. NECTAR_EFORMAT it is none. */
    int (*read)(struct pki_driver *driver, struct pki_standing *out, const char *name,
                struct nectar_view reply);

    /*
     * The one call with which wish->from makes the name's record wish->after: as cheap a one as
     * will do, or, with out->data left empty, none where it is so already. standing: what is there
     * now, NULL where that is not known. NECTAR_EREJECTED from may not, NECTAR_ENAME and
     * NECTAR_EADDRESS no record for this kind (answer->reason says why), NECTAR_EURI it cannot be
     * told without knowing what is there, NECTAR_ENOMEM.
     */
    int (*change)(struct pki_driver *driver, struct pki_call *out, const struct pki_wish *wish,
                  const struct pki_standing *standing, struct nectar_answer *answer);

    /* Names what a call reverted with, "NotOwner(0x...)", into size bytes; false if it is no error
     * of this kind's contracts. */
    bool (*explain)(char *out, size_t size, struct nectar_view error);

    /* Writes the name and arguments of a transaction's call as nectar_tx_call has them;
     * NECTAR_EFORMAT, and nothing written, if it is none of this kind's. Texts are escaped, for
     * people to see (nectar_escape). */
    int (*describe)(struct json_writer *w, const struct nectar_tx *tx);
};

#endif
