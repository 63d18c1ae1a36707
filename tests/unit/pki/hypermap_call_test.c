#include "pki/hypermap_call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <nectar/error.h>
#include <nectar/transaction.h>

#include "base/view.h"
#include "unit/shared/hypermap.h"

static struct hypermap_contracts contracts;
static uint8_t owner[ABI_ADDRESS]; /* of the names in the vectors */

static void copy_address(uint8_t out[ABI_ADDRESS], const cJSON *value)
{
    struct nectar_view bytes = hypermap_bytes(value);

    assert_int_equal(bytes.len, ABI_ADDRESS);
    memcpy(out, bytes.data, ABI_ADDRESS);
}

static int load(void **state)
{
    (void)state;
    copy_address(contracts.hypermap, hypermap_in("addresses", "hypermap"));
    copy_address(contracts.multicall, hypermap_in("addresses", "multicall3"));
    copy_address(contracts.account, hypermap_in("addresses", "hyper_account_implementation"));
    copy_address(owner, hypermap_member(hypermap_in("reads", "alice.os"), "owner"));
    return 0;
}

static void expect_call(const char *name, struct bytes *got)
{
    hypermap_expect(hypermap_in("calldata", name), got->data, got->len);
    bytes_free(got);
}

static struct nectar_view hash_of(const char *name)
{
    return hypermap_bytes(hypermap_in("namehash", name));
}

/* --- what is written --- */

/* A note is written within what its account is told: by a call there. */
static void expect_note(const char *name, enum hypermap_note note, const char *hex)
{
    const cJSON *expected = hypermap_in("calldata", name);
    struct nectar_view call = hypermap_bytes(expected);
    cJSON *value = cJSON_CreateString(hex);
    struct hypermap_change change = {note, hypermap_bytes(value)};
    struct bytes got;
    struct abi_reader r;
    uint8_t to[ABI_ADDRESS];

    bytes_init(&got, HYPERMAP_CALLDATA_MAX);
    assert_int_equal(hypermap_write_notes(&got, &contracts, &change, 1), 0);
    abi_read_call(&r, bytes_view(&got), HYPERMAP_EXECUTE, 4);
    abi_get_address(&r, to);
    assert_memory_equal(to, contracts.hypermap, sizeof to);
    assert_int_equal(abi_get_uint(&r, UINT64_MAX), 0);
    assert_true(view_equal(abi_get_bytes(&r), call));
    assert_int_equal(abi_get_uint(&r, UINT64_MAX), HYPERMAP_CALL);
    assert_int_equal(abi_read_end(&r), 0);
    bytes_free(&got);
    cJSON_Delete(value);
}

static void one_note(void **state)
{
    struct nectar_view ip = {(const uint8_t *)"\xcb\x00\x71\x07", 4};
    struct hypermap_change change = {HYPERMAP_IP, ip};
    struct bytes got;

    (void)state;
    expect_note("note(~ip,203.0.113.7)", HYPERMAP_IP, "0xcb007107");
    expect_note("note(~ip,empty)", HYPERMAP_IP, "0x");
    expect_note("note(~ws-port,9000)", HYPERMAP_WS_PORT, "0x2328");
    expect_note("note(~net-key,NK_A)", HYPERMAP_NET_KEY,
                hypermap_member(hypermap_in("note_data", "~net-key"), "hex")->valuestring);
    expect_note("note(~routers,[alice.os,router1.os])", HYPERMAP_ROUTERS,
                hypermap_member(hypermap_in("note_data", "~routers"), "hex")->valuestring);
    bytes_init(&got, HYPERMAP_CALLDATA_MAX);
    assert_int_equal(hypermap_write_notes(&got, &contracts, &change, 1), 0);
    expect_call("execute(hypermap,0,note(~ip,203.0.113.7),0)", &got);
}

/* The record of alice.os in the vectors, as one transaction writes it. */
static void plan_alice(struct hypermap_change out[4])
{
    static uint8_t room[HYPERMAP_ROOM];
    static struct hypermap_notes notes;
    struct hypermap_notes none = {0};
    struct nectar_record record = {.name = "alice.os", .has_key = true};
    struct hypermap_change all[HYPERMAP_NOTES];
    const char *why = NULL;

    memcpy(record.key,
           hypermap_bytes(hypermap_member(hypermap_in("note_data", "~net-key"), "hex")).data,
           sizeof record.key);
    assert_int_equal(nectar_address_parse(&record.ws, "203.0.113.7:9000"), 0);
    assert_int_equal(nectar_address_parse(&record.tcp, "203.0.113.7:10000"), 0);
    assert_int_equal(hypermap_note_write(&notes, room, &record, &why), 0);
    assert_int_equal(hypermap_note_plan(all, &none, &notes), 4);
    memcpy(out, all, 4 * sizeof *out);
}

