/*
 * A router's side of the first message: the request for a way to a peer, told to the owner, and not
 * a byte beyond it touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/time.h"
#include "base/view.h"
#include "wire/shared/puppet.h"
#include "wire/shared/request.h"
#include "ws/upgrade.h"

enum { PROTOCOL = 1002, POLICY = 1008, LEN_OF_E = 32 };

#define HOST "127.0.0.1:9000"

static const struct side_script AS_ROUTER = {.name = REQUEST_ROUTER, .allow_routing = true};

/* A router to which this was the first Binary message, and then an e. */
static void ask(struct puppet *puppet, const struct side_script *script, const void *data,
                size_t len)
{
    static const uint8_t e[LEN_OF_E] = {9};

    puppet_begin(puppet, NECTAR_INITIATOR, script);
    puppet_upgrade(puppet);
    puppet_frame(puppet, 0x82, data, len);
    puppet_frame(puppet, 0x82, e, sizeof e);
}

static void refused(const struct side_script *script, const struct bytes *request, int error,
                    uint16_t code)
{
    struct puppet puppet;

    ask(&puppet, script, request->data, request->len);
    puppet_assert_ends(&puppet, error, code);
    assert_int_equal(puppet.side.note_count, 0);
    puppet_end(&puppet);
}

/* What a router has to do with these bytes, by the decoder: 0, ROUTE with what they say. */
static int expected(struct msg_routing *said, struct bytes *copy)
{
    char name[NECTAR_NAME_MAX + 1];

    if (copy->len <= LEN_OF_E)
        return NECTAR_EHANDSHAKE;
    if (msg_routing_decode(said, copy->data, copy->len))
        return NECTAR_EMESSAGE;
    if (said->version != 1)
        return NECTAR_EVERSION;
    if (said->signature.len != NECTAR_SIGNATURE_BYTES)
        return NECTAR_ESIGNATURE;
    if (!view_copy_text(name, sizeof name, said->source) || nectar_name_check(name))
        return NECTAR_ENAME;
    if (!view_copy_text(name, sizeof name, said->target) || nectar_name_check(name))
        return NECTAR_ENAME;
    return 0;
}

/* Judged as it must be, whatever these bytes are. Was it a ROUTE? */
static bool judge(const struct bytes *request)
{
    struct bytes copy;
    struct msg_routing said;
    struct puppet puppet;
    int error;

    bytes_init(&copy, WS_MESSAGE_MAX);
    assert_int_equal(bytes_append(&copy, request->data, request->len), 0);
    error = expected(&said, &copy);
    ask(&puppet, &AS_ROUTER, request->data, request->len);
    if (error) {
        puppet_assert_ends(&puppet, error,
                           error == NECTAR_EVERSION || error == NECTAR_ESIGNATURE ? POLICY
                                                                                  : PROTOCOL);
    } else {
        const struct side_note *note;

        assert_int_equal(puppet_flush(&puppet), 0);
        assert_int_equal(puppet.side.note_count, 1);
        note = side_note(&puppet.side, NECTAR_LINK_ROUTE, 0);
        assert_true(view_equal_text(said.source, note->text));
        assert_true(view_equal_text(said.target, note->target));
        assert_memory_equal(note->signature, said.signature.data, NECTAR_SIGNATURE_BYTES);
    }
    bytes_free(&copy);
    puppet_end(&puppet);
    return error == 0;
}

/* As an owner gives it: step more bytes each time, behind those that were not used. */
static size_t give(struct nectar_link *link, const struct bytes *stream, size_t step,
                   struct side_note *note)
{
    struct nectar_link_event event;
    size_t at = 0, used;

    for (size_t end = step; note->type == NECTAR_LINK_NONE; end += step) {
        assert_true(end < stream->len + step);
        end = end < stream->len ? end : stream->len;
        assert_int_equal(
            nectar_link_receive(link, stream->data + at, end - at, &used, &event, SIDE_BEGIN), 0);
        at += used;
        if (event.type == NECTAR_LINK_NONE)
            continue;
        note->type = event.type;
        snprintf(note->text, sizeof note->text, "%s", event.peer);
        snprintf(note->target, sizeof note->target, "%s", event.target);
        assert_int_equal(event.signature.len, NECTAR_SIGNATURE_BYTES);
        memcpy(note->signature, event.signature.data, NECTAR_SIGNATURE_BYTES);
    }
    return at;
}

static void assert_over(struct nectar_link *link)
{
    static const uint8_t more[] = {0x89, 0x80, 1, 2, 3, 4, 0x88, 0x80, 1, 2, 3, 4};
    struct nectar_link_event event;
    struct nectar_view before, after;
    size_t used;

    nectar_link_output(link, &before);
    for (size_t n = 0; n <= sizeof more; n++) {
        assert_int_equal(nectar_link_receive(link, more, n, &used, &event, SIDE_BEGIN), 0);
        assert_int_equal(used, 0);
        assert_int_equal(event.type, NECTAR_LINK_NONE);
    }
    assert_true(nectar_link_deadline(link) == UINT64_MAX);
    assert_int_equal(nectar_link_tick(link, SIDE_BEGIN + TIME_S(3600)), 0);
    assert_false(nectar_link_is_open(link));
    nectar_link_output(link, &after);
    assert_true(view_equal(before, after));
}

