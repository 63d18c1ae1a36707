/*
 * What comes from Hypermap, by way of an endpoint that may say anything. Input: a byte (which of
 * the readers, and how many entries), then the reply, the log or the call. What was read lies in
 * what came, and is well formed.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "fuzz/shared/fuzz.h"
#include "pki/hypermap_call.h"
#include "pki/hypermap_log.h"
#include "pki/hypermap_note.h"
#include "pki/hypermap_text.h"
#include "pki/record.h"

enum { LOG = 1, CALL = 2, ENTRIES = HYPERMAP_NOTES, TEXT_MAX = 1 << 20 };

static void check_within(struct nectar_view part, struct nectar_view whole)
{
    if (part.len > 0)
        fuzz_assert(part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

/* Any notes make a record, and a record of one route makes notes that say the same. */
static void check_record(const struct hypermap_entry entries[ENTRIES])
{
    struct hypermap_change changes[HYPERMAP_NOTES];
    struct hypermap_notes notes, written;
    struct nectar_record record, again;
    uint8_t room[HYPERMAP_ROOM];
    const char *why = NULL;

    for (unsigned i = 0; i < HYPERMAP_NOTES; i++)
        notes.data[i] = entries[i].data;
    hypermap_note_read(&record, "alice.os", &notes);
    hypermap_note_rule(&record);
    fuzz_assert(record_check(&record) == 0);
    fuzz_assert(hypermap_note_write(&written, room, &record, &why) == 0);
    hypermap_note_read(&again, "alice.os", &written);
    fuzz_assert(nectar_record_equal(&record, &again));
    fuzz_assert(hypermap_note_plan(changes, &notes, &written) <= HYPERMAP_NOTES);
    fuzz_assert(hypermap_note_plan(changes, &written, &written) == 0);
}

static void check_reply(struct nectar_view reply)
{
    struct hypermap_entry entries[ENTRIES];
    uint64_t block;
    int error = hypermap_read_gets(entries, ENTRIES, &block, reply);

    fuzz_assert(error == 0 || error == NECTAR_EFORMAT);
    if (error)
        return;
    for (size_t i = 0; i < ENTRIES; i++)
        check_within(entries[i].data, reply);
    check_record(entries);
}

static void check_log(struct nectar_view in)
{
    uint8_t topics[HYPERMAP_TOPICS][HYPERMAP_HASH_BYTES] = {{0}};
    uint8_t hash[HYPERMAP_HASH_BYTES];
    struct hypermap_mint mint;

    if (in.len < sizeof topics)
        return;
    memcpy(topics, in.data, sizeof topics);
    in.data += sizeof topics;
    in.len -= sizeof topics;
    if (hypermap_mint_read(&mint, (const uint8_t(*)[HYPERMAP_HASH_BYTES])topics, in) != 0)
        return;
    check_within(mint.label, in);
    fuzz_assert(!hypermap_label_refusal(mint.label, 0));
    hypermap_hash_child(hash, mint.parent, mint.label);
    fuzz_assert(memcmp(hash, topics[2], sizeof hash) == 0);
}

static void check_call(struct nectar_view in)
{
    struct bytes text;
    struct json_writer w = {.out = &text};
    char error[256];
    int told;

    bytes_init(&text, TEXT_MAX);
    told = hypermap_describe(&w, in);
    fuzz_assert(told == 0 || told == NECTAR_ETOOBIG || (told == NECTAR_EFORMAT && text.len == 0));
    (void)hypermap_explain(error, sizeof error, in);
    bytes_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    uint8_t how = fuzz_byte(&in);
    uint8_t *copy = fuzz_copy(in);
    struct nectar_view view = {copy, in.len};

    if (how % 3 == LOG)
        check_log(view);
    else if (how % 3 == CALL)
        check_call(view);
    else
        check_reply(view);
    free(copy);
    return 0;
}
