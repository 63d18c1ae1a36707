#include "eth/abi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/view.h"
#include "crypto/keccak.h"
#include "unit/shared/vectors.h"

enum { CALL_MAX = 1 << 16, NOTES = 4 };

#define GET       UINT32_C(0x8eaa6ac0) /* get(bytes32) */
#define NOTE      UINT32_C(0x7788b5a8) /* note(bytes,bytes) */
#define MINT      UINT32_C(0x094cefed) /* mint(address,bytes,bytes,address) */
#define EXECUTE   UINT32_C(0x51945447) /* execute(address,uint256,bytes,uint8) */
#define AGGREGATE UINT32_C(0x252dba42) /* aggregate((address,bytes)[]) */

static cJSON *vectors;

static const cJSON *member(const char *group, const char *name)
{
    const cJSON *found =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(vectors, group), name);

    assert_non_null(found);
    return found;
}

/* The bytes of "0x..."; free() its data. */
static struct nectar_view unhex(const char *text)
{
    uint8_t *data = malloc(CALL_MAX);

    assert_non_null(data);
    assert_memory_equal(text, "0x", 2);
    return (struct nectar_view){data, vectors_hex(data, CALL_MAX, text + 2)};
}

static struct nectar_view calldata(const char *name)
{
    return unhex(member("calldata", name)->valuestring);
}

static void address_of(uint8_t out[ABI_ADDRESS], const char *name)
{
    char hex[2 * ABI_ADDRESS + 1] = {0};
    const char *text = member("addresses", name)->valuestring;

    for (size_t i = 0; i < sizeof hex - 1; i++) /* it is in mixed case */
        hex[i] = (char)(text[2 + i] >= 'A' && text[2 + i] <= 'F' ? text[2 + i] + 32 : text[2 + i]);
    assert_int_equal(vectors_hex(out, ABI_ADDRESS, hex), ABI_ADDRESS);
}

static void assert_bytes(struct nectar_view got, struct nectar_view expected)
{
    assert_int_equal(got.len, expected.len);
    if (got.len > 0)
        assert_memory_equal(got.data, expected.data, got.len);
}

static void assert_written(struct bytes *got, const char *name)
{
    struct nectar_view expected = calldata(name);

    assert_bytes(bytes_view(got), expected);
    free((void *)expected.data);
    bytes_free(got);
}

/* --- Hypermap's calls, written and read --- */

static void write_note(struct bytes *out, const char *label, const char *data)
{
    struct nectar_view bytes = unhex(data);
    struct abi_writer w;

    bytes_init(out, CALL_MAX);
    abi_write_call(&w, out, NOTE, 2);
    abi_put_bytes(&w, view_of_text(label));
    abi_put_bytes(&w, bytes);
    assert_int_equal(abi_write_end(&w), 0);
    free((void *)bytes.data);
}

static void write_execute(struct bytes *out, const char *to, struct bytes *data, uint64_t operation)
{
    uint8_t address[ABI_ADDRESS];
    struct abi_writer w;

    address_of(address, to);
    bytes_init(out, CALL_MAX);
    abi_write_call(&w, out, EXECUTE, 4);
    abi_put_address(&w, address);
    abi_put_uint(&w, 0);
    abi_put_bytes(&w, bytes_view(data));
    abi_put_uint(&w, operation);
    assert_int_equal(abi_write_end(&w), 0);
    bytes_free(data);
}

static void write_aggregate(struct bytes *out, const char *const notes[][2], size_t count)
{
    uint8_t hypermap[ABI_ADDRESS];
    struct abi_writer w;

    address_of(hypermap, "hypermap");
    bytes_init(out, CALL_MAX);
    abi_write_call(&w, out, AGGREGATE, 1);
    abi_open_array(&w, count, 1);
    for (size_t i = 0; i < count; i++) {
        struct bytes note;

        write_note(&note, notes[i][0], notes[i][1]);
        abi_open_tuple(&w, 2);
        abi_put_address(&w, hypermap);
        abi_put_bytes(&w, bytes_view(&note));
        abi_close(&w);
        bytes_free(&note);
    }
    abi_close(&w);
    assert_int_equal(abi_write_end(&w), 0);
}

