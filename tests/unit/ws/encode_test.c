#include "ws/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

#include "ws/mask.h"

static const uint8_t SEED[RANDOM_SEED_BYTES] = {1};

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 31 + 7);
}

static void encode(struct ws_frames *frames, struct bytes *out, size_t len)
{
    uint8_t *payload;

    assert_int_equal(ws_encode_begin(frames, out, WS_BINARY, len, &payload), 0);
    assert_ptr_equal(payload + len, out->data + out->len);
    for (size_t i = 0; i < len; i++)
        payload[i] = pattern(i);
    ws_encode_end(frames, payload, len);
}

static void the_examples_of_the_rfc(void **state)
{
    struct random_stream masks;
    struct ws_frames *server;
    struct bytes out;

    (void)state;
    random_stream_init(&masks, SEED);
    bytes_init(&out, 100);
    assert_int_equal(ws_frames_new(&server, false, &masks), 0);
    assert_int_equal(ws_encode_control(server, &out, WS_PING, "Hello", 5), 0);
    assert_int_equal(out.len, 7);
    assert_memory_equal(out.data, "\x89\x05Hello", 7);
    bytes_clear(&out);
    assert_int_equal(ws_encode_close(server, &out, WS_CLOSE_AWAY, "bye"), 0);
    assert_int_equal(out.len, 7);
    assert_memory_equal(out.data,
                        "\x88\x05\x03\xe9"
                        "bye",
                        7);
    ws_frames_free(server);
    bytes_free(&out);
}

static void a_server_writes_headers_in_the_shortest_form(void **state)
{
    static const struct {
        size_t len, header_len;
        const char *header;
    } rows[] = {
        {0, 2, "\x82\x00"},           {1, 2, "\x82\x01"},           {125, 2, "\x82\x7d"},
        {126, 4, "\x82\x7e\x00\x7e"}, {256, 4, "\x82\x7e\x01\x00"}, {65535, 4, "\x82\x7e\xff\xff"},
    };
    struct random_stream masks;

    (void)state;
    random_stream_init(&masks, SEED);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ws_frames *server;
        struct bytes out;

        bytes_init(&out, 70000);
        assert_int_equal(ws_frames_new(&server, false, &masks), 0);
        encode(server, &out, rows[i].len);
        assert_int_equal(out.len, rows[i].header_len + rows[i].len);
        assert_memory_equal(out.data, rows[i].header, rows[i].header_len);
        ws_frames_free(server);
        bytes_free(&out);
    }
}

/* What one side writes, the other reads, at every length that matters. */
static void what_one_side_writes_the_other_reads(void **state)
{
    static const size_t lens[] = {0,   1,   2,   3,    4,    5,    7,    8,     9,    63,
                                  124, 125, 126, 1000, 4090, 4096, 5000, 65534, 65535};
    struct random_stream masks;

    (void)state;
    random_stream_init(&masks, SEED);
    for (int client = 0; client < 2; client++)
        for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
            struct ws_frames *writer, *reader;
            struct ws_message message;
            struct bytes out;
            size_t used;

            bytes_init(&out, 70000);
            assert_int_equal(ws_frames_new(&writer, client, &masks), 0);
            assert_int_equal(ws_frames_new(&reader, !client, &masks), 0);
            encode(writer, &out, lens[i]);
            assert_int_equal(ws_decode(reader, out.data, out.len, &used, &message), 0);
            assert_int_equal(used, out.len);
            assert_int_equal(message.opcode, WS_BINARY);
            assert_int_equal(message.len, lens[i]);
            for (size_t j = 0; j < message.len; j++)
                assert_int_equal(message.data[j], pattern(j));
            ws_frames_free(writer);
            ws_frames_free(reader);
            bytes_free(&out);
        }
}

static void every_frame_has_a_mask_of_its_own(void **state)
{
    struct random_stream masks;
    struct ws_frames *client;
    struct bytes out;

    (void)state;
    random_stream_init(&masks, SEED);
    bytes_init(&out, 100);
    assert_int_equal(ws_frames_new(&client, true, &masks), 0);
    assert_int_equal(ws_encode_control(client, &out, WS_PONG, NULL, 0), 0);
    assert_int_equal(ws_encode_control(client, &out, WS_PONG, NULL, 0), 0);
    assert_int_equal(out.len, 12);
    assert_memory_equal(out.data, "\x8a\x80", 2);
    assert_memory_equal(out.data + 6, "\x8a\x80", 2);
    assert_memory_not_equal(out.data + 2, out.data + 8, 4);
    ws_frames_free(client);
    bytes_free(&out);
}

static void what_does_not_fit_changes_nothing(void **state)
{
    struct random_stream masks;
    struct ws_frames *client;
    struct bytes out;
    uint8_t *payload;

    (void)state;
    random_stream_init(&masks, SEED);
    assert_int_equal(ws_frames_new(&client, true, &masks), 0);
    bytes_init(&out, 200000);
    assert_int_equal(ws_encode_begin(client, &out, WS_BINARY, WS_MESSAGE_MAX + 1, &payload),
                     NECTAR_ETOOBIG);
    assert_int_equal(out.len, 0);
    out.max = 15;
    assert_int_equal(ws_encode_begin(client, &out, WS_BINARY, 10, &payload), NECTAR_ETOOBIG);
    assert_int_equal(out.len, 0);
    assert_int_equal(ws_encode_control(client, &out, WS_PING, "0123456789", 10), NECTAR_ETOOBIG);
    assert_int_equal(out.len, 0);
    assert_int_equal(ws_encode_control(client, &out, WS_PING, "012345678", 9), 0);
    assert_int_equal(out.len, 15);
    ws_frames_free(client);
    bytes_free(&out);
}

/* Against the RFC's own definition, octet by octet, at every alignment and phase. */
static void masking_matches_the_definition(void **state)
{
    static const uint8_t key[WS_MASK_BYTES] = {0x37, 0xfa, 0x21, 0x3d};

    (void)state;
    for (size_t len = 0; len < 40; len++)
        for (size_t offset = 0; offset < 8; offset++)
            for (size_t phase = 0; phase < 9; phase++) {
                uint8_t data[64];

                for (size_t i = 0; i < sizeof data; i++)
                    data[i] = pattern(i);
                ws_mask(data + offset, len, key, phase);
                for (size_t i = 0; i < sizeof data; i++) {
                    bool inside = i >= offset && i < offset + len;
                    uint8_t mask = inside ? key[(i - offset + phase) % 4] : 0;

                    assert_int_equal(data[i], pattern(i) ^ mask);
                }
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc),
        cmocka_unit_test(a_server_writes_headers_in_the_shortest_form),
        cmocka_unit_test(what_one_side_writes_the_other_reads),
        cmocka_unit_test(every_frame_has_a_mask_of_its_own),
        cmocka_unit_test(what_does_not_fit_changes_nothing),
        cmocka_unit_test(masking_matches_the_definition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
