/* The encodings of tests/vectors/wire-vectors.json, which a running node's serialiser made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <sodium.h>

#include "base/view.h"
#include "msg/action.h"
#include "msg/handshake.h"
#include "msg/kernel.h"
#include "msg/routing.h"
#include "unit/shared/schema.h"
#include "unit/shared/vectors.h"

enum { ROWS = 149, ENCODING_MAX = 1 << 20, KEPT_MAX = 8 };

/* A row's value as this library holds it; kept frees what it points to. */
struct kept {
    void *data[KEPT_MAX];
    size_t count;
};

static const cJSON *get(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

    assert_non_null(found);
    return found;
}

static struct nectar_view keep(struct kept *kept, struct nectar_view view)
{
    assert_true(kept->count < KEPT_MAX);
    kept->data[kept->count++] = (void *)(uintptr_t)view.data;
    return view;
}

static struct nectar_view keep_text(struct kept *kept, const cJSON *value)
{
    return cJSON_IsNull(value) ? (struct nectar_view){0} : keep(kept, schema_bytes(value, false));
}

static struct nectar_view keep_bytes(struct kept *kept, const cJSON *value)
{
    return cJSON_IsNull(value) ? (struct nectar_view){0} : keep(kept, schema_bytes(value, true));
}

static void kept_free(struct kept *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        free(kept->data[i]);
}

static struct nectar_view keep_capabilities(struct kept *kept, const cJSON *value)
{
    struct bytes encoded;
    struct msgpack_writer w = {.out = &encoded};

    bytes_init(&encoded, ENCODING_MAX);
    schema_encode(&w, schema_of("Capabilities"), value);
    assert_int_equal(w.error, 0);
    return keep(kept, bytes_view(&encoded));
}

static void message_of(struct nectar_message *out, struct kept *kept, const cJSON *fields)
{
    const cJSON *blob = get(fields, "lazy_load_blob");
    const cJSON *variant = get(fields, "message")->child;
    const cJSON *payload = variant;

    *out = (struct nectar_message){.id = strtoull(get(fields, "id")->valuestring, NULL, 10)};
    out->source = keep_text(kept, get(fields, "source"));
    out->target = keep_text(kept, get(fields, "target"));
    out->rsvp = keep_text(kept, get(fields, "rsvp"));
    if (strcmp(variant->string, "Response") == 0) {
        out->kind = NECTAR_RESPONSE;
        payload = cJSON_GetArrayItem(variant, 0);
        out->context = keep_bytes(kept, cJSON_GetArrayItem(variant, 1));
    } else if (!cJSON_IsNull(get(payload, "expects_response"))) {
        out->expects_response = true;
        out->expects_s = strtoull(get(payload, "expects_response")->valuestring, NULL, 10);
    }
    out->inherit = cJSON_IsTrue(get(payload, "inherit"));
    out->body = keep_bytes(kept, get(payload, "body"));
    out->metadata = keep_text(kept, get(payload, "metadata"));
    out->capabilities = keep_capabilities(kept, get(payload, "capabilities"));
    if (!cJSON_IsNull(blob)) {
        out->mime = keep_text(kept, get(blob, "mime"));
        out->blob = keep_bytes(kept, get(blob, "bytes"));
    }
}

static void assert_view(struct nectar_view got, struct nectar_view want)
{
    assert_int_equal(got.data != NULL, want.data != NULL);
    assert_true(view_equal(got, want));
}

static void assert_message(const struct nectar_message *got, const struct nectar_message *want)
{
    assert_true(got->id == want->id);
    assert_int_equal(got->kind, want->kind);
    assert_view(got->source, want->source);
    assert_view(got->target, want->target);
    assert_view(got->rsvp, want->rsvp);
    assert_int_equal(got->inherit, want->inherit);
    assert_int_equal(got->expects_response, want->expects_response);
    assert_true(got->expects_s == want->expects_s);
    assert_view(got->body, want->body);
    assert_view(got->metadata, want->metadata);
    assert_view(got->capabilities, want->capabilities);
    assert_view(got->context, want->context);
    assert_view(got->blob, want->blob);
    assert_view(got->mime, want->mime);
}

static void append_pieces(struct bytes *out, const struct msg_encoded *encoded)
{
    for (size_t i = 0; i < encoded->count; i++)
        assert_int_equal(bytes_append(out, encoded->piece[i].data, encoded->piece[i].len), 0);
    assert_int_equal(out->len, encoded->size);
}