static void write_mint(struct bytes *out, const char *label, struct bytes *initialization)
{
    /* the first account of every test chain */
    static const uint8_t to[ABI_ADDRESS] = {0xf3, 0x9f, 0xd6, 0xe5, 0x1a, 0xad, 0x88,
                                            0xf6, 0xf4, 0xce, 0x6a, 0xb8, 0x82, 0x72,
                                            0x79, 0xcf, 0xff, 0xb9, 0x22, 0x66};
    uint8_t implementation[ABI_ADDRESS];
    struct abi_writer w;

    address_of(implementation, "hyper_account_implementation");
    bytes_init(out, CALL_MAX);
    abi_write_call(&w, out, MINT, 4);
    abi_put_address(&w, to);
    abi_put_bytes(&w, view_of_text(label));
    abi_put_bytes(&w, bytes_view(initialization));
    abi_put_address(&w, implementation);
    assert_int_equal(abi_write_end(&w), 0);
    bytes_free(initialization);
}

#define KEY_OF_ALICE "0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_OF_BOB   "0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
#define ROUTERS                                                                                    \
    "0xfc921cbdfda30a7b21ad8f5c9ad542cbb5f6f3d0f8c2831fcd0325d1dbbdce8b"                           \
    "c175489e62cd3c130744bf40ee8fa4bb86943da11fed6ebd692afe970eb96f03"

static const char *const OF_ALICE[NOTES][2] = {{"~net-key", KEY_OF_ALICE},
                                               {"~ip", "0xcb007107"},
                                               {"~ws-port", "0x2328"},
                                               {"~tcp-port", "0x2710"}};
static const char *const OF_BOB[][2] = {{"~net-key", KEY_OF_BOB}, {"~routers", ROUTERS}};

static void calls_are_written(void **state)
{
    struct bytes inner, out;

    (void)state;
    write_note(&out, "~ip", "0xcb007107");
    assert_written(&out, "note(~ip,203.0.113.7)");
    write_note(&out, "~ws-port", "0x2328");
    assert_written(&out, "note(~ws-port,9000)");
    write_note(&out, "~net-key", KEY_OF_ALICE);
    assert_written(&out, "note(~net-key,NK_A)");
    write_note(&out, "~routers", ROUTERS);
    assert_written(&out, "note(~routers,[alice.os,router1.os])");
    write_note(&out, "~ip", "0x");
    assert_written(&out, "note(~ip,empty)");
    write_note(&inner, "~ip", "0xcb007107");
    write_execute(&out, "hypermap", &inner, 0);
    assert_written(&out, "execute(hypermap,0,note(~ip,203.0.113.7),0)");
    write_aggregate(&out, OF_ALICE, NOTES);
    assert_written(&out, "aggregate(4 notes)");
    write_aggregate(&inner, OF_ALICE, NOTES);
    write_execute(&out, "multicall3", &inner, 1);
    assert_written(&out, "execute(multicall3,0,aggregate(4 notes),1)");
    bytes_init(&inner, 0);
    write_mint(&out, "alice", &inner);
    assert_written(&out, "mint(A,alice,0x,HyperAccount)");
    write_aggregate(&inner, OF_BOB, 2);
    write_execute(&out, "multicall3", &inner, 1);
    write_mint(&inner, "bob", &out);
    assert_written(&inner,
                   "mint(A,bob,execute(multicall,aggregate(net-key,routers)),HyperAccount)");
}

static void a_word_is_written(void **state)
{
    struct nectar_view node = unhex(member("namehash", "alice.os")->valuestring);
    struct bytes out;
    struct abi_writer w;

    (void)state;
    bytes_init(&out, CALL_MAX);
    abi_write_call(&w, &out, GET, 1);
    abi_put_word(&w, node.data);
    assert_int_equal(abi_write_end(&w), 0);
    assert_written(&out, "get(alice.os)");
    free((void *)node.data);
}

static void calls_are_read(void **state)
{
    struct nectar_view call = calldata("execute(multicall3,0,aggregate(4 notes),1)");
    uint8_t expected[ABI_ADDRESS], address[ABI_ADDRESS];
    struct nectar_view inner;
    struct abi_reader r;

    (void)state;
    abi_read_call(&r, call, EXECUTE, 4);
    abi_get_address(&r, address);
    address_of(expected, "multicall3");
    assert_memory_equal(address, expected, sizeof address);
    assert_int_equal(abi_get_uint(&r, 0), 0);
    inner = abi_get_bytes(&r);
    assert_int_equal(abi_get_uint(&r, 1), 1);
    assert_int_equal(abi_read_end(&r), 0);

    abi_read_call(&r, inner, AGGREGATE, 1);
    assert_int_equal(abi_enter_array(&r, 1), NOTES);
    address_of(expected, "hypermap");
    for (size_t i = 0; i < NOTES; i++) {
        struct nectar_view data = unhex(OF_ALICE[i][1]), note;
        struct abi_reader of_note;

        abi_enter_tuple(&r, 2);
        abi_get_address(&r, address);
        note = abi_get_bytes(&r);
        abi_leave(&r);
        assert_memory_equal(address, expected, sizeof address);
        abi_read_call(&of_note, note, NOTE, 2);
        assert_true(view_equal_text(abi_get_bytes(&of_note), OF_ALICE[i][0]));
        assert_bytes(abi_get_bytes(&of_note), data);
        assert_int_equal(abi_read_end(&of_note), 0);
        free((void *)data.data);
    }
    abi_leave(&r);
    assert_int_equal(abi_read_end(&r), 0);
    free((void *)call.data);
}

