#include "eth/keystore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "unit/shared/vectors.h"

/* Quick: what is tested is not how slow it is. */
static const struct scrypt_cost QUICK = {.n = 2, .r = 1, .p = 1};

static const uint8_t SECRET[SECP_SECRET_BYTES] = {[0] = 9, [31] = 7};
static const uint8_t ADDRESS[ETH_ADDRESS_BYTES] = {1, 2, 3};

/* --- files of others ------------------------------------------------------------------------- */

static void files_of_the_definition(void **state)
{
    cJSON *vectors = vectors_read("tests/vectors/keystore-v3.json");
    const cJSON *row;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(row, cJSON_GetObjectItem(vectors, "keystores"))
    {
        char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(row, "json"));
        uint8_t secret[SECP_SECRET_BYTES], expected[SECP_SECRET_BYTES];
        struct keystore keystore;

        vectors_hex_member(expected, sizeof expected, row, "secret");
        assert_int_equal(keystore_parse(&keystore, view_of_text(text)), 0);
        assert_false(keystore.has_address);
        assert_int_equal(
            keystore_open(secret, &keystore, cJSON_GetObjectItem(row, "password")->valuestring), 0);
        assert_memory_equal(secret, expected, sizeof secret);
        cJSON_free(text);
        count++;
    }
    assert_int_equal(count, 4);
    cJSON_Delete(vectors);
}

/* --- our own --------------------------------------------------------------------------------- */

static void format(struct bytes *out, const struct keystore *keystore)
{
    bytes_init(out, KEYSTORE_MAX);
    assert_int_equal(keystore_format(out, keystore), 0);
    assert_int_equal(out->data[out->len - 1], '\n');
}

static void sealed_and_opened(void **state)
{
    uint8_t secret[SECP_SECRET_BYTES];
    static const uint8_t zero[SECP_SECRET_BYTES];
    struct keystore first, second;
    struct bytes text;

    (void)state;
    assert_int_equal(keystore_seal(&first, SECRET, ADDRESS, "p\xc3\xa4ss", &QUICK), 0);
    format(&text, &first);
    assert_int_equal(keystore_parse(&second, bytes_view(&text)), 0);
    assert_true(second.has_address);
    assert_memory_equal(second.address, ADDRESS, sizeof ADDRESS);
    assert_int_equal(keystore_open(secret, &second, "p\xc3\xa4ss"), 0);
    assert_memory_equal(secret, SECRET, sizeof secret);
    assert_int_equal(keystore_open(secret, &second, "p\xc3\xa4sS"), NECTAR_EPASSPHRASE);
    assert_memory_equal(secret, zero, sizeof secret);
    assert_int_equal(keystore_open(secret, &second, ""), NECTAR_EPASSPHRASE);
    bytes_free(&text);
}

static void two_share_nothing(void **state)
{
    struct keystore a, b;

    (void)state;
    assert_int_equal(keystore_seal(&a, SECRET, ADDRESS, "pass", &QUICK), 0);
    assert_int_equal(keystore_seal(&b, SECRET, ADDRESS, "pass", &QUICK), 0);
    assert_memory_not_equal(a.id, b.id, sizeof a.id);
    assert_memory_not_equal(a.salt, b.salt, 16);
    assert_memory_not_equal(a.iv, b.iv, sizeof a.iv);
    assert_memory_not_equal(a.sealed, b.sealed, sizeof a.sealed);
    assert_memory_not_equal(a.mac, b.mac, sizeof a.mac);
}

/* What stands in the file: as others write it, with a UUID of version 4. */
static void the_text(void **state)
{
    struct keystore keystore = {.has_address = true, .cost = KEYSTORE_COST, .salt_len = 2};
    struct bytes text;

    (void)state;
    keystore.sealed_len = 32;
    keystore.id[6] = 0x4a;
    keystore.id[8] = 0x8b;
    format(&text, &keystore);
    assert_int_equal(bytes_append_byte(&text, 0), 0);
    assert_string_equal(
        (const char *)text.data,
        "{\"version\":3,\"id\":\"00000000-0000-4a00-8b00-000000000000\","
        "\"address\":\"0000000000000000000000000000000000000000\","
        "\"crypto\":{\"cipher\":\"aes-128-ctr\","
        "\"cipherparams\":{\"iv\":\"00000000000000000000000000000000\"},\"ciphertext\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\","
        "\"kdf\":\"scrypt\",\"kdfparams\":{\"dklen\":32,\"n\":262144,\"r\":8,\"p\":1,"
        "\"salt\":\"0000\"},\"mac\":"
        "\"0000000000000000000000000000000000000000000000000000000000000000\"}}\n");
    bytes_free(&text);
}