static void told_and_no_byte_beyond(void **state)
{
    static const uint8_t nonce[WS_NONCE_BYTES] = {1}, e[LEN_OF_E] = {9};
    struct bytes request = request_honest();

    (void)state;
    for (size_t step = 1; step < 700; step += step < 300 ? 1 : 50) {
        struct side_note note = {.type = NECTAR_LINK_NONE};
        struct nectar_view said;
        struct puppet puppet;
        size_t end;

        puppet_begin(&puppet, NECTAR_INITIATOR, &AS_ROUTER);
        assert_int_equal(ws_upgrade_request(&puppet.said, HOST, nonce), 0);
        puppet_frame(&puppet, 0x82, request.data, request.len);
        end = puppet.said.len;
        puppet_frame(&puppet, 0x82, e, sizeof e);
        puppet_frame(&puppet, 0x82, e, sizeof e);
        assert_int_equal(give(puppet.side.link, &puppet.said, step, &note), end);
        assert_int_equal(note.type, NECTAR_LINK_ROUTE);
        assert_string_equal(note.text, SIDE_ALICE);
        assert_string_equal(note.target, SIDE_BOB);
        assert_true(request_signed_by(note.signature, SIDE_ALICE, SIDE_BOB));
        nectar_link_output(puppet.side.link, &said);
        assert_true(said.len > 12 && memcmp(said.data, "HTTP/1.1 101", 12) == 0);
        assert_memory_equal(said.data + said.len - 4, "\r\n\r\n", 4);
        assert_over(puppet.side.link);
        puppet_end(&puppet);
    }
    bytes_free(&request);
}

/* In fragments, a ping among them, and with the signature as bin: the same request. */
static void other_forms(void **state)
{
    struct bytes request = request_honest();
    uint8_t bin[256] = {0x94, 0x01, 0xa0 | 9}, *to = bin + 3;
    struct bytes as_bin = {.data = bin};
    struct puppet puppet;

    (void)state;
    puppet_begin(&puppet, NECTAR_INITIATOR, &AS_ROUTER);
    puppet_upgrade(&puppet);
    puppet_frame(&puppet, 0x02, request.data, LEN_OF_E);
    puppet_frame(&puppet, 0x89, "ping", 4);
    puppet_frame(&puppet, 0x80, request.data + LEN_OF_E, request.len - LEN_OF_E);
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_int_equal(side_count(&puppet.side, NECTAR_LINK_ROUTE), 1);
    assert_int_equal(puppet_hear(&puppet).opcode, WS_PONG);
    assert_int_equal(puppet_hear(&puppet).opcode, WS_NONE);
    puppet_end(&puppet);
    memcpy(to, SIDE_ALICE "\xc4\x40", 11);
    request_sign(to + 11, SIDE_ALICE, SIDE_BOB);
    memcpy(to + 11 + NECTAR_SIGNATURE_BYTES, "\xa7" SIDE_BOB, 8);
    as_bin.len = 3 + 11 + NECTAR_SIGNATURE_BYTES + 8;
    assert_true(judge(&as_bin));
    bytes_free(&request);
}

static void not_a_router(void **state)
{
    struct bytes request = request_honest();

    (void)state;
    refused(NULL, &request, NECTAR_EHANDSHAKE, PROTOCOL);
    bytes_free(&request);
}

static void refused_with(const struct msg_routing *request, int error, uint16_t code)
{
    struct bytes encoded = request_encode(request);

    refused(&AS_ROUTER, &encoded, error, code);
    bytes_free(&encoded);
}

static void wrong_versions_and_signatures(void **state)
{
    static const uint64_t versions[] = {0, 2, 255}, lengths[] = {32, 63, 65};
    uint8_t signature[NECTAR_SIGNATURE_BYTES + 1] = {0};
    struct msg_routing request;

    (void)state;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        request = request_to_bob(signature);
        request.version = versions[i];
        refused_with(&request, NECTAR_EVERSION, POLICY);
    }
    request.version = 256;
    refused_with(&request, NECTAR_EMESSAGE, PROTOCOL);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        request = request_to_bob(signature);
        request.signature.len = lengths[i];
        refused_with(&request, NECTAR_ESIGNATURE, POLICY);
    }
}

