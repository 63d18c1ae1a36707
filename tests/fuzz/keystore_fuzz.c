/*
 * Key files of Ethereum. Input: the text. What was taken, written and read again, is the same. What
 * costs little is opened too; what costs more is within its ceilings.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "eth/account.h"
#include "eth/keystore.h"
#include "fuzz/shared/fuzz.h"

enum { HEAP_FACTOR = 200, HEAP_MIN = 4096, QUICK = 64 };

static uint64_t work_of(const struct keystore *keystore)
{
    return keystore->rounds ? keystore->rounds
                            : keystore->cost.n * keystore->cost.r * keystore->cost.p;
}

static void check_limits(const struct keystore *keystore)
{
    const struct scrypt_cost *cost = &keystore->cost;

    fuzz_assert(keystore->salt_len <= KEYSTORE_SALT_MAX);
    fuzz_assert(keystore->sealed_len >= 1 && keystore->sealed_len <= SECP_SECRET_BYTES);
    fuzz_assert(keystore->rounds <= KEYSTORE_ROUNDS_MAX);
    if (keystore->rounds)
        return;
    fuzz_assert(cost->n >= 2 && (cost->n & (cost->n - 1)) == 0 && cost->r >= 1 && cost->p >= 1);
    fuzz_assert(cost->n * cost->r <= KEYSTORE_SCRYPT_ROOM);
    fuzz_assert(cost->n * cost->r * cost->p <= KEYSTORE_SCRYPT_WORK);
}

static void check_again(const struct keystore *first)
{
    struct keystore second;
    struct bytes text;

    bytes_init(&text, KEYSTORE_MAX);
    fuzz_assert(keystore_format(&text, first) == 0);
    fuzz_assert(keystore_parse(&second, bytes_view(&text)) == 0);
    fuzz_assert(memcmp(first, &second, sizeof second) == 0);
    bytes_free(&text);
}

/* As an account, with a passphrase (that of two seeds) if that costs little. */
static void check_account(struct nectar_view text, const char *passphrase)
{
    struct nectar_account *account = NULL;
    uint8_t address[NECTAR_ACCOUNT_BYTES];
    const char *chars = (const char *)text.data;
    int error = nectar_account_from_text(&account, chars, text.len, passphrase);
    int inspected = nectar_account_inspect_text(address, chars, text.len);

    fuzz_assert(error == 0 || error == NECTAR_EKEYFILE || error == NECTAR_ESEALED ||
                error == NECTAR_EPASSPHRASE);
    fuzz_assert(!error == (account != NULL));
    if (account && inspected == 0)
        fuzz_assert(memcmp(address, nectar_account_address(account), sizeof address) == 0);
    nectar_account_free(account);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct keystore nothing;
    uint8_t *copy = fuzz_copy((struct nectar_view){data, len});
    struct nectar_view text = {copy, len};
    struct keystore keystore;
    int error;

    fuzz_heap_begin();
    error = keystore_parse(&keystore, text);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MIN + HEAP_FACTOR * len);
    fuzz_assert(error == 0 || error == NECTAR_EKEYFILE);
    if (error) {
        fuzz_assert(memcmp(&keystore, &nothing, sizeof nothing) == 0);
    } else {
        check_limits(&keystore);
        check_again(&keystore);
    }
    check_account(text, !error && work_of(&keystore) <= QUICK ? "foo" : NULL);
    free(copy);
    return 0;
}
