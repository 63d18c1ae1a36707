/* Encoding: pieces and sizes. Decoding: what no vector shows. */
#include "msg/kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "msg/handshake.h"
#include "msg/routing.h"

static struct nectar_message sample(void)
{
    return (struct nectar_message){.id = 1,
                                   .source = view_of_text("a.nec@cli:nectar-net:sys"),
                                   .target = view_of_text("b.nec@net:distro:sys")};
}

static size_t count_borrowed(const struct msg_encoded *encoded, struct nectar_view data)
{
    size_t count = 0;

    for (size_t i = 0; i < encoded->count; i++)
        count += encoded->piece[i].data == data.data && encoded->piece[i].len == data.len;
    return count;
}

static void bodies_are_not_copied(void **state)
{
    struct nectar_message message = sample();
    struct msg_encoded encoded;

    (void)state;
    message.kind = NECTAR_RESPONSE;
    message.body = view_of_text("the body");
    message.context = view_of_text("the context");
    message.blob = view_of_text("the blob");
    message.mime = view_of_text("text/plain");
    msg_encoded_init(&encoded);
    assert_int_equal(msg_encode(&encoded, &message, false), 0);
    assert_true(encoded.count <= MSG_PIECES);
    assert_int_equal(count_borrowed(&encoded, message.body), 1);
    assert_int_equal(count_borrowed(&encoded, message.context), 1);
    assert_int_equal(count_borrowed(&encoded, message.blob), 1);
    assert_int_equal(msg_encode(&encoded, &message, true), 0);
    assert_int_equal(encoded.count, 1);
    assert_ptr_equal(encoded.piece[0].data, encoded.scratch.data);
    msg_encoded_free(&encoded);
}

/* The largest body that fits beside the sample's other fields, and one byte more. */
static void the_largest_message(void **state)
{
    struct nectar_message message = sample();
    uint8_t *data = calloc(1, NECTAR_MESSAGE_MAX + 1);
    struct msg_encoded encoded;
    size_t most;

    (void)state;
    assert_non_null(data);
    msg_encoded_init(&encoded);
    for (int compat = 0; compat < 2; compat++) {
        /* 0x10000 and more: the head of the body is as long as that of the largest one. */
        message.body = (struct nectar_view){data, 0x10000};
        assert_int_equal(msg_encode(&encoded, &message, compat), 0);
        most = NECTAR_MESSAGE_MAX - encoded.size + message.body.len;
        message.body.len = most;
        assert_int_equal(msg_encode(&encoded, &message, compat), 0);
        assert_int_equal(encoded.size, 10485800);
        message.body.len = most + 1;
        assert_int_equal(msg_encode(&encoded, &message, compat), NECTAR_ETOOBIG);
        message.body.len = 1;
        assert_int_equal(msg_encode(&encoded, &message, compat), 0);
    }
    memset(data, 0xff, NECTAR_MESSAGE_MAX);
    message.body.len = NECTAR_MESSAGE_MAX / 2;
    assert_int_equal(msg_encode(&encoded, &message, false), 0);
    assert_int_equal(msg_encode(&encoded, &message, true), NECTAR_ETOOBIG);
    msg_encoded_free(&encoded);
    free(data);
}

/* Lengths whose sum runs over are refused before anything is read of them. */
static void impossible_lengths(void **state)
{
    struct nectar_message message = sample();
    struct msg_encoded encoded;
    uint8_t byte = 0;

    (void)state;
    msg_encoded_init(&encoded);
    message.body = (struct nectar_view){&byte, SIZE_MAX};
    assert_int_equal(msg_encode(&encoded, &message, false), NECTAR_ETOOBIG);
    message.body = (struct nectar_view){0};
    message.blob = (struct nectar_view){&byte, SIZE_MAX - 4};
    assert_int_equal(msg_encode(&encoded, &message, true), NECTAR_ETOOBIG);
    message.blob = (struct nectar_view){0};
    message.metadata = (struct nectar_view){&byte, NECTAR_MESSAGE_MAX};
    assert_int_equal(msg_encode(&encoded, &message, false), NECTAR_ETOOBIG);
    msg_encoded_free(&encoded);
}

/* A body that is NULL is empty; a context or blob that is empty is not absent. */
static void empty_and_absent(void **state)
{
    struct nectar_message message = sample();
    struct nectar_message decoded;
    struct msg_encoded encoded;
    struct bytes copy;

    (void)state;
    message.kind = NECTAR_RESPONSE;
    message.context = view_of_text("");
    message.blob = view_of_text("");
    msg_encoded_init(&encoded);
    for (int compat = 0; compat < 2; compat++) {
        bytes_init(&copy, 1024);
        assert_int_equal(msg_encode(&encoded, &message, compat), 0);
        for (size_t i = 0; i < encoded.count; i++)
            bytes_append(&copy, encoded.piece[i].data, encoded.piece[i].len);
        assert_int_equal(msg_decode(&decoded, copy.data, copy.len), 0);
        assert_non_null(decoded.body.data);
        assert_int_equal(decoded.body.len, 0);
        assert_non_null(decoded.context.data);
        assert_non_null(decoded.blob.data);
        assert_null(decoded.mime.data);
        assert_null(decoded.rsvp.data);
        assert_null(decoded.metadata.data);
        assert_true(view_equal_text(decoded.capabilities, "\x90"));
        bytes_free(&copy);
    }
    msg_encoded_free(&encoded);
}