/* Encodes and decodes in the given form; out is left with the encoding as it went out. */
static void kernel_round(struct bytes *out, const cJSON *fields, bool compat)
{
    struct kept kept = {.count = 0};
    struct nectar_message message;
    struct nectar_message decoded;
    struct msg_encoded encoded;
    struct bytes copy;

    bytes_init(&copy, ENCODING_MAX);
    msg_encoded_init(&encoded);
    message_of(&message, &kept, fields);
    assert_int_equal(msg_encode(&encoded, &message, compat), 0);
    append_pieces(out, &encoded);
    assert_int_equal(bytes_append(&copy, out->data, out->len), 0);
    assert_int_equal(msg_decode(&decoded, copy.data, copy.len), 0);
    assert_message(&decoded, &message);
    bytes_free(&copy);
    msg_encoded_free(&encoded);
    kept_free(&kept);
}

static void kernel_row(struct bytes *out, const cJSON *fields)
{
    struct bytes bin;

    bytes_init(&bin, ENCODING_MAX);
    kernel_round(&bin, fields, false);
    bytes_free(&bin);
    kernel_round(out, fields, true);
}

static void handshake_row(struct bytes *out, const cJSON *fields)
{
    struct kept kept = {.count = 0};
    struct msg_handshake decoded;
    struct msg_handshake payload = {.version =
                                        (uint64_t)get(fields, "protocol_version")->valuedouble,
                                    .name = keep_text(&kept, get(fields, "name")),
                                    .signature = keep_bytes(&kept, get(fields, "signature")),
                                    .proxy_request = cJSON_IsTrue(get(fields, "proxy_request"))};
    struct bytes copy;

    assert_int_equal(msg_handshake_encode(out, &payload), 0);
    bytes_init(&copy, ENCODING_MAX);
    assert_int_equal(bytes_append(&copy, out->data, out->len), 0);
    assert_int_equal(msg_handshake_decode(&decoded, copy.data, copy.len), 0);
    assert_true(decoded.version == payload.version);
    assert_view(decoded.name, payload.name);
    assert_view(decoded.signature, payload.signature);
    assert_int_equal(decoded.proxy_request, payload.proxy_request);
    bytes_free(&copy);
    kept_free(&kept);
}

static void routing_row(struct bytes *out, const cJSON *fields)
{
    struct kept kept = {.count = 0};
    struct msg_routing decoded;
    struct msg_routing request = {.version = (uint64_t)get(fields, "protocol_version")->valuedouble,
                                  .source = keep_text(&kept, get(fields, "source")),
                                  .signature = keep_bytes(&kept, get(fields, "signature")),
                                  .target = keep_text(&kept, get(fields, "target"))};
    struct bytes copy;

    assert_int_equal(msg_routing_encode(out, &request), 0);
    bytes_init(&copy, ENCODING_MAX);
    assert_int_equal(bytes_append(&copy, out->data, out->len), 0);
    assert_int_equal(msg_routing_decode(&decoded, copy.data, copy.len), 0);
    assert_true(decoded.version == request.version);
    assert_view(decoded.source, request.source);
    assert_view(decoded.signature, request.signature);
    assert_view(decoded.target, request.target);
    bytes_free(&copy);
    kept_free(&kept);
}

/* An action is read by the library and written by the schema. */
static void action_row(struct bytes *out, const cJSON *fields)
{
    struct msgpack_writer w = {.out = out};
    const char *variant = cJSON_IsString(fields) ? fields->valuestring : fields->child->string;
    struct nectar_view name = {0};
    enum msg_action action;

    schema_encode(&w, schema_of("NetAction"), fields);
    assert_int_equal(w.error, 0);
    action = msg_action_decode(bytes_view(out), &name);
    if (strcmp(variant, "ConnectionRequest") == 0) {
        struct nectar_view want = schema_bytes(fields->child, false);

        assert_int_equal(action, MSG_CONNECTION_REQUEST);
        assert_view(name, want);
        free((void *)(uintptr_t)want.data);
    } else if (strncmp(variant, "Hns", 3) == 0) {
        assert_int_equal(action, MSG_REGISTRY_UPDATE);
    } else {
        assert_int_equal(action, MSG_HELLO);
    }
}

static void schema_row(struct bytes *out, const char *type, const cJSON *fields)
{
    struct msgpack_writer w = {.out = out};

    schema_encode(&w, schema_of(type), fields);
    assert_int_equal(w.error, 0);
}

