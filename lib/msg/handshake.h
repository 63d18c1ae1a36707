/* HandshakePayload: what each side says of itself inside Noise messages 2 and 3. */
#ifndef MSG_HANDSHAKE_H
#define MSG_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

#include <nectar/view.h>

#include "base/bytes.h"

struct msg_handshake {
    uint64_t version; /* protocol version */
    struct nectar_view name;
    struct nectar_view signature; /* Ed25519 over the sender's Noise static public key */
    bool proxy_request;           /* counts from the initiator only */
};

/* Appends the encoding, signature as the canonical array of integers. NECTAR_ETOOBIG,
 * NECTAR_ENOMEM. */
int msg_handshake_encode(struct bytes *out, const struct msg_handshake *payload);

/* Decodes the whole of data, in place: views point into it. NECTAR_EMESSAGE. The version and the
 * signature's length are the caller's to judge. */
int msg_handshake_decode(struct msg_handshake *out, uint8_t *data, size_t len);

#endif
