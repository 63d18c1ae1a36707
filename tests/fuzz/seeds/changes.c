/* Seeds of what reads changes of a registry on a chain: handed over, called, replied, refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/transaction.h>

#include "base/view.h"
#include "contract/registry.h"
#include "eth/abi.h"
#include "fuzz/seeds/seed.h"
#include "fuzz/shared/fuzz.h"
#include "pki/nectar_abi.h"

enum { CALL_MAX = 64 << 10 };
enum { RECORD, TLD, REFUSAL, MADE, CALL }; /* the first byte for the target */

static const char *const UNSIGNED[] = {
    "{\"chain\":\"31337\",\"from\":\"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\","
    "\"to\":\"0x5FbDB2315678afecb367f032d93F642f64180aa3\",\"nonce\":\"3\",\"gas\":\"88453\","
    "\"max_fee\":\"2549686870\",\"tip\":\"1000000000\",\"value\":\"0\",\"data\":\"0x891519fc\"}",
    "{\"chain\":\"1\",\"from\":\"0x0000000000000000000000000000000000000001\",\"to\":null,"
    "\"nonce\":\"0\",\"gas\":\"0\",\"max_fee\":\"0\",\"tip\":\"0\",\"value\":\"0\",\"data\":"
    "\"0x\"}",
    "{\"chain\":\"18446744073709551616\"}",
};

static void write_one(const char *label, char what, const struct bytes *bytes)
{
    seed_write("nectar", label, &what, 1, bytes_view(bytes));
}

static void write_calls(void)
{
    struct nectar_record record = {.name = "squid.nec", .has_key = true, .key = {1}};
    const struct nectar_view username = view_of_text("squid");
    struct abi_writer writer;
    struct bytes call;

    bytes_init(&call, CALL_MAX);
    fuzz_assert(nectar_address_parse(&record.ws, "h:1") == 0);
    fuzz_assert(nectar_abi_publish(&call, username, &record, "nec") == 0);
    write_one("publish", CALL, &call);
    bytes_clear(&call);
    fuzz_assert(nectar_abi_set_key(&call, username, record.key) == 0);
    write_one("set-key", CALL, &call);
    bytes_clear(&call);
    abi_write_call(&writer, &call, REGISTRY_TRANSFER, 2);
    abi_put_bytes(&writer, username);
    abi_put_address(&writer, record.key);
    fuzz_assert(abi_write_end(&writer) == 0);
    write_one("transfer", CALL, &call);
    bytes_clear(&call);
    fuzz_assert(nectar_abi_constructor(&call, "nec") == 0);
    write_one("tld", TLD, &call);
    bytes_free(&call);
}

static void write_replies(void)
{
    static const uint8_t OWNER[ABI_WORD] = {1};
    struct abi_writer writer;
    struct bytes reply;

    bytes_init(&reply, CALL_MAX);
    for (size_t i = 0; i < 2; i++) {
        bytes_clear(&reply);
        abi_write_bare(&writer, &reply, 1);
        abi_open_tuple(&writer, 6);
        abi_put_address(&writer, OWNER);
        abi_put_word(&writer, OWNER);
        abi_put_bytes(&writer, view_of_text(i ? "h" : ""));
        abi_put_uint(&writer, i);
        abi_put_uint(&writer, 0);
        abi_put_bytes(&writer, view_of_text(i ? "" : "loach,eel.os"));
        abi_close(&writer);
        fuzz_assert(abi_write_end(&writer) == 0);
        write_one(i ? "direct" : "indirect", RECORD, &reply);
    }
    bytes_free(&reply);
}

static void write_refusals(void)
{
    static const uint8_t WORD[ABI_WORD] = {'_'};
    struct abi_writer writer;
    struct bytes error;

    bytes_init(&error, CALL_MAX);
    abi_write_call(&writer, &error, REGISTRY_NOT_OWNER, 1);
    abi_put_address(&writer, WORD);
    fuzz_assert(abi_write_end(&writer) == 0);
    write_one("not-owner", REFUSAL, &error);
    bytes_clear(&error);
    abi_write_call(&writer, &error, REGISTRY_INVALID_ROUTER, 1);
    abi_put_bytes(&writer, view_of_text("Squid"));
    fuzz_assert(abi_write_end(&writer) == 0);
    write_one("router", REFUSAL, &error);
    bytes_clear(&error);
    abi_write_call(&writer, &error, REGISTRY_INVALID_LABEL_CHARACTER, 1);
    abi_put_word(&writer, WORD);
    fuzz_assert(abi_write_end(&writer) == 0);
    write_one("character", REFUSAL, &error);
    bytes_free(&error);
}

void seed_changes(void)
{
    for (size_t i = 0; i < sizeof UNSIGNED / sizeof UNSIGNED[0]; i++) {
        char label[24];

        snprintf(label, sizeof label, "by-hand-%zu", i);
        seed_write("unsigned", label, "", 0, view_of_text(UNSIGNED[i]));
    }
    write_calls();
    write_replies();
    write_refusals();
}
