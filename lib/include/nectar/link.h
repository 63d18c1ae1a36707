/*
 * One connection to one peer, without any I/O: bytes and the time go in, bytes and events come
 * out. It does the WebSocket upgrade, the Noise XX handshake with the exchange of identities, and
 * then carries messages. Bring your own sockets; or use <nectar/node.h>, which does.
 *
 * The loop of its owner:
 *   - bytes arrived:  nectar_link_receive until it neither uses bytes nor gives an event
 *   - always:         write what nectar_link_output shows, then say so with nectar_link_written
 *   - at the time of  nectar_link_deadline: nectar_link_tick
 *   - the stream ended: nectar_link_end
 * Times are microseconds of any clock that never goes back. Errors are sticky: after one, output
 * may still hold a last frame for the peer, and every call returns the same error.
 */
#ifndef NECTAR_LINK_H
#define NECTAR_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>
#include <nectar/identity.h>
#include <nectar/key.h>
#include <nectar/log.h>
#include <nectar/message.h>
#include <nectar/view.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_LINK_SEED_BYTES 32
#define NECTAR_LINK_REASON_MAX 127

enum nectar_role { NECTAR_INITIATOR, NECTAR_RESPONDER };

/* How far a connection came: what failed, when one fails. */
enum nectar_stage {
    NECTAR_STAGE_REGISTRY,
    NECTAR_STAGE_DNS,
    NECTAR_STAGE_TCP,
    NECTAR_STAGE_UPGRADE,
    NECTAR_STAGE_NOISE,
    NECTAR_STAGE_AUTH,
    NECTAR_STAGE_ROUTER,
    NECTAR_STAGE_FRAME,
    NECTAR_STAGE_REPLY,
};

/* "registry", "dns", "tcp", ... Static storage. */
NECTAR_API const char *nectar_stage_name(enum nectar_stage stage);

struct nectar_link;

struct nectar_link_config {
    enum nectar_role role;
    const char *name;             /* ours, full; borrowed for the life of the link */
    const struct nectar_key *key; /* ours; borrowed for the life of the link */
    const char *peer;             /* the full name it must be, where we dialled; copied */
    const char *host;             /* "HOST:PORT" for the upgrade, where we dialled; copied */
    /* A router's full name: we dialled it, not the peer, and the first message asks it for a way to
     * the peer. Either role: the one that is called answers as responder. Copied. */
    const char *via;
    bool relay;         /* we dialled for others: NECTAR_LINK_RELAY once the upgrade is done */
    uint64_t open_time; /* us for the upgrade, and again for the handshake; 0: 5 s */
    bool proxy_request; /* initiator: ask the peer to route for us */
    bool allow_proxy;   /* responder: take peers that ask that */
    bool allow_routing; /* responder that is dialled: take requests for a way to others */
    const struct nectar_log *log; /* NULL is silent; borrowed for the life of the link */
    /* Fresh random bytes, never used twice: every key of the connection comes from them. */
    const uint8_t *seed; /* NECTAR_LINK_SEED_BYTES; copied */
};

/* A new link, whose connect and handshake deadlines run from now. NECTAR_ENOMEM. */
NECTAR_API int nectar_link_new(struct nectar_link **out, const struct nectar_link_config *config,
                               uint64_t now);
/* Wipes and frees; NULL is allowed. */
NECTAR_API void nectar_link_free(struct nectar_link *link);

/* Takes another key of ours from now on, borrowed as the first, which is needed no more. A link
 * that is proven has no more use for either. */
NECTAR_API void nectar_link_rekey(struct nectar_link *link, const struct nectar_key *key);

enum nectar_link_event_type {
    NECTAR_LINK_NONE,
    NECTAR_LINK_IDENTIFY, /* who is `peer`? answer with nectar_link_authenticate */
    NECTAR_LINK_OPEN,     /* the peer is proven; messages may be sent */
    NECTAR_LINK_ROUTE,    /* `peer` asks for a way to `target`, with `signature` */
    NECTAR_LINK_RELAY,    /* the upgrade is done */
    NECTAR_LINK_MESSAGE,  /* `message`; its views hold until the next call on the link */
    NECTAR_LINK_CLOSE,    /* the peer closes, with `code` and `reason`; its Close is answered */
};

/*
 * After ROUTE and RELAY the link is over: what it has queued is to be written, and the frames that
 * follow, from the next unused byte on, are their owner's to pass on (ws/forward).
 */

struct nectar_link_event {
    enum nectar_link_event_type type;
    const char *peer;             /* IDENTIFY, OPEN: full name; ROUTE: the claimed one */
    const char *target;           /* ROUTE: full name */
    struct nectar_view signature; /* ROUTE: 64 bytes, of peer's over target's name and ours */
    bool proxy_request;           /* OPEN: the peer asks us to route for it */
    bool fresh;                   /* IDENTIFY: a cached record has been found wanting */
    const struct nectar_message *message; /* MESSAGE */
    uint16_t code;                        /* CLOSE: RFC 6455 section 7.4; 1005 if none was given */
    struct nectar_view reason;            /* CLOSE: as the peer wrote it, not for a terminal */
};

