#include "wire/shared/puppet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "msg/kernel.h"
#include "ws/upgrade.h"

enum { PUPPET_SAID_MAX = 32 << 20, PUPPET_PAYLOAD_MAX = 4096, FRAME_MASKED = 0x80 };

static const uint8_t MASK[4] = {0x5a, 0x00, 0xff, 0x17};

void puppet_begin(struct puppet *puppet, enum nectar_role role, const struct side_script *script)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {7};
    uint8_t s[NOISE_KEY_BYTES], e[NOISE_KEY_BYTES];
    bool initiator = role == NECTAR_INITIATOR;

    *puppet = (struct puppet){.role = role};
    side_begin(&puppet->side, initiator ? NECTAR_RESPONDER : NECTAR_INITIATOR, script);
    puppet->name = initiator ? SIDE_ALICE : SIDE_BOB;
    puppet->peer = initiator ? SIDE_BOB : SIDE_ALICE;
    bytes_init(&puppet->said, PUPPET_SAID_MAX);
    random_stream_init(&puppet->random, seed);
    random_stream_take(&puppet->random, s, sizeof s);
    random_stream_take(&puppet->random, e, sizeof e);
    noise_handshake_init(&puppet->noise, initiator ? NOISE_INITIATOR : NOISE_RESPONDER,
                         (struct nectar_view){NULL, 0}, s, e);
    assert_int_equal(ws_frames_new(&puppet->ears, initiator, &puppet->random), 0);
}

void puppet_end(struct puppet *puppet)
{
    side_end(&puppet->side);
    bytes_free(&puppet->said);
    ws_frames_free(puppet->ears);
    noise_handshake_wipe(&puppet->noise);
    *puppet = (struct puppet){0};
}

void puppet_raw(struct puppet *puppet, const void *data, size_t len)
{
    assert_int_equal(bytes_append(&puppet->said, data, len), 0);
}

void puppet_frame(struct puppet *puppet, uint8_t first, const void *data, size_t len)
{
    bool masked = puppet->role == NECTAR_INITIATOR;
    uint8_t header[4] = {first};
    const uint8_t *from = data;
    size_t begin;

    header[1] = (uint8_t)((masked ? FRAME_MASKED : 0) | (len > 125 ? 126 : len));
    header[2] = (uint8_t)(len >> 8);
    header[3] = (uint8_t)len;
    assert_true(len <= UINT16_MAX);
    puppet_raw(puppet, header, len > 125 ? 4 : 2);
    if (masked)
        puppet_raw(puppet, MASK, sizeof MASK);
    begin = puppet->said.len;
    puppet_raw(puppet, from, len);
    for (size_t i = 0; masked && i < len; i++)
        puppet->said.data[begin + i] ^= MASK[i % sizeof MASK];
}

int puppet_flush(struct puppet *puppet)
{
    int error = side_feed(&puppet->side, puppet->said.data, puppet->said.len);

    bytes_clear(&puppet->said);
    return error;
}

struct ws_message puppet_hear(struct puppet *puppet)
{
    const struct bytes *wrote = &puppet->side.wrote;
    struct ws_message message;
    size_t used;

    assert_int_equal(ws_decode(puppet->ears, wrote->data + puppet->heard,
                               wrote->len - puppet->heard, &used, &message),
                     0);
    puppet->heard += used;
    return message;
}

void puppet_upgrade(struct puppet *puppet)
{
    static const uint8_t nonce[WS_NONCE_BYTES] = {1, 2, 3};
    const struct bytes *wrote = &puppet->side.wrote;
    char reason[WS_REASON_SIZE];
    struct bytes head;
    bool done = false;
    size_t used;

    bytes_init(&head, WS_UPGRADE_MAX);
    if (puppet->role == NECTAR_INITIATOR) {
        assert_int_equal(ws_upgrade_request(&puppet->said, "127.0.0.1:9000", nonce), 0);
        assert_int_equal(puppet_flush(puppet), 0);
        assert_int_equal(
            ws_upgrade_confirm(&head, wrote->data, wrote->len, &used, &done, nonce, reason), 0);
    } else {
        assert_int_equal(
            ws_upgrade_accept(&head, wrote->data, wrote->len, &used, &done, &puppet->said, reason),
            0);
        assert_int_equal(puppet_flush(puppet), 0);
    }
    assert_true(done);
    puppet->heard = used;
    bytes_free(&head);
}

static void say_noise(struct puppet *puppet, struct nectar_view payload)
{
    uint8_t message[PUPPET_PAYLOAD_MAX + NOISE_HANDSHAKE_OVERHEAD];
    size_t len;

    assert_true(payload.len <= PUPPET_PAYLOAD_MAX);
    assert_int_equal(noise_handshake_write(&puppet->noise, message, &len, payload), 0);
    puppet_frame(puppet, 0x82, message, len);
}

