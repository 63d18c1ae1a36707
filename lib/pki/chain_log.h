/*
 * The log of a contract on a chain, read from one block to another in pieces: as many blocks at
 * once as the endpoint gives. What is read is what the contract said, in the blocks that were asked
 * for; where it did not say it, the endpoint lies, and that is told.
 */
#ifndef PKI_CHAIN_LOG_H
#define PKI_CHAIN_LOG_H

#include <nectar/view.h>

#include "pki/chain.h"

enum { CHAIN_TOPICS_MAX = 4 };

/* An entry. */
struct chain_log {
    uint64_t block;
    uint64_t index; /* in its block, over all contracts */
    size_t topics;
    uint8_t topic[CHAIN_TOPICS_MAX][CHAIN_HASH_BYTES];
    struct nectar_view data;
};

/* A reading of the URI's contract's log. Plain: nothing is to be freed. */
struct chain_reading {
    struct chain *chain;
    uint8_t topic[CHAIN_HASH_BYTES]; /* the first of each entry */
    uint64_t next;                   /* the block to be read next */
    uint64_t last;                   /* the last that is read */
    uint8_t hash[CHAIN_HASH_BYTES];  /* of the last, when the reading began */
    bool over;                       /* it has been read */
    bool begun;                      /* where the contract begins is known, or of no matter */
    uint64_t span;                   /* blocks of a piece, at most */
    unsigned calm;                   /* pieces since one was refused */
    unsigned late;                   /* pieces that were not answered in time, in a row */
    unsigned pieces;                 /* asked for */
};

/*
 * Begins to read, to the newest block, whose number and age answer says. from: the first block; 0
 * stands for the URI's, or where the contract was put on the chain. topic: "0x" and 64 digits.
 * NECTAR_EUNREACHABLE with a reason, NECTAR_ENOMEM.
 */
int chain_reading_begin(struct chain_reading *out, struct chain *chain, const char *topic,
                        uint64_t from, struct nectar_answer *answer);

/*
 * Reads the next piece: take is called for each entry, in the endpoint's order, and can end the
 * reading with an error of its own. Then next is the block behind it, or the reading is over.
 * NECTAR_EUNREACHABLE with a reason, NECTAR_ENOMEM, and what take returns.
 */
int chain_reading_next(struct chain_reading *reading,
                       int (*take)(void *context, const struct chain_log *entry), void *context,
                       struct nectar_answer *answer);

/* Is the last block still the one it was? Else the chain went another way, and what was read may
 * not be so. NECTAR_EUNREACHABLE with a reason, NECTAR_ENOMEM. */
int chain_reading_end(bool *same, const struct chain_reading *reading,
                      struct nectar_answer *answer);

#endif
