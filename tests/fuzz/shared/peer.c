#include "fuzz/shared/peer.h"

#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "fuzz/shared/message.h"
#include "msg/kernel.h"
#include "msg/routing.h"
#include "msg/split.h"
#include "ws/header.h"
#include "ws/upgrade.h"

enum { SAID_MAX = 1 << 20, PAYLOAD_MAX = 1 << 16 };

static bool initiates(const struct peer *peer)
{
    return peer->end.flags & END_RESPONDS;
}

/* Is it the WebSocket client? A link with END_VIA has dialled, whatever its role. */
static bool dialled(const struct peer *peer)
{
    return initiates(peer) && !(peer->end.flags & END_VIA);
}

void peer_begin(struct peer *peer, uint8_t flags, uint8_t how)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {5};
    uint8_t s[NOISE_KEY_BYTES], e[NOISE_KEY_BYTES];

    *peer = (struct peer){.how = how};
    end_begin(&peer->end, flags);
    random_stream_init(&peer->random, seed);
    random_stream_take(&peer->random, s, sizeof s);
    random_stream_take(&peer->random, e, sizeof e);
    noise_handshake_init(&peer->noise, initiates(peer) ? NOISE_INITIATOR : NOISE_RESPONDER,
                         (struct nectar_view){NULL, 0}, s, e);
    msg_join_init(&peer->join);
    fuzz_assert(ws_frames_new(&peer->frames, dialled(peer), &peer->random) == 0);
}

void peer_end(struct peer *peer)
{
    end_end(&peer->end);
    ws_frames_free(peer->frames);
    msg_join_free(&peer->join);
    noise_handshake_wipe(&peer->noise);
}

/* --- saying ---------------------------------------------------------------------------------- */

void peer_raw(struct peer *peer, struct nectar_view bytes)
{
    if (!peer->end.error)
        end_feed_pieces(&peer->end, bytes, peer->how);
}

void peer_frame(struct peer *peer, uint8_t first, struct nectar_view payload)
{
    struct bytes out;
    uint8_t key[WS_MASK_BYTES] = {0};

    bytes_init(&out, SAID_MAX);
    fuzz_assert(bytes_reserve(&out, WS_HEADER_WRITTEN_MAX + payload.len) == 0);
    random_stream_take(&peer->random, key, sizeof key);
    out.len = ws_header_write(out.data, first, payload.len, dialled(peer) ? key : NULL);
    if (payload.len > 0)
        memcpy(out.data + out.len, payload.data, payload.len);
    if (dialled(peer))
        ws_mask(out.data + out.len, payload.len, key, 0);
    out.len += payload.len;
    peer_raw(peer, bytes_view(&out));
    bytes_free(&out);
}

/* In one frame or in many. */
static void say_binary(struct peer *peer, struct nectar_view message)
{
    uint8_t first = WS_BINARY;

    while (peer->fragment && message.len > peer->fragment) {
        peer_frame(peer, first, fuzz_take(&message, peer->fragment));
        first = WS_CONTINUATION;
    }
    peer_frame(peer, WS_FIN | first, message);
}

void peer_seal(struct peer *peer, struct nectar_view plain)
{
    static uint8_t sealed[NOISE_MESSAGE_MAX];

    if (!peer->split)
        return;
    fuzz_assert(plain.len <= NOISE_PLAINTEXT_MAX);
    if (plain.len > 0)
        memcpy(sealed, plain.data, plain.len);
    fuzz_assert(noise_seal(&peer->transport, sealed, sealed, plain.len) == 0);
    say_binary(peer, (struct nectar_view){sealed, plain.len + NOISE_TAG_BYTES});
}

void peer_whole(struct peer *peer, struct nectar_view message)
{
    static uint8_t plain[NOISE_PLAINTEXT_MAX];

    fuzz_assert(message.len <= sizeof plain - MSG_LENGTH_BYTES);
    for (int i = 0; i < MSG_LENGTH_BYTES; i++)
        plain[i] = (uint8_t)(message.len >> (24 - 8 * i));
    if (message.len > 0)
        memcpy(plain + MSG_LENGTH_BYTES, message.data, message.len);
    peer_seal(peer, (struct nectar_view){plain, MSG_LENGTH_BYTES + message.len});
}

/* --- listening ------------------------------------------------------------------------------- */

/* A transport message of the link: it opens, and what it makes whole is a message. */
static void hear_sealed(struct peer *peer, const struct ws_message *frame)
{
    struct nectar_message message;
    uint8_t *whole;
    size_t len;

    fuzz_assert(noise_open(&peer->transport, frame->data, frame->len, &len) == 0);
    fuzz_assert(msg_join_add(&peer->join, frame->data, len, &whole, &len) == 0);
    if (!whole)
        return;
    fuzz_assert(msg_decode(&message, whole, len) == 0);
    message_check(&message);
    end_expect(&peer->end, peer->answered++, &message);
}