static void encode_row(struct bytes *out, const char *type, const cJSON *fields)
{
    if (strcmp(type, "KernelMessage") == 0)
        kernel_row(out, fields);
    else if (strcmp(type, "HandshakePayload") == 0)
        handshake_row(out, fields);
    else if (strcmp(type, "RoutingRequest") == 0)
        routing_row(out, fields);
    else if (strcmp(type, "NetAction") == 0)
        action_row(out, fields);
    else
        schema_row(out, type, fields);
}

/* Is the encoding the row's, to the last byte? */
static void assert_encoding(const struct bytes *encoding, const cJSON *row)
{
    static uint8_t want[ENCODING_MAX];
    uint8_t digest[crypto_hash_sha256_BYTES];
    size_t n;

    assert_int_equal(encoding->len, (size_t)get(row, "encoding_len")->valuedouble);
    crypto_hash_sha256(digest, encoding->data, encoding->len);
    vectors_hex_member(want, sizeof want, row, "encoding_sha256");
    assert_memory_equal(digest, want, sizeof digest);
    if (cJSON_IsString(get(row, "encoding_hex"))) {
        n = vectors_hex_member(want, sizeof want, row, "encoding_hex");
        assert_int_equal(n, encoding->len);
        assert_memory_equal(encoding->data, want, n);
        return;
    }
    n = vectors_hex_member(want, sizeof want, row, "encoding_first64_hex");
    assert_memory_equal(encoding->data, want, n);
    n = vectors_hex_member(want, sizeof want, row, "encoding_last16_hex");
    assert_memory_equal(encoding->data + encoding->len - n, want, n);
}

static void every_vector(void **state)
{
    cJSON *rows = vectors_read("tests/vectors/wire-vectors.json");
    size_t count = 0;
    const cJSON *row;

    (void)state;
    cJSON_ArrayForEach(row, rows)
    {
        const char *type = get(row, "type")->valuestring;
        const cJSON *fields = get(row, "fields");
        struct msgpack_reader r;
        struct bytes encoding;

        bytes_init(&encoding, ENCODING_MAX);
        encode_row(&encoding, type, fields);
        assert_encoding(&encoding, row);
        msgpack_reader_init(&r, encoding.data, encoding.len);
        schema_decode(&r, schema_of(type), fields);
        assert_int_equal(msgpack_read_end(&r), 0);
        bytes_free(&encoding);
        count++;
    }
    assert_int_equal(count, ROWS);
    cJSON_Delete(rows);
}

/* Whatever a flipped bit makes of a message: refused, or a message that encodes and decodes. */
static void check_flipped(uint8_t *data, size_t len)
{
    struct nectar_message message;
    struct nectar_message again;
    struct msg_encoded encoded;
    struct bytes copy;

    if (msg_decode(&message, data, len))
        return;
    bytes_init(&copy, ENCODING_MAX);
    msg_encoded_init(&encoded);
    assert_int_equal(msg_encode(&encoded, &message, true), 0);
    append_pieces(&copy, &encoded);
    assert_int_equal(msg_decode(&again, copy.data, copy.len), 0);
    assert_message(&again, &message);
    msg_encoded_free(&encoded);
    bytes_free(&copy);
}

/* Every cut and every flipped bit of the shorter messages, each in memory of its exact size. */
static void every_cut_and_bit(void **state)
{
    cJSON *rows = vectors_read("tests/vectors/wire-vectors.json");
    static uint8_t whole[512];
    const cJSON *row;

    (void)state;
    cJSON_ArrayForEach(row, rows)
    {
        size_t len = (size_t)get(row, "encoding_len")->valuedouble;

        if (strcmp(get(row, "type")->valuestring, "KernelMessage") != 0 || len > sizeof whole)
            continue;
        vectors_hex_member(whole, sizeof whole, row, "encoding_hex");
        for (size_t cut = 0; cut < len; cut++) {
            struct nectar_message message;
            uint8_t *copy = malloc(cut ? cut : 1);

            assert_non_null(copy);
            memcpy(copy, whole, cut);
            assert_int_equal(msg_decode(&message, copy, cut), NECTAR_EMESSAGE);
            free(copy);
        }
        for (size_t bit = 0; bit < 8 * len; bit++) {
            uint8_t *copy = malloc(len);

            assert_non_null(copy);
            memcpy(copy, whole, len);
            copy[bit / 8] ^= (uint8_t)(1U << bit % 8);
            check_flipped(copy, len);
            free(copy);
        }
    }
    cJSON_Delete(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector),
        cmocka_unit_test(every_cut_and_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
