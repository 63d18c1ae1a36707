/* Signed transactions as hex digits. */
#ifndef SHARED_TXHEX_H
#define SHARED_TXHEX_H

#include <nectar/transaction.h>

/* Reads one, with 0x or without, and with white space around; it is to be wiped. Returns 0 or
 * EXIT_INPUT, already reported. */
int txhex_read(struct nectar_tx *out, const char *text, size_t len);

/* The same of a file; "-" is standard input. */
int txhex_read_file(struct nectar_tx *out, const char *path);

/* "0x" and the digits of its bytes; a new string. */
char *txhex_format(const struct nectar_tx *tx) __attribute__((returns_nonnull));

#endif
