/*
 * A peer of a link that holds keys of its own: what it is told to say it seals, so that what lies
 * behind the encryption is reached. And it listens: all that the link writes must be well formed.
 */
#ifndef FUZZ_PEER_H
#define FUZZ_PEER_H

#include "fuzz/shared/end.h"
#include "msg/handshake.h"
#include "msg/join.h"
#include "noise/handshake.h"
#include "noise/transport.h"
#include "ws/frame.h"

struct peer {
    struct end end; /* the link */
    struct random_stream random;
    struct ws_frames *frames;
    struct noise_handshake noise;
    struct noise_transport transport;
    struct msg_join join;
    bool split;       /* the transport keys are there */
    uint8_t fragment; /* sealed messages go in frames of so many bytes; 0: in one */
    uint8_t how;      /* the link is given bytes in such pieces */
    size_t heard;     /* of the link's output */
    size_t said, answered;
    bool deaf; /* the link has closed, or a tag did not verify: it is not listened to */
};

void peer_begin(struct peer *peer, uint8_t flags, uint8_t how);
void peer_end(struct peer *peer);

/* The upgrade. */
void peer_upgrade(struct peer *peer);

/* The handshake, with that payload, or an honest one where its data is NULL. */
void peer_shake(struct peer *peer, struct nectar_view payload);

/* Raw bytes; a frame, first being its first byte; one transport message. */
void peer_raw(struct peer *peer, struct nectar_view bytes);
void peer_frame(struct peer *peer, uint8_t first, struct nectar_view payload);
void peer_seal(struct peer *peer, struct nectar_view plain);

/* A whole message with its length before it. */
void peer_whole(struct peer *peer, struct nectar_view message);

/* Takes what the link wrote. */
void peer_listen(struct peer *peer);

#endif