static void four_notes(void **state)
{
    struct hypermap_change changes[4];
    struct bytes got;

    (void)state;
    plan_alice(changes);
    bytes_init(&got, HYPERMAP_CALLDATA_MAX);
    assert_int_equal(hypermap_write_notes(&got, &contracts, changes, 4), 0);
    assert_int_equal(got.len, 1668);
    expect_call("execute(multicall3,0,aggregate(4 notes),1)", &got);
}

/* As it was sent and mined. */
static void a_transaction(void **state)
{
    const cJSON *example = hypermap_member(hypermap_vectors(), "raw_tx_example");
    struct nectar_view raw = hypermap_bytes(hypermap_member(example, "raw"));
    struct hypermap_change changes[4];
    struct bytes expected;
    struct nectar_tx tx;

    (void)state;
    plan_alice(changes);
    bytes_init(&expected, HYPERMAP_CALLDATA_MAX);
    assert_int_equal(hypermap_write_notes(&expected, &contracts, changes, 4), 0);
    assert_int_equal(nectar_tx_decode(&tx, raw.data, raw.len), 0);
    hypermap_expect(hypermap_member(example, "txHash"), tx.hash, sizeof tx.hash);
    hypermap_expect(hypermap_member(example, "from"), tx.from, sizeof tx.from);
    hypermap_expect(hypermap_in("tbas", "alice.os"), tx.to, sizeof tx.to);
    assert_true(view_equal((struct nectar_view){tx.data, tx.data_len}, bytes_view(&expected)));
    nectar_tx_wipe(&tx);
    bytes_free(&expected);
}

static void mint_without_notes(void **state)
{
    struct nectar_view none = {0};
    struct bytes got;

    (void)state;
    bytes_init(&got, HYPERMAP_CALLDATA_MAX);
    assert_int_equal(hypermap_write_mint(&got, &contracts, owner, view_of_text("alice"), none), 0);
    expect_call("mint(A,alice,0x,HyperAccount)", &got);
}

static void mint_with_notes(void **state)
{
    struct hypermap_change changes[2] = {
        {HYPERMAP_NET_KEY,
         hypermap_bytes(hypermap_member(hypermap_in("reads", "~net-key.bob.os"), "data"))},
        {HYPERMAP_ROUTERS,
         hypermap_bytes(hypermap_member(hypermap_in("reads", "~routers.bob.os"), "data"))}};
    struct bytes notes, got;

    (void)state;
    bytes_init(&notes, HYPERMAP_CALLDATA_MAX);
    bytes_init(&got, HYPERMAP_CALLDATA_MAX);
    assert_int_equal(hypermap_write_notes(&notes, &contracts, changes, 2), 0);
    assert_int_equal(
        hypermap_write_mint(&got, &contracts, owner, view_of_text("bob"), bytes_view(&notes)), 0);
    expect_call("mint(A,bob,execute(multicall,aggregate(net-key,routers)),HyperAccount)", &got);
    bytes_free(&notes);
}

/* A get is written within a call of Multicall3. */
static void gets(void **state)
{
    static const char *const NAMES[] = {"alice.os", "~ip.alice.os"};
    uint8_t hashes[2][HYPERMAP_HASH_BYTES];
    struct bytes got;
    struct abi_reader r;

    (void)state;
    for (size_t i = 0; i < 2; i++)
        memcpy(hashes[i], hash_of(NAMES[i]).data, HYPERMAP_HASH_BYTES);
    bytes_init(&got, HYPERMAP_CALLDATA_MAX);
    assert_int_equal(hypermap_write_gets(&got, contracts.hypermap,
                                         (const uint8_t(*)[HYPERMAP_HASH_BYTES])hashes, 2),
                     0);
    abi_read_call(&r, bytes_view(&got), HYPERMAP_AGGREGATE, 1);
    assert_int_equal(abi_enter_array(&r, 1), 2);
    for (size_t i = 0; i < 2; i++) {
        uint8_t target[ABI_ADDRESS];

        abi_enter_tuple(&r, 2);
        abi_get_address(&r, target);
        assert_memory_equal(target, contracts.hypermap, sizeof target);
        assert_true(view_equal(
            abi_get_bytes(&r),
            hypermap_bytes(hypermap_in("calldata", i ? "get(~ip.alice.os)" : "get(alice.os)"))));
        abi_leave(&r);
    }
    abi_leave(&r);
    assert_int_equal(abi_read_end(&r), 0);
    bytes_free(&got);
}

