#include "eth/address.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "crypto/keccak.h"
#include "unit/shared/vectors.h"

static cJSON *vectors;

static const char *text_of(const cJSON *row, const char *name)
{
    return cJSON_GetObjectItem(row, name)->valuestring;
}

static void checksums(void **state)
{
    const cJSON *row;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(vectors, "eip55"))
    {
        uint8_t address[ETH_ADDRESS_BYTES], again[ETH_ADDRESS_BYTES], hash[32], expected[32];
        char text[NECTAR_ACCOUNT_TEXT_SIZE];

        vectors_hex_of_0x(address, sizeof address, row, "lower");
        nectar_account_format(text, address);
        assert_string_equal(text, text_of(row, "checksum"));
        assert_int_equal(nectar_account_parse(again, text), 0);
        assert_memory_equal(again, address, sizeof again);
        assert_int_equal(nectar_account_parse(again, text_of(row, "lower")), 0);
        for (char *c = text + 2; *c; c++)
            *c = (char)toupper(*c);
        assert_int_equal(nectar_account_parse(again, text), 0);
        assert_memory_equal(again, address, sizeof again);
        keccak_hash(hash, text_of(row, "lower") + 2, 40);
        vectors_hex_of_0x(expected, sizeof expected, row, "hash_of_lower_hex_ascii");
        assert_memory_equal(hash, expected, sizeof hash);
        count++;
    }
    assert_int_equal(count, 10);
}

/* Each letter in its other case: as long as both cases are there, that is a wrong checksum. */
static void a_wrong_checksum(void **state)
{
    static const char right[] = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
    uint8_t address[ETH_ADDRESS_BYTES] = {1, 2, 3};
    size_t letters = 0;

    (void)state;
    for (size_t i = 2; right[i]; i++) {
        char text[sizeof right];

        if (!isalpha((unsigned char)right[i]))
            continue;
        letters++;
        memcpy(text, right, sizeof right);
        text[i] = (char)(text[i] ^ 0x20);
        assert_int_equal(nectar_account_parse(address, text), NECTAR_EADDRESS);
    }
    assert_in_range(letters, 15, 40);
    assert_memory_equal(address, "\x01\x02\x03", 3);
}

static void what_is_no_address(void **state)
{
    static const char *const rows[] = {
        "",
        "0x",
        "f39fd6e51aad88f6f4ce6ab8827279cfffb92266",
        "0Xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
        "0xf39fd6e51aad88f6f4ce6ab8827279cfffb9226",
        "0xf39fd6e51aad88f6f4ce6ab8827279cfffb922666",
        "0xf39fd6e51aad88f6f4ce6ab8827279cfffb9226g",
        " 0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
        "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266 ",
        "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266\n",
    };
    uint8_t address[ETH_ADDRESS_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(nectar_account_parse(address, rows[i]), NECTAR_EADDRESS);
}

static void addresses_of_keys(void **state)
{
    const cJSON *row;

    (void)state;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(vectors, "keys"))
    {
        uint8_t public_key[1 + SECP_PUBLIC_BYTES], address[ETH_ADDRESS_BYTES];
        char text[NECTAR_ACCOUNT_TEXT_SIZE];

        vectors_hex_of_0x(public_key, sizeof public_key, row, "publicKeyUncompressed");
        eth_address_of_public(address, public_key + 1);
        nectar_account_format(text, address);
        assert_string_equal(text, text_of(row, "address"));
    }
}

static void addresses_of_contracts(void **state)
{
    const cJSON *row;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(vectors, "create_address"))
    {
        uint8_t sender[ETH_ADDRESS_BYTES], address[ETH_ADDRESS_BYTES];
        char text[NECTAR_ACCOUNT_TEXT_SIZE];

        assert_int_equal(nectar_account_parse(sender, text_of(row, "from")), 0);
        eth_address_of_created(address, sender,
                               (uint64_t)cJSON_GetObjectItem(row, "nonce")->valuedouble);
        nectar_account_format(text, address);
        assert_string_equal(text, text_of(row, "address"));
        count++;
    }
    assert_int_equal(count, 7);
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
        cmocka_unit_test(checksums),
        cmocka_unit_test(a_wrong_checksum),
        cmocka_unit_test(what_is_no_address),
        cmocka_unit_test(addresses_of_keys),
        cmocka_unit_test(addresses_of_contracts),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
