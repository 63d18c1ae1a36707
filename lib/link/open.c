/*
 * The opening of a link: WebSocket upgrade, the three messages of Noise XX, and the two identities
 * inside them (PROTOCOL: handshake).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/version.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/view.h"
#include "link/link.h"
#include "msg/handshake.h"

enum {
    OPEN_PAYLOAD_MAX = 1024
}; /* of our own handshake payload: name, signature and little more */

static void begin_noise(struct nectar_link *link)
{
    uint8_t static_secret[NOISE_KEY_BYTES], ephemeral_secret[NOISE_KEY_BYTES];

    random_stream_take(&link->random, static_secret, sizeof static_secret);
    random_stream_take(&link->random, ephemeral_secret, sizeof ephemeral_secret);
    noise_handshake_init(&link->opening->noise,
                         link->role == NECTAR_INITIATOR ? NOISE_INITIATOR : NOISE_RESPONDER,
                         (struct nectar_view){NULL, 0}, static_secret, ephemeral_secret);
    mem_wipe(static_secret, sizeof static_secret);
    mem_wipe(ephemeral_secret, sizeof ephemeral_secret);
}

int link_open_begin(struct nectar_link *link, const struct nectar_link_config *config, uint64_t now)
{
    link->opening = calloc(1, sizeof *link->opening);
    if (!link->opening)
        return NECTAR_ENOMEM;
    bytes_init(&link->opening->head, WS_UPGRADE_MAX);
    link->opening->proxy_request = config->proxy_request;
    link->times.sent = now;
    if (config->via)
        snprintf(link->opening->via, sizeof link->opening->via, "%s", config->via);
    if (!link->dialled)
        return 0;
    random_stream_take(&link->random, link->opening->nonce, WS_NONCE_BYTES);
    return ws_upgrade_request(&link->output, config->host, link->opening->nonce);
}

void link_open_end(struct nectar_link *link)
{
    if (!link->opening)
        return;
    bytes_free(&link->opening->head);
    noise_handshake_wipe(&link->opening->noise);
    mem_wipe(link->opening, sizeof *link->opening);
    free(link->opening);
    link->opening = NULL;
}

/* Our payload: who we are, and that this connection's static key is ours. */
static int encode_identity(struct nectar_link *link, struct bytes *out)
{
    const struct link_opening *opening = link->opening;
    uint8_t signature[NECTAR_SIGNATURE_BYTES];

    nectar_key_sign(signature, link->key, opening->noise.s_public, NOISE_KEY_BYTES);
    return msg_handshake_encode(out, &(struct msg_handshake){
                                         .version = NECTAR_PROTOCOL_VERSION,
                                         .name = view_of_text(link->name),
                                         .signature = {signature, sizeof signature},
                                         .proxy_request = opening->proxy_request,
                                     });
}

/* Writes our next handshake message: message 1 is bare, 2 and 3 carry our identity. */
static int write_handshake(struct nectar_link *link, uint64_t now)
{
    struct noise_handshake *noise = &link->opening->noise;
    uint8_t message[OPEN_PAYLOAD_MAX + NOISE_HANDSHAKE_OVERHEAD];
    struct bytes payload;
    uint8_t *frame;
    size_t len;
    int error = 0;

    bytes_init(&payload, OPEN_PAYLOAD_MAX);
    if (noise->turn > 0)
        error = encode_identity(link, &payload);
    if (!error)
        error = noise_handshake_write(noise, message, &len, bytes_view(&payload));
    if (!error)
        error = link_send_binary_begin(link, len, &frame);
    if (!error) {
        memcpy(frame, message, len);
        link_send_binary_end(link, frame, len, now);
        log_line(link->log, NECTAR_LOG_DETAIL, "noise: sent message %d, %zu bytes", noise->turn,
                 len);
    }
    bytes_free(&payload);
    return error;
}

/* The handshake is over and the peer proven: transport keys take over. */
static void prove(struct nectar_link *link)
{
    noise_handshake_split(&link->opening->noise, &link->transport, NULL);
    link_open_end(link);
    link->times.open_by = TIME_NEVER;
    link->phase = LINK_PROVEN;
}

/* May the peer ask for a way to another? Then there is no handshake with us, and the two key pairs
 * for one, most of what it would cost us, wait until its first message shows. */
static bool may_ask(const struct nectar_link *link)
{
    return link->allow_routing && !link->dialled;
}

/* The first word after the upgrade, where it is ours. */
static int begin_handshake(struct nectar_link *link, uint64_t now)
{
    int error = 0;

    if (!may_ask(link))
        begin_noise(link);
    if (*link->opening->via)
        error = link_route_ask(link, now);
    if (!error && link->role == NECTAR_INITIATOR)
        error = write_handshake(link, now);
    return error;
}

