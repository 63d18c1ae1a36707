#include "unit/shared/schema.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/view.h"
#include "unit/shared/vectors.h"

enum kind { TEXT, BYTES, UINT, BOOL, UNIT, OPTION, LIST, MAP, STRUCT, TUPLE, ENUM };

struct field {
    const char *name; /* NULL in a tuple */
    const struct schema *type;
};

struct schema {
    enum kind kind;
    const struct schema *of;    /* OPTION, LIST, MAP (the keys are text) */
    const struct field *fields; /* STRUCT, TUPLE, ENUM; ended by a type of NULL */
};

#define FIELDS(...)                                                                                \
    (const struct field[])                                                                         \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            NULL, NULL                                                                             \
        }                                                                                          \
    }

static const struct schema text = {TEXT, NULL, NULL};
static const struct schema bytes = {BYTES, NULL, NULL};
static const struct schema integer = {UINT, NULL, NULL};
static const struct schema boolean = {BOOL, NULL, NULL};
static const struct schema unit = {UNIT, NULL, NULL};
static const struct schema optional_text = {OPTION, &text, NULL};
static const struct schema optional_bytes = {OPTION, &bytes, NULL};
static const struct schema optional_uint = {OPTION, &integer, NULL};
static const struct schema texts = {LIST, &text, NULL};
static const struct schema ports = {MAP, &integer, NULL};

static const struct schema handshake = {STRUCT, NULL,
                                        FIELDS({"protocol_version", &integer}, {"name", &text},
                                               {"signature", &bytes}, {"proxy_request", &boolean})};
static const struct schema routing_request = {STRUCT, NULL,
                                              FIELDS({"protocol_version", &integer},
                                                     {"source", &text}, {"signature", &bytes},
                                                     {"target", &text})};

static const struct schema capability = {STRUCT, NULL,
                                         FIELDS({"issuer", &text}, {"params", &text})};
static const struct schema signed_capability = {TUPLE, NULL,
                                                FIELDS({NULL, &capability}, {NULL, &bytes})};
static const struct schema capabilities = {LIST, &signed_capability, NULL};
static const struct schema request = {
    STRUCT, NULL,
    FIELDS({"inherit", &boolean}, {"expects_response", &optional_uint}, {"body", &bytes},
           {"metadata", &optional_text}, {"capabilities", &capabilities})};
static const struct schema response = {STRUCT, NULL,
                                       FIELDS({"inherit", &boolean}, {"body", &bytes},
                                              {"metadata", &optional_text},
                                              {"capabilities", &capabilities})};
static const struct schema answer = {TUPLE, NULL,
                                     FIELDS({NULL, &response}, {NULL, &optional_bytes})};
static const struct schema message = {ENUM, NULL,
                                      FIELDS({"Request", &request}, {"Response", &answer})};
static const struct schema blob = {STRUCT, NULL,
                                   FIELDS({"mime", &optional_text}, {"bytes", &bytes})};
static const struct schema optional_blob = {OPTION, &blob, NULL};
static const struct schema kernel_message = {
    STRUCT, NULL,
    FIELDS({"id", &integer}, {"source", &text}, {"target", &text}, {"rsvp", &optional_text},
           {"message", &message}, {"lazy_load_blob", &optional_blob})};

static const struct schema update = {STRUCT, NULL,
                                     FIELDS({"name", &text}, {"public_key", &text}, {"ips", &texts},
                                            {"ports", &ports}, {"routers", &texts})};
static const struct schema updates = {LIST, &update, NULL};
static const struct schema verify = {STRUCT, NULL, FIELDS({"from", &text}, {"signature", &bytes})};
static const struct schema action = {ENUM, NULL,
                                     FIELDS({"ConnectionRequest", &text}, {"HnsUpdate", &update},
                                            {"HnsBatchUpdate", &updates}, {"GetPeers", &unit},
                                            {"GetPeer", &text}, {"GetDiagnostics", &unit},
                                            {"Sign", &unit}, {"Verify", &verify})};

static const struct schema direct = {STRUCT, NULL, FIELDS({"ip", &text}, {"ports", &ports})};
static const struct schema both = {STRUCT, NULL,
                                   FIELDS({"ip", &text}, {"ports", &ports}, {"routers", &texts})};
