/* Seeds of what contracts are told and say: the vectors of Hypermap, and records by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/view.h"
#include "eth/abi.h"
#include "fuzz/seeds/seed.h"
#include "fuzz/shared/fuzz.h"
#include "unit/shared/vectors.h"

enum { HEX_MAX = 8000, ENCODED_MAX = HEX_MAX / 2 };

/* Places in SHAPES of abi_fuzz.c. */
enum { GET, GOT, NOTE, MINT, EXECUTE, AGGREGATE, AGGREGATED, RECORD, RECORDS };

static size_t seeds;

static void write_hex(uint8_t shape, const char *hex, size_t skip)
{
    uint8_t encoded[ENCODED_MAX];
    char label[40];
    size_t len;

    fuzz_assert(strlen(hex) < HEX_MAX);
    len = vectors_hex(encoded, sizeof encoded, hex + 2);
    snprintf(label, sizeof label, "vector-%zu", seeds++);
    seed_write("abi", label, &shape, 1, (struct nectar_view){encoded + skip, len - skip});
}

static void write_calls(const cJSON *calls)
{
    static const struct {
        const char *begins;
        uint8_t shape;
    } kinds[] = {{"get", GET}, {"note", NOTE}, {"mint", MINT}, {"execute", EXECUTE}};
    const cJSON *call;

    cJSON_ArrayForEach(call, calls)
    {
        uint8_t shape = AGGREGATE;

        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
            if (strncmp(call->string, kinds[i].begins, strlen(kinds[i].begins)) == 0)
                shape = kinds[i].shape;
        write_hex(shape, call->valuestring, ABI_SELECTOR);
    }
}

static void write_vectors(void)
{
    cJSON *vectors = vectors_read("tests/vectors/hypermap-vectors.json");
    const cJSON *read, *many = cJSON_GetObjectItemCaseSensitive(vectors, "aggregate_read");

    write_calls(cJSON_GetObjectItemCaseSensitive(vectors, "calldata"));
    cJSON_ArrayForEach(read, cJSON_GetObjectItemCaseSensitive(vectors, "reads"))
    {
        write_hex(GOT, cJSON_GetObjectItemCaseSensitive(read, "raw")->valuestring, 0);
    }
    write_hex(AGGREGATE, cJSON_GetObjectItemCaseSensitive(many, "request_calldata")->valuestring,
              ABI_SELECTOR);
    write_hex(AGGREGATED, cJSON_GetObjectItemCaseSensitive(many, "response")->valuestring, 0);
    cJSON_Delete(vectors);
}

static void put_record(struct abi_writer *w, const char *host, uint64_t port, const char *routers)
{
    static const uint8_t word[ABI_WORD] = {1, 2, 255};

    abi_open_tuple(w, 6);
    abi_put_address(w, word);
    abi_put_word(w, word);
    abi_put_bytes(w, view_of_text(host));
    abi_put_uint(w, port);
    abi_put_uint(w, 0);
    abi_put_bytes(w, view_of_text(routers));
    abi_close(w);
}

static void write_records(void)
{
    uint8_t shape = RECORDS;
    struct bytes out;
    struct abi_writer w;

    bytes_init(&out, ENCODED_MAX);
    abi_write_bare(&w, &out, 1);
    abi_open_array(&w, 2, 1);
    put_record(&w, "203.0.113.7", 9000, "");
    put_record(&w, "", 0, "a-router-whose-name-takes-two-words,b.nec");
    abi_close(&w);
    fuzz_assert(abi_write_end(&w) == 0);
    seed_write("abi", "records", &shape, 1, bytes_view(&out));
    bytes_free(&out);
}

void seed_abi(void)
{
    write_vectors();
    write_records();
}
