/*
 * Noise_XX_25519_ChaChaPoly_BLAKE2s (noiseprotocol.org, revision 34, sections 5 and 7.5):
 *
 *     -> e
 *     <- e, ee, s, es
 *     -> s, se
 *
 * Bytes in, bytes out. Both sides take turns with write and read; after the third message, split.
 */
#ifndef NOISE_HANDSHAKE_H
#define NOISE_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/view.h>

#include "noise/symmetric.h"
#include "noise/transport.h"

enum noise_role { NOISE_INITIATOR, NOISE_RESPONDER };

enum {
    NOISE_KEY_BYTES = 32,
    NOISE_MESSAGE_MAX = 65535,
    NOISE_MESSAGES = 3,           /* of the XX pattern */
    NOISE_HANDSHAKE_OVERHEAD = 96 /* at most: e, s and its tag, the payload's tag */
};

/* All-zero is valid to wipe. Secrets inside: wipe it. */
struct noise_handshake {
    struct noise_symmetric symmetric;
    enum noise_role role;
    int turn; /* messages gone by */
    uint8_t s[NOISE_KEY_BYTES], s_public[NOISE_KEY_BYTES];
    uint8_t e[NOISE_KEY_BYTES], e_public[NOISE_KEY_BYTES];
    uint8_t rs[NOISE_KEY_BYTES], re[NOISE_KEY_BYTES];
};

/* The secrets are copied. prologue may be empty. */
void noise_handshake_init(struct noise_handshake *hs, enum noise_role role,
                          struct nectar_view prologue, const uint8_t static_secret[32],
                          const uint8_t ephemeral_secret[32]);

/*
 * Writes our next message, carrying payload, to out (payload.len + NOISE_HANDSHAKE_OVERHEAD bytes
 * at least). *len: its length. It must be our turn. NECTAR_EHANDSHAKE a Diffie-Hellman result is
 * all zero (the peer's key is of low order).
 */
int noise_handshake_write(struct noise_handshake *hs, uint8_t *out, size_t *len,
                          struct nectar_view payload);

/*
 * Reads the peer's next message; its payload is written to payload (len bytes at least; may be the
 * message itself). It must be the peer's turn. NECTAR_EHANDSHAKE too short or a low-order key,
 * NECTAR_EDECRYPT a tag does not verify. The object is then good for nothing but wiping.
 */
int noise_handshake_read(struct noise_handshake *hs, uint8_t *payload, size_t *payload_len,
                         const uint8_t *message, size_t len);

/* Is it our turn to write? False once all three messages are gone by. */
bool noise_handshake_ours(const struct noise_handshake *hs);

/* Have all three messages gone by? */
bool noise_handshake_done(const struct noise_handshake *hs);

/* The two transport ciphers, after the third message, and (unless NULL) the handshake hash. */
void noise_handshake_split(const struct noise_handshake *hs, struct noise_transport *out,
                           uint8_t hash[32]);

void noise_handshake_wipe(struct noise_handshake *hs);

#endif
