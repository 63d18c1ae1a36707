/*
 * A registry in a JSON file. Input: a byte (with or without a TLD), then the text. What was taken
 * is JSON as a whole, though it is read member by member, and each of its records can be found.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "codec/json.h"
#include "codec/json_check.h"
#include "fuzz/shared/fuzz.h"
#include "pki/json_index.h"
#include "pki/record.h"

enum { HEAP_FACTOR = 300, HEAP_MIN = 16384 };

/* As the index names them; json_index does not tell. */
static void find_all(const struct json_index *index)
{
    struct nectar_view rest = bytes_view(&index->packed);
    size_t found = 0;

    while (found < index->count) {
        struct nectar_record record, at;
        char name[NECTAR_NAME_MAX + 1];
        struct nectar_view text = fuzz_take(&rest, fuzz_byte(&rest));
        struct bytes packed;

        fuzz_assert(text.len > 0 && text.len <= NECTAR_NAME_MAX);
        memcpy(name, text.data, text.len);
        name[text.len] = '\0';
        fuzz_assert(json_index_find(index, name, &record) == 0);
        fuzz_assert(strcmp(record.name, name) == 0 && record_check(&record) == 0);
        bytes_init(&packed, index->packed.len);
        fuzz_assert(record_pack(&packed, &record) == 0);
        fuzz_assert(packed.len - 1 - text.len <= rest.len);
        fuzz_assert(memcmp(packed.data + 1 + text.len, rest.data, packed.len - 1 - text.len) == 0);
        fuzz_take(&rest, packed.len - 1 - text.len);
        bytes_free(&packed);
        text = fuzz_take(&rest, fuzz_byte(&rest));
        fuzz_assert(text.len == 0 || text.len == 42 || text.len == NECTAR_OWNER_SIZE - 1);
        fuzz_assert(json_index_find(index, "not.there.at.all", &at) == NECTAR_EUNKNOWN ||
                    strcmp(at.name, "not.there.at.all") == 0);
        found++;
    }
    fuzz_assert(rest.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    const char *tld = fuzz_byte(&in) & 1 ? "nec" : NULL;
    uint8_t *copy = fuzz_copy(in);
    struct nectar_view text = {copy, in.len};
    struct json_fault fault = {0};
    struct json_index index;
    struct nectar_record none;
    size_t line;
    int error;

    fuzz_heap_begin();
    error = json_index_build(&index, text, tld, &fault);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MIN + HEAP_FACTOR * in.len);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT);
    if (error) {
        fuzz_assert(index.count == 0 && !index.entries && !index.packed.data);
        fuzz_assert(fuzz_printable(fault.why) && fault.line <= in.len + 1);
        fuzz_assert(json_index_find(&index, "squid.nec", &none) == NECTAR_EUNKNOWN);
    } else {
        /* One level deeper than a member may be. */
        error = json_check(text, &line);
        fuzz_assert(error == 0 || error == NECTAR_ETOOBIG);
        find_all(&index);
    }
    json_index_free(&index);
    free(copy);
    return 0;
}