static void malformed_names(void **state)
{
    static const uint8_t with_nul[] = {'a', 'b', 0, '.', 'x'};
    uint8_t signature[NECTAR_SIGNATURE_BYTES], too_long[NECTAR_NAME_MAX + 1];
    const struct nectar_view names[] = {view_of_text(""),           view_of_text("."),
                                        view_of_text("alice..nec"), view_of_text(".nec"),
                                        view_of_text("alice.nec."), view_of_text("al ice.x"),
                                        view_of_text("al\x1b.x"),   view_of_text("al\xc3\xa9.x"),
                                        view_of_text("a/b.x"),      {with_nul, sizeof with_nul},
                                        {too_long, sizeof too_long}};

    (void)state;
    for (size_t i = 0; i < sizeof too_long; i++)
        too_long[i] = i % 40 == 39 ? '.' : 'a';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct msg_routing request = request_to_bob(signature);

        request.source = names[i];
        refused_with(&request, NECTAR_ENAME, PROTOCOL);
        request = request_to_bob(signature);
        request.target = names[i];
        refused_with(&request, NECTAR_ENAME, PROTOCOL);
    }
}

/* Well-formed MessagePack, and bytes that are none. */
static void something_else(void **state)
{
    static const uint8_t kinds[] = {0x00, 0x80, 0x90, 0x94, 0xa0, 0xc0, 0xc1, 0xdd, 0xdf, 0xff};

    (void)state;
    for (size_t i = 0; i < sizeof kinds; i++) {
        for (size_t len = LEN_OF_E + 1; len <= WS_MESSAGE_MAX - 4; len = len * 3 - 2) {
            struct bytes other;

            bytes_init(&other, WS_MESSAGE_MAX);
            assert_int_equal(bytes_reserve(&other, len), 0);
            other.len = len;
            memset(other.data, kinds[i], len);
            refused(&AS_ROUTER, &other, NECTAR_EMESSAGE, PROTOCOL);
            bytes_free(&other);
        }
    }
}

static void cut_and_followed(void **state)
{
    struct bytes request = request_honest();
    size_t len = request.len;
    struct puppet puppet;

    (void)state;
    assert_int_equal(bytes_append_byte(&request, 0xc0), 0);
    refused(&AS_ROUTER, &request, NECTAR_EMESSAGE, PROTOCOL);
    for (request.len = 0; request.len < len; request.len++)
        if (request.len != LEN_OF_E)
            refused(&AS_ROUTER, &request,
                    request.len < LEN_OF_E ? NECTAR_EHANDSHAKE : NECTAR_EMESSAGE, PROTOCOL);
    /* Of that length it is an e: a router is a peer as any other. */
    puppet_begin(&puppet, NECTAR_INITIATOR, &AS_ROUTER);
    puppet_upgrade(&puppet);
    puppet_greet(&puppet);
    assert_int_equal(puppet.side.error, 0);
    assert_int_equal(puppet.side.note_count, 0);
    puppet_end(&puppet);
    bytes_free(&request);
}

static void every_bit(void **state)
{
    struct bytes request = request_honest();
    size_t routes = 0;

    (void)state;
    for (size_t i = 0; i < request.len * 8; i++) {
        request.data[i / 8] ^= (uint8_t)(1 << i % 8);
        routes += judge(&request);
        request.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    /* The signature is the owner's to verify: its bits change nothing else. */
    assert_in_range(routes, 64 * 7, request.len * 8 - 1);
    assert_true(judge(&request));
    bytes_free(&request);
}

static void refused_by_its_owner(void **state)
{
    struct bytes request = request_honest();
    struct nectar_link_event event;
    struct ws_message close;
    struct puppet puppet;
    struct nectar_link *link;
    size_t used;

    (void)state;
    ask(&puppet, &AS_ROUTER, request.data, request.len);
    assert_int_equal(puppet_flush(&puppet), 0);
    link = puppet.side.link;
    assert_int_equal(nectar_link_refuse(link, NECTAR_EUNREACHABLE), NECTAR_EUNREACHABLE);
    assert_int_equal(nectar_link_refuse(link, NECTAR_ESTRANGER), NECTAR_EUNREACHABLE);
    assert_int_equal(nectar_link_receive(link, request.data, 9, &used, &event, SIDE_BEGIN),
                     NECTAR_EUNREACHABLE);
    assert_int_equal(used, 0);
    assert_int_equal(nectar_link_end(link), NECTAR_EUNREACHABLE);
    assert_int_equal(nectar_link_stage(link), NECTAR_STAGE_ROUTER);
    side_drain(&puppet.side, SIZE_MAX);
    close = puppet_hear(&puppet);
    assert_int_equal(close.opcode, WS_CLOSE);
    assert_int_equal(close.code, WS_CLOSE_TRY_LATER);
    assert_int_equal(puppet_hear(&puppet).opcode, WS_NONE);
    puppet_end(&puppet);
    bytes_free(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_and_no_byte_beyond),
        cmocka_unit_test(other_forms),
        cmocka_unit_test(not_a_router),
        cmocka_unit_test(wrong_versions_and_signatures),
        cmocka_unit_test(malformed_names),
        cmocka_unit_test(something_else),
        cmocka_unit_test(cut_and_followed),
        cmocka_unit_test(every_bit),
        cmocka_unit_test(refused_by_its_owner),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