static const struct schema routing = {
    ENUM, NULL, FIELDS({"Routers", &texts}, {"Direct", &direct}, {"Both", &both})};
static const struct schema identity = {
    STRUCT, NULL, FIELDS({"name", &text}, {"networking_key", &text}, {"routing", &routing})};
static const struct schema identities = {LIST, &identity, NULL};
static const struct schema optional_identity = {OPTION, &identity, NULL};
static const struct schema net_response = {
    ENUM, NULL,
    FIELDS({"Accepted", &text}, {"Rejected", &text}, {"Peers", &identities},
           {"Peer", &optional_identity}, {"Diagnostics", &text}, {"Signed", &unit},
           {"Verified", &boolean})};

const struct schema *schema_of(const char *type)
{
    static const struct field types[] = {{"HandshakePayload", &handshake},
                                         {"RoutingRequest", &routing_request},
                                         {"KernelMessage", &kernel_message},
                                         {"Message", &message},
                                         {"LazyLoadBlob", &blob},
                                         {"HnsUpdate", &update},
                                         {"NetAction", &action},
                                         {"NetResponse", &net_response},
                                         {"Identity", &identity},
                                         {"NodeRouting", &routing},
                                         {"Capabilities", &capabilities}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, type) == 0)
            return types[i].type;
    fail_msg("no type %s", type);
    return NULL;
}

static size_t count_fields(const struct schema *schema)
{
    size_t count = 0;

    while (schema->fields[count].type)
        count++;
    return count;
}

static const cJSON *member(const cJSON *value, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(value, name);

    assert_non_null(found);
    return found;
}

/* The value of field i of a struct (by name) or a tuple (by place). */
static const cJSON *field_value(const struct schema *schema, size_t i, const cJSON *value)
{
    if (schema->kind == TUPLE)
        return cJSON_GetArrayItem(value, (int)i);
    return member(value, schema->fields[i].name);
}

/* The variant that a value is: "Name" or {"Name": payload}. */
static const struct field *variant_of(const struct schema *schema, const cJSON *value)
{
    const char *name = cJSON_IsString(value) ? value->valuestring : value->child->string;
    const struct field *field = schema->fields;

    while (field->type && strcmp(field->name, name) != 0)
        field++;
    assert_non_null(field->type);
    assert_int_equal(cJSON_IsString(value), field->type->kind == UNIT);
    return field;
}

struct nectar_view schema_bytes(const cJSON *value, bool hex)
{
    size_t len;
    uint8_t *data;

    if (cJSON_IsString(value)) {
        len = strlen(value->valuestring);
        data = malloc(len + 1);
        assert_non_null(data);
        if (hex)
            len = vectors_hex(data, len, value->valuestring);
        else
            memcpy(data, value->valuestring, len);
        return (struct nectar_view){data, len};
    }
    assert_true(cJSON_IsObject(value));
    len = (size_t)member(value, hex ? "len" : "bytes")->valuedouble;
    data = malloc(len + 1);
    assert_non_null(data);
    if (hex)
        assert_string_equal(member(value, "pattern")->valuestring, "(i*7+3) mod 256");
    for (size_t i = 0; i < len; i++)
        data[i] = hex ? (uint8_t)(i * 7 + 3) : (uint8_t)member(value, "repeat")->valuestring[0];
    return (struct nectar_view){data, len};
}

static uint64_t number(const cJSON *value)
{
    if (cJSON_IsNumber(value))
        return (uint64_t)value->valuedouble;
    assert_true(cJSON_IsString(value));
    return strtoull(value->valuestring, NULL, 10);
}

static void encode_plain(struct msgpack_writer *w, enum kind kind, const cJSON *value)
{
    if (kind == UINT) {
        msgpack_write_uint(w, number(value));
    } else if (kind == BOOL) {
        msgpack_write_bool(w, cJSON_IsTrue(value));
    } else {
        struct nectar_view view = schema_bytes(value, kind == BYTES);

        if (kind == BYTES)
            msgpack_write_octets(w, view);
        else
            msgpack_write_str(w, view);
        free((void *)(uintptr_t)view.data);
    }
}

