#include "crypto/secp256k1.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "crypto/keccak.h"
#include "unit/shared/vectors.h"

static cJSON *vectors;

/* The order of the group, SEC 2, section 2.4.1. */
static const char *const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

static void public_keys(void **state)
{
    const cJSON *row;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(vectors, "keys"))
    {
        uint8_t secret[SECP_SECRET_BYTES], made[SECP_PUBLIC_BYTES];
        uint8_t expected[1 + SECP_PUBLIC_BYTES];

        vectors_hex_of_0x(secret, sizeof secret, row, "privateKey");
        vectors_hex_of_0x(expected, sizeof expected, row, "publicKeyUncompressed");
        assert_int_equal(secp_public(made, secret), 0);
        assert_memory_equal(made, expected + 1, sizeof made);
        count++;
    }
    assert_int_equal(count, 5);
}

static void expect_signature(const struct secp_signature *made, const cJSON *row)
{
    uint8_t expected[SECP_SCALAR_BYTES];

    vectors_hex_of_0x(expected, sizeof expected, row, "r");
    assert_memory_equal(made->r, expected, sizeof expected);
    vectors_hex_of_0x(expected, sizeof expected, row, "s");
    assert_memory_equal(made->s, expected, sizeof expected);
    assert_int_equal(made->parity, cJSON_GetObjectItem(row, "yParity")->valueint);
}

static void signatures(void **state)
{
    const cJSON *row;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(vectors, "transactions"))
    {
        uint8_t secret[SECP_SECRET_BYTES], hash[SECP_HASH_BYTES];
        uint8_t public_key[SECP_PUBLIC_BYTES], recovered[SECP_PUBLIC_BYTES];
        struct secp_signature signature;

        vectors_hex_of_0x(secret, sizeof secret, row, "privateKey");
        vectors_hex_of_0x(hash, sizeof hash, row, "signing_hash");
        assert_int_equal(secp_sign(&signature, secret, hash), 0);
        expect_signature(&signature, row);
        assert_int_equal(secp_public(public_key, secret), 0);
        assert_int_equal(secp_recover(recovered, &signature, hash), 0);
        assert_memory_equal(recovered, public_key, sizeof public_key);
        count++;
    }
    assert_int_equal(count, 14);
}

/* EIP-191: the message has a preamble with its length. */
static void signed_message(void **state)
{
    static const char TEXT[] = "\x19"
                               "Ethereum Signed Message:\n5hello";
    const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(vectors, "eip191"), 0);
    uint8_t secret[SECP_SECRET_BYTES], hash[SECP_HASH_BYTES], expected[2 * SECP_SCALAR_BYTES + 1];
    struct secp_signature made;

    (void)state;
    keccak_hash(hash, TEXT, sizeof TEXT - 1);
    vectors_hex_of_0x(expected, sizeof expected, row, "hash");
    assert_memory_equal(hash, expected, sizeof hash);
    vectors_hex_of_0x(secret, sizeof secret, row, "privateKey");
    assert_int_equal(secp_sign(&made, secret, hash), 0);
    vectors_hex_of_0x(expected, sizeof expected, row, "signature");
    assert_memory_equal(made.r, expected, SECP_SCALAR_BYTES);
    assert_memory_equal(made.s, expected + SECP_SCALAR_BYTES, SECP_SCALAR_BYTES);
    assert_int_equal(27 + made.parity, expected[2 * SECP_SCALAR_BYTES]);
}

static void what_is_no_key(void **state)
{
    uint8_t secret[SECP_SECRET_BYTES] = {0}, hash[SECP_HASH_BYTES] = {1};
    uint8_t made[SECP_PUBLIC_BYTES];
    struct secp_signature signature;

    (void)state;
    assert_int_equal(secp_public(made, secret), NECTAR_EFORMAT);
    assert_int_equal(secp_sign(&signature, secret, hash), NECTAR_EFORMAT);
    vectors_hex(secret, sizeof secret, ORDER);
    assert_int_equal(secp_public(made, secret), NECTAR_EFORMAT);
    assert_int_equal(secp_sign(&signature, secret, hash), NECTAR_EFORMAT);
    secret[31]--;
    assert_int_equal(secp_public(made, secret), 0);
    memset(secret, 0xff, sizeof secret);
    assert_int_equal(secp_public(made, secret), NECTAR_EFORMAT);
}

/* n - s, which is as good a signature to mathematics, with the other parity. */
static void turn_over(struct secp_signature *signature)
{
    uint8_t order[SECP_SCALAR_BYTES];
    int borrow = 0;

    vectors_hex(order, sizeof order, ORDER);
    for (size_t i = SECP_SCALAR_BYTES; i-- > 0;) {
        int difference = order[i] - signature->s[i] - borrow;

        borrow = difference < 0;
        signature->s[i] = (uint8_t)difference;
    }
    signature->parity ^= 1;
}

static void what_is_nobodys_signature(void **state)
{
    const uint8_t secret[SECP_SECRET_BYTES] = {[31] = 7}, hash[SECP_HASH_BYTES] = {1};
    uint8_t public_key[SECP_PUBLIC_BYTES], got[SECP_PUBLIC_BYTES];
    struct secp_signature good, bad;

    (void)state;
    assert_int_equal(secp_public(public_key, secret), 0);
    assert_int_equal(secp_sign(&good, secret, hash), 0);
    bad = good;
    turn_over(&bad);
    assert_int_equal(secp_recover(got, &bad, hash), NECTAR_EFORMAT);
    bad = good;
    for (bad.parity = 2; bad.parity != 0; bad.parity++)
        assert_int_equal(secp_recover(got, &bad, hash), NECTAR_EFORMAT);
    bad = good;
    memset(bad.r, 0, sizeof bad.r);
    assert_int_equal(secp_recover(got, &bad, hash), NECTAR_EFORMAT);
    bad = good;
    memset(bad.s, 0, sizeof bad.s);
    assert_int_equal(secp_recover(got, &bad, hash), NECTAR_EFORMAT);
    bad = good;
    memset(bad.r, 0xff, sizeof bad.r);
    assert_int_equal(secp_recover(got, &bad, hash), NECTAR_EFORMAT);
    /* Another hash, another signer. */
    assert_int_equal(secp_recover(got, &good, secret), 0);
    assert_memory_not_equal(got, public_key, sizeof got);
}

static void *sign_often(void *context)
{
    const uint8_t secret[SECP_SECRET_BYTES] = {[31] = 9};
    bool *same = context;
    struct secp_signature first;
    uint8_t hash[SECP_HASH_BYTES] = {5};

    *same = secp_sign(&first, secret, hash) == 0;
    for (int i = 0; i < 50; i++) {
        struct secp_signature made;

        *same = *same && secp_sign(&made, secret, hash) == 0 &&
                memcmp(made.r, first.r, sizeof first.r) == 0 &&
                memcmp(made.s, first.s, sizeof first.s) == 0 && made.parity == first.parity;
    }
    return NULL;
}

/* Runs first, so that the library is opened by several at once. */
static void several_threads(void **state)
{
    pthread_t threads[4];
    bool same[4] = {false};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_often, &same[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(same[i]);
    }
}

static int set_up(void **state)
{
    (void)state;
    vectors = vectors_read("tests/vectors/eth-vectors.json");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cJSON_Delete(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_threads), cmocka_unit_test(public_keys),
        cmocka_unit_test(signatures),      cmocka_unit_test(signed_message),
        cmocka_unit_test(what_is_no_key),  cmocka_unit_test(what_is_nobodys_signature),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