int link_open_upgrade(struct nectar_link *link, struct link_input *in)
{
    struct link_opening *opening = link->opening;
    char reason[WS_REASON_SIZE] = "";
    bool done = false;
    size_t used = 0;
    int error;

    if (link->dialled)
        error = ws_upgrade_confirm(&opening->head, in->data + in->used, in->len - in->used, &used,
                                   &done, opening->nonce, reason);
    else
        error = ws_upgrade_accept(&opening->head, in->data + in->used, in->len - in->used, &used,
                                  &done, &link->output, reason);
    in->used += used;
    if (error)
        return link_fail(link, error, reason);
    if (!done)
        return LINK_STOP;
    log_line(link->log, NECTAR_LOG_DETAIL, "upgrade: done");
    link->stage = NECTAR_STAGE_NOISE;
    link->times.open_by = time_after(in->now, link->open_time);
    if (link->relay) {
        *in->event = (struct nectar_link_event){.type = NECTAR_LINK_RELAY};
        link->phase = LINK_OVER;
        return LINK_STOP;
    }
    link->phase = LINK_NOISE;
    error = begin_handshake(link, in->now);
    return error ? link_fail(link, error, NULL) : LINK_AGAIN;
}

/* Notes who the peer says it is, once that is well formed and, where we dialled, whom we meant.
 */
static int note_identity(struct nectar_link *link, uint8_t *data, size_t len)
{
    struct msg_handshake payload;
    char name[NECTAR_NAME_MAX + 1];
    int error = msg_handshake_decode(&payload, data, len);

    link->stage = NECTAR_STAGE_AUTH;
    if (error)
        return link_fail(link, error, "undecodable handshake payload");
    if (payload.version != NECTAR_PROTOCOL_VERSION)
        return link_fail(link, NECTAR_EVERSION, NULL);
    if (!view_copy_text(name, sizeof name, payload.name) || nectar_name_check(name))
        return link_fail(link, NECTAR_EIDENTITY, "peer's name is malformed");
    if (link->dialled && !view_equal_text(payload.name, link->peer)) {
        char reason[NECTAR_LINK_REASON_MAX + 1];
        snprintf(reason, sizeof reason, "peer says it is %.80s", name);
        return link_fail(link, NECTAR_EIDENTITY, reason);
    }
    if (payload.signature.len != NECTAR_SIGNATURE_BYTES)
        return link_fail(link, NECTAR_ESIGNATURE, "signature is not 64 bytes");
    if (link->role == NECTAR_RESPONDER && payload.proxy_request && !link->allow_proxy)
        return link_fail(link, NECTAR_EPROXY, NULL);
    /* From a responder it means nothing. */
    link->proxy_request = link->role == NECTAR_RESPONDER && payload.proxy_request;
    text_copy(link->peer, sizeof link->peer, name);
    memcpy(link->opening->signature, payload.signature.data, NECTAR_SIGNATURE_BYTES);
    link->phase = LINK_ASKING;
    return LINK_AGAIN;
}

int link_open_noise(struct nectar_link *link, struct link_input *in)
{
    struct noise_handshake *noise = &link->opening->noise;
    struct ws_message message;
    size_t len;
    int answer = link_receive_frame(link, in, &message);

    if (message.opcode != WS_BINARY)
        return answer;
    /* A RoutingRequest, which only a router that was dialled takes, is longer than a bare e. */
    if (noise->turn == 0 && message.len > NOISE_KEY_BYTES && may_ask(link))
        return link_route_read(link, in, &message);
    if (noise->turn == 0 && message.len != NOISE_KEY_BYTES)
        return link_fail(link, NECTAR_EHANDSHAKE, "first message is not 32 bytes");
    if (noise->turn == 0 && may_ask(link))
        begin_noise(link);
    answer = noise_handshake_read(noise, message.data, &len, message.data, message.len);
    if (answer)
        return link_fail(link, answer, NULL);
    log_line(link->log, NECTAR_LOG_DETAIL, "noise: read message %d, %zu bytes", noise->turn,
             message.len);
    if (noise->turn == 1) {
        answer = write_handshake(link, in->now);
        return answer ? link_fail(link, answer, NULL) : LINK_AGAIN;
    }
    return note_identity(link, message.data, len);
}

int link_open_ask(struct nectar_link *link, struct link_input *in)
{
    *in->event = (struct nectar_link_event){
        .type = NECTAR_LINK_IDENTIFY,
        .peer = link->peer,
        .fresh = link->opening->fresh,
    };
    link->phase = LINK_WAITING;
    return LINK_STOP;
}

int link_open_tell(struct nectar_link *link, struct link_input *in)
{
    *in->event = (struct nectar_link_event){
        .type = NECTAR_LINK_OPEN,
        .peer = link->peer,
        .proxy_request = link->proxy_request,
    };
    link->phase = LINK_OPEN;
    link->stage = NECTAR_STAGE_FRAME;
    return LINK_STOP;
}

int nectar_link_authenticate(struct nectar_link *link, const uint8_t *public_key, bool cached,
                             uint64_t now)
{
    struct link_opening *opening = link->opening;
    int error;

    if (link->error)
        return link->error;
    if (link->phase != LINK_WAITING)
        return 0; /* it has closed meanwhile */
    if (!public_key)
        return link_fail(link, NECTAR_ESTRANGER, NULL);
    if (!nectar_key_verify(opening->signature, public_key, opening->noise.rs, NOISE_KEY_BYTES)) {
        if (!cached || opening->fresh)
            return link_fail(link, NECTAR_ESIGNATURE, NULL);
        opening->fresh = true;
        link->phase = LINK_ASKING;
        return 0;
    }
    log_line(link->log, NECTAR_LOG_DETAIL, "auth: %s is proven", link->peer);
    if (link->role == NECTAR_INITIATOR) {
        error = write_handshake(link, now);
        if (error)
            return link_fail(link, error, NULL);
    }
    prove(link);
    return 0;
}
