/*
 * Records of the registry. Input: a byte (JSON with or without a TLD, or packed), then the text.
 * What was taken is well formed, and written either way and read again it is the same.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "fuzz/shared/fuzz.h"
#include "pki/record.h"

enum { PACKED = 2, PACKED_MAX = 64 << 10, HEAP_FACTOR = 200, HEAP_MIN = 4096 };

static void check_json(const struct nectar_record *record)
{
    struct nectar_record again;
    char *text = NULL;

    fuzz_assert(nectar_record_format(&text, record) == 0);
    fuzz_assert(!strchr(text, '\n'));
    fuzz_assert(nectar_record_parse(&again, text, strlen(text), NULL) == 0);
    fuzz_assert(nectar_record_equal(record, &again) && nectar_record_equal(&again, record));
    free(text);
}

static void check_packed(const struct nectar_record *record, struct nectar_view came_as)
{
    struct nectar_record again;
    struct bytes out;

    bytes_init(&out, PACKED_MAX);
    fuzz_assert(record_pack(&out, record) == 0);
    fuzz_assert(!came_as.data || fuzz_same(bytes_view(&out), came_as)); /* the one form */
    fuzz_assert(record_unpack(&again, bytes_view(&out)) == 0);
    fuzz_assert(nectar_record_equal(record, &again));
    bytes_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len}, none = {0};
    uint8_t how = fuzz_byte(&in);
    bool packed = how & PACKED;
    uint8_t *copy = fuzz_copy(in);
    struct nectar_record record;
    int error;

    memset(&record, 0xee, sizeof record);
    fuzz_heap_begin();
    error = packed
                ? record_unpack(&record, (struct nectar_view){copy, in.len})
                : nectar_record_parse(&record, (const char *)copy, in.len, how & 1 ? "nec" : NULL);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MIN + HEAP_FACTOR * in.len);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT || error == NECTAR_ENAME ||
                error == NECTAR_EADDRESS);
    if (!error) {
        fuzz_assert(record_check(&record) == 0);
        check_json(&record);
        check_packed(&record, packed ? (struct nectar_view){copy, in.len} : none);
    } else if (!packed) {
        fuzz_assert((uint8_t)record.name[0] == 0xee && record.ws.port == 0xeeee);
    }
    free(copy);
    return 0;
}
