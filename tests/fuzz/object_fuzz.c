/*
 * A line of JSON, as programs give it to us. Input: the text. What is read lies in the text and
 * says what the other reader, which makes a tree, says of it; and it can be read where it stands.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/json.h>
#include <nectar/text.h>

#include "codec/json.h"
#include "fuzz/shared/fuzz.h"

static struct nectar_json_value as_value(struct nectar_view quoted)
{
    return (struct nectar_json_value){NECTAR_JSON_TEXT, quoted};
}

/* Read to another place and where it stands, it is the same; free() it. */
static uint8_t *text_of(const struct nectar_json_value *value, size_t *len)
{
    uint8_t *out = fuzz_copy(value->raw), *same = fuzz_copy(value->raw);
    struct nectar_json_value inside = as_value((struct nectar_view){same, value->raw.len});
    size_t same_len = 0;

    fuzz_assert(nectar_json_text(out, len, value) == 0);
    fuzz_assert(nectar_json_text(same, &same_len, &inside) == 0);
    fuzz_assert(*len <= value->raw.len - 2 && *len == same_len && memcmp(out, same, *len) == 0);
    fuzz_assert(nectar_utf8_valid((struct nectar_view){out, *len}));
    free(same);
    return out;
}

static void check_base64(const struct nectar_json_value *value)
{
    uint8_t *bytes = fuzz_copy(value->raw);
    size_t n = 0, len = 0;

    if (nectar_json_base64(bytes, &n, value) == 0) {
        uint8_t *text = text_of(value, &len);
        char *again = malloc(NECTAR_BASE64_SIZE(n));

        fuzz_assert(again && n <= len / 4 * 3);
        nectar_base64_encode(again, bytes, n);
        fuzz_assert(strlen(again) == len && memcmp(again, text, len) == 0);
        free(again);
        free(text);
    }
    free(bytes);
}

static void check_numbers(const struct nectar_json_value *value, const struct json *other)
{
    uint64_t number = 0, whole = 0;
    bool flag = false, same = false;

    if (nectar_json_uint(&number, value, UINT64_MAX) == 0) {
        fuzz_assert(nectar_json_uint(&whole, value, number) == 0 && whole == number);
        fuzz_assert(number == 0 || nectar_json_uint(&whole, value, number - 1) == NECTAR_EFORMAT);
        if (value->type == NECTAR_JSON_NUMBER && number <= JSON_UINT_MAX && other)
            fuzz_assert(json_uint(&whole, other, JSON_UINT_MAX) == 0 && whole == number);
    }
    if (nectar_json_bool(&flag, value) == 0 && other)
        fuzz_assert(json_bool(&same, other) == 0 && same == flag);
}

static void check_member(const struct nectar_json *object, size_t nth, const struct json *tree)
{
    const struct nectar_json_member *member = &object->members[nth];
    const struct nectar_json_value *value = &member->value;
    struct nectar_json_value quoted = as_value(member->name);
    const struct json *other = NULL;
    const char *same;
    size_t len;
    uint8_t *name = text_of(&quoted, &len);
    char *key = calloc(1, len + 1);

    fuzz_assert(key);
    memcpy(key, name, len);
    /* A name of ours has neither. */
    if (strlen(key) == len && !strchr(key, '\\')) {
        fuzz_assert(nectar_json_find(object, key) == value);
        other = tree ? json_field(tree, key) : NULL;
        fuzz_assert(!tree || (other && (int)json_type(other) == (int)value->type));
    }
    check_numbers(value, other);
    if (value->type == NECTAR_JSON_TEXT) {
        uint8_t *text = text_of(value, &len);

        if (other)
            fuzz_assert(json_text(&same, other) == 0 && strlen(same) == len &&
                        memcmp(same, text, len) == 0);
        free(text);
        check_base64(value);
    }
    free(key);
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint8_t *copy = fuzz_copy((struct nectar_view){data, len});
    struct nectar_view text = {len ? copy : NULL, len};
    struct nectar_json object = {.count = 1};
    struct json *tree = NULL;
    int error, other;

    fuzz_heap_begin();
    error = nectar_json_read(&object, text);
    fuzz_assert(fuzz_heap_peak() == 0);
    fuzz_assert(error == 0 || error == NECTAR_EFORMAT || error == NECTAR_ETOOBIG);
    fuzz_assert(!error || object.count == 0);
    other = json_parse(&tree, text, NULL);
    /* The tree has no limit of members. */
    if (other == 0 && json_type(tree) == JSON_OBJECT)
        fuzz_assert(error == 0 || error == NECTAR_ETOOBIG);
    /* It holds no NUL, and is looked at all through for names that occur twice. */
    if (error == 0)
        fuzz_assert(other == 0 || other == NECTAR_EFORMAT);
    for (size_t i = 0; i < object.count; i++) {
        fuzz_assert(fuzz_within(object.members[i].name, copy, len));
        fuzz_assert(fuzz_within(object.members[i].value.raw, copy, len));
        check_member(&object, i, tree);
    }
    json_free(tree);
    free(copy);
    return 0;
}