static bool next_frame(struct peer *peer, struct ws_message *frame)
{
    struct nectar_view rest = bytes_view(&peer->end.wrote);
    size_t used;

    fuzz_take(&rest, peer->heard);
    fuzz_assert(ws_decode(peer->frames, rest.data, rest.len, &used, frame) == 0);
    peer->heard += used;
    return frame->opcode != WS_NONE;
}

void peer_listen(struct peer *peer)
{
    struct ws_message frame;

    while (peer->split && !peer->deaf && next_frame(peer, &frame)) {
        if (frame.opcode == WS_BINARY)
            hear_sealed(peer, &frame);
        peer->deaf = frame.opcode == WS_CLOSE;
    }
}

/* --- the opening ----------------------------------------------------------------------------- */

void peer_upgrade(struct peer *peer)
{
    static const uint8_t nonce[WS_NONCE_BYTES] = {1, 2, 3};
    struct nectar_view wrote = bytes_view(&peer->end.wrote);
    char reason[WS_REASON_SIZE];
    struct bytes head, said;
    bool done = false;
    size_t used;

    bytes_init(&head, WS_UPGRADE_MAX);
    bytes_init(&said, WS_UPGRADE_MAX);
    if (dialled(peer)) {
        fuzz_assert(ws_upgrade_request(&said, "127.0.0.1:9000", nonce) == 0);
        peer_raw(peer, bytes_view(&said));
        wrote = bytes_view(&peer->end.wrote);
        fuzz_assert(ws_upgrade_confirm(&head, wrote.data, wrote.len, &used, &done, nonce, reason) ==
                    0);
    } else {
        fuzz_assert(ws_upgrade_accept(&head, wrote.data, wrote.len, &used, &done, &said, reason) ==
                    0);
        peer_raw(peer, bytes_view(&said));
    }
    fuzz_assert(done && used <= wrote.len);
    peer->heard = used;
    bytes_free(&head);
    bytes_free(&said);
}

static void honest_payload(struct peer *peer, struct bytes *out)
{
    const char *name = initiates(peer) ? END_ALICE : END_BOB;
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    const struct msg_handshake payload = {
        .version = 1, .name = view_of_text(name), .signature = {signature, sizeof signature}};

    nectar_key_sign(signature, end_key(name), peer->noise.s_public, NOISE_KEY_BYTES);
    fuzz_assert(msg_handshake_encode(out, &payload) == 0);
}

static void write_noise(struct peer *peer, struct nectar_view payload)
{
    static uint8_t message[PAYLOAD_MAX + NOISE_HANDSHAKE_OVERHEAD];
    size_t len;

    fuzz_assert(payload.len <= PAYLOAD_MAX / 2);
    fuzz_assert(noise_handshake_write(&peer->noise, message, &len, payload) == 0);
    say_binary(peer, (struct nectar_view){message, len});
}

/* The link's next handshake message; a request for a way before it is one. False if there is none:
 * it has closed, or it waits. */
static bool read_noise(struct peer *peer)
{
    struct ws_message frame;
    struct msg_routing request;
    size_t len;

    if (!next_frame(peer, &frame) || frame.opcode != WS_BINARY)
        return false;
    if (peer->noise.turn == 0 && frame.len != NOISE_KEY_BYTES) {
        fuzz_assert(peer->end.flags & END_VIA);
        fuzz_assert(msg_routing_decode(&request, frame.data, frame.len) == 0);
        fuzz_assert(view_equal_text(request.source, peer->end.name));
        if (!next_frame(peer, &frame) || frame.opcode != WS_BINARY)
            return false;
    }
    fuzz_assert(noise_handshake_read(&peer->noise, frame.data, &len, frame.data, frame.len) == 0);
    return true;
}

void peer_shake(struct peer *peer, struct nectar_view payload)
{
    struct bytes honest;

    bytes_init(&honest, PAYLOAD_MAX);
    honest_payload(peer, &honest);
    if (!payload.data)
        payload = bytes_view(&honest);
    if (initiates(peer) && peer->end.flags & END_VIA) {
        /* It has asked its router first. */
        struct ws_message request;

        fuzz_assert(next_frame(peer, &request) && request.opcode == WS_BINARY);
    }
    if (initiates(peer))
        write_noise(peer, (struct nectar_view){NULL, 0});
    if (read_noise(peer)) {
        write_noise(peer, payload);
        /* An initiator's last message comes when it has believed us. */
        if (initiates(peer) || read_noise(peer)) {
            noise_handshake_split(&peer->noise, &peer->transport, NULL);
            peer->split = true;
        }
    }
    bytes_free(&honest);
}
