/* RoutingRequest: the first message to a router, in the clear, that asks for a passthrough. */
#ifndef MSG_ROUTING_H
#define MSG_ROUTING_H

#include <stdint.h>

#include <nectar/view.h>

#include "base/bytes.h"

struct msg_routing {
    uint64_t version; /* protocol version */
    struct nectar_view source;
    struct nectar_view signature; /* Ed25519 by source over target's name and the router's name */
    struct nectar_view target;
};

/* As msg_handshake_encode and msg_handshake_decode. */
int msg_routing_encode(struct bytes *out, const struct msg_routing *request);
int msg_routing_decode(struct msg_routing *out, uint8_t *data, size_t len);

#endif
