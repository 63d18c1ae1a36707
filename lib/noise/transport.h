/* Transport messages: what the two sides say once the handshake is over. */
#ifndef NOISE_TRANSPORT_H
#define NOISE_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "noise/cipher.h"

enum {
    NOISE_TAG_BYTES = 16,
    NOISE_PLAINTEXT_MAX = 65519 /* NOISE_MESSAGE_MAX less the tag */
};

/* Secrets inside: wipe it. */
struct noise_transport {
    struct noise_cipher send;
    struct noise_cipher receive;
};

/*
 * Seals len bytes (at most NOISE_PLAINTEXT_MAX) to out, which takes len + NOISE_TAG_BYTES and may
 * be in. NECTAR_ENONCE after 2^64 - 1 messages.
 */
int noise_seal(struct noise_transport *transport, uint8_t *out, const uint8_t *in, size_t len);

/*
 * Opens len bytes in place; *out_len is len - NOISE_TAG_BYTES. NECTAR_EDECRYPT shorter than a tag,
 * or the tag does not verify: then the bytes are unchanged or wiped, never plaintext.
 * NECTAR_ENONCE.
 */
int noise_open(struct noise_transport *transport, uint8_t *data, size_t len, size_t *out_len);

#endif