static void encode_variant(struct msgpack_writer *w, const struct schema *schema,
                           const cJSON *value)
{
    const struct field *variant = variant_of(schema, value);

    if (variant->type->kind != UNIT)
        msgpack_write_map(w, 1);
    msgpack_write_str(w, view_of_text(variant->name));
    if (variant->type->kind != UNIT)
        schema_encode(w, variant->type, value->child);
}

static void encode_elements(struct msgpack_writer *w, const struct schema *schema,
                            const cJSON *value)
{
    size_t count = (size_t)cJSON_GetArraySize(value);

    if (schema->kind == MAP)
        msgpack_write_map(w, count);
    else
        msgpack_write_array(w, count);
    for (const cJSON *element = value->child; element; element = element->next) {
        if (schema->kind == MAP)
            msgpack_write_str(w, view_of_text(element->string));
        schema_encode(w, schema->of, element);
    }
}

void schema_encode(struct msgpack_writer *w, const struct schema *schema, const cJSON *value)
{
    if (schema->kind == OPTION) {
        if (cJSON_IsNull(value))
            msgpack_write_nil(w);
        else
            schema_encode(w, schema->of, value);
    } else if (schema->kind == LIST || schema->kind == MAP) {
        encode_elements(w, schema, value);
    } else if (schema->kind == STRUCT || schema->kind == TUPLE) {
        size_t count = count_fields(schema);

        msgpack_write_array(w, count);
        for (size_t i = 0; i < count; i++)
            schema_encode(w, schema->fields[i].type, field_value(schema, i, value));
    } else if (schema->kind == ENUM) {
        encode_variant(w, schema, value);
    } else {
        encode_plain(w, schema->kind, value);
    }
}

static void decode_plain(struct msgpack_reader *r, enum kind kind, const cJSON *value)
{
    if (kind == UINT) {
        assert_true(msgpack_read_uint(r, UINT64_MAX) == number(value));
    } else if (kind == BOOL) {
        assert_int_equal(msgpack_read_bool(r), cJSON_IsTrue(value));
    } else {
        struct nectar_view want = schema_bytes(value, kind == BYTES);
        struct nectar_view got = kind == BYTES ? msgpack_read_bytes(r) : msgpack_read_str(r);

        assert_non_null(got.data);
        assert_true(view_equal(got, want));
        free((void *)(uintptr_t)want.data);
    }
}

static void decode_variant(struct msgpack_reader *r, const struct schema *schema,
                           const cJSON *value)
{
    const struct field *variant = variant_of(schema, value);

    if (variant->type->kind != UNIT)
        assert_int_equal(msgpack_read_map(r), 1);
    assert_true(view_equal_text(msgpack_read_str(r), variant->name));
    if (variant->type->kind != UNIT)
        schema_decode(r, variant->type, value->child);
}

static void decode_elements(struct msgpack_reader *r, const struct schema *schema,
                            const cJSON *value)
{
    size_t count = schema->kind == MAP ? msgpack_read_map(r) : msgpack_read_array(r);

    assert_int_equal(count, cJSON_GetArraySize(value));
    for (const cJSON *element = value->child; element; element = element->next) {
        if (schema->kind == MAP)
            assert_true(view_equal_text(msgpack_read_str(r), element->string));
        schema_decode(r, schema->of, element);
    }
}

void schema_decode(struct msgpack_reader *r, const struct schema *schema, const cJSON *value)
{
    assert_int_equal(r->error, 0);
    if (schema->kind == OPTION) {
        assert_int_equal(msgpack_read_nil(r), cJSON_IsNull(value));
        if (!cJSON_IsNull(value))
            schema_decode(r, schema->of, value);
    } else if (schema->kind == LIST || schema->kind == MAP) {
        decode_elements(r, schema, value);
    } else if (schema->kind == STRUCT || schema->kind == TUPLE) {
        size_t count = count_fields(schema);

        msgpack_expect_array(r, count);
        for (size_t i = 0; i < count; i++)
            schema_decode(r, schema->fields[i].type, field_value(schema, i, value));
    } else if (schema->kind == ENUM) {
        decode_variant(r, schema, value);
    } else {
        decode_plain(r, schema->kind, value);
    }
    assert_int_equal(r->error, 0);
}
