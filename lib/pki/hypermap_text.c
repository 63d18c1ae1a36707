#include "pki/hypermap_text.h"

#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "eth/abi.h"
#include "eth/jsonrpc.h"
#include "eth/word.h"
#include "pki/hypermap_call.h"
#include "pki/told.h"

/* Calls within one another: a parent's account mints, and the new account writes many notes. */
enum { CALLS_DEEP = 6 };

/* --- errors ---------------------------------------------------------------------------------- */

/* Of Hypermap, of its accounts and of the ERC-721 token that a name is. */
static const struct told_error ERRORS[] = {
    {0x7080f645, "CannotCreate2Proxy()"},
    {0x01b37205, "EmptyFact()"},
    {0x7e273289, "ERC721NonexistentToken(uint256)"},
    {0xa542ed9c, "FactAlreadyExists()"},
    {0x6ae27d4f, "FactMustBeginWithBang()"},
    {0x5a714b1c, "FailedToInitializeTBA()"},
    {0xf3dda333, "GeneAlreadySet()"},
    {0xe87f7f44, "InvalidLabelCharacter()"},
    {0x7d45f786, "LabelTooLong()"},
    {0x280dacb6, "LabelTooShort()"},
    {0xd202940c, "NameAlreadyExists()"},
    {0x572190d1, "NotHypermapCaller(address)"},
    {0x8f0052a6, "NotOperatorOrEntryPoint()"},
    {0x3813fcca, "NotParent()"},
    {0xa3b9ac95, "NoteMustBeginWithTilde()"},
    {0xc6f4099f, "OnlyZero()"},
    {0xb79e3f3f, "OwnershipCycle()"},
};

bool hypermap_explain(char *out, size_t size, struct nectar_view error)
{
    return told_error(out, size, error, ERRORS, sizeof ERRORS / sizeof ERRORS[0]);
}

/* --- calls ----------------------------------------------------------------------------------- */

/* Writes a call that is known; NECTAR_EFORMAT, and nothing is written, of any other. */
static int describe(struct json_writer *w, struct nectar_view data, unsigned depth);

static void write_bytes(struct json_writer *w, const char *key, struct nectar_view bytes)
{
    json_write_key(w, key);
    jsonrpc_write_bytes(w, bytes);
}

/* A label is text where the contract takes it. */
static void write_label(struct json_writer *w, struct nectar_view label)
{
    json_write_key(w, "label");
    if (nectar_utf8_valid(label))
        json_write_text(w, label);
    else
        jsonrpc_write_bytes(w, label);
}

/* A call within a call: described, or its bytes. */
static void write_inner(struct json_writer *w, struct nectar_view data, unsigned depth)
{
    if (depth == 0 || describe(w, data, depth - 1) == NECTAR_EFORMAT)
        jsonrpc_write_bytes(w, data);
}

static int describe_get(struct json_writer *w, struct nectar_view data)
{
    uint8_t hash[ABI_WORD];
    struct abi_reader reader;

    abi_read_call(&reader, data, HYPERMAP_GET, 1);
    abi_get_word(&reader, hash);
    if (abi_read_end(&reader) != 0)
        return NECTAR_EFORMAT;
    told_call(w, "get");
    write_bytes(w, "namehash", (struct nectar_view){hash, sizeof hash});
    return told_call_end(w);
}

static int describe_note(struct json_writer *w, struct nectar_view data)
{
    struct nectar_view label;
    struct nectar_view value;
    struct abi_reader reader;

    abi_read_call(&reader, data, HYPERMAP_NOTE, 2);
    label = abi_get_bytes(&reader);
    value = abi_get_bytes(&reader);
    if (abi_read_end(&reader) != 0)
        return NECTAR_EFORMAT;
    told_call(w, "note");
    write_label(w, label);
    write_bytes(w, "data", value);
    return told_call_end(w);
}

