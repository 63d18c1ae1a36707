/* The signed transactions of tests/vectors/eth-vectors.json. */
#ifndef SHARED_SIGNED_H
#define SHARED_SIGNED_H

#include <cjson/cJSON.h>

#include "eth/tx.h"

enum { SIGNED_RAW_MAX = 8192 };

/* A transaction of the vectors, and what its fields point into. */
struct signed_row {
    struct tx tx;
    uint8_t data[SIGNED_RAW_MAX];
    struct bytes access_list;
    struct nectar_account *account;
    uint8_t from[ETH_ADDRESS_BYTES];
    uint8_t raw[SIGNED_RAW_MAX];
    size_t raw_len;
};

/* Reads an element of "transactions". */
void signed_row_begin(struct signed_row *row, const cJSON *vector);
void signed_row_end(struct signed_row *row);

#endif
