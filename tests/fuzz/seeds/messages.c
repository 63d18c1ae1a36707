/* Seeds of what reads MessagePack: the vectors, those that are not large. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/seeds/seed.h"
#include "fuzz/shared/fuzz.h"
#include "unit/shared/vectors.h"

enum { HEX_MAX = 2 * 1500, ENCODED_MAX = HEX_MAX / 2 };

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(member) ? member->valuestring : NULL;
}

/* A script that reads what a message of that type holds, field by field. */
static struct nectar_view script_of(const char *type)
{
    static const uint8_t payload[] = {"\x05\x06\x02\x04\x08\x01"},
                         routing[] = {"\x05\x06\x02\x04\x08\x04"},
                         kernel[] =
                             {"\x0f\x06\x02\x04\x04\x05\x07\x04\x06\x01\x00\x08\x05\x09\x00"},
                         action[] = {"\x04\x07\x04\x04\x06"};

    if (strcmp(type, "HandshakePayload") == 0)
        return (struct nectar_view){payload, sizeof payload - 1};
    if (strcmp(type, "RoutingRequest") == 0)
        return (struct nectar_view){routing, sizeof routing - 1};
    if (strcmp(type, "KernelMessage") == 0)
        return (struct nectar_view){kernel, sizeof kernel - 1};
    return (struct nectar_view){action, sizeof action - 1};
}

static void write_one(const char *type, const char *hex, const char *label)
{
    uint8_t encoded[ENCODED_MAX];
    struct nectar_view body = {encoded, 0}, script = script_of(type);
    uint8_t how = (uint8_t)label[strlen(label) - 1];

    if (!hex || hex[0] == '(' || strlen(hex) > HEX_MAX)
        return;
    body.len = vectors_hex(encoded, sizeof encoded, hex);
    seed_write("msgpack", label, script.data, script.len, body);
    if (strcmp(type, "HandshakePayload") == 0)
        seed_write("handshake", label, "", 0, body);
    else if (strcmp(type, "RoutingRequest") == 0)
        seed_write("routing", label, "", 0, body);
    else
        seed_write("kernel", label, &how, 1, body);
}

static void write_vectors(const char *path, const char *name, const char *hex)
{
    cJSON *rows = vectors_read(path);
    const cJSON *row;
    int n = 0;

    cJSON_ArrayForEach(row, rows)
    {
        char label[60];

        snprintf(label, sizeof label, "%s-%d", name, n++);
        fuzz_assert(text_of(row, "type"));
        write_one(text_of(row, "type"), text_of(row, hex), label);
    }
    fuzz_assert(n > 100);
    cJSON_Delete(rows);
}

/* Counts of what is not there, or only half of it. */
static void write_counts(void)
{
    static const uint8_t map[] = {0xde, 0, 3, 1, 2, 3, 4}, array[] = {0x95, 1, 2, 3, 4};

    seed_write("msgpack", "map-too-short", "\x01\x07", 2, (struct nectar_view){map, sizeof map});
    seed_write("msgpack", "array-too-short", "\x01\x06", 2,
               (struct nectar_view){array, sizeof array});
}

void seed_messages(void)
{
    write_counts();
    write_vectors("tests/vectors/wire-vectors.json", "wire", "encoding_hex");
    write_vectors("tests/vectors/decoder-acceptance.json", "decoder", "input_hex");
}