/* --- variations ------------------------------------------------------------------------------ */

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static const char BASE[] =
    "{\"version\":3,\"address\":\"0102030000000000000000000000000000000000\",\"crypto\":{"
    "\"cipher\":\"aes-128-ctr\",\"cipherparams\":{\"iv\":\"00000000000000000000000000000000\"},"
    "\"ciphertext\":\"" ZEROS "\",\"kdf\":\"scrypt\",\"kdfparams\":{"
    "\"dklen\":32,\"n\":2,\"r\":1,\"p\":1,\"salt\":\"00\"},\"mac\":\"" ZEROS "\"}}";

/* BASE with one part put in place of another; what comes of it. */
static int parse_with(struct keystore *out, const char *part, const char *instead)
{
    const char *at = strstr(BASE, part);
    char text[2048];

    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - BASE), BASE, instead, at + strlen(part));
    return keystore_parse(out, view_of_text(text));
}

struct variation {
    const char *part, *instead;
};

static void what_others_write(void **state)
{
    static const struct variation rows[] = {
        {"\"version\"", "\"name\":\"x\",\"x-client\":{\"a\":[1,null]},\"id\":null,\"version\""},
        {"\"crypto\"", "\"Crypto\""},
        {"\"010203", "\"0x010203"},
        {"\"dklen\":32", "\"dklen\":64"},
        {"\"n\":2,\"r\":1,\"p\":1", "\"n\":524288,\"r\":8,\"p\":2"},
        {"\"n\":2,\"r\":1,\"p\":1", "\"n\":4194304,\"r\":1,\"p\":1"},
        {"\"n\":2,\"r\":1,\"p\":1", "\"n\":2,\"r\":1,\"p\":4194304"},
        {"\"salt\":\"00\"", "\"salt\":\"\""},
        {"\"scrypt\",\"kdfparams\":{",
         "\"pbkdf2\",\"kdfparams\":{\"prf\":\"hmac-sha256\",\"c\":10000000,"},
        {"\"ciphertext\":\"00", "\"ciphertext\":\""},
    };
    struct keystore keystore;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(parse_with(&keystore, rows[i].part, rows[i].instead), 0);
        assert_true(keystore.has_address);
        assert_memory_equal(keystore.address, ADDRESS, sizeof ADDRESS);
    }
    assert_int_equal(parse_with(&keystore, "\"010203", "\"\",\"x\":\"010203"), 0);
    assert_false(keystore.has_address);
    assert_int_equal(parse_with(&keystore, "\"address\"", "\"adress\""), 0);
    assert_false(keystore.has_address);
}

