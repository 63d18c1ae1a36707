#include "pki/hypermap_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/view.h"
#include "eth/abi.h"
#include "unit/shared/hypermap.h"

enum { TEXT_MAX = 1 << 16 };

/* --- errors --- */

static void errors(void **state)
{
    const cJSON *each;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), "errors"))
    {
        struct nectar_view error = hypermap_bytes(each);
        bool argument = !strstr(each->string, "()");
        char text[128] = "";

        /* Without the argument that it has, it is not that error. */
        assert_int_equal(hypermap_explain(text, sizeof text, error), !argument);
        if (!argument)
            assert_string_equal(text, each->string);
        count++;
    }
    assert_int_equal(count, 17);
}

static void errors_with_an_argument(void **state)
{
    uint8_t data[ABI_SELECTOR + ABI_WORD] = {0x57, 0x21, 0x90, 0xd1};
    struct nectar_view error = {data, sizeof data};
    struct nectar_view owner =
        hypermap_bytes(hypermap_member(hypermap_in("reads", "alice.os"), "owner"));
    char text[128];

    (void)state;
    memcpy(data + sizeof data - owner.len, owner.data, owner.len);
    assert_true(hypermap_explain(text, sizeof text, error));
    assert_string_equal(text, "NotHypermapCaller(0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266)");
    memcpy(data, hypermap_bytes(hypermap_in("errors", "ERC721NonexistentToken(uint256)")).data,
           ABI_SELECTOR);
    memcpy(data + ABI_SELECTOR, hypermap_bytes(hypermap_in("namehash", "os")).data, ABI_WORD);
    assert_true(hypermap_explain(text, sizeof text, error));
    assert_string_equal(text,
                        "ERC721NonexistentToken("
                        "0xdeeac81ae11b64e7cab86d089c306e5d223552a630f02633ce170d2786ff1bbd)");
    error.len--;
    assert_false(hypermap_explain(text, sizeof text, error));
}

/* What the real contracts answered. Error(string) is Solidity's own, and told elsewhere. */
static void errors_as_they_come(void **state)
{
    const cJSON *each;
    size_t told = 0, others = 0;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), "permission_probes"))
    {
        const cJSON *revert = cJSON_GetObjectItemCaseSensitive(each, "revert");
        char text[128];

        if (!revert)
            continue;
        if (hypermap_explain(text, sizeof text, hypermap_bytes(hypermap_member(each, "data")))) {
            assert_string_equal(text, revert->valuestring);
            told++;
        } else {
            assert_memory_equal(revert->valuestring, "Error(", 6);
            others++;
        }
    }
    assert_int_equal(told, 6);
    assert_int_equal(others, 3);
}

/* --- calls --- */

static void expect_told(struct nectar_view call, const char *expected)
{
    struct bytes text;
    struct json_writer w = {.out = &text};

    bytes_init(&text, TEXT_MAX);
    assert_int_equal(hypermap_describe(&w, call), expected ? 0 : NECTAR_EFORMAT);
    if (expected) {
        assert_int_equal(text.len, strlen(expected));
        assert_memory_equal(text.data, expected, text.len);
    } else {
        assert_int_equal(text.len, 0);
    }
    bytes_free(&text);
}

#define ADDRESS_HYPERMAP  "0x000000000044C6B8Cb4d8f0F889a3E47664EAeda"
#define ADDRESS_MULTICALL "0xcA11bde05977b3631167028862bE2a173976CA11"
#define NOTE(label, data)                                                                          \
    "{\"function\":\"note\",\"arguments\":{\"label\":\"" label "\",\"data\":\"" data "\"}}"
#define CALL(data) "{\"target\":\"" ADDRESS_HYPERMAP "\",\"callData\":" data "}"
#define EXECUTE(to, data, operation)                                                               \
    "{\"function\":\"execute\",\"arguments\":{\"to\":\"" to "\",\"value\":\"0x0\",\"data\":" data  \
    ",\"operation\":" operation "}}"