/* The question of the vectors, byte for byte: the notes of alice.os in their order there, of which
 * the last stands nowhere. */
static void gets_of_vectors(void **state)
{
    static const char *const NAMES[] = {"~net-key.alice.os", "~ws-port.alice.os",
                                        "~tcp-port.alice.os", "~ip.alice.os", "~routers.alice.os"};
    uint8_t hashes[5][HYPERMAP_HASH_BYTES];
    struct bytes got;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        hypermap_hash_name(hashes[i], NAMES[i]);
    bytes_init(&got, HYPERMAP_CALLDATA_MAX);
    assert_int_equal(hypermap_write_gets(&got, contracts.hypermap,
                                         (const uint8_t(*)[HYPERMAP_HASH_BYTES])hashes, 5),
                     0);
    hypermap_expect(hypermap_in("aggregate_read", "request_calldata"), got.data, got.len);
    bytes_free(&got);
}

/* --- what is read --- */

static void expect_entry(const cJSON *expected, const struct hypermap_entry *entry)
{
    hypermap_expect(hypermap_member(expected, "tba"), entry->account, sizeof entry->account);
    hypermap_expect(hypermap_member(expected, "owner"), entry->owner, sizeof entry->owner);
    hypermap_expect(hypermap_member(expected, "data"), entry->data.data, entry->data.len);
}

/* One reply of get, within one of Multicall3 as it would bring it. */
static void wrap(struct bytes *out, struct nectar_view reply)
{
    struct abi_writer w;

    bytes_init(out, HYPERMAP_CALLDATA_MAX);
    abi_write_bare(&w, out, 2);
    abi_put_uint(&w, 47);
    abi_open_array(&w, 1, 1);
    abi_put_bytes(&w, reply);
    abi_close(&w);
    assert_int_equal(abi_write_end(&w), 0);
}

static void replies(void **state)
{
    static const char *const GROUPS[] = {"reads", "before"};
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const cJSON *each;

        cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), GROUPS[i]))
        {
            struct hypermap_entry entry;
            struct bytes reply;
            uint64_t block = 0;

            wrap(&reply, hypermap_bytes(hypermap_member(each, "raw")));
            assert_int_equal(hypermap_read_gets(&entry, 1, &block, bytes_view(&reply)), 0);
            assert_int_equal(block, 47);
            expect_entry(each, &entry);
            bytes_free(&reply);
            count++;
        }
    }
    assert_int_equal(count, 13);
}

static void aggregate_of_vectors(void **state)
{
    const cJSON *read = hypermap_member(hypermap_vectors(), "aggregate_read");
    struct nectar_view reply = hypermap_bytes(hypermap_member(read, "response"));
    struct hypermap_entry entries[5];
    uint64_t block = 0;
    size_t i = 0;
    const cJSON *each;

    (void)state;
    assert_int_equal(hypermap_read_gets(entries, 5, &block, reply), 0);
    assert_int_equal(block, hypermap_member(read, "blockNumber")->valueint);
    cJSON_ArrayForEach(each, hypermap_member(read, "results"))
    {
        hypermap_expect(hypermap_member(each, "data"), entries[i].data.data, entries[i].data.len);
        i++;
    }
    assert_int_equal(i, 5);
}

/* Any cut, and any other count, is no reply. */
static void replies_that_are_none(void **state)
{
    struct nectar_view reply = hypermap_bytes(hypermap_in("aggregate_read", "response"));
    struct hypermap_entry entries[6];
    uint64_t block = 0;

    (void)state;
    for (size_t len = 0; len < reply.len; len++) {
        struct nectar_view cut = {reply.data, len};

        assert_int_equal(hypermap_read_gets(entries, 5, &block, cut), NECTAR_EFORMAT);
    }
    assert_int_equal(hypermap_read_gets(entries, 4, &block, reply), NECTAR_EFORMAT);
    assert_int_equal(hypermap_read_gets(entries, 6, &block, reply), NECTAR_EFORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_note),
        cmocka_unit_test(four_notes),
        cmocka_unit_test(a_transaction),
        cmocka_unit_test(mint_without_notes),
        cmocka_unit_test(mint_with_notes),
        cmocka_unit_test(gets),
        cmocka_unit_test(gets_of_vectors),
        cmocka_unit_test(replies),
        cmocka_unit_test(aggregate_of_vectors),
        cmocka_unit_test(replies_that_are_none),
    };

    return cmocka_run_group_tests(tests, load, NULL);
}
