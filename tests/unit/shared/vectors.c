#include "unit/shared/vectors.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_MAX = 8 << 20 };

cJSON *vectors_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(FILE_MAX);
    size_t len;
    cJSON *json;

    assert_non_null(file);
    assert_non_null(text);
    len = fread(text, 1, FILE_MAX, file);
    assert_true(len > 0 && len < FILE_MAX);
    fclose(file);
    json = cJSON_ParseWithLength(text, len);
    free(text);
    assert_non_null(json);
    return json;
}

static unsigned digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    assert_non_null(at);
    return (unsigned)(at - digits);
}

size_t vectors_hex(uint8_t *out, size_t max, const char *hex)
{
    size_t len = strlen(hex) / 2;

    assert_true(strlen(hex) % 2 == 0 && len <= max);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    return len;
}

size_t vectors_hex_member(uint8_t *out, size_t max, const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

    assert_true(cJSON_IsString(member));
    return vectors_hex(out, max, member->valuestring);
}

size_t vectors_hex_of_0x(uint8_t *out, size_t max, const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    char *lower;
    size_t len;

    assert_true(cJSON_IsString(member));
    assert_memory_equal(member->valuestring, "0x", 2);
    lower = strdup(member->valuestring + 2);
    assert_non_null(lower);
    for (char *c = lower; *c; c++)
        *c = (char)tolower(*c);
    len = vectors_hex(out, max, lower);
    free(lower);
    return len;
}