static int describe_mint(struct json_writer *w, struct nectar_view data, unsigned depth)
{
    uint8_t owner[ABI_ADDRESS];
    uint8_t account[ABI_ADDRESS];
    struct nectar_view label;
    struct nectar_view call;
    struct abi_reader reader;

    abi_read_call(&reader, data, HYPERMAP_MINT, 4);
    abi_get_address(&reader, owner);
    label = abi_get_bytes(&reader);
    call = abi_get_bytes(&reader);
    abi_get_address(&reader, account);
    if (abi_read_end(&reader) != 0)
        return NECTAR_EFORMAT;
    told_call(w, "mint");
    told_address(w, "to", owner);
    write_label(w, label);
    json_write_key(w, "initialization");
    write_inner(w, call, depth);
    told_address(w, "implementation", account);
    return told_call_end(w);
}

static int describe_execute(struct json_writer *w, struct nectar_view data, unsigned depth)
{
    uint8_t to[ABI_ADDRESS];
    uint8_t value[ABI_WORD];
    char hex[WORD_HEX_SIZE];
    struct word amount;
    struct nectar_view call;
    uint64_t operation;
    struct abi_reader reader;

    abi_read_call(&reader, data, HYPERMAP_EXECUTE, 4);
    abi_get_address(&reader, to);
    abi_get_word(&reader, value);
    call = abi_get_bytes(&reader);
    operation = abi_get_uint(&reader, UINT8_MAX);
    if (abi_read_end(&reader) != 0)
        return NECTAR_EFORMAT;
    memcpy(amount.bytes, value, sizeof amount.bytes);
    word_to_quantity(hex, &amount);
    told_call(w, "execute");
    told_address(w, "to", to);
    json_write_key(w, "value");
    json_write_text(w, view_of_text(hex));
    json_write_key(w, "data");
    write_inner(w, call, depth);
    json_write_key(w, "operation");
    json_write_uint(w, operation);
    return told_call_end(w);
}

/* Reads the calls that Multicall3 is to make; writes them, where there is somebody to write to. */
static int walk_calls(struct json_writer *w, struct nectar_view data, unsigned depth)
{
    struct abi_reader reader;
    size_t count;

    abi_read_call(&reader, data, HYPERMAP_AGGREGATE, 1);
    count = abi_enter_array(&reader, 1);
    for (size_t i = 0; i < count && !reader.error; i++) {
        uint8_t target[ABI_ADDRESS];
        struct nectar_view call;

        abi_enter_tuple(&reader, 2);
        abi_get_address(&reader, target);
        call = abi_get_bytes(&reader);
        abi_leave(&reader);
        if (!w)
            continue;
        json_open_object(w);
        told_address(w, "target", target);
        json_write_key(w, "callData");
        write_inner(w, call, depth);
        json_close_object(w);
    }
    if (reader.error)
        return NECTAR_EFORMAT;
    abi_leave(&reader);
    return abi_read_end(&reader);
}

static int describe_aggregate(struct json_writer *w, struct nectar_view data, unsigned depth)
{
    if (walk_calls(NULL, data, depth) != 0)
        return NECTAR_EFORMAT;
    told_call(w, "aggregate");
    json_write_key(w, "calls");
    json_open_array(w);
    (void)walk_calls(w, data, depth); /* as before */
    json_close_array(w);
    return told_call_end(w);
}

static int describe(struct json_writer *w, struct nectar_view data, unsigned depth)
{
    switch (abi_selector(data)) {
    case HYPERMAP_GET:
        return describe_get(w, data);
    case HYPERMAP_NOTE:
        return describe_note(w, data);
    case HYPERMAP_MINT:
        return describe_mint(w, data, depth);
    case HYPERMAP_EXECUTE:
        return describe_execute(w, data, depth);
    case HYPERMAP_AGGREGATE:
        return describe_aggregate(w, data, depth);
    default:
        return NECTAR_EFORMAT;
    }
}

int hypermap_describe(struct json_writer *w, struct nectar_view data)
{
    return describe(w, data, CALLS_DEEP);
}
