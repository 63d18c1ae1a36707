/*
 * tests/vectors/decoder-acceptance.json: what a running node's decoder takes and refuses. Ours
 * takes the same, but for the rows listed here by name and reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "msg/action.h"
#include "msg/handshake.h"
#include "msg/kernel.h"
#include "msg/routing.h"
#include "unit/shared/vectors.h"

enum { ROWS = 219, INPUT_MAX = 1 << 18 };

/* Why a row that their decoder takes is refused by ours. */
enum reason { MAP_FORM, INTEGER_VARIANT, BIN_STRING, TRAILING, REASONS };

static const struct {
    const char *type;
    const char *name;
    enum reason reason;
} refused[] = {
    {"HandshakePayload", "Handshake map, declared order", MAP_FORM},
    {"HandshakePayload", "Handshake map, reversed order", MAP_FORM},
    {"HandshakePayload", "Handshake map, unknown string key ignored", MAP_FORM},
    {"HandshakePayload", "Handshake map with integer keys 0..3", MAP_FORM},
    {"HandshakePayload", "Handshake map with bin8 keys", MAP_FORM},
    {"HandshakePayload", "Handshake map16 header", MAP_FORM},
    {"KernelMessage", "KernelMessage as map with all keys", MAP_FORM},
    {"KernelMessage", "KernelMessage as map, Option keys omitted", MAP_FORM},
    {"KernelMessage", "KernelMessage array, inner Request as map (Options omitted)", MAP_FORM},
    {"KernelMessage", "[{response as map}, nil]", MAP_FORM},
    {"HandshakePayload", "unknown map key holding 100 nested arrays", MAP_FORM},
    {"HandshakePayload", "unknown map key holding 1021 nested arrays", MAP_FORM},
    {"HandshakePayload", "unknown map key holding 1022 nested arrays", MAP_FORM},
    {"KernelMessage", "{0: [..]} integer index", INTEGER_VARIANT},
    {"KernelMessage", "{0 as u64: [..]}", INTEGER_VARIANT},
    {"NetAction", "ConnectionRequest as {0: name}", INTEGER_VARIANT},
    {"KernelMessage", "{bin8 \"Request\": [..]}", BIN_STRING},
    {"HandshakePayload", "bin8 as String", BIN_STRING},
    {"KernelMessage", "source as bin8", BIN_STRING},
    {"NetAction", "ConnectionRequest payload bin8", BIN_STRING},
    {"KernelMessage", "one trailing 00 byte", TRAILING},
    {"KernelMessage", "trailing garbage c1 ff", TRAILING},
    {"KernelMessage", "second whole message after the first", TRAILING},
    {"HandshakePayload", "handshake with trailing bytes", TRAILING},
    {"NetAction", "ConnectionRequest + trailing bytes", TRAILING},
};

enum { REFUSED = sizeof refused / sizeof refused[0] };

/* Capabilities are kept as they stand, so that this row does not come out in canonical form. */
static const char *const kept_form = "capability signature as bin8";

/* The one accepted row whose canonical form the vectors leave out for its length. */
static const char *const form_left_out = "bin16 of 300 bytes";

static uint8_t input[INPUT_MAX];
static size_t times[REFUSED]; /* rows met, for each entry above */

static const char *text_of(const cJSON *row, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(row, name);

    assert_true(cJSON_IsString(found));
    return found->valuestring;
}

/* Is the row one of those above? Counts it. */
static bool is_refused(const cJSON *row)
{
    for (size_t i = 0; i < REFUSED; i++) {
        if (strcmp(refused[i].type, text_of(row, "type")) == 0 &&
            strcmp(refused[i].name, text_of(row, "case")) == 0) {
            times[i]++;
            return true;
        }
    }
    return false;
}

/* The rows of deep nesting give their length alone, "(1084 bytes)": they are the first such row,
 * whose hex is given, with more arrays. */
static size_t input_nested(const cJSON *rows, const cJSON *row)
{
    enum { GIVEN = 100 };
    const cJSON *model;
    unsigned depth = 0;
    size_t head;

    cJSON_ArrayForEach(model, rows)
    {
        if (strcmp(text_of(model, "case"), "unknown map key holding 100 nested arrays") == 0)
            break;
    }
    assert_non_null(model);
    head = vectors_hex_member(input, sizeof input, model, "input_hex") - GIVEN - 1;
    assert_int_equal(input[head - 1], 'z');
    assert_int_equal(input[head], 0x91);
    assert_int_equal(sscanf(text_of(row, "case"), "unknown map key holding %u", &depth), 1);
    assert_true(head + depth + 1 <= sizeof input);
    memset(input + head, 0x91, depth);
    input[head + depth] = 0xc0;
    return head + depth + 1;
}

static size_t input_of(const cJSON *rows, const cJSON *row)
{
    const char *hex = text_of(row, "input_hex");
    unsigned stated = 0;
    size_t len;

    if (hex[0] != '(')
        return vectors_hex(input, sizeof input, hex);
    assert_int_equal(sscanf(hex, "(%u bytes)", &stated), 1);
    len = input_nested(rows, row);
    assert_int_equal(len, stated);
    return len;
}

