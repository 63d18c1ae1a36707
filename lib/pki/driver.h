/*
 * What every kind of registry offers to the list of registries. One file per kind; a kind knows
 * nothing of the others, nor of the list it stands in.
 */
#ifndef PKI_DRIVER_H
#define PKI_DRIVER_H

#include <stdbool.h>

#include <nectar/listing.h>

#include "pki/web.h"

struct chain_parts;   /* pki/chain.h */
struct pki_contracts; /* pki/change.h */
struct pki_driver;

struct pki_kind {
    const char *scheme; /* what stands before the colon of its URIs */
    bool remote;        /* asked over a network: a call may take seconds */

    /*
     * Opens nothing yet. rest: what stands behind the colon. web is borrowed for the life of the
     * driver; NULL: there is no network here, and a remote kind says so. Fills label of the new
     * driver, and tld if that is known. NECTAR_EURI (reason says why, without the URI),
     * NECTAR_ENOMEM.
     */
    int (*open)(struct pki_driver **out, const char *rest, const struct pki_web *web,
                char reason[NECTAR_REASON_MAX + 1]);

    /* Fills tld of the driver where it is empty. NECTAR_EUNREACHABLE with a reason, NECTAR_ENOMEM.
     * NULL: it never is. */
    int (*ask_tld)(struct pki_driver *driver, struct nectar_answer *answer);

    /*
     * name is a full name. fresh: no cache. Sets block, age_s and cached of answer, and reason on
     * NECTAR_EUNREACHABLE. NECTAR_EUNKNOWN it has no such name, NECTAR_EUNREACHABLE, NECTAR_ENOMEM.
     */
    int (*lookup)(struct pki_driver *driver, const char *name, bool fresh,
                  struct nectar_record *out, struct nectar_answer *answer);

    /* Of a kind on a chain: a lookup in parts. The driver is a struct chain. NULL in the others. */
    const struct chain_parts *parts;

    /* record is well formed. The errors of nectar_registry_publish. NULL: a kind that is only
     * read. */
    int (*publish)(struct pki_driver *driver, const struct nectar_record *record,
                   const struct nectar_key *signer, uint64_t *sequence,
                   struct nectar_answer *answer);

    /* Of a kind on a chain, whose records change by transactions: how. NULL in the others. */
    const struct pki_contracts *contracts;

    /* Begins a walk (pki/walk.h). It does not mind what is asked of the driver meanwhile. The
     * errors of nectar_walk_open. NULL: a kind that does not tell all its records. */
    int (*walk)(struct nectar_walk **out, struct pki_driver *driver, struct nectar_answer *answer);

    /* The errors of nectar_registry_init and nectar_registry_import, and NULL: a kind that cannot
     * be made, or filled, like this. */
    int (*init)(struct pki_driver *driver, bool *made, struct nectar_answer *answer);
    int (*import)(struct pki_driver *driver, struct nectar_import *items, size_t count,
                  struct nectar_answer *answer);

    /* The errors of nectar_registry_sync. NULL: a kind that has nothing to read beforehand. */
    int (*sync)(struct pki_driver *driver, struct nectar_sync_told told, struct nectar_sync *out,
                struct nectar_answer *answer);

    void (*free)(struct pki_driver *driver);
};

/* The part that all kinds share; stands first in each kind's own struct. */
struct pki_driver {
    const struct pki_kind *kind;
    const struct nectar_log *log; /* set by the list after open */
    const char *cache; /* the folder for what may be thrown away; NULL: none. Set by the list */
    char tld[NECTAR_LABEL_MAX + 1];  /* what a bare name takes here; empty: not known yet */
    char label[NECTAR_HOST_MAX + 1]; /* the URI for people: printable, nothing secret */
};

extern const struct pki_kind PKI_SQLITE;
extern const struct pki_kind PKI_JSON;
extern const struct pki_kind PKI_NECTAR_HTTP;
extern const struct pki_kind PKI_NECTAR_HTTPS;
extern const struct pki_kind PKI_HYPERMAP_HTTP;
extern const struct pki_kind PKI_HYPERMAP_HTTPS;

#define PKI_DEFAULT_TLD "nec"

/* Notes why there is no answer, made printable. The label of the driver comes before it. */
void pki_reason(struct nectar_answer *answer, const struct pki_driver *driver, const char *format,
                ...) __attribute__((format(printf, 3, 4)));

/*
 * Reads "PATH[?tld=T]", the rest of a registry's URI that is a file: *path is a new string, tld
 * and label of the driver are set. NECTAR_EURI with a reason, NECTAR_ENOMEM.
 */
int pki_file_uri(char **path, struct pki_driver *driver, const char *rest,
                 char reason[NECTAR_REASON_MAX + 1]);

#endif
