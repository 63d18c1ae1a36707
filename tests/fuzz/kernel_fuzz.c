/*
 * Kernel messages. Input: way of cutting, then the bytes. What was taken and is written again, in
 * either form, cut and joined, is read as the same; and its body is classified.
 */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "fuzz/shared/fuzz.h"
#include "fuzz/shared/message.h"
#include "msg/action.h"
#include "msg/join.h"
#include "msg/kernel.h"
#include "msg/split.h"

enum { HEAP_MAX = 1024, CHUNKS_MAX = 64 };

/* The chunks of msg_split, cut once more: what msg_join makes of them; free() it. */
static uint8_t *carry(const struct msg_encoded *encoded, uint8_t how, size_t *len)
{
    size_t total = MSG_LENGTH_BYTES + encoded->size, nth = 0;
    uint8_t *stream = malloc(total), *result = NULL, *whole;
    struct msg_split split;
    struct msg_join join;
    struct nectar_view rest = {stream, total};

    fuzz_assert(stream);
    msg_split_init(&split, encoded);
    for (size_t at = 0, n; (n = msg_split_size(&split)) > 0; at += n) {
        fuzz_assert(n <= MSG_CHUNK_MAX && n <= total - at);
        msg_split_next(&split, stream + at);
    }
    msg_join_init(&join);
    while (rest.len > 0) {
        size_t n = nth < CHUNKS_MAX ? fuzz_piece(how, nth, rest.len) : rest.len;
        struct nectar_view piece = fuzz_take(&rest, nth == 0 && n < 4 ? 4 : n);
        uint8_t *chunk = fuzz_copy(piece);

        fuzz_assert(msg_join_add(&join, chunk, piece.len, &whole, len) == 0);
        fuzz_assert((whole != NULL) == (rest.len == 0));
        fuzz_assert(msg_join_under_way(&join) == (rest.len > 0));
        if (whole)
            result = fuzz_copy((struct nectar_view){whole, *len});
        free(chunk);
        nth++;
    }
    msg_join_free(&join);
    free(stream);
    return result;
}

static void check_again(const struct nectar_message *first, bool compat, uint8_t how)
{
    struct msg_encoded encoded;
    struct nectar_message second;
    uint8_t *data;
    size_t len;

    msg_encoded_init(&encoded);
    fuzz_assert(msg_encode(&encoded, first, compat) == 0);
    data = carry(&encoded, how, &len);
    fuzz_assert(data && len == encoded.size);
    fuzz_assert(msg_decode(&second, data, len) == 0);
    message_check(&second);
    message_check_within(&second, data, len);
    message_assert_same(first, &second);
    fuzz_assert(second.form == (compat ? NECTAR_FORM_ARRAY : NECTAR_FORM_BIN));
    msg_encoded_free(&encoded);
    free(data);
}

/* What names a node, written again, is read as the same. */
static void check_named(enum msg_action action, struct nectar_view body, struct nectar_view name)
{
    struct nectar_view rejected = {0}, again = {0};
    bool is_rejected = msg_action_is_rejected(body, &rejected);
    struct bytes out;

    bytes_init(&out, NECTAR_MESSAGE_MAX);
    fuzz_assert(!is_rejected || action == MSG_HELLO);
    if (is_rejected) {
        fuzz_assert(fuzz_within(rejected, body.data, body.len));
        fuzz_assert(msg_action_encode_rejected(&out, rejected) == 0);
        fuzz_assert(msg_action_is_rejected(bytes_view(&out), &again));
        fuzz_assert(fuzz_same(again, rejected));
    } else if (action == MSG_CONNECTION_REQUEST) {
        fuzz_assert(msg_action_encode_connection_request(&out, name) == 0);
        fuzz_assert(msg_action_decode(bytes_view(&out), &again) == action);
        fuzz_assert(fuzz_same(again, name));
    }
    bytes_free(&out);
}

static void check_action(struct nectar_view body)
{
    struct nectar_view name = {0};
    uint8_t *copy = fuzz_copy(body);
    enum msg_action action = msg_action_decode((struct nectar_view){copy, body.len}, &name);

    fuzz_assert(body.len == 0 || memcmp(copy, body.data, body.len) == 0);
    if (action == MSG_CONNECTION_REQUEST)
        fuzz_assert(name.data && fuzz_within(name, copy, body.len));
    check_named(action, (struct nectar_view){copy, body.len}, name);
    free(copy);
}

/* With a byte more, or one less, it is refused. */
static void check_exact(struct nectar_view taken)
{
    uint8_t *longer = malloc(taken.len + 1);
    struct nectar_message other;

    fuzz_assert(longer);
    memcpy(longer, taken.data, taken.len);
    longer[taken.len] = 0xc0;
    fuzz_assert(msg_decode(&other, longer, taken.len + 1) == NECTAR_EMESSAGE);
    memcpy(longer, taken.data, taken.len);
    fuzz_assert(msg_decode(&other, longer, taken.len - 1) == NECTAR_EMESSAGE);
    free(longer);
}

/* Bytes beyond the declared length are refused, in the first chunk as in the next. */
static void check_excess(struct nectar_view message)
{
    size_t total = MSG_LENGTH_BYTES + message.len + 1, first = 5, len;
    uint8_t *stream = malloc(total), *whole;
    struct msg_join join;

    fuzz_assert(stream);
    for (int i = 0; i < MSG_LENGTH_BYTES; i++)
        stream[i] = (uint8_t)(message.len >> (24 - 8 * i));
    memcpy(stream + MSG_LENGTH_BYTES, message.data, message.len);
    stream[total - 1] = 0;
    msg_join_init(&join);
    fuzz_assert(msg_join_add(&join, stream, total, &whole, &len) == NECTAR_EEXCESS && !whole);
    msg_join_free(&join);
    fuzz_assert(msg_join_add(&join, stream, first, &whole, &len) == 0 && !whole);
    fuzz_assert(msg_join_add(&join, stream + first, total - first, &whole, &len) == NECTAR_EEXCESS);
    fuzz_assert(!whole);
    msg_join_free(&join);
    free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    uint8_t how = fuzz_byte(&in);
    uint8_t *copy = fuzz_copy(in);
    struct nectar_message message = {.id = 1};
    int error;

    check_action(in);
    fuzz_heap_begin();
    error = msg_decode(&message, copy, in.len);
    fuzz_assert(fuzz_heap_peak() <= HEAP_MAX);
    fuzz_assert(error == 0 || error == NECTAR_EMESSAGE);
    if (!error) {
        message_check(&message);
        message_check_within(&message, copy, in.len);
        check_action(message.body);
        check_again(&message, false, how);
        check_again(&message, true, how);
        check_exact(in);
        check_excess(in);
    } else {
        fuzz_assert(message.id == 1 && !message.source.data);
    }
    free(copy);
    return 0;
}
