/* A word of Ethereum: an unsigned integer of 256 bits, big-endian. What does not fit is refused,
 * never cut. */
#ifndef ETH_WORD_H
#define ETH_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

enum {
    WORD_BYTES = 32,
    WORD_HEX_SIZE = 2 + 2 * WORD_BYTES + 1, /* of a text, its NUL included */
    WORD_DECIMAL_SIZE = 78 + 1,
};

struct word {
    uint8_t bytes[WORD_BYTES];
};

struct word word_of(uint64_t value);

/* From at most 32 bytes, big-endian; zeros in front are allowed. NECTAR_ETOOBIG. */
int word_from_bytes(struct word *out, struct nectar_view bytes);

/* NECTAR_ETOOBIG over max. */
int word_to_uint(uint64_t *out, const struct word *word, uint64_t max);

/* A "quantity" of JSON-RPC: 0x and digits of either case, none of them a zero in front; 0 is 0x0.
 * NECTAR_EFORMAT, NECTAR_ETOOBIG. */
int word_from_quantity(struct word *out, const char *text);
void word_to_quantity(char out[WORD_HEX_SIZE], const struct word *word);

/* Decimal digits, none of them a zero in front; 0 is 0. NECTAR_EFORMAT, NECTAR_ETOOBIG. */
int word_from_decimal(struct word *out, const char *text);
void word_to_decimal(char out[WORD_DECIMAL_SIZE], const struct word *word);

/* out may be an operand. NECTAR_ETOOBIG, and out is unchanged. */
int word_add(struct word *out, const struct word *a, const struct word *b);
int word_multiply(struct word *out, const struct word *a, uint64_t n);

/* Under, at, or over 0 as a is less than, equal to, or more than b. */
int word_compare(const struct word *a, const struct word *b);
bool word_is_zero(const struct word *word);

/* The bytes without zeros in front: none for 0. As long as the word. */
struct nectar_view word_digits(const struct word *word);

#endif
