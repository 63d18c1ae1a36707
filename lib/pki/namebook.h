/*
 * A book of names: which name a hash stands for, for registries that name others by their hashes
 * alone. An SQLite file in the cache folder, one for each chain and contract, for many processes at
 * once. It can be thrown away at any time; what stands in it is true all the same, since a name is
 * only taken with the hash that it has. It may lack names, and hold some that are gone.
 *
 * Names come from the log of the contract, read from one block to the next. Where it was read to
 * are marks, a block with its hash each: one whose hash is another's by now tells that the chain
 * went another way from there, and is taken back.
 */
#ifndef PKI_NAMEBOOK_H
#define PKI_NAMEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/account.h>
#include <nectar/identity.h>
#include <nectar/view.h>

#include "pki/hypermap_name.h"

enum { NAMEBOOK_MARKS_MAX = 32 };

struct namebook;

/* Opens the book of a contract, which is made with its folders where it is missing. One that is
 * damaged is thrown away. NECTAR_EIO, NECTAR_ENOMEM. */
int namebook_open(struct namebook **out, const char *folder, uint64_t chain,
                  const uint8_t contract[NECTAR_ACCOUNT_BYTES]);

/* NULL is allowed. */
void namebook_close(struct namebook *book);

/* Why the last call failed, printable; valid until the next. */
const char *namebook_why(const struct namebook *book);

/* The errors of the calls below, beside their own: NECTAR_EIO it cannot be read or written, or
 * stays locked; NECTAR_ENOMEM. */

/* The name of a hash. NECTAR_EUNKNOWN, and out is empty. */
int namebook_find(struct namebook *book, char out[NECTAR_NAME_MAX + 1],
                  const uint8_t hash[HYPERMAP_HASH_BYTES]);

/* Puts a name in, by itself. */
int namebook_learn(struct namebook *book, const char *name);

/* At most max names of two labels and more, in their order, that come behind one ("" is the first
 * of all): *count of them. */
int namebook_after(struct namebook *book, char (*out)[NECTAR_NAME_MAX + 1], size_t max,
                   size_t *count, const char *after);

/* How many there are. */
int namebook_count(struct namebook *book, uint64_t *out);

/* --- reading the log --- */

struct namebook_mark {
    uint64_t block;
    uint8_t hash[HYPERMAP_HASH_BYTES]; /* the block's */
};

/* The newest marks, the newest first. start: the block that the log has been read from. No marks:
 * it has not been read. */
struct namebook_state {
    uint64_t start;
    size_t count;
    struct namebook_mark marks[NAMEBOOK_MARKS_MAX];
};

int namebook_read_state(struct namebook *book, struct namebook_state *out);

/* Takes all marks back from a block on, that one included. */
int namebook_take_back(struct namebook *book, uint64_t block);

/* Begins to put in what the log says from a block on; start: the first that is read at all.
 * NECTAR_EBUSY another process has taken marks back meanwhile, so that something would be left
 * out. */
int namebook_begin(struct namebook *book, uint64_t block, uint64_t start);

/* Puts in a label under a parent; *added: it was not there. NECTAR_EUNKNOWN the parent is not
 * known, NECTAR_ETOOBIG the name is longer than names are; nothing is put in then. */
int namebook_add(struct namebook *book, bool *added, const uint8_t parent[HYPERMAP_HASH_BYTES],
                 const uint8_t hash[HYPERMAP_HASH_BYTES], struct nectar_view label);

/* Ends it: the log has been read to there. Or as if it had not been begun. */
int namebook_commit(struct namebook *book, const struct namebook_mark *mark);
void namebook_roll_back(struct namebook *book);

#endif
