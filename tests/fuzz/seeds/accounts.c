/* Seeds of what reads Ethereum's encodings, from tests/vectors. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/view.h"
#include "eth/keystore.h"
#include "eth/tx.h"
#include "fuzz/seeds/seed.h"
#include "fuzz/shared/fuzz.h"
#include "unit/shared/vectors.h"

enum { ENCODED_MAX = 8192 };

static void write_0x(const char *target, const char *what, size_t nth, const char *prefix,
                     const cJSON *object, const char *name)
{
    uint8_t bytes[ENCODED_MAX];
    size_t len = vectors_hex_of_0x(bytes, sizeof bytes, object, name);
    char label[40];

    snprintf(label, sizeof label, "%s-%zu", what, nth);
    seed_write(target, label, prefix, strlen(prefix), (struct nectar_view){bytes, len});
}

static void write_transactions(const cJSON *rows)
{
    const cJSON *row;
    size_t nth = 0;

    cJSON_ArrayForEach(row, rows)
    {
        write_0x("tx", "signed", nth, "s", row, "signed_raw");
        write_0x("tx", "unsigned", nth, "r", row, "unsigned_payload");
        write_0x("rlp", "unsigned", nth, "", row, "unsigned_payload");
        nth++;
    }
}

static void write_rlp(const cJSON *rows)
{
    const cJSON *row;
    size_t nth = 0;

    cJSON_ArrayForEach(row, rows) write_0x("rlp", "vector", nth++, "", row, "rlp");
}

/* The published ones, two of which cost little; and other forms. */
static void write_keystores(const cJSON *rows)
{
    static const char DIGITS[] =
        "0x0000000000000000000000000000000000000000000000000000000000000007\n";
    struct keystore keystore = {
        .has_address = true, .rounds = 262144, .salt_len = 32, .sealed_len = 32};
    const cJSON *row;
    struct bytes text;
    size_t nth = 0;

    cJSON_ArrayForEach(row, rows)
    {
        char *json = cJSON_PrintUnformatted(cJSON_GetObjectItem(row, "json"));
        char label[40];

        snprintf(label, sizeof label, "vector-%zu", nth++);
        seed_write("keystore", label, "", 0, view_of_text(json));
        cJSON_free(json);
    }
    bytes_init(&text, KEYSTORE_MAX);
    fuzz_assert(keystore_format(&text, &keystore) == 0);
    seed_write("keystore", "pbkdf2", "", 0, bytes_view(&text));
    keystore.rounds = 1;
    bytes_clear(&text);
    fuzz_assert(keystore_format(&text, &keystore) == 0);
    seed_write("keystore", "pbkdf2-quick", "", 0, bytes_view(&text));
    keystore = (struct keystore){.cost = KEYSTORE_COST, .salt_len = 1, .sealed_len = 31};
    bytes_clear(&text);
    fuzz_assert(keystore_format(&text, &keystore) == 0);
    seed_write("keystore", "scrypt", "", 0, bytes_view(&text));
    keystore.cost = (struct scrypt_cost){.n = 2, .r = 1, .p = 1};
    bytes_clear(&text);
    fuzz_assert(keystore_format(&text, &keystore) == 0);
    seed_write("keystore", "scrypt-quick", "", 0, bytes_view(&text));
    seed_write("keystore", "digits", "", 0, view_of_text(DIGITS));
    bytes_free(&text);
}

void seed_accounts(void)
{
    cJSON *vectors = vectors_read("tests/vectors/eth-vectors.json");
    cJSON *keystores = vectors_read("tests/vectors/keystore-v3.json");

    write_transactions(cJSON_GetObjectItem(vectors, "transactions"));
    write_rlp(cJSON_GetObjectItem(vectors, "rlp"));
    write_keystores(cJSON_GetObjectItem(keystores, "keystores"));
    cJSON_Delete(keystores);
    cJSON_Delete(vectors);
}
