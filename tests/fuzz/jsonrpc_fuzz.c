/*
 * Replies of a node. Input: a byte (how many calls were made), then the reply. Of what was taken
 * every call has one answer; what is shown of an error is safe to print; numbers and bytes are what
 * is written of them again.
 */
#include "eth/jsonrpc.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "fuzz/shared/fuzz.h"

enum { CALLS_MAX = 16, HEAP_FACTOR = 200, HEAP_MIN = 4096 };

static void check_error(const struct jsonrpc_error *error)
{
    struct nectar_view shown = view_of_text(error->message);

    fuzz_assert(shown.len < sizeof error->message && nectar_utf8_valid(shown));
    for (size_t i = 0; i < shown.len; i++)
        fuzz_assert(shown.data[i] >= 0x20 && shown.data[i] != 0x7f);
}

/* A result, written as what it was read as, is that again; digits may have been upper case. */
static void check_same(const struct json *result, const struct bytes *written)
{
    const char *text = "";

    fuzz_assert(json_text(&text, result) == 0);
    fuzz_assert(written->len == strlen(text) + 2);
    fuzz_assert(strncasecmp((const char *)written->data + 1, text, strlen(text)) == 0);
}

static void check_result(const struct json *result, size_t max)
{
    struct bytes bytes, written;
    struct json_writer w = {.out = &written};
    uint64_t number;
    int error;

    bytes_init(&bytes, max);
    bytes_init(&written, 2 * max + 64);
    error = jsonrpc_bytes(&bytes, result);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT);
    fuzz_assert(jsonrpc_has_bytes(result) == (error == 0 && bytes.len > 0));
    if (!error) {
        jsonrpc_write_bytes(&w, bytes_view(&bytes));
        check_same(result, &written);
    }
    w = (struct json_writer){.out = &written};
    bytes_clear(&written);
    if (jsonrpc_quantity(&number, result) == 0) {
        jsonrpc_write_quantity(&w, number);
        check_same(result, &written);
    }
    bytes_free(&bytes);
    bytes_free(&written);
}

static void check_reply(const struct jsonrpc_reply *reply, size_t count, size_t max)
{
    fuzz_assert(reply->count == count && (reply->answers != NULL) != (reply->refusal != NULL));
    for (size_t i = 0; i < count; i++) {
        const struct json *result = jsonrpc_result(reply, i);
        struct jsonrpc_error error;

        fuzz_assert(jsonrpc_error(&error, reply, i) == (result == NULL));
        if (result)
            check_result(result, max);
        else
            check_error(&error);
        for (size_t j = 0; result && j < i; j++)
            fuzz_assert(jsonrpc_result(reply, j) != result);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    size_t count = 1 + fuzz_byte(&in) % CALLS_MAX;
    char why[JSONRPC_WHY_SIZE];
    struct jsonrpc_reply reply;
    struct bytes text;
    int error;

    bytes_init(&text, in.len);
    fuzz_assert(bytes_append(&text, in.data, in.len) == 0);
    fuzz_heap_begin();
    error = jsonrpc_read(&reply, &text, count, why);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MIN + HEAP_FACTOR * in.len);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT || error == NECTAR_ETOOBIG);
    bytes_free(&text);
    if (!error)
        check_reply(&reply, count, in.len);
    else
        fuzz_assert(!reply.root && !reply.answers && fuzz_printable(why));
    jsonrpc_free(&reply);
    return 0;
}
