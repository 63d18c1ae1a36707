#include "pki/json_index.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "codec/json.h"
#include "pki/json_members.h"
#include "pki/record.h"
#include "pki/record_json.h"

enum {
    PACKED_MAX = 256 << 20,
    ENTRIES_MAX = 4 << 20,
    ENTRIES_FIRST = 64,
    ADDRESS_BYTES = 20, /* an Ethereum address */
};

/* A packed record begins with its name: a length byte and that many bytes. Behind it stands its
 * owner in the same form, empty if none is told. */
struct json_entry {
    uint32_t at;     /* in packed */
    uint32_t len;    /* without the owner */
    uint32_t offset; /* of the member in the text */
};

struct builder {
    struct json_index *index;
    struct nectar_view text;
    const char *tld;
    struct json_fault *fault;
};

static struct nectar_view name_at(const struct json_index *index, const struct json_entry *entry)
{
    const uint8_t *packed = index->packed.data + entry->at;

    return (struct nectar_view){packed + 1, packed[0]};
}

static int compare_names(struct nectar_view a, struct nectar_view b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.data, b.data, shorter);

    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_entries(const void *a, const void *b, void *index)
{
    return compare_names(name_at(index, a), name_at(index, b));
}

static int blame(struct builder *b, size_t offset, const char *why)
{
    b->fault->line = members_line(b->text, offset);
    snprintf(b->fault->why, sizeof b->fault->why, "%s", why);
    return NECTAR_EFORMAT;
}

static int grow(struct json_index *index)
{
    size_t room = index->room ? index->room * 2 : ENTRIES_FIRST;
    struct json_entry *grown;

    if (index->count < index->room)
        return 0;
    if (index->count >= ENTRIES_MAX)
        return NECTAR_ETOOBIG;
    grown = realloc(index->entries, room * sizeof *grown);
    if (!grown)
        return NECTAR_ENOMEM;
    index->entries = grown;
    index->room = room;
    return 0;
}

static int add_record(struct builder *b, const struct nectar_record *record, const char *owner,
                      size_t offset)
{
    struct json_index *index = b->index;
    struct json_entry entry = {.at = (uint32_t)index->packed.len, .offset = (uint32_t)offset};
    int error = grow(index);

    if (!error)
        error = record_pack(&index->packed, record);
    entry.len = (uint32_t)(index->packed.len - entry.at);
    if (!error)
        error = bytes_append_byte(&index->packed, (uint8_t)strlen(owner));
    if (!error)
        error = bytes_append_text(&index->packed, owner);
    if (error == NECTAR_ETOOBIG)
        return blame(b, offset, "too many records");
    if (!error)
        index->entries[index->count++] = entry;
    return error;
}

/* Who may change a record elsewhere, in one of the two shapes of an owner. Others may have put
 * anything under this name; it does not make the record a bad one. */
static const char *owner_of(const struct json *object)
{
    const char *text = NULL;
    const char *digits;
    bool is_address;
    size_t wanted;

    if (json_text(&text, json_field(object, "owner")) != 0)
        return "";
    is_address = strncmp(text, "0x", 2) == 0;
    digits = text + (is_address ? 2 : 0);
    wanted = 2 * (is_address ? ADDRESS_BYTES : NECTAR_PUBLIC_BYTES);
    return strlen(digits) == wanted && strspn(digits, "0123456789abcdefABCDEF") == wanted ? text
                                                                                          : "";
}

static const char *why_not_a_record(int error)
{
    switch (error) {
    case NECTAR_ENAME:
        return "not a node name";
    case NECTAR_EADDRESS:
        return "not an address: [\"host\", port 1 to 65535] is one";
    default:
        return "not a record";
    }
}

/* Parses a piece of the text; a fault in it is placed by its line in the whole. */
static int parse_piece(struct builder *b, struct json **out, struct nectar_view piece)
{
    size_t offset = (size_t)(piece.data - b->text.data);
    size_t line = 0;
    int error = json_parse(out, piece, &line);

    if (!error || error == NECTAR_ENOMEM)
        return error;
    (void)blame(b, offset, error == NECTAR_ETOOBIG ? "too large" : "malformed JSON");
    if (line > 0)
        b->fault->line += line - 1;
    return NECTAR_EFORMAT;
}

