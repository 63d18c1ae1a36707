/* Arithmetic of amounts. NECTAR_ETOOBIG from 2^256 up; what the amount is then is of no use. */
#ifndef PKI_WEI_H
#define PKI_WEI_H

#include <nectar/transaction.h>

void wei_from_uint(struct nectar_wei *out, uint64_t value);

/* amount * 10 + digit */
int wei_add_digit(struct nectar_wei *amount, unsigned digit);

/* a + b */
int wei_add(struct nectar_wei *a, const struct nectar_wei *b);

/* amount * factor */
int wei_multiply(struct nectar_wei *amount, uint64_t factor);

#endif