static void hear_noise(struct puppet *puppet)
{
    struct ws_message message = puppet_hear(puppet);
    size_t len;

    assert_int_equal(message.opcode, WS_BINARY);
    assert_int_equal(
        noise_handshake_read(&puppet->noise, message.data, &len, message.data, message.len), 0);
}

void puppet_greet(struct puppet *puppet)
{
    if (puppet->role == NECTAR_INITIATOR)
        say_noise(puppet, (struct nectar_view){NULL, 0});
    assert_int_equal(puppet_flush(puppet), 0);
    hear_noise(puppet);
}

void puppet_present(struct puppet *puppet, struct nectar_view payload)
{
    say_noise(puppet, payload);
    puppet_flush(puppet);
}

struct msg_handshake puppet_identity(const struct puppet *puppet, uint8_t *signature)
{
    struct nectar_key *key = side_key(puppet->name);

    nectar_key_sign(signature, key, puppet->noise.s_public, NOISE_KEY_BYTES);
    nectar_key_free(key);
    return (struct msg_handshake){.version = 1,
                                  .name = view_of_text(puppet->name),
                                  .signature = {signature, NECTAR_SIGNATURE_BYTES}};
}

void puppet_present_as(struct puppet *puppet, const struct msg_handshake *identity)
{
    struct bytes payload;

    bytes_init(&payload, PUPPET_PAYLOAD_MAX);
    assert_int_equal(msg_handshake_encode(&payload, identity), 0);
    puppet_present(puppet, bytes_view(&payload));
    bytes_free(&payload);
}

void puppet_open(struct puppet *puppet)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    struct msg_handshake identity;

    puppet_upgrade(puppet);
    puppet_greet(puppet);
    identity = puppet_identity(puppet, signature);
    puppet_present_as(puppet, &identity);
    if (puppet->role == NECTAR_RESPONDER)
        hear_noise(puppet);
    noise_handshake_split(&puppet->noise, &puppet->transport, NULL);
    assert_true(nectar_link_is_open(puppet->side.link));
}

void puppet_begin_open(struct puppet *puppet, enum nectar_role role,
                       const struct side_script *script)
{
    puppet_begin(puppet, role, script);
    puppet_open(puppet);
}

void puppet_seal(struct puppet *puppet, const void *plain, size_t len)
{
    uint8_t sealed[NOISE_MESSAGE_MAX];

    assert_int_equal(noise_seal(&puppet->transport, sealed, plain, len), 0);
    puppet_frame(puppet, 0x82, sealed, len + NOISE_TAG_BYTES);
}

void puppet_seal_whole(struct puppet *puppet, uint32_t declared, const void *plain, size_t len)
{
    uint8_t chunk[NOISE_PLAINTEXT_MAX];

    for (int i = 0; i < 4; i++)
        chunk[i] = (uint8_t)(declared >> (24 - 8 * i));
    assert_true(len <= sizeof chunk - 4);
    if (len > 0)
        memcpy(chunk + 4, plain, len);
    puppet_seal(puppet, chunk, 4 + len);
}

void puppet_message(struct puppet *puppet, const struct nectar_message *message, size_t chunk)
{
    struct msg_encoded encoded;
    struct bytes whole;
    uint8_t length[4];

    msg_encoded_init(&encoded);
    bytes_init(&whole, NECTAR_MESSAGE_MAX + sizeof length);
    assert_int_equal(msg_encode(&encoded, message, false), 0);
    for (int i = 0; i < 4; i++)
        length[i] = (uint8_t)(encoded.size >> (24 - 8 * i));
    assert_int_equal(bytes_append(&whole, length, sizeof length), 0);
    for (size_t i = 0; i < encoded.count; i++)
        assert_int_equal(bytes_append(&whole, encoded.piece[i].data, encoded.piece[i].len), 0);
    for (size_t at = 0; at < whole.len; at += chunk)
        puppet_seal(puppet, whole.data + at, whole.len - at < chunk ? whole.len - at : chunk);
    msg_encoded_free(&encoded);
    bytes_free(&whole);
}

struct nectar_message puppet_hello(const struct puppet *puppet)
{
    bool initiator = puppet->role == NECTAR_INITIATOR;

    return (struct nectar_message){
        .id = 5,
        .source = view_of_text(initiator ? SIDE_ALICE "@cli:nectar-net:sys"
                                         : SIDE_BOB "@cli:nectar-net:sys"),
        .target =
            view_of_text(initiator ? SIDE_BOB "@net:distro:sys" : SIDE_ALICE "@net:distro:sys"),
        .body = view_of_text("hello"),
    };
}

void puppet_assert_ends(struct puppet *puppet, int error, uint16_t code)
{
    struct ws_message message, last = {.opcode = WS_NONE};

    assert_int_equal(puppet_flush(puppet), error);
    assert_int_equal(side_count(&puppet->side, NECTAR_LINK_MESSAGE), 0);
    while ((message = puppet_hear(puppet)).opcode != WS_NONE)
        last = message;
    assert_int_equal(last.opcode, WS_CLOSE);
    assert_int_equal(last.code, code);
}
