#include "pki/hypermap_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/view.h"
#include "eth/abi.h"
#include "pki/hypermap_account.h"
#include "pki/hypermap_log.h"
#include "unit/shared/hypermap.h"

enum { SELECTOR_HEX = 2 + 2 * ABI_SELECTOR };

static void hashes_of_names(void **state)
{
    const cJSON *each;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), "namehash"))
    {
        uint8_t hash[HYPERMAP_HASH_BYTES];

        hypermap_hash_name(hash, each->string);
        hypermap_expect(each, hash, sizeof hash);
        count++;
    }
    assert_int_equal(count, 17);
}

/* "alice.os" is alice under os under the root. */
static void hashes_of_children(void **state)
{
    uint8_t hash[HYPERMAP_HASH_BYTES] = {0};

    (void)state;
    hypermap_hash_child(hash, hash, view_of_text("os"));
    hypermap_expect(hypermap_in("namehash", "os"), hash, sizeof hash);
    hypermap_hash_child(hash, hash, view_of_text("alice"));
    hypermap_expect(hypermap_in("namehash", "alice.os"), hash, sizeof hash);
    hypermap_hash_child(hash, hash, view_of_text("~net-key"));
    hypermap_expect(hypermap_in("namehash", "~net-key.alice.os"), hash, sizeof hash);
}

static void hashes_of_labels(void **state)
{
    const cJSON *each;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), "labelhash"))
    {
        uint8_t hash[KECCAK_HASH_BYTES];

        keccak_hash(hash, each->string, strlen(each->string));
        hypermap_expect(each, hash, sizeof hash);
        count++;
    }
    assert_int_equal(count, 7);
}

/* Signatures: of calls and errors the front of their hash, of events all of it. */
static void hashes_of_signatures(void **state)
{
    static const struct {
        const char *group;
        size_t len, count;
    } GROUPS[] = {{"selectors", ABI_SELECTOR, 16},
                  {"errors", ABI_SELECTOR, 17},
                  {"event_topics", KECCAK_HASH_BYTES, 6}};

    (void)state;
    for (size_t i = 0; i < sizeof GROUPS / sizeof GROUPS[0]; i++) {
        const cJSON *each;
        size_t count = 0;

        cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), GROUPS[i].group))
        {
            uint8_t hash[KECCAK_HASH_BYTES];

            keccak_hash(hash, each->string, strlen(each->string));
            hypermap_expect(each, hash, GROUPS[i].len);
            count++;
        }
        assert_int_equal(count, GROUPS[i].count);
    }
    assert_string_equal(
        hypermap_in("event_topics", "Mint(bytes32,bytes32,bytes,bytes)")->valuestring,
        HYPERMAP_MINT_TOPIC);
}

/* --- labels --- */

static void expect_label(const char *probe, const void *label, size_t len, char prefix)
{
    const char *refusal = hypermap_label_refusal((struct nectar_view){label, len}, prefix);

    assert_string_equal(hypermap_in("label_probes", probe)->valuestring, refusal ? refusal : "ok");
}

#define EXPECT(probe, label, prefix) expect_label(probe, label, sizeof(label) - 1, prefix)

static void labels_of_names(void **state)
{
    uint8_t longest[64];

    (void)state;
    memset(longest, 'a', sizeof longest);
    EXPECT("mint empty", "", 0);
    EXPECT("mint \"a\"", "a", 0);
    EXPECT("mint \"-\"", "-", 0);
    EXPECT("mint \"--x-\"", "--x-", 0);
    EXPECT("mint \"0\"", "0", 0);
    expect_label("mint 63 x a", longest, 63, 0);
    expect_label("mint 64 x a", longest, 64, 0);
    EXPECT("mint uppercase \"A\"", "A", 0);
    EXPECT("mint \"a.b\"", "a.b", 0);
    EXPECT("mint \"a_b\"", "a_b", 0);
    EXPECT("mint \"~a\"", "~a", 0);
    EXPECT("mint \"!a\"", "!a", 0);
    EXPECT("mint \"\u00e9\" utf-8", "\u00e9", 0);
    EXPECT("mint bytes 61 00", "a\0", 0);
    EXPECT("mint byte 80", "\x80", 0);
    EXPECT("mint space", " ", 0);
}

static void labels_of_notes(void **state)
{
    uint8_t longest[64];

    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[0] = HYPERMAP_TILDE;
    EXPECT("note empty", "", HYPERMAP_TILDE);
    EXPECT("note \"~\"", "~", HYPERMAP_TILDE);
    EXPECT("note \"~a\"", "~a", HYPERMAP_TILDE);
    EXPECT("note \"~-\"", "~-", HYPERMAP_TILDE);
    EXPECT("note \"ip\" without tilde", "ip", HYPERMAP_TILDE);
    EXPECT("note \"~~a\"", "~~a", HYPERMAP_TILDE);
    EXPECT("note \"~A\"", "~A", HYPERMAP_TILDE);
    EXPECT("note \"~a.b\"", "~a.b", HYPERMAP_TILDE);
    expect_label("note \"~\"+62 x a (63 bytes)", longest, 63, HYPERMAP_TILDE);
    expect_label("note \"~\"+63 x a (64 bytes)", longest, 64, HYPERMAP_TILDE);
    EXPECT("note \"!a\" as note", "!a", HYPERMAP_TILDE);
}

/* --- accounts --- */

static void accounts_of_names(void **state)
{
    struct nectar_view hypermap = hypermap_bytes(hypermap_in("addresses", "hypermap"));
    const cJSON *each;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), "tba_derivation"))
    {
        uint8_t hash[HYPERMAP_HASH_BYTES];
        uint8_t account[ABI_ADDRESS];

        hypermap_hash_name(hash, each->string);
        hypermap_expect(hypermap_member(each, "namehash"), hash, sizeof hash);
        hypermap_account_of(account, 31337, hypermap.data, hash);
        hypermap_expect(hypermap_member(each, "tba_31337"), account, sizeof account);
        hypermap_account_of(account, 8453, hypermap.data, hash);
        hypermap_expect(hypermap_member(each, "tba_8453_predicted"), account, sizeof account);
        count++;
    }
    assert_int_equal(count, 3);
}

static void accounts_that_are_known(void **state)
{
    struct nectar_view hypermap = hypermap_bytes(hypermap_in("addresses", "hypermap"));
    uint8_t hash[HYPERMAP_HASH_BYTES];
    uint8_t account[ABI_ADDRESS];
    const cJSON *each;

    (void)state;
    hypermap_hash_name(hash, "os");
    hypermap_account_of(account, 8453, hypermap.data, hash);
    hypermap_expect(hypermap_in("addresses", "os_tba_on_base_8453"), account, sizeof account);
    hypermap_account_of(account, 31337, hypermap.data, hash);
    hypermap_expect(hypermap_in("addresses", "os_tba_on_31337"), account, sizeof account);
    hypermap_hash_name(hash, "");
    hypermap_account_of(account, 31337, hypermap.data, hash);
    hypermap_expect(hypermap_in("addresses", "zeroth_tba_on_31337"), account, sizeof account);
    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), "tbas"))
    {
        hypermap_hash_name(hash, each->string);
        hypermap_account_of(account, 31337, hypermap.data, hash);
        hypermap_expect(each, account, sizeof account);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_of_names),   cmocka_unit_test(hashes_of_children),
        cmocka_unit_test(hashes_of_labels),  cmocka_unit_test(hashes_of_signatures),
        cmocka_unit_test(labels_of_names),   cmocka_unit_test(labels_of_notes),
        cmocka_unit_test(accounts_of_names), cmocka_unit_test(accounts_that_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
