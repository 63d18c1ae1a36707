/* Requests for a way to a peer, as one asks the router of these tests. */
#ifndef WIRE_REQUEST_H
#define WIRE_REQUEST_H

#include "base/bytes.h"
#include "msg/routing.h"
#include "wire/shared/side.h"

#define REQUEST_ROUTER "router.nec"

/* One name's signature for a way to another; and is it that? */
void request_sign(uint8_t *signature, const char *source, const char *target);
bool request_signed_by(const uint8_t *signature, const char *source, const char *target);

/* Alice's to bob, to be changed; signature has 64 bytes of room. */
struct msg_routing request_to_bob(uint8_t *signature);

struct bytes request_encode(const struct msg_routing *request);
struct bytes request_honest(void);

#endif
