/*
 * What a Nectar registry's contract, or who poses as one, replies, refuses, and is called with.
 * Input: a byte (which of them), then the bytes. A record that was taken is well formed, and the
 * call that publishes it is read as what it is.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/transaction.h>

#include "base/view.h"
#include "codec/json_check.h"
#include "fuzz/shared/fuzz.h"
#include "pki/nectar_abi.h"
#include "pki/record.h"

enum { CALL_MAX = 64 << 10, TEXT_MAX = 256 << 10 };

static void publish(const struct nectar_record *record)
{
    struct bytes call;
    struct bytes text;
    struct json_writer writer = {.out = &text};
    struct nectar_tx tx = {.chain = 0};
    struct nectar_view username;
    size_t line;

    bytes_init(&call, CALL_MAX);
    bytes_init(&text, TEXT_MAX);
    fuzz_assert(nectar_abi_username(&username, record->name, "nec") == 0);
    fuzz_assert(nectar_abi_publish(&call, username, record, "nec") == 0);
    tx.data = call.data;
    tx.data_len = call.len;
    fuzz_assert(nectar_abi_describe(&writer, &tx) == 0);
    fuzz_assert(json_check(bytes_view(&text), &line) == 0);
    bytes_free(&call);
    bytes_free(&text);
}

static void read_record(struct nectar_view reply)
{
    static const uint8_t NOBODY[NECTAR_ACCOUNT_BYTES] = {0};
    uint8_t owner[NECTAR_ACCOUNT_BYTES];
    struct nectar_record record = {.has_key = false};
    int error = nectar_abi_read_record(&record, owner, "squid.nec", "nec", reply);
    bool owned = memcmp(owner, NOBODY, sizeof owner) != 0;

    fuzz_assert(error == 0 || error == NECTAR_EFORMAT);
    if (error || !owned) {
        fuzz_assert(!record.name[0] && !record.has_key && record.router_count == 0);
        return;
    }
    fuzz_assert(record_check(&record) == 0 && strcmp(record.name, "squid.nec") == 0);
    publish(&record);
}

static void read_tld(struct nectar_view reply)
{
    char tld[NECTAR_LABEL_MAX + 1] = "";
    int error = nectar_abi_read_tld(tld, reply);

    fuzz_assert(error == 0 || error == NECTAR_EFORMAT);
    fuzz_assert(error ? !tld[0] : nectar_name_check(tld) == 0 && !strchr(tld, '.'));
}

static void explain(struct nectar_view error)
{
    char text[64] = "";

    fuzz_assert(nectar_abi_explain(text, sizeof text, error) == (text[0] != '\0'));
    fuzz_assert(strlen(text) < sizeof text);
}

static void describe(struct nectar_view data, bool creates)
{
    struct nectar_tx tx = {.creates = creates, .data_len = data.len};
    struct bytes text;
    struct json_writer writer = {.out = &text};
    size_t line;
    int error;

    tx.data = fuzz_copy(data);
    bytes_init(&text, TEXT_MAX);
    error = nectar_abi_describe(&writer, &tx);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT || error == NECTAR_ETOOBIG);
    if (error == 0)
        fuzz_assert(json_check(bytes_view(&text), &line) == 0);
    if (error == NECTAR_EFORMAT)
        fuzz_assert(text.len == 0);
    bytes_free(&text);
    free(tx.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    uint8_t what = fuzz_byte(&in);
    uint8_t *copy = fuzz_copy(in);
    struct nectar_view bytes = {copy, in.len};

    if (what == 0)
        read_record(bytes);
    else if (what == 1)
        read_tld(bytes);
    else if (what == 2)
        explain(bytes);
    else
        describe(bytes, what & 1);
    free(copy);
    return 0;
}