/*
 * Takes bytes from the peer until an event is at hand or none are left; *used says how many.
 * Call it again with the rest (or with len 0, after authenticate) until event->type is
 * NECTAR_LINK_NONE. While it waits for authenticate it uses no bytes.
 * Errors: NECTAR_EUPGRADE, NECTAR_EFRAME, NECTAR_ETEXT, NECTAR_EHANDSHAKE, NECTAR_EVERSION,
 * NECTAR_EIDENTITY, NECTAR_ESTRANGER, NECTAR_ESIGNATURE, NECTAR_EPROXY, NECTAR_EDECRYPT,
 * NECTAR_ELENGTH, NECTAR_ESHORT, NECTAR_EEXCESS, NECTAR_EMESSAGE, NECTAR_ESOURCE, NECTAR_ETARGET,
 * NECTAR_EPROCESS, NECTAR_ETOOBIG, NECTAR_ENAME (in a request for a way), NECTAR_ENOMEM: see
 * nectar_error_text. The connection is to be closed once output is written.
 */
NECTAR_API int nectar_link_receive(struct nectar_link *link, const uint8_t *data, size_t len,
                                   size_t *used, struct nectar_link_event *event, uint64_t now);

/*
 * Answers NECTAR_LINK_IDENTIFY: the peer's key as the registry has it, or NULL if the registry does
 * not know the name (or a key for it). cached: it may be out of date; then a signature that does
 * not verify leads to one more IDENTIFY with fresh set, instead of an error.
 * NECTAR_ESTRANGER, NECTAR_ESIGNATURE, NECTAR_ENOMEM.
 */
NECTAR_API int nectar_link_authenticate(struct nectar_link *link, const uint8_t *public_key,
                                        bool cached, uint64_t now);

/*
 * Answers NECTAR_LINK_IDENTIFY or NECTAR_LINK_ROUTE when the peer cannot be judged or served,
 * NECTAR_EUNREACHABLE for one: the peer is told to try again later (Close 1013). Returns error.
 */
NECTAR_API int nectar_link_refuse(struct nectar_link *link, int error);

/*
 * Queues a message. Its source must be of this node; *mark (may be NULL) is the count of output
 * bytes that have to be written before it is wholly gone: see nectar_link_written_total.
 * NECTAR_ETOOBIG the message is over NECTAR_MESSAGE_MAX, NECTAR_EFULL over 1 MiB of output waits:
 * both leave the link as it was. NECTAR_ECLOSED it is not open. NECTAR_ENOMEM.
 */
NECTAR_API int nectar_link_send(struct nectar_link *link, const struct nectar_message *message,
                                uint64_t *mark, uint64_t now);

/* Queues a Close behind what is queued. Nothing can be sent afterwards; messages are still
 * received until the peer's Close. NECTAR_ECLOSED before the upgrade is done. */
NECTAR_API int nectar_link_close(struct nectar_link *link, uint16_t code, const char *reason);

/* What is to be written to the stream; valid until the next call on the link. */
NECTAR_API void nectar_link_output(const struct nectar_link *link, struct nectar_view *out);

/* The first n bytes of output have been written. */
NECTAR_API void nectar_link_written(struct nectar_link *link, size_t n, uint64_t now);

/* Bytes written since the beginning. */
NECTAR_API uint64_t nectar_link_written_total(const struct nectar_link *link);

/* When nectar_link_tick wants to be called; UINT64_MAX for never. */
NECTAR_API uint64_t nectar_link_deadline(const struct nectar_link *link);

/*
 * Lets time pass: sends a ping after 30 s without sending. NECTAR_EDEADLINE: no upgrade or
 * handshake in time (5 s each, counted from the beginning and from the upgrade), no pong in 30 s,
 * or a message begun and not finished.
 */
NECTAR_API int nectar_link_tick(struct nectar_link *link, uint64_t now);

/* The stream has ended. 0 if Closes were exchanged or it was closing, else NECTAR_ECLOSED, or
 * NECTAR_ECUT in the middle of a message. */
NECTAR_API int nectar_link_end(struct nectar_link *link);

/* Where it stands, its sticky error (0 for none), and that error's story, printable. */
NECTAR_API enum nectar_stage nectar_link_stage(const struct nectar_link *link);
NECTAR_API int nectar_link_error(const struct nectar_link *link);
NECTAR_API const char *nectar_link_reason(const struct nectar_link *link);

NECTAR_API bool nectar_link_is_open(const struct nectar_link *link);

/* Has part of a message been received? */
NECTAR_API bool nectar_link_is_receiving(const struct nectar_link *link);

/* Bytes that such a message has been said to be, if it is longer than one chunk; else 0. */
NECTAR_API size_t nectar_link_expects(const struct nectar_link *link);

/* Bytes of memory kept for the next such message, for a second after the last. */
NECTAR_API size_t nectar_link_keeps(const struct nectar_link *link);

/* The time something other than a ping or pong last came or went. */
NECTAR_API uint64_t nectar_link_last_used(const struct nectar_link *link);

#ifdef __cplusplus
}
#endif
#endif
