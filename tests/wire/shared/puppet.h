/*
 * A peer that says what it is told to, true or not, made of the pieces beneath a link; and the link
 * that it talks to. What it says is gathered until puppet_flush.
 */
#ifndef WIRE_PUPPET_H
#define WIRE_PUPPET_H

#include "msg/handshake.h"
#include "noise/handshake.h"
#include "noise/transport.h"
#include "wire/shared/side.h"
#include "ws/frame.h"

struct puppet {
    struct side side; /* the link that is lied to */
    enum nectar_role role;
    const char *name, *peer;
    struct noise_handshake noise;
    struct noise_transport transport;
    struct bytes said;
    struct random_stream random;
    struct ws_frames *ears;
    size_t heard; /* of side.wrote */
};

/* A puppet of a role, and a link of the other with its script (NULL is the usual). */
void puppet_begin(struct puppet *puppet, enum nectar_role role, const struct side_script *script);
void puppet_end(struct puppet *puppet);

/* The opening, step by step: the upgrade, the handshake messages up to the one with our payload,
 * and that message. */
void puppet_upgrade(struct puppet *puppet);
void puppet_greet(struct puppet *puppet);
void puppet_present(struct puppet *puppet, struct nectar_view payload);

/* What an honest one would present, to be changed; signature has 64 bytes of room. */
struct msg_handshake puppet_identity(const struct puppet *puppet, uint8_t *signature);
void puppet_present_as(struct puppet *puppet, const struct msg_handshake *identity);

/* All of it, and both are open. */
void puppet_open(struct puppet *puppet);
void puppet_begin_open(struct puppet *puppet, enum nectar_role role,
                       const struct side_script *script);

/* One frame: first is its first byte (0x82 is a whole Binary). */
void puppet_frame(struct puppet *puppet, uint8_t first, const void *data, size_t len);
void puppet_raw(struct puppet *puppet, const void *data, size_t len);

/* One transport message with this plaintext, in one frame. */
void puppet_seal(struct puppet *puppet, const void *plain, size_t len);

/* The same with the message's declared length before it. */
void puppet_seal_whole(struct puppet *puppet, uint32_t declared, const void *plain, size_t len);

/* A kernel message, encoded and sealed, with chunks of at most chunk bytes. */
void puppet_message(struct puppet *puppet, const struct nectar_message *message, size_t chunk);

/* A request to the link, honest in every field. */
struct nectar_message puppet_hello(const struct puppet *puppet);

/* Gives the link all that was said. Returns its error. */
int puppet_flush(struct puppet *puppet);

/* The next frame that the link wrote, WS_NONE if there is none; data holds until the next. */
struct ws_message puppet_hear(struct puppet *puppet);

/* Flushes, and the link ends with this error, its last word a Close with this code, and no message
 * was delivered. */
void puppet_assert_ends(struct puppet *puppet, int error, uint16_t code);

#endif