/* Nothing is written where the input is refused. */
static void refusal_leaves_out_alone(void **state)
{
    struct nectar_message message = sample();
    struct nectar_message before = message;
    struct msg_handshake handshake = {.version = 9};
    struct msg_routing routing = {.version = 9};
    uint8_t data[] = {0x96, 7, 0xa1, 'a'};

    (void)state;
    assert_int_equal(msg_decode(&message, data, sizeof data), NECTAR_EMESSAGE);
    assert_memory_equal(&message, &before, sizeof before);
    assert_int_equal(msg_decode(&message, NULL, 0), NECTAR_EMESSAGE);
    assert_int_equal(msg_handshake_decode(&handshake, data, sizeof data), NECTAR_EMESSAGE);
    assert_int_equal(msg_handshake_decode(&handshake, NULL, 0), NECTAR_EMESSAGE);
    assert_int_equal(handshake.version, 9);
    assert_int_equal(msg_routing_decode(&routing, data, sizeof data), NECTAR_EMESSAGE);
    assert_int_equal(msg_routing_decode(&routing, NULL, 0), NECTAR_EMESSAGE);
    assert_int_equal(routing.version, 9);
}

/* A capability's issuer is an address like any other; it is kept, signature and all, as it came. */
static void capabilities(void **state)
{
    static const char head[] = "\x96\x01\xa7"
                               "a@n:d:s\xa7"
                               "b@n:d:s\xc0\x81\xa7Request\x95\xc2\xc0\x90\xc0";
    static const char good[] = "\x91\x92\x92\xa7"
                               "i@n:d:s\xa1p\xdc\x00\x02\xcc\x01\xcd\x00\xff";
    static const char bad[] = "\x91\x92\x92\xa7"
                              "i/n:d:s\xa1p\xdc\x00\x02\xcc\x01\xcd\x00\xff";
    struct nectar_message message;
    struct bytes data;

    (void)state;
    bytes_init(&data, 256);
    bytes_append(&data, head, sizeof head - 1);
    bytes_append(&data, good, sizeof good - 1);
    bytes_append_byte(&data, 0xc0);
    assert_int_equal(msg_decode(&message, data.data, data.len), 0);
    assert_int_equal(message.capabilities.len, sizeof good - 1);
    assert_memory_equal(message.capabilities.data, good, sizeof good - 1);
    bytes_clear(&data);
    bytes_append(&data, head, sizeof head - 1);
    bytes_append(&data, bad, sizeof bad - 1);
    bytes_append_byte(&data, 0xc0);
    assert_int_equal(msg_decode(&message, data.data, data.len), NECTAR_EMESSAGE);
    bytes_free(&data);
}

/* Every cut of a handshake payload and a routing request is refused. */
static void every_cut(void **state)
{
    uint8_t signature[64];
    struct msg_handshake handshake = {1, view_of_text("a.nec"), {signature, 64}, true};
    struct msg_routing routing = {1, view_of_text("a.nec"), {signature, 64}, view_of_text("b.nec")};
    struct bytes whole[2];

    (void)state;
    memset(signature, 0xcc, sizeof signature);
    bytes_init(&whole[0], 1024);
    bytes_init(&whole[1], 1024);
    assert_int_equal(msg_handshake_encode(&whole[0], &handshake), 0);
    assert_int_equal(msg_routing_encode(&whole[1], &routing), 0);
    for (size_t cut = 0; cut < whole[0].len; cut++) {
        uint8_t *copy = malloc(cut + 1);

        memcpy(copy, whole[0].data, cut);
        assert_int_equal(msg_handshake_decode(&handshake, copy, cut), NECTAR_EMESSAGE);
        free(copy);
    }
    for (size_t cut = 0; cut < whole[1].len; cut++) {
        uint8_t *copy = malloc(cut + 1);

        memcpy(copy, whole[1].data, cut);
        assert_int_equal(msg_routing_decode(&routing, copy, cut), NECTAR_EMESSAGE);
        free(copy);
    }
    bytes_free(&whole[0]);
    bytes_free(&whole[1]);
}

static void output_is_full(void **state)
{
    uint8_t signature[64] = {0};
    struct msg_handshake handshake = {1, view_of_text("a.nec"), {signature, 64}, true};
    struct msg_routing routing = {1, view_of_text("a.nec"), {signature, 64}, view_of_text("b.nec")};
    struct bytes out;

    (void)state;
    bytes_init(&out, 40);
    assert_int_equal(msg_handshake_encode(&out, &handshake), NECTAR_ETOOBIG);
    bytes_clear(&out);
    assert_int_equal(msg_routing_encode(&out, &routing), NECTAR_ETOOBIG);
    bytes_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_not_copied),
        cmocka_unit_test(the_largest_message),
        cmocka_unit_test(impossible_lengths),
        cmocka_unit_test(empty_and_absent),
        cmocka_unit_test(refusal_leaves_out_alone),
        cmocka_unit_test(capabilities),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(output_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
