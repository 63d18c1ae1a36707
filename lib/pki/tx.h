/* Transactions as pki/ keeps them. */
#ifndef PKI_TX_H
#define PKI_TX_H

#include <nectar/transaction.h>
#include <nectar/view.h>

/* A copy of some bytes, for free(). NECTAR_ENOMEM. */
int tx_copy_bytes(uint8_t **out, size_t *len, struct nectar_view bytes);

/* A copy of a transaction, to be wiped by itself. NECTAR_ENOMEM; *out is then empty. */
int tx_copy(struct nectar_tx *out, const struct nectar_tx *tx);

#endif