static int add_member(struct builder *b, const struct member *member)
{
    size_t offset = (size_t)(member->value.data - b->text.data);
    struct nectar_record record;
    struct json *key = NULL;
    struct json *value = NULL;
    const char *name = NULL;
    int error = member->key.data ? parse_piece(b, &key, member->key) : 0;

    if (!error)
        error = parse_piece(b, &value, member->value);
    if (error)
        goto done;
    if (key)
        (void)json_text(&name, key);
    error = record_from_json(&record, value, name, b->tld);
    if (error && error != NECTAR_ENOMEM)
        error = blame(b, offset, why_not_a_record(error));
    if (!error)
        error = add_record(b, &record, owner_of(value), offset);
done:
    json_free(key);
    json_free(value);
    return error;
}

static int add_members(struct builder *b, struct members *members)
{
    for (;;) {
        struct member member;
        bool end = false;
        int error = members_next(members, &member, &end);

        if (error)
            return blame(b, members->at, "malformed JSON");
        if (end)
            return 0;
        error = add_member(b, &member);
        if (error)
            return error;
    }
}

/* One record says who it is of in a text; in a map such a key would stand before an object. */
static bool is_one_record(struct members members)
{
    struct member member;
    bool end = false;

    while (members.object && members_next(&members, &member, &end) == 0 && !end)
        if ((view_equal_text(member.key, "\"username\"") ||
             view_equal_text(member.key, "\"name\"")) &&
            member.value.data[0] != '{')
            return true;
    return false;
}

/* Duplicates stand side by side once the names are in order. */
static int sort_entries(struct builder *b)
{
    struct json_index *index = b->index;

    if (index->count > 1)
        qsort_r(index->entries, index->count, sizeof *index->entries, compare_entries, index);
    for (size_t i = 1; i < index->count; i++) {
        const struct json_entry *one = &index->entries[i - 1];
        const struct json_entry *two = &index->entries[i];
        struct nectar_view name = name_at(index, one);
        size_t later = one->offset > two->offset ? one->offset : two->offset;
        char why[NECTAR_NAME_MAX + 32];

        if (compare_names(name, name_at(index, two)) != 0)
            continue;
        snprintf(why, sizeof why, "%.*s is there twice", (int)name.len, (const char *)name.data);
        return blame(b, later, why);
    }
    return 0;
}

int json_index_build(struct json_index *index, struct nectar_view text, const char *tld,
                     struct json_fault *fault)
{
    struct builder builder = {.index = index, .text = text, .tld = tld, .fault = fault};
    struct members members;
    int error;

    memset(index, 0, sizeof *index);
    bytes_init(&index->packed, PACKED_MAX);
    error = members_open(&members, text);
    if (error)
        error = blame(&builder, members.at, "neither a map of records, nor a list, nor one");
    else if (is_one_record(members))
        error = add_member(&builder, &(struct member){.value = text});
    else
        error = add_members(&builder, &members);
    if (!error)
        error = sort_entries(&builder);
    if (error)
        json_index_free(index);
    return error;
}

int json_index_find(const struct json_index *index, const char *name, struct nectar_record *out)
{
    struct nectar_view wanted = view_of_text(name);
    size_t low = 0;
    size_t high = index->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct json_entry *entry = &index->entries[middle];
        int order = compare_names(wanted, name_at(index, entry));

        if (order == 0)
            return record_unpack(out,
                                 (struct nectar_view){index->packed.data + entry->at, entry->len});
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NECTAR_EUNKNOWN;
}

int json_index_at(const struct json_index *index, size_t at, struct nectar_listing *out)
{
    const struct json_entry *entry = &index->entries[at];
    const uint8_t *owner = index->packed.data + entry->at + entry->len;
    struct nectar_record record;
    int error =
        record_unpack(&record, (struct nectar_view){index->packed.data + entry->at, entry->len});

    if (error)
        return error;
    memset(out, 0, sizeof *out);
    out->record = record;
    memcpy(out->owner, owner + 1, owner[0]);
    return 0;
}

void json_index_free(struct json_index *index)
{
    bytes_free(&index->packed);
    free(index->entries);
    memset(index, 0, sizeof *index);
}
