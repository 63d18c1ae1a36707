#include "unit/shared/hypermap.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "unit/shared/vectors.h"

enum { ROOM = 1 << 20 };

static cJSON *vectors;
static uint8_t room[ROOM]; /* what hypermap_bytes gave, one behind the other */
static size_t used;

static void forget(void)
{
    cJSON_Delete(vectors);
}

const cJSON *hypermap_vectors(void)
{
    if (!vectors) {
        vectors = vectors_read("tests/vectors/hypermap-vectors.json");
        atexit(forget);
    }
    return vectors;
}

const cJSON *hypermap_member(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

    assert_non_null(found);
    return found;
}

const cJSON *hypermap_in(const char *group, const char *name)
{
    return hypermap_member(hypermap_member(hypermap_vectors(), group), name);
}

struct nectar_view hypermap_bytes(const cJSON *value)
{
    char *text;
    struct nectar_view out = {.data = room + used};

    assert_true(cJSON_IsString(value));
    text = strdup(value->valuestring);
    assert_non_null(text);
    assert_memory_equal(text, "0x", 2);
    for (char *at = text; *at; at++) /* addresses are in both cases */
        *at = (char)tolower((unsigned char)*at);
    out.len = vectors_hex(room + used, ROOM - used, text + 2);
    used += out.len;
    free(text);
    return out;
}

void hypermap_expect(const cJSON *value, const void *bytes, size_t len)
{
    struct nectar_view expected = hypermap_bytes(value);

    assert_int_equal(len, expected.len);
    if (len > 0)
        assert_memory_equal(bytes, expected.data, len);
}
