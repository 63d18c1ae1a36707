/*
 * Transactions. Input: a byte (odd: signed), then the bytes. What was taken and is written
 * again is what came; its sender, if there is one, is the sender of that.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "eth/tx.h"
#include "fuzz/shared/fuzz.h"

/* What is read and left in the heap is a copy of the input, once. */
enum { HEAP_FACTOR = 4, HEAP_MIN = 4096 };

static void check_fields(const struct tx *tx, struct nectar_view in)
{
    fuzz_assert(tx->type == TX_LEGACY || tx->type == TX_FEE_MARKET);
    fuzz_assert(tx->chain >= 1 && tx->chain <= TX_CHAIN_MAX && tx->nonce <= TX_NONCE_MAX);
    fuzz_assert(fuzz_within(tx->data, in.data, in.len));
    fuzz_assert(fuzz_within(tx->access_list, in.data, in.len));
    fuzz_assert(tx->type == TX_FEE_MARKET || !tx->access_list.data);
    fuzz_assert(!tx->access_list.data == (tx_access_count(tx) == 0));
}

static void check_same(const struct bytes *out, struct nectar_view in)
{
    fuzz_assert(out->len == in.len && memcmp(out->data, in.data, in.len) == 0);
}

static void check_unsigned(struct nectar_view in)
{
    struct bytes out;
    struct tx tx;
    int error = tx_decode_unsigned(&tx, in);

    fuzz_assert(error == 0 || error == NECTAR_EFORMAT || error == NECTAR_ETOOBIG);
    if (error)
        return;
    check_fields(&tx, in);
    bytes_init(&out, TX_MAX);
    fuzz_assert(tx_unsigned(&out, &tx) == 0);
    check_same(&out, in);
    bytes_free(&out);
}

static void check_signed(struct nectar_view in)
{
    uint8_t sender[ETH_ADDRESS_BYTES], again[ETH_ADDRESS_BYTES];
    struct secp_signature signature;
    struct bytes out;
    struct tx tx, same;
    int error = tx_decode_signed(&tx, &signature, in);

    fuzz_assert(error == 0 || error == NECTAR_EFORMAT || error == NECTAR_ETOOBIG);
    if (error) {
        fuzz_assert(tx_decode(&same, sender, in) == error);
        return;
    }
    check_fields(&tx, in);
    bytes_init(&out, TX_MAX);
    fuzz_assert(tx_signed(&out, &tx, &signature) == 0);
    check_same(&out, in);
    fuzz_heap_begin();
    error = tx_decode(&same, sender, in);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MIN + HEAP_FACTOR * in.len);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT);
    if (!error) {
        fuzz_assert(tx_decode(&same, again, bytes_view(&out)) == 0);
        fuzz_assert(memcmp(sender, again, sizeof sender) == 0);
    }
    bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    uint8_t how = fuzz_byte(&in);
    uint8_t *copy = fuzz_copy(in);

    in.data = copy;
    if (how % 2)
        check_signed(in);
    else
        check_unsigned(in);
    free(copy);
    return 0;
}
