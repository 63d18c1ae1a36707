#include "codec/json.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <nectar/error.h>

#include "codec/json_check.h"

/* struct json is a cJSON that nobody else sees. */
static const cJSON *inner(const struct json *value)
{
    return (const cJSON *)value;
}

static const struct json *outer(const cJSON *value)
{
    return (const struct json *)value;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t count_children(const cJSON *parent)
{
    size_t count = 0;

    for (const cJSON *child = parent->child; child; child = child->next)
        count++;
    return count;
}

/* NECTAR_EFORMAT if two fields of an object have the same key. */
static int check_object(const cJSON *object)
{
    size_t count = count_children(object);
    const char **keys;
    size_t n = 0;
    int error = 0;

    if (count < 2)
        return 0;
    keys = malloc(count * sizeof *keys);
    if (!keys)
        return NECTAR_ENOMEM;
    for (const cJSON *child = object->child; child; child = child->next)
        keys[n++] = child->string;
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < count && !error; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0)
            error = NECTAR_EFORMAT;
    free(keys);
    return error;
}

/* Calls itself at most JSON_DEPTH_MAX deep: json_check has seen to that. */
static int check_keys(const cJSON *value)
{
    int error = cJSON_IsObject(value) ? check_object(value) : 0;

    for (const cJSON *child = value->child; child && !error; child = child->next)
        error = check_keys(child);
    return error;
}

/* What json_check has taken. */
static int parse(struct json **out, struct nectar_view text)
{
    cJSON *root = cJSON_ParseWithLength((const char *)text.data, text.len);
    int error;

    if (!root)
        return NECTAR_ENOMEM;
    error = check_keys(root);
    if (error) {
        cJSON_Delete(root);
        return error;
    }
    *out = (struct json *)root;
    return 0;
}

int json_parse(struct json **out, struct nectar_view text, size_t *line)
{
    size_t where;
    int error = json_check(text, line ? line : &where);

    return error ? error : parse(out, text);
}

/* Escapes are whole: json_check_any_text has seen them. */
static void replace_nul(uint8_t *data, size_t len)
{
    uint8_t *end = data + len;

    while (data < end && (data = memchr(data, '\\', (size_t)(end - data)))) {
        if (data[1] == 'u' && memcmp(data + 2, "0000", 4) == 0)
            memcpy(data + 2, "fffd", 4);
        data += 2;
    }
}

int json_parse_any_text(struct json **out, struct bytes *text, size_t *line)
{
    size_t where;
    int error = json_check_any_text(bytes_view(text), line ? line : &where);

    if (error)
        return error;
    replace_nul(text->data, text->len);
    return parse(out, bytes_view(text));
}

void json_free(struct json *root)
{
    cJSON_Delete((cJSON *)root);
}

enum json_type json_type(const struct json *value)
{
    const cJSON *v = inner(value);

    if (cJSON_IsObject(v))
        return JSON_OBJECT;
    if (cJSON_IsArray(v))
        return JSON_ARRAY;
    if (cJSON_IsString(v))
        return JSON_TEXT;
    if (cJSON_IsNumber(v))
        return JSON_NUMBER;
    return cJSON_IsBool(v) ? JSON_BOOL : JSON_NULL;
}

const struct json *json_field(const struct json *object, const char *name)
{
    if (json_type(object) != JSON_OBJECT)
        return NULL;
    return outer(cJSON_GetObjectItemCaseSensitive(inner(object), name));
}

int json_text(const char **out, const struct json *value)
{
    if (json_type(value) != JSON_TEXT)
        return NECTAR_EFORMAT;
    *out = inner(value)->valuestring;
    return 0;
}

int json_uint(uint64_t *out, const struct json *value, uint64_t max)
{
    double number;

    if (json_type(value) != JSON_NUMBER)
        return NECTAR_EFORMAT;
    number = inner(value)->valuedouble;
    if (!(number >= 0 && number <= (double)JSON_UINT_MAX) || number != (double)(uint64_t)number ||
        (uint64_t)number > max)
        return NECTAR_EFORMAT;
    *out = (uint64_t)number;
    return 0;
}

int json_int(int64_t *out, const struct json *value)
{
    double number;

    if (json_type(value) != JSON_NUMBER)
        return NECTAR_EFORMAT;
    number = inner(value)->valuedouble;
    if (!(number >= -(double)JSON_UINT_MAX && number <= (double)JSON_UINT_MAX) ||
        number != (double)(int64_t)number)
        return NECTAR_EFORMAT;
    *out = (int64_t)number;
    return 0;
}

int json_bool(bool *out, const struct json *value)
{
    if (json_type(value) != JSON_BOOL)
        return NECTAR_EFORMAT;
    *out = cJSON_IsTrue(inner(value));
    return 0;
}

const struct json *json_first(const struct json *parent)
{
    return parent ? outer(inner(parent)->child) : NULL;
}

const struct json *json_next(const struct json *element)
{
    return element ? outer(inner(element)->next) : NULL;
}
