#include "pki/hypermap_name.h"

#include <stdbool.h>
#include <string.h>

#include "base/view.h"

void hypermap_hash_child(uint8_t out[HYPERMAP_HASH_BYTES],
                         const uint8_t parent[HYPERMAP_HASH_BYTES], struct nectar_view label)
{
    uint8_t both[2 * HYPERMAP_HASH_BYTES];

    memcpy(both, parent, HYPERMAP_HASH_BYTES);
    keccak_hash(both + HYPERMAP_HASH_BYTES, label.data, label.len);
    keccak_hash(out, both, sizeof both);
}

void hypermap_hash_name(uint8_t out[HYPERMAP_HASH_BYTES], const char *name)
{
    struct nectar_view left = view_of_text(name);

    /* The root is the empty name, not a label without bytes. */
    memset(out, 0, HYPERMAP_HASH_BYTES);
    while (left.len > 0) {
        size_t label = left.len;

        while (label > 0 && left.data[label - 1] != '.')
            label--;
        hypermap_hash_child(out, out, (struct nectar_view){left.data + label, left.len - label});
        left.len = label > 0 ? label - 1 : 0;
    }
}

static bool is_label_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

const char *hypermap_label_refusal(struct nectar_view label, char prefix)
{
    size_t before = prefix ? 1 : 0;

    if (label.len < before)
        return "Panic(50)"; /* it looks at the first byte of none */
    if (prefix && label.data[0] != (uint8_t)prefix)
        return "NoteMustBeginWithTilde()";
    if (label.len <= before)
        return "LabelTooShort()";
    if (label.len > HYPERMAP_LABEL_MAX)
        return "LabelTooLong()";
    for (size_t i = before; i < label.len; i++)
        if (!is_label_byte(label.data[i]))
            return "InvalidLabelCharacter()";
    return NULL;
}
