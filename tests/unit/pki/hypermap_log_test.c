#include "pki/hypermap_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/view.h"
#include "crypto/keccak.h"
#include "eth/abi.h"
#include "eth/word.h"
#include "unit/shared/hypermap.h"

struct log {
    uint8_t topics[HYPERMAP_TOPICS][HYPERMAP_HASH_BYTES];
    struct nectar_view data;
};

static struct log load(const cJSON *log)
{
    const cJSON *topics = hypermap_member(log, "topics");
    struct log out = {.data = hypermap_bytes(hypermap_member(log, "data"))};

    assert_int_equal(cJSON_GetArraySize(topics), HYPERMAP_TOPICS);
    for (int i = 0; i < HYPERMAP_TOPICS; i++)
        memcpy(out.topics[i], hypermap_bytes(cJSON_GetArrayItem(topics, i)).data,
               HYPERMAP_HASH_BYTES);
    return out;
}

static int read_log(struct hypermap_mint *out, const struct log *log)
{
    return hypermap_mint_read(out, log->topics, log->data);
}

static struct log example(const char *name)
{
    return load(hypermap_member(hypermap_in("log_examples", name), "log"));
}

static void names_that_are_made(void **state)
{
    static const char *const EXAMPLES[] = {"mint_os", "mint_alice"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const cJSON *decoded = hypermap_member(hypermap_in("log_examples", EXAMPLES[i]), "decoded");
        struct log log = example(EXAMPLES[i]);
        struct hypermap_mint mint;

        assert_int_equal(read_log(&mint, &log), 0);
        hypermap_expect(hypermap_member(decoded, "parenthash"), mint.parent, sizeof mint.parent);
        hypermap_expect(hypermap_member(decoded, "childhash"), mint.hash, sizeof mint.hash);
        hypermap_expect(hypermap_member(decoded, "label"), mint.label.data, mint.label.len);
    }
}

/* Notes are no names; and their topics are what we hash them to, their data what we write. */
static void logs_of_notes(void **state)
{
    const cJSON *each;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_member(hypermap_vectors(), "log_examples"))
    {
        struct log log = load(hypermap_member(each, "log"));
        const cJSON *decoded = hypermap_member(each, "decoded");
        uint8_t hash[HYPERMAP_HASH_BYTES];
        struct hypermap_mint mint;
        struct nectar_view label;
        struct nectar_view data;
        struct abi_reader r;

        if (strcmp(hypermap_member(decoded, "name")->valuestring, "Note") != 0)
            continue;
        assert_int_equal(read_log(&mint, &log), NECTAR_EFORMAT);
        abi_read_bare(&r, log.data, 2);
        label = abi_get_bytes(&r);
        data = abi_get_bytes(&r);
        assert_int_equal(abi_read_end(&r), 0);
        hypermap_expect(hypermap_member(decoded, "label"), label.data, label.len);
        hypermap_expect(hypermap_member(decoded, "data"), data.data, data.len);
        keccak_hash(hash, label.data, label.len);
        assert_memory_equal(hash, log.topics[3], sizeof hash);
        hypermap_hash_child(hash, log.topics[1], label);
        assert_memory_equal(hash, log.topics[2], sizeof hash);
        count++;
    }
    assert_int_equal(count, 5);
}

/* No bit of a log may be another. */
static void logs_that_lie(void **state)
{
    struct log good = example("mint_alice");
    uint8_t data[3 * ABI_WORD];
    struct hypermap_mint mint;

    (void)state;
    assert_int_equal(good.data.len, sizeof data);
    memcpy(data, good.data.data, sizeof data);
    good.data.data = data;
    for (size_t i = 0; i < sizeof good.topics + sizeof data; i++) {
        uint8_t *byte =
            i < sizeof good.topics ? &good.topics[0][0] + i : data + (i - sizeof good.topics);

        *byte ^= 1;
        assert_int_equal(read_log(&mint, &good), NECTAR_EFORMAT);
        *byte ^= 1;
    }
    assert_int_equal(read_log(&mint, &good), 0);
    good.data.len--;
    assert_int_equal(read_log(&mint, &good), NECTAR_EFORMAT);
}

/* A label that the contract would not have taken is none, though all hashes agree. */
static void labels_that_cannot_be(void **state)
{
    static const char *const LABELS[] = {"a.b", "A", "~ip", "a b", ""};
    struct hypermap_mint mint;

    (void)state;
    for (size_t i = 0; i < sizeof LABELS / sizeof LABELS[0]; i++) {
        struct nectar_view label = view_of_text(LABELS[i]);
        struct log log = example("mint_alice");
        struct abi_writer w;
        struct bytes data;

        bytes_init(&data, 8 * ABI_WORD);
        abi_write_bare(&w, &data, 1);
        abi_put_bytes(&w, label);
        assert_int_equal(abi_write_end(&w), 0);
        log.data = bytes_view(&data);
        keccak_hash(log.topics[3], label.data, label.len);
        hypermap_hash_child(log.topics[2], log.topics[1], label);
        assert_int_equal(read_log(&mint, &log), NECTAR_EFORMAT);
        bytes_free(&data);
    }
}