/* What get() replies: an account, an owner, data. */
static void check_get(struct nectar_view raw, const cJSON *expected)
{
    static const char *const NAMES[] = {"tba", "owner"};
    struct nectar_view data =
        unhex(cJSON_GetObjectItemCaseSensitive(expected, "data")->valuestring);
    struct abi_reader r;

    abi_read_bare(&r, raw, 3);
    for (size_t i = 0; i < 2; i++) {
        const cJSON *address = cJSON_GetObjectItemCaseSensitive(expected, NAMES[i]);
        uint8_t got[ABI_ADDRESS];
        char hex[2 * ABI_ADDRESS + 3] = "0x";

        abi_get_address(&r, got);
        for (size_t j = 0; j < ABI_ADDRESS; j++)
            snprintf(hex + 2 + 2 * j, 3, "%02x", got[j]);
        if (address) /* among the aggregated only data is told */
            assert_int_equal(strcasecmp(hex, address->valuestring), 0);
    }
    assert_bytes(abi_get_bytes(&r), data);
    assert_int_equal(abi_read_end(&r), 0);
    free((void *)data.data);
}

static void replies_are_read(void **state)
{
    const cJSON *reads = cJSON_GetObjectItemCaseSensitive(vectors, "reads"), *each;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(each, reads)
    {
        struct nectar_view raw = unhex(cJSON_GetObjectItemCaseSensitive(each, "raw")->valuestring);

        check_get(raw, each);
        free((void *)raw.data);
        count++;
    }
    assert_int_equal(count, 12);
}

static void many_replies_are_read(void **state)
{
    struct nectar_view reply = unhex(member("aggregate_read", "response")->valuestring);
    struct nectar_view request = unhex(member("aggregate_read", "request_calldata")->valuestring);
    const cJSON *results = member("aggregate_read", "results"), *each;
    struct abi_reader r, q;

    (void)state;
    abi_read_call(&q, request, AGGREGATE, 1);
    abi_read_bare(&r, reply, 2);
    assert_int_equal(abi_get_uint(&r, UINT64_MAX), 47);
    assert_int_equal(abi_enter_array(&r, 1), cJSON_GetArraySize(results));
    assert_int_equal(abi_enter_array(&q, 1), cJSON_GetArraySize(results));
    cJSON_ArrayForEach(each, results)
    {
        uint8_t target[ABI_ADDRESS];

        check_get(abi_get_bytes(&r), each);
        abi_enter_tuple(&q, 2);
        abi_get_address(&q, target);
        assert_true(abi_selector(abi_get_bytes(&q)) == GET);
        abi_leave(&q);
    }
    abi_leave(&r);
    abi_leave(&q);
    assert_int_equal(abi_read_end(&r), 0);
    assert_int_equal(abi_read_end(&q), 0);
    free((void *)reply.data);
    free((void *)request.data);
}

/* The selectors that abi.h names, and those above. */
static void selectors(void **state)
{
    static const struct {
        uint32_t selector;
        const char *text;
    } rows[] = {
        {ABI_ERROR, "Error(string)"},
        {ABI_PANIC, "Panic(uint256)"},
        {GET, "get(bytes32)"},
        {NOTE, "note(bytes,bytes)"},
        {MINT, "mint(address,bytes,bytes,address)"},
        {EXECUTE, "execute(address,uint256,bytes,uint8)"},
        {AGGREGATE, "aggregate((address,bytes)[])"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t hash[KECCAK_HASH_BYTES];

        keccak_hash(hash, rows[i].text, strlen(rows[i].text));
        assert_true(abi_selector((struct nectar_view){hash, ABI_SELECTOR}) == rows[i].selector);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_written),     cmocka_unit_test(a_word_is_written),
        cmocka_unit_test(calls_are_read),        cmocka_unit_test(replies_are_read),
        cmocka_unit_test(many_replies_are_read), cmocka_unit_test(selectors),
    };
    int failed;

    vectors = vectors_read("tests/vectors/hypermap-vectors.json");
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    cJSON_Delete(vectors);
    return failed;
}
