/*
 * RLP, Ethereum's serialisation (yellow paper, appendix B): items are byte strings and lists of
 * items. There is one form of each value; the writer writes it and the reader takes no other.
 *
 * Reader and writer remember their first error, so that a structure is written down field by field
 * and judged once. After an error the writer writes nothing, and the reader reads zeros, empty
 * views and empty lists. Nothing here calls itself: nesting is bounded by what the caller asks for.
 */
#ifndef ETH_RLP_H
#define ETH_RLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "base/bytes.h"
#include "eth/word.h"

/* --- writing --- */

struct rlp_writer {
    struct bytes *out; /* appended to */
    int error;         /* 0, NECTAR_ETOOBIG, NECTAR_ENOMEM */
};

void rlp_write_bytes(struct rlp_writer *w, struct nectar_view bytes);

/* Numbers: big-endian, without zeros in front; 0 is the empty string. */
void rlp_write_uint(struct rlp_writer *w, uint64_t value);
void rlp_write_word(struct rlp_writer *w, const struct word *word);

/* Items that are RLP already. */
void rlp_write_raw(struct rlp_writer *w, struct nectar_view encoded);

/* A list: what is written between the two calls. open gives what close is to be told. */
size_t rlp_open_list(struct rlp_writer *w);
void rlp_close_list(struct rlp_writer *w, size_t opened);

/* --- reading --- */

struct rlp_reader {
    struct nectar_view left;
    int error; /* 0, NECTAR_EFORMAT */
};

/* Begins at the front of data. Views that are read point into it. */
void rlp_reader_init(struct rlp_reader *r, struct nectar_view data);

/* Is there another item? No, after an error. */
bool rlp_has_more(const struct rlp_reader *r);

/* Is the next item a list? */
bool rlp_at_list(const struct rlp_reader *r);

struct nectar_view rlp_read_bytes(struct rlp_reader *r);

/* A string of exactly so many bytes, copied; zeros after an error. */
void rlp_read_exactly(uint8_t *out, size_t len, struct rlp_reader *r);

/* A number of 0 to max, without zeros in front. */
uint64_t rlp_read_uint(struct rlp_reader *r, uint64_t max);
void rlp_read_word(struct word *out, struct rlp_reader *r);

/*
 * The items of a list, as a reader of their own, which ends with rlp_end_list: its error, or
 * items left in it, become the error of r.
 */
void rlp_read_list(struct rlp_reader *list, struct rlp_reader *r);
void rlp_end_list(const struct rlp_reader *list, struct rlp_reader *r);

/* Ends the reading: the error, or NECTAR_EFORMAT where bytes are left. */
int rlp_read_end(const struct rlp_reader *r);

#endif
