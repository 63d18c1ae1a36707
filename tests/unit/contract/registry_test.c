/* What contract/registry.h says of the contract, held to the ABI that the compiler wrote. */
#include "contract/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/keccak.h"
#include "unit/shared/vectors.h"

enum { SIGNATURE_SIZE = 256, CODE_HEX_SIZE = 1 << 16 };

struct signature {
    uint32_t selector;
    const char *text;
};

#define ROW(selector, text) {selector, text},
static const struct signature FUNCTIONS[] = {REGISTRY_FUNCTIONS(ROW)};
static const struct signature ERRORS[] = {REGISTRY_ERRORS(ROW)};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t selector_of(const char *text)
{
    uint8_t hash[KECCAK_HASH_BYTES];

    keccak_hash(hash, text, strlen(text));
    return (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name)->valuestring;
}

/* An entry of the ABI as "name(type,type)". */
static void write_signature(char out[SIGNATURE_SIZE], const cJSON *entry)
{
    const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(entry, "inputs"), *input;
    size_t at = (size_t)snprintf(out, SIGNATURE_SIZE, "%s(", text_of(entry, "name"));

    cJSON_ArrayForEach(input, inputs)
    {
        const char *comma = input == inputs->child ? "" : ",";

        at +=
            (size_t)snprintf(out + at, SIGNATURE_SIZE - at, "%s%s", comma, text_of(input, "type"));
    }
    snprintf(out + at, SIGNATURE_SIZE - at, ")");
}

/* How many entries of this type the ABI has; each is in the table, with the selector that it has.
 */
static size_t check_entries(const cJSON *abi, const char *type, const struct signature *table,
                            size_t count)
{
    const cJSON *entry;
    size_t found = 0;

    cJSON_ArrayForEach(entry, abi)
    {
        char text[SIGNATURE_SIZE];
        size_t i = 0;

        if (strcmp(text_of(entry, "type"), type) != 0)
            continue;
        write_signature(text, entry);
        while (i < count && strcmp(table[i].text, text) != 0)
            i++;
        if (i == count)
            fail_msg("%s is not told of", text);
        assert_int_equal(table[i].selector, selector_of(text));
        found++;
    }
    return found;
}

static void selectors(void **state)
{
    cJSON *abi = vectors_read("lib/contract/NectarRegistry.abi.json");

    (void)state;
    assert_int_equal(check_entries(abi, "function", FUNCTIONS, COUNT(FUNCTIONS)), COUNT(FUNCTIONS));
    assert_int_equal(check_entries(abi, "error", ERRORS, COUNT(ERRORS)), COUNT(ERRORS));
    cJSON_Delete(abi);
}

static void event(void **state)
{
    cJSON *abi = vectors_read("lib/contract/NectarRegistry.abi.json");
    uint8_t expected[KECCAK_HASH_BYTES], hash[KECCAK_HASH_BYTES];
    const struct signature of_event = {selector_of(REGISTRY_PUBLISHED_SIGNATURE),
                                       REGISTRY_PUBLISHED_SIGNATURE};

    (void)state;
    assert_int_equal(check_entries(abi, "event", &of_event, 1), 1);
    keccak_hash(hash, of_event.text, strlen(of_event.text));
    vectors_hex(expected, sizeof expected, &REGISTRY_PUBLISHED[2]);
    assert_memory_equal(hash, expected, sizeof hash);
    cJSON_Delete(abi);
}

static void code(void **state)
{
    FILE *file = fopen("lib/contract/NectarRegistry.bin", "rb");
    char hex[CODE_HEX_SIZE] = {0};
    uint8_t bytes[CODE_HEX_SIZE / 2];

    (void)state;
    assert_non_null(file);
    assert_non_null(fgets(hex, sizeof hex, file));
    fclose(file);
    hex[strcspn(hex, "\n")] = '\0';
    assert_int_equal(vectors_hex(bytes, sizeof bytes, hex), registry_code_len);
    assert_memory_equal(bytes, registry_code, registry_code_len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selectors),
        cmocka_unit_test(event),
        cmocka_unit_test(code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