/* Encodes what was decoded and compares it with what their encoder made of it. */
static void check_again(const struct bytes *again, const cJSON *row)
{
    static uint8_t want[INPUT_MAX];
    const char *name = text_of(row, "case");
    size_t n;

    if (strcmp(name, kept_form) == 0 || strcmp(name, form_left_out) == 0)
        return;
    n = vectors_hex_member(want, sizeof want, row, "reencoded_hex");
    assert_int_equal(again->len, n);
    assert_memory_equal(again->data, want, n);
}

static int decode_kernel(struct bytes *again, uint8_t *data, size_t len)
{
    struct nectar_message message;
    struct msg_encoded encoded;
    int error = msg_decode(&message, data, len);

    if (error)
        return error;
    msg_encoded_init(&encoded);
    assert_int_equal(msg_encode(&encoded, &message, true), 0);
    for (size_t i = 0; i < encoded.count; i++)
        assert_int_equal(bytes_append(again, encoded.piece[i].data, encoded.piece[i].len), 0);
    msg_encoded_free(&encoded);
    return 0;
}

static int decode_handshake(struct bytes *again, uint8_t *data, size_t len)
{
    struct msg_handshake payload;
    int error = msg_handshake_decode(&payload, data, len);

    if (!error)
        assert_int_equal(msg_handshake_encode(again, &payload), 0);
    return error;
}

static int decode_routing(struct bytes *again, uint8_t *data, size_t len)
{
    struct msg_routing request;
    int error = msg_routing_decode(&request, data, len);

    if (!error)
        assert_int_equal(msg_routing_encode(again, &request), 0);
    return error;
}

/* Decodes row's input, in memory of its exact size. */
static void check_struct(const cJSON *row, size_t len,
                         int (*decode)(struct bytes *again, uint8_t *data, size_t len))
{
    bool accepted = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "accepted"));
    uint8_t *data = malloc(len ? len : 1);
    struct bytes again;
    int error;

    assert_non_null(data);
    memcpy(data, input, len);
    bytes_init(&again, INPUT_MAX);
    error = decode(&again, data, len);
    if (is_refused(row)) {
        assert_true(accepted);
        assert_int_equal(error, NECTAR_EMESSAGE);
    } else if (accepted) {
        assert_int_equal(error, 0);
        check_again(&again, row);
    } else {
        assert_int_equal(error, NECTAR_EMESSAGE);
    }
    bytes_free(&again);
    free(data);
}

/* An action they take is that action here too if it is one of the three; all else is a hello. */
static void check_action(const cJSON *row, size_t len)
{
    bool accepted = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "accepted"));
    const char *wanted = "ConnectionRequest(";
    bool is_request = accepted && strncmp(text_of(row, "value"), wanted, strlen(wanted)) == 0;
    struct nectar_view name = {0};
    enum msg_action action = msg_action_decode((struct nectar_view){input, len}, &name);

    if (is_refused(row)) {
        assert_true(is_request);
        assert_int_equal(action, MSG_HELLO);
        return;
    }
    assert_int_equal(action, is_request ? MSG_CONNECTION_REQUEST : MSG_HELLO);
}

/* An update stands alone in the vectors; on the wire it is within an action. */
static void check_update(const cJSON *row, size_t len)
{
    static const uint8_t head[] = "\x81\xa9HnsUpdate";
    bool accepted = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "accepted"));
    struct nectar_view name;

    memmove(input + sizeof head - 1, input, len);
    memcpy(input, head, sizeof head - 1);
    len += sizeof head - 1;
    assert_int_equal(msg_action_decode((struct nectar_view){input, len}, &name),
                     accepted ? MSG_REGISTRY_UPDATE : MSG_HELLO);
}

static void check_row(const cJSON *row, size_t len, size_t *undecoded)
{
    const char *type = text_of(row, "type");

    if (strcmp(type, "KernelMessage") == 0)
        check_struct(row, len, decode_kernel);
    else if (strcmp(type, "HandshakePayload") == 0)
        check_struct(row, len, decode_handshake);
    else if (strcmp(type, "RoutingRequest") == 0)
        check_struct(row, len, decode_routing);
    else if (strcmp(type, "NetAction") == 0)
        check_action(row, len);
    else if (strcmp(type, "HnsUpdate") == 0)
        check_update(row, len);
    else {
        /* No decoder here: this library asks nobody for anything that is answered so. */
        assert_string_equal(type, "NetResponse");
        (*undecoded)++;
    }
}

static void every_row(void **state)
{
    static const size_t expected[REASONS] = {
        [MAP_FORM] = 13, [INTEGER_VARIANT] = 3, [BIN_STRING] = 4, [TRAILING] = 5};
    cJSON *rows = vectors_read("tests/vectors/decoder-acceptance.json");
    size_t by_reason[REASONS] = {0};
    size_t undecoded = 0;
    size_t count = 0;
    const cJSON *row;

    (void)state;
    cJSON_ArrayForEach(row, rows)
    {
        check_row(row, input_of(rows, row), &undecoded);
        count++;
    }
    assert_int_equal(count, ROWS);
    assert_int_equal(undecoded, 2);
    for (size_t i = 0; i < REFUSED; i++) {
        assert_int_equal(times[i], 1);
        by_reason[refused[i].reason]++;
    }
    for (size_t i = 0; i < REASONS; i++)
        assert_int_equal(by_reason[i], expected[i]);
    cJSON_Delete(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
