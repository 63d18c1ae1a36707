/*
 * Inside a link. Its files are cut by direction and phase: link (life, accessors), open (upgrade,
 * handshake, identities), receive, send, close, time.
 */
#ifndef LINK_LINK_H
#define LINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/link.h>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/random.h"
#include "msg/join.h"
#include "msg/kernel.h"
#include "noise/handshake.h"
#include "noise/transport.h"
#include "ws/frame.h"
#include "ws/upgrade.h"

enum {
    LINK_OUTPUT_FULL = 1 << 20, /* bytes waiting from which on no message is taken */
    LINK_OUTPUT_MAX = LINK_OUTPUT_FULL + NECTAR_MESSAGE_MAX + (64 << 10), /* with its framing */
    LINK_HOST_SIZE = NECTAR_ADDRESS_TEXT_SIZE,
    LINK_KEEP = 4096, /* bytes of buffer that an idle link may keep, or leave unused in front */
};

#define LINK_OPEN_TIME    TIME_S(5) /* for the upgrade, and again for the handshake */
#define LINK_PING_TIME    TIME_S(30)
#define LINK_PONG_TIME    TIME_S(30)
#define LINK_CHUNK_TIME   TIME_S(30)  /* for the next chunk of a message that has begun */
#define LINK_MESSAGE_TIME TIME_S(300) /* for the whole of it */
#define LINK_RELEASE_TIME TIME_S(1)   /* idle for so long, large buffers are given back */

enum link_phase {
    LINK_UPGRADE,
    LINK_NOISE,
    LINK_ASKING,  /* the peer has said who it is; the owner is to be asked for its key */
    LINK_WAITING, /* for the owner's answer */
    LINK_PROVEN,  /* to be told to the owner */
    LINK_CLOSING, /* closed by the owner before it was open: only the peer's Close is awaited */
    LINK_OPEN,
    LINK_OVER, /* its stream is its owner's now */
    LINK_SHUT, /* the peer's Close is here: what follows is not read */
    LINK_PHASES,
};

/* What only the opening needs; freed when it is over. */
struct link_opening {
    struct noise_handshake noise;
    struct bytes head; /* of the upgrade */
    uint8_t nonce[WS_NONCE_BYTES];
    uint8_t signature[NECTAR_SIGNATURE_BYTES]; /* the peer's */
    bool fresh;                                /* the next IDENTIFY asks for a fresh record */
    bool proxy_request;                        /* ours */
    char via[NECTAR_NAME_MAX + 1];             /* empty: straight to the peer */
    char target[NECTAR_NAME_MAX + 1];          /* of a request for a way */
};

/* Deadlines, TIME_NEVER when they do not run, and the times they are counted from. */
struct link_times {
    uint64_t open_by;    /* the upgrade, then the handshake */
    uint64_t chunk_by;   /* the frame or message under way is to go on */
    uint64_t message_by; /* and to be whole */
    uint64_t pong_by;
    uint64_t pong_last; /* and no later than this, however slowly output drains */
    uint64_t release_at;
    uint64_t sent;
    uint64_t used; /* by a message, either way */
};

struct nectar_link {
    enum nectar_role role;
    enum link_phase phase;
    enum nectar_stage stage;
    uint64_t open_time;
    bool dialled; /* we are the WebSocket client */
    bool allow_proxy;
    bool allow_routing;
    bool relay;
    bool proxy_request; /* the peer's */
    bool close_sent;
    const char *name;
    const struct nectar_key *key;
    const struct nectar_log *log;
    char peer[NECTAR_NAME_MAX + 1]; /* the one dialled, or the one that proves itself */
    struct random_stream random;
    struct link_opening *opening;
    struct ws_frames *ws;
    struct noise_transport transport;
    struct msg_join join;
    struct msg_encoded encoded;
    struct nectar_message message; /* that the last event showed */
    struct bytes output;
    size_t output_gone; /* bytes at its front already written */
    uint64_t written;
    struct link_times times;
    int error;
    char reason[NECTAR_LINK_REASON_MAX + 1];
};

/* The bytes a step may take, and the event it may give. */
struct link_input {
    const uint8_t *data;
    size_t len;
    size_t used;
    struct nectar_link_event *event;
    uint64_t now;
};

/* What a step says when it is no error: call the next, or stop (bytes are missing, or an event is
 * there). */
enum { LINK_STOP = 0, LINK_AGAIN = 1 };

typedef int link_step(struct nectar_link *link, struct link_input *in);

/* route */
int link_route_ask(struct nectar_link *link, uint64_t now);
int link_route_read(struct nectar_link *link, struct link_input *in,
                    const struct ws_message *message);

/* open */
int link_open_begin(struct nectar_link *link, const struct nectar_link_config *config,
                    uint64_t now);
link_step link_open_upgrade, link_open_noise, link_open_ask, link_open_tell;
void link_open_end(struct nectar_link *link);

/* receive */
link_step link_receive_message;

/* Takes the next WebSocket message. Control frames are dealt with here: then *out is empty
 * (WS_NONE), and the step's answer is the one returned. */
int link_receive_frame(struct nectar_link *link, struct link_input *in, struct ws_message *out);

/* send */
int link_send_binary_begin(struct nectar_link *link, size_t len, uint8_t **payload);
void link_send_binary_end(struct nectar_link *link, uint8_t *payload, size_t len, uint64_t now);
size_t link_send_pending(const struct nectar_link *link);

/* close */
link_step link_close_await;
int link_close_received(struct nectar_link *link, struct link_input *in,
                        const struct ws_message *close);

/* Makes error sticky, notes why (NULL: its text), and queues a last Close where one can be sent.
 * Returns error. */
int link_fail(struct nectar_link *link, int error, const char *reason);

/* time */
void link_time_frame(struct nectar_link *link, bool whole, uint64_t now);
void link_time_written(struct nectar_link *link, uint64_t now);

#endif