static void what_is_refused(void **state)
{
    static const struct variation rows[] = {
        {"\"version\":3", "\"version\":1"},
        {"\"version\":3", "\"version\":\"3\""},
        {"\"version\":3,", ""},
        {"\"010203", "\"0102"},
        {"\"010203", "\"01020g"},
        {"\"010203", "17,\"x\":\""},
        {"\"crypto\"", "\"CRYPTO\""},
        {"aes-128-ctr", "aes-128-cbc"},
        {"\"iv\":\"00", "\"iv\":\""},
        {"\"iv\":\"", "\"iv\":\"00"},
        {"\"ciphertext\":\"", "\"ciphertext\":\"00"},
        {"\"ciphertext\":\"", "\"ciphertext\":\"\",\"x\":\""},
        {"\"ciphertext\":\"0", "\"ciphertext\":\""},
        {"\"mac\":\"00", "\"mac\":\""},
        {"\"mac\"", "\"MAC\""},
        {"\"scrypt\"", "\"argon2\""},
        {"\"scrypt\"", "\"pbkdf2\""}, /* and no rounds */
        {"\"kdfparams\"", "\"params\""},
        {"\"dklen\":32", "\"dklen\":16"},
        {"\"dklen\":32", "\"dklen\":1025"},
        {"\"dklen\":32,", ""},
        {"\"n\":2", "\"n\":0"},
        {"\"n\":2", "\"n\":1"},
        {"\"n\":2", "\"n\":3"},
        {"\"n\":2", "\"n\":-2"},
        {"\"n\":2", "\"n\":2.5"},
        {"\"n\":2", "\"n\":8388608"},
        {"\"n\":2", "\"n\":9007199254740992"},
        {"\"r\":1", "\"r\":0"},
        {"\"n\":2,\"r\":1", "\"n\":524288,\"r\":9"},
        {"\"p\":1", "\"p\":0"},
        {"\"n\":2,\"r\":1,\"p\":1", "\"n\":524288,\"r\":8,\"p\":3"},
        {"\"p\":1", "\"p\":4194305"},
        {"\"salt\":\"00\"", "\"salt\":\"0\""},
        {"\"salt\":\"", "\"salt\":\"" ZEROS ZEROS ZEROS ZEROS},
        {"\"scrypt\",\"kdfparams\":{",
         "\"pbkdf2\",\"kdfparams\":{\"prf\":\"hmac-sha256\",\"c\":10000001,"},
        {"\"scrypt\",\"kdfparams\":{",
         "\"pbkdf2\",\"kdfparams\":{\"prf\":\"hmac-sha256\",\"c\":0,"},
        {"\"scrypt\",\"kdfparams\":{",
         "\"pbkdf2\",\"kdfparams\":{\"prf\":\"hmac-sha512\",\"c\":1,"},
        {"\"version\"", "\"version\":3,\"version\""}, /* twice */
        {"}}", "}"},
        {"}}", "}}}"},
    };
    static const struct keystore nothing;
    struct keystore keystore;

    (void)state;
    assert_int_equal(parse_with(&keystore, "\"version\"", "\"version\""), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(parse_with(&keystore, rows[i].part, rows[i].instead), NECTAR_EKEYFILE);
        assert_memory_equal(&keystore, &nothing, sizeof nothing);
    }
}

static void texts_of_any_size(void **state)
{
    static char large[KEYSTORE_MAX + 1];
    struct keystore keystore;

    (void)state;
    memset(large, ' ', sizeof large);
    memcpy(large, BASE, sizeof BASE - 1);
    assert_int_equal(
        keystore_parse(&keystore, (struct nectar_view){(const uint8_t *)large, sizeof large - 1}),
        0);
    assert_int_equal(
        keystore_parse(&keystore, (struct nectar_view){(const uint8_t *)large, sizeof large}),
        NECTAR_EKEYFILE);
    for (size_t len = 0; len < sizeof BASE - 1; len++)
        assert_int_equal(
            keystore_parse(&keystore, (struct nectar_view){(const uint8_t *)BASE, len}),
            NECTAR_EKEYFILE);
}

/* Each byte that the MAC is over, and the MAC. */
static void what_was_changed_does_not_open(void **state)
{
    struct keystore keystore;
    uint8_t secret[SECP_SECRET_BYTES];

    (void)state;
    assert_int_equal(keystore_seal(&keystore, SECRET, ADDRESS, "pass", &QUICK), 0);
    for (size_t i = 0; i < 32; i++) {
        keystore.sealed[i] ^= 1;
        assert_int_equal(keystore_open(secret, &keystore, "pass"), NECTAR_EPASSPHRASE);
        keystore.sealed[i] ^= 1;
        keystore.mac[i] ^= 1;
        assert_int_equal(keystore_open(secret, &keystore, "pass"), NECTAR_EPASSPHRASE);
        keystore.mac[i] ^= 1;
    }
    assert_int_equal(keystore_open(secret, &keystore, "pass"), 0);
    keystore.salt[0] ^= 1;
    assert_int_equal(keystore_open(secret, &keystore, "pass"), NECTAR_EPASSPHRASE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_the_definition), cmocka_unit_test(sealed_and_opened),
        cmocka_unit_test(two_share_nothing),       cmocka_unit_test(the_text),
        cmocka_unit_test(what_others_write),       cmocka_unit_test(what_is_refused),
        cmocka_unit_test(texts_of_any_size),       cmocka_unit_test(what_was_changed_does_not_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
