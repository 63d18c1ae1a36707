/* Amounts of wei are words of Ethereum, under a name that programs see. */
#ifndef PKI_WEI_H
#define PKI_WEI_H

#include <nectar/transaction.h>

#include "eth/word.h"

struct nectar_wei wei_of_word(const struct word *word);
struct word word_of_wei(const struct nectar_wei *amount);

/* gas * fee + value, the most that they can come to. NECTAR_ETOOBIG from 2^256 up. */
int wei_cost(struct nectar_wei *out, uint64_t gas, const struct nectar_wei *fee,
             const struct nectar_wei *value);

#endif
