/*
 * A registry as a whole: all its records one after the other, and many records put into it. With
 * these two a registry is copied into another, whatever kind each is of.
 */
#ifndef NECTAR_LISTING_H
#define NECTAR_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>
#include <nectar/identity.h>
#include <nectar/registry.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_OWNER_SIZE 65 /* 64 hex digits and NUL */

/* A record as it stands in a registry. Plain: copy it, no clean-up. */
struct nectar_listing {
    struct nectar_record record;
    /*
     * Who may change it: 64 hex digits of a networking key, or 0x and 40 of an Ethereum address.
     * Empty where the registry does not say, and where nobody may.
     */
    char owner[NECTAR_OWNER_SIZE];
    uint64_t block; /* of its last change; 0 where there are no blocks */
};

/* --- all records ----------------------------------------------------------------------------- */

/* Goes over records in the order of their names (as bytes), each name once. */
struct nectar_walk;

/*
 * Begins with one of the registries of a list, counted from 0; index is less than there are. Where
 * the registry has such a thing as one state for all its records, it is one state that is walked:
 * later changes are not seen, nor held up. The list may be used meanwhile, and goes after the walk.
 * Of a registry on a chain, the endpoint there is asked, and the others of the same registry where
 * it fails, now or later. answer says which registry, at which block, and on error why; it may be
 * NULL. NECTAR_EUNREACHABLE it gives no usable answer, NECTAR_ENOMEM.
 */
NECTAR_API int nectar_walk_open(struct nectar_walk **out, struct nectar_registry *registry,
                                size_t index, struct nectar_answer *answer);

/*
 * The same over the records of a text, in any of the shapes of a registry in a JSON file: a map
 * whose keys are full names, an array of records, or one record. text is borrowed for the call.
 * tld: what bare names take, NULL refuses them. NECTAR_EFORMAT, with a reason in answer, which may
 * be NULL; NECTAR_ENOMEM.
 */
NECTAR_API int nectar_walk_text(struct nectar_walk **out, const char *text, size_t len,
                                const char *tld, struct nectar_answer *answer);

/*
 * The next record, or *end. After an error the walk is over: free it. NECTAR_EUNREACHABLE, also
 * when the registry does not hold still for the walk; NECTAR_ENOMEM. *out is then untouched.
 */
NECTAR_API int nectar_walk_next(struct nectar_walk *walk, struct nectar_listing *out, bool *end,
                                struct nectar_answer *answer);

/* NULL is allowed. */
NECTAR_API void nectar_walk_free(struct nectar_walk *walk);

/* --- putting in ------------------------------------------------------------------------------ */

/*
 * Makes the first registry, empty, where it is missing; *made says whether it was. One that is
 * there is left as it is. NECTAR_EREADONLY a kind that cannot be made like this, or it may not be
 * written, NECTAR_EUNREACHABLE, NECTAR_ENOMEM. answer may be NULL.
 */
NECTAR_API int nectar_registry_init(struct nectar_registry *registry, bool *made,
                                    struct nectar_answer *answer);

/* A record to put in, and what became of it. */
struct nectar_import {
    const struct nectar_listing *listing; /* borrowed for the call */
    int error;
    uint64_t sequence;                  /* number of the change; 0: nothing had to change */
    char reason[NECTAR_REASON_MAX + 1]; /* on error */
};

/*
 * Puts records into the first registry, as another one has them, without the keys that they belong
 * to. An embedded one takes names that it does not have, or that belong to nobody there. From then
 * on they belong to the key in their record, or else to the owner that the listing names, if that
 * is a networking key, or else to nobody. A name with another record is left alone: only its key
 * can change it. (A registry on a chain is filled with nectar_tx_publish.)
 *
 * Returns 0 when each item has its outcome: 0; NECTAR_EREJECTED the name is taken; NECTAR_ENAME,
 * NECTAR_EADDRESS it is not well formed. Those with 0 are then durable; what a crash leaves, the
 * same call completes. Else nothing has been put in, and answer (may be NULL) says why:
 * NECTAR_EREADONLY, NECTAR_EUNREACHABLE, NECTAR_ENOMEM.
 */
NECTAR_API int nectar_registry_import(struct nectar_registry *registry, struct nectar_import *items,
                                      size_t count, struct nectar_answer *answer);

/* --- names ----------------------------------------------------------------------------------- */

/* How far the names of a registry have been read. */
struct nectar_sync {
    bool needed;      /* false: a registry that tells its names by itself; all the rest is 0 */
    uint64_t from;    /* the block that reading began with */
    uint64_t block;   /* the one it has come to */
    uint64_t head;    /* the newest */
    uint64_t names;   /* known now */
    uint64_t added;   /* of them by this call */
    uint64_t unknown; /* names left out by this call: that which they are under is not known */
};

/* Told now and then, as long as it takes. */
struct nectar_sync_told {
    void (*call)(void *context, const struct nectar_sync *now);
    void *context;
};

/*
 * Reads the names of the first registry into the cache, if it is one whose records name routers by
 * hashes alone (Hypermap): what has been added since the last time, from block ?from= of its URI
 * on. What was read stays read, however the call ends, and several processes may do it at once.
 * NECTAR_EUNREACHABLE no usable answer, or the cache cannot be used; NECTAR_EREADONLY there is no
 * cache; NECTAR_ENOMEM. told.call and answer may be NULL.
 */
NECTAR_API int nectar_registry_sync(struct nectar_registry *registry, struct nectar_sync_told told,
                                    struct nectar_sync *out, struct nectar_answer *answer);

#ifdef __cplusplus
}
#endif
#endif
