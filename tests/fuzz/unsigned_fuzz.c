/*
 * Transactions that are handed from one machine to another as JSON. What was taken is written and
 * read again as the same; what does not fit into a transaction is refused.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/transaction.h>

#include "fuzz/shared/fuzz.h"

enum { HEAP_FACTOR = 300, HEAP_MIN = 16384 };

static bool same(const struct nectar_tx *a, const struct nectar_tx *b)
{
    return a->chain == b->chain && a->nonce == b->nonce && a->gas == b->gas &&
           nectar_wei_compare(&a->max_fee, &b->max_fee) == 0 &&
           nectar_wei_compare(&a->tip, &b->tip) == 0 &&
           nectar_wei_compare(&a->value, &b->value) == 0 &&
           memcmp(a->from, b->from, sizeof a->from) == 0 && a->creates == b->creates &&
           memcmp(a->to, b->to, sizeof a->to) == 0 &&
           fuzz_same((struct nectar_view){a->data, a->data_len},
                     (struct nectar_view){b->data, b->data_len});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_tx tx;
    struct nectar_tx again;
    struct nectar_wei cost;
    char *copy = (char *)fuzz_copy((struct nectar_view){data, len});
    char *text = NULL;
    char *call = NULL;
    int error;

    fuzz_heap_begin();
    error = nectar_tx_parse(&tx, copy, len);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MIN + HEAP_FACTOR * len);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT || error == NECTAR_ETOOBIG);
    if (!error) {
        fuzz_assert(!tx.raw && !tx.legacy && tx.data_len <= NECTAR_TX_MAX);
        fuzz_assert(nectar_tx_format(&text, &tx) == 0);
        fuzz_assert(nectar_tx_parse(&again, text, strlen(text)) == 0);
        fuzz_assert(same(&tx, &again));
        fuzz_assert(nectar_tx_call(&call, &tx) == 0);
        error = nectar_tx_cost(&cost, &tx);
        fuzz_assert(error == 0 || error == NECTAR_ETOOBIG);
        nectar_tx_wipe(&again);
        nectar_tx_wipe(&tx);
        free(text);
        free(call);
    }
    free(copy);
    return 0;
}