#define AGGREGATE(calls) "{\"function\":\"aggregate\",\"arguments\":{\"calls\":[" calls "]}}"

static const char NET_KEY_OF_BOB[] =
    NOTE("~net-key", "0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");

static void calls(void **state)
{
    (void)state;
    expect_told(hypermap_bytes(hypermap_in("calldata", "get(alice.os)")),
                "{\"function\":\"get\",\"arguments\":{\"namehash\":"
                "\"0xfc921cbdfda30a7b21ad8f5c9ad542cbb5f6f3d0f8c2831fcd0325d1dbbdce8b\"}}");
    expect_told(hypermap_bytes(hypermap_in("calldata", "note(~ip,empty)")), NOTE("~ip", "0x"));
    expect_told(
        hypermap_bytes(hypermap_in("calldata", "execute(hypermap,0,note(~ip,203.0.113.7),0)")),
        EXECUTE(ADDRESS_HYPERMAP, NOTE("~ip", "0xcb007107"), "0"));
    expect_told(
        hypermap_bytes(hypermap_in("calldata", "execute(multicall3,0,aggregate(4 notes),1)")),
        EXECUTE(
            ADDRESS_MULTICALL,
            AGGREGATE(CALL(NOTE(
                "~net-key",
                "0xd75a980182b10ab7d54bfed3c964073a"
                "0ee172f3daa62325af021a68f707511a")) "," CALL(NOTE("~ip",
                                                                   "0xcb007107")) "," CALL(NOTE("~w"
                                                                                                "s-"
                                                                                                "po"
                                                                                                "r"
                                                                                                "t",
                                                                                                "0x"
                                                                                                "23"
                                                                                                "2"
                                                                                                "8")) "," CALL(NOTE("~tcp-port",
                                                                                                                    "0x2710"))),
            "1"));
    expect_told(hypermap_bytes(hypermap_in("calldata", "mint(A,alice,0x,HyperAccount)")),
                "{\"function\":\"mint\",\"arguments\":{"
                "\"to\":\"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266\",\"label\":\"alice\","
                "\"initialization\":\"0x\","
                "\"implementation\":\"0x0000000000EDAd72076CBe7b9Cfa3751D5a85C97\"}}");
}

static void calls_within_a_minting(void **state)
{
    struct nectar_view call = hypermap_bytes(hypermap_in(
        "calldata", "mint(A,bob,execute(multicall,aggregate(net-key,routers)),HyperAccount)"));
    struct bytes text;
    struct json_writer w = {.out = &text};

    (void)state;
    bytes_init(&text, TEXT_MAX);
    assert_int_equal(hypermap_describe(&w, call), 0);
    assert_int_equal(bytes_append_byte(&text, '\0'), 0);
    assert_non_null(strstr((const char *)text.data, "\"label\":\"bob\",\"initialization\":"
                                                    "{\"function\":\"execute\""));
    assert_non_null(strstr((const char *)text.data, NET_KEY_OF_BOB));
    bytes_free(&text);
}

/* Cut anywhere a call is none, and nothing is written; what is within it is then its bytes. */
static void calls_that_are_none(void **state)
{
    struct nectar_view call =
        hypermap_bytes(hypermap_in("calldata", "execute(multicall3,0,aggregate(4 notes),1)"));
    uint8_t other[512];
    struct nectar_view cut = call;

    (void)state;
    for (cut.len = 0; cut.len < call.len; cut.len++)
        expect_told(cut, NULL);
    call = hypermap_bytes(hypermap_in("calldata", "note(~ip,empty)"));
    assert_true(call.len <= sizeof other);
    memcpy(other, call.data, call.len);
    other[3] ^= 1;
    expect_told((struct nectar_view){other, call.len}, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors),
        cmocka_unit_test(errors_with_an_argument),
        cmocka_unit_test(errors_as_they_come),
        cmocka_unit_test(calls),
        cmocka_unit_test(calls_within_a_minting),
        cmocka_unit_test(calls_that_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