/* A minting tells of the name first: its parent's notes are known by then. */
static void order_of_logs(void **state)
{
    const cJSON *order =
        hypermap_member(hypermap_vectors(), "log_order_in_mint_with_initialization");

    (void)state;
    assert_string_equal(hypermap_member(cJSON_GetArrayItem(order, 0), "name")->valuestring, "Mint");
    for (int i = 1; i < cJSON_GetArraySize(order); i++)
        assert_string_not_equal(hypermap_member(cJSON_GetArrayItem(order, i), "name")->valuestring,
                                "Mint");
}

/* --- where the contract keeps it, for who wants to prove it --- */

static void increase(uint8_t slot[HYPERMAP_HASH_BYTES], unsigned by)
{
    struct word word;
    struct word more = word_of(by);

    memcpy(word.bytes, slot, sizeof word.bytes);
    assert_int_equal(word_add(&word, &word, &more), 0);
    memcpy(slot, word.bytes, sizeof word.bytes);
}

/* keccak256(key || 32 zero bytes): a mapping at slot 0. */
static void mapping_slot(uint8_t out[HYPERMAP_HASH_BYTES], const char *name)
{
    uint8_t both[2 * HYPERMAP_HASH_BYTES] = {0};

    hypermap_hash_name(both, name);
    keccak_hash(out, both, sizeof both);
}

static void check_chunks(const cJSON *entry, const uint8_t data_slot[HYPERMAP_HASH_BYTES],
                         struct nectar_view data)
{
    const cJSON *chunks = hypermap_member(entry, "chunks");
    uint8_t slot[HYPERMAP_HASH_BYTES];

    keccak_hash(slot, data_slot, HYPERMAP_HASH_BYTES);
    for (int i = 0; i < cJSON_GetArraySize(chunks); i++) {
        const cJSON *chunk = cJSON_GetArrayItem(chunks, i);

        hypermap_expect(hypermap_member(chunk, "slot"), slot, sizeof slot);
        hypermap_expect(hypermap_member(chunk, "value"), data.data + i * ABI_WORD, ABI_WORD);
        increase(slot, 1);
    }
}

static void slots(void **state)
{
    const cJSON *each;
    size_t count = 0;

    (void)state;
    cJSON_ArrayForEach(each, hypermap_in("storage_layout", "entries"))
    {
        struct nectar_view data =
            hypermap_bytes(hypermap_member(hypermap_in("reads", each->string), "data"));
        uint8_t slot[HYPERMAP_HASH_BYTES];
        struct word value = {{0}};

        mapping_slot(slot, each->string);
        hypermap_expect(hypermap_member(each, "entry_slot"), slot, sizeof slot);
        increase(slot, 2);
        hypermap_expect(hypermap_member(each, "data_slot"), slot, sizeof slot);
        if (data.len >= ABI_WORD) {
            value = word_of(2 * data.len + 1);
            check_chunks(each, slot, data);
        } else if (data.len > 0) {
            memcpy(value.bytes, data.data, data.len);
            value.bytes[ABI_WORD - 1] = (uint8_t)(2 * data.len);
        }
        hypermap_expect(hypermap_member(each, "data_slot_value"), value.bytes, ABI_WORD);
        count++;
    }
    assert_int_equal(count, 4);
}

/* Every node of a proof is named by its hash in the one before it, the first by the root. */
static void check_proof(const cJSON *nodes, struct nectar_view root)
{
    const cJSON *each;
    struct nectar_view before = root;

    cJSON_ArrayForEach(each, nodes)
    {
        struct nectar_view node = hypermap_bytes(each);
        uint8_t hash[KECCAK_HASH_BYTES];

        keccak_hash(hash, node.data, node.len);
        assert_non_null(memmem(before.data, before.len, hash, sizeof hash));
        before = node;
    }
}

static void proofs(void **state)
{
    const cJSON *proof = hypermap_in("proof_example", "proof");
    const cJSON *block = hypermap_in("proof_example", "block");
    struct nectar_view storage = hypermap_bytes(hypermap_member(proof, "storageHash"));
    const cJSON *each;

    (void)state;
    check_proof(hypermap_member(proof, "accountProof"),
                hypermap_bytes(hypermap_member(block, "stateRoot")));
    cJSON_ArrayForEach(each, hypermap_member(proof, "storageProof"))
        check_proof(hypermap_member(each, "proof"), storage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_made),
        cmocka_unit_test(logs_of_notes),
        cmocka_unit_test(logs_that_lie),
        cmocka_unit_test(labels_that_cannot_be),
        cmocka_unit_test(order_of_logs),
        cmocka_unit_test(slots),
        cmocka_unit_test(proofs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
