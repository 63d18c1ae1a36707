#include "noise/handshake.h"

#include <assert.h>
#include <string.h>

#include <nectar/error.h>

#include "base/mem.h"
#include "crypto/x25519.h"

#define PROTOCOL_NAME "Noise_XX_25519_ChaChaPoly_BLAKE2s"

_Static_assert((int)NOISE_KEY_BYTES == (int)X25519_BYTES, "25519");

/* What a message is made of, in the order in which it is written and read. */
enum token { END, E, S, EE, ES, SE };

static const enum token PATTERN[NOISE_MESSAGES][5] = {{E, END}, {E, EE, S, ES, END}, {S, SE, END}};

void noise_handshake_init(struct noise_handshake *hs, enum noise_role role,
                          struct nectar_view prologue, const uint8_t static_secret[32],
                          const uint8_t ephemeral_secret[32])
{
    *hs = (struct noise_handshake){.role = role};
    noise_symmetric_init(&hs->symmetric, PROTOCOL_NAME);
    noise_mix_hash(&hs->symmetric, prologue);
    memcpy(hs->s, static_secret, NOISE_KEY_BYTES);
    memcpy(hs->e, ephemeral_secret, NOISE_KEY_BYTES);
    x25519_public_two(hs->s_public, hs->s, hs->e_public, hs->e);
}

bool noise_handshake_done(const struct noise_handshake *hs)
{
    return hs->turn == NOISE_MESSAGES;
}

/* The initiator writes messages 0 and 2, the responder message 1. */
static bool initiators_turn(const struct noise_handshake *hs)
{
    return hs->turn % 2 == 0;
}

bool noise_handshake_ours(const struct noise_handshake *hs)
{
    return !noise_handshake_done(hs) && initiators_turn(hs) == (hs->role == NOISE_INITIATOR);
}

/* A Diffie-Hellman token: its first letter is the initiator's key, its second the responder's. */
static int mix_shared(struct noise_handshake *hs, enum token token)
{
    bool initiator = hs->role == NOISE_INITIATOR;
    bool our_static = initiator ? token == SE : token == ES;
    bool their_static = initiator ? token == ES : token == SE;
    uint8_t shared[X25519_BYTES];
    int error = NECTAR_EHANDSHAKE;

    if (x25519_shared(shared, our_static ? hs->s : hs->e, their_static ? hs->rs : hs->re)) {
        noise_mix_key(&hs->symmetric, shared);
        error = 0;
    }
    mem_wipe(shared, sizeof shared);
    return error;
}

/* *at moves behind what was written. */
static int write_token(struct noise_handshake *hs, enum token token, uint8_t **at)
{
    int error;

    switch (token) {
    case E:
        memcpy(*at, hs->e_public, NOISE_KEY_BYTES);
        noise_mix_hash(&hs->symmetric, (struct nectar_view){*at, NOISE_KEY_BYTES});
        *at += NOISE_KEY_BYTES;
        return 0;
    case S:
        error = noise_encrypt_and_hash(&hs->symmetric, *at, hs->s_public, NOISE_KEY_BYTES);
        *at += NOISE_KEY_BYTES + noise_symmetric_overhead(&hs->symmetric);
        return error;
    case EE:
    case ES:
    case SE:
        return mix_shared(hs, token);
    case END:
    default:
        return 0;
    }
}

int noise_handshake_write(struct noise_handshake *hs, uint8_t *out, size_t *len,
                          struct nectar_view payload)
{
    uint8_t *at = out;
    int error;

    assert(noise_handshake_ours(hs));
    assert(payload.len <= NOISE_MESSAGE_MAX - NOISE_HANDSHAKE_OVERHEAD);
    for (const enum token *token = PATTERN[hs->turn]; *token != END; token++) {
        error = write_token(hs, *token, &at);
        if (error)
            return error;
    }
    error = noise_encrypt_and_hash(&hs->symmetric, at, payload.data, payload.len);
    if (error)
        return error;
    at += payload.len + noise_symmetric_overhead(&hs->symmetric);
    *len = (size_t)(at - out);
    hs->turn++;
    return 0;
}

/* The next n bytes of a message; NULL if there are not as many. */
static const uint8_t *take(struct nectar_view *message, size_t n)
{
    const uint8_t *taken = message->data;

    if (message->len < n)
        return NULL;
    message->data += n;
    message->len -= n;
    return taken;
}

static int read_token(struct noise_handshake *hs, enum token token, struct nectar_view *message)
{
    size_t sealed = NOISE_KEY_BYTES + noise_symmetric_overhead(&hs->symmetric);
    const uint8_t *key;

    switch (token) {
    case E:
        key = take(message, NOISE_KEY_BYTES);
        if (!key)
            return NECTAR_EHANDSHAKE;
        memcpy(hs->re, key, NOISE_KEY_BYTES);
        noise_mix_hash(&hs->symmetric, (struct nectar_view){hs->re, NOISE_KEY_BYTES});
        return 0;
    case S:
        key = take(message, sealed);
        if (!key)
            return NECTAR_EHANDSHAKE;
        return noise_decrypt_and_hash(&hs->symmetric, hs->rs, key, sealed);
    case EE:
    case ES:
    case SE:
        return mix_shared(hs, token);
    case END:
    default:
        return 0;
    }
}

int noise_handshake_read(struct noise_handshake *hs, uint8_t *payload, size_t *payload_len,
                         const uint8_t *message, size_t len)
{
    struct nectar_view rest = {message, len};
    size_t overhead;
    int error;

    assert(!noise_handshake_done(hs) && !noise_handshake_ours(hs));
    *payload_len = 0;
    if (len > NOISE_MESSAGE_MAX)
        return NECTAR_EHANDSHAKE;
    for (const enum token *token = PATTERN[hs->turn]; *token != END; token++) {
        error = read_token(hs, *token, &rest);
        if (error)
            return error;
    }
    overhead = noise_symmetric_overhead(&hs->symmetric);
    if (rest.len < overhead)
        return NECTAR_EHANDSHAKE;
    /* payload may be the message itself: a cipher works in place, not on halfway overlaps. */
    if (rest.len > 0)
        memmove(payload, rest.data, rest.len);
    error = noise_decrypt_and_hash(&hs->symmetric, payload, payload, rest.len);
    if (error)
        return error;
    *payload_len = rest.len - overhead;
    hs->turn++;
    return 0;
}

void noise_handshake_split(const struct noise_handshake *hs, struct noise_transport *out,
                           uint8_t hash[32])
{
    bool initiator = hs->role == NOISE_INITIATOR;

    assert(noise_handshake_done(hs));
    noise_symmetric_split(&hs->symmetric, initiator ? &out->send : &out->receive,
                          initiator ? &out->receive : &out->send);
    if (hash)
        memcpy(hash, hs->symmetric.h, NOISE_HASH_BYTES);
}

void noise_handshake_wipe(struct noise_handshake *hs)
{
    mem_wipe(hs, sizeof *hs);
}
