/*
 * A node: a name, its key, a registry, and connections. It dials who you send to, takes who dials
 * it, and tells what happens, one event at a time:
 *
 *     struct nectar_node_event event;
 *     while (!nectar_node_next(node, NECTAR_FOREVER, &event)) ...
 *
 * Not for use by two threads at once, nectar_node_interrupt excepted.
 */
#ifndef NECTAR_NODE_H
#define NECTAR_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>
#include <nectar/identity.h>
#include <nectar/key.h>
#include <nectar/link.h>
#include <nectar/log.h>
#include <nectar/message.h>
#include <nectar/registry.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_FOREVER     UINT64_MAX
#define NECTAR_LOOKUPS_MAX 64 /* of nectar_node_lookup, at once */

struct nectar_node;

/* Whom a router serves, and how many. Names are full. All-zero serves anyone in the registry. */
struct nectar_router_policy {
    const char *const *allow; /* whom we route for; none given: anyone */
    size_t allow_count;
    const char *const *allow_from; /* who may ask for a way; none given: anyone */
    size_t allow_from_count;
    size_t max_peers;        /* registered with us; 0: 1,024 */
    size_t max_passthroughs; /* open; 0: 1,024 */
    size_t max_pending;      /* asked for and not yet open; 0: 1,024 */
    size_t max_per_peer;     /* pending ones of one peer; 0: 64 */
};

struct nectar_node_config {
    const char *name;                 /* ours, full; copied */
    const struct nectar_key *key;     /* borrowed for life, or until nectar_node_rekey */
    struct nectar_registry *registry; /* borrowed for the life of the node */
    const struct nectar_log *log;     /* borrowed for the life of the node; NULL is silent */
    const struct nectar_router_policy
        *router;              /* route for others; NULL: do not; borrowed for life */
    uint64_t connect_timeout; /* us for one attempt, handshake included; 0: 5 s */
    uint64_t probe_time;      /* us between hellos to our own routers; 0: 1 min */
    bool compat;              /* send every peer arrays: see nectar_node_learn */
    /* Connections open at once from one IPv4 address, or from one /64 of IPv6; 0: 1,024. One more
     * is closed at once. */
    size_t max_per_address;
    /* Bytes of messages half received from all peers together; 0: 256 MiB. A message for which
     * there is no room is not read until there is; one is always let in. */
    size_t max_partial;
};

/* NECTAR_ENAME, NECTAR_ENOMEM, NECTAR_EINTERNAL (no event loop to be had). */
NECTAR_API int nectar_node_new(struct nectar_node **out, const struct nectar_node_config *config);

/* Drops every connection at once. NULL is allowed. */
NECTAR_API void nectar_node_free(struct nectar_node *node);

/*
 * Takes connections at address; port 0 chooses one. *bound, unless NULL, is where it listens then.
 * Called again, it listens at the new address before it leaves the old one, unless only one of the
 * two can be had at a time; where it cannot listen at the new one, it stays. Connections stay.
 * address NULL: takes no more.
 * NECTAR_EBUSY another process holds the port, NECTAR_EADDRESS no such local address,
 * NECTAR_EIO (errno set). reason (NECTAR_REASON_MAX + 1 bytes, or NULL) says more.
 */
NECTAR_API int nectar_node_listen(struct nectar_node *node, const struct nectar_address *address,
                                  struct nectar_address *bound, char *reason);

/*
 * From now on the node is who this key says: every connection that is not yet proven, and those
 * that come. It is borrowed for the life of the node or until the next call; the old one is needed
 * no more. Connections that stand stay: they were proven with it.
 */
NECTAR_API void nectar_node_rekey(struct nectar_node *node, const struct nectar_key *key);

/*
 * Makes us reachable through routers: keeps a connection to each that own, our record, allows, and
 * makes it again whenever it is lost (NECTAR_NODE_ROUTER_UP and _DOWN tell), or when the router
 * does not answer a hello, which it is sent at once and every probe_time: it may have forgotten us
 * and go on reading. Peers that ask a router for us are then answered.
 * Called again, it takes up those that are new in own and leaves those that are no longer there;
 * the others are not touched. NECTAR_ENOMEM.
 */
NECTAR_API int nectar_node_join(struct nectar_node *node, const struct nectar_record *own);

/* What is known of the byte vectors a peer takes. */
enum nectar_taste { NECTAR_TASTE_UNKNOWN, NECTAR_TASTE_BIN, NECTAR_TASTE_ARRAY };

/*
 * Tells the node what is known of a peer from before. Messages go as bin, but as arrays to a peer
 * that needs them. A peer of whom nothing is known may be one that does not take bin: it would drop
 * the connection, which nobody can tell from other mishaps. So to it
 *   - a request goes as bin, and once more, as arrays, if the peer drops the connection right
 * behind it, without having said a word: in that one case it may be handled twice;
 *   - what wants no reply goes as arrays.
 * NECTAR_ENAME, NECTAR_ENOMEM.
 */
NECTAR_API int nectar_node_learn(struct nectar_node *node, const char *peer,
                                 enum nectar_taste taste);

/* What to send. All-zero but peer and message is a good default. */
struct nectar_send {
    const char *peer; /* full name */
    /*
     * source NULL: our "cli:nectar-net:sys"; target NULL: the peer's "net:distro:sys"; id 0: a
     * random one. For a request that is to be answered, expects_response and expects_s are set from
     * reply_timeout. What its views point to must stay until the event of this send.
     */
    const struct nectar_message *message;
    uint64_t reply_timeout; /* us from when it is wholly written; 0: 5 s */
    /* No answer is wanted: the connection is closed behind the message, and the event is
     * NECTAR_NODE_DELIVERED once the peer has surely read it. */
    bool no_reply;
    bool no_retry; /* never send it twice */
    /* Through this router (full name), whatever the peer's record says; NULL: by the record. */
    const char *via;
};

/*
 * Sends; *id is the message's id. Exactly one of NECTAR_NODE_REPLY, NECTAR_NODE_DELIVERED and
 * NECTAR_NODE_FAILED follows. A message is handled at most once, but for a peer of unknown taste
 * (nectar_node_learn). It is sent once more, on a fresh connection, only where its connection ended
 * and it was surely not handled: before it was wholly written, or by a Close 1001 ("going away"),
 * with which a peer says that it has handled nothing it has not answered.
 * NECTAR_ETOOBIG the serialised message is over NECTAR_MESSAGE_MAX (nothing else happens: the node
 * and its connections go on); NECTAR_EFULL too many sends wait; NECTAR_ENAME; NECTAR_ENOMEM.
 */
NECTAR_API int nectar_node_send(struct nectar_node *node, const struct nectar_send *send,
                                uint64_t *id);

/* What became of one router on the way to a peer. */
struct nectar_tried {
    char router[NECTAR_NAME_MAX + 1];
    enum nectar_stage stage;
    char reason[NECTAR_REASON_MAX + 1]; /* printable */
};

/* Why a send failed. */
struct nectar_failure {
    int error; /* NECTAR_EOFFLINE, NECTAR_ETIMEOUT, NECTAR_EUNKNOWN (no such name, or it has no key
                  or no route), NECTAR_EUNREACHABLE, NECTAR_ENOMEM */
    int cause; /* the error beneath, NECTAR_ESIGNATURE for one; 0 if the system gave it */
    enum nectar_stage stage;
    char addr[NECTAR_ADDRESS_TEXT_SIZE]; /* what was dialled; empty if nothing was */
    char reason[NECTAR_REASON_MAX + 1];  /* printable */
    uint64_t elapsed;                    /* us since nectar_node_send */
    uint64_t waited;                     /* us: the limit that ran out, if one did */
    const struct nectar_tried *tried;    /* each router, where the peer is reached through them */
    size_t tried_count;
};

/* What a router does for others. */
enum nectar_routing_step {
    NECTAR_ROUTING_REGISTERED, /* from asked us to route for it */
    NECTAR_ROUTING_PENDING,    /* from asked for a way to `to` */
    NECTAR_ROUTING_OPEN,       /* the two are joined */
    NECTAR_ROUTING_CLOSE,      /* and have ended */
    NECTAR_ROUTING_REFUSED,    /* `why`; the same is told once a minute */
};

struct nectar_routing {
    enum nectar_routing_step step;
    char from[NECTAR_NAME_MAX + 1];
    char to[NECTAR_NAME_MAX + 1];    /* empty for REGISTERED */
    uint64_t bytes_out, bytes_in;    /* CLOSE: from `from`, and to it */
    uint64_t elapsed;                /* CLOSE: us since OPEN */
    uint64_t repeats;                /* REFUSED: of the same, untold since it was told last */
    char why[NECTAR_REASON_MAX + 1]; /* REFUSED, CLOSE; printable */
};

/* What a lookup found. */
struct nectar_found {
    const char *name; /* that was asked for */
    int error;        /* 0, or an error of nectar_registry_lookup */
    struct nectar_record record;
    struct nectar_answer answer; /* on error, it has a reason */
};

/* What is asked for over a control socket and is the program's to do (<nectar/control.h>). */
enum nectar_control_request {
    NECTAR_CONTROL_CHECK,  /* do we agree with our own record? */
    NECTAR_CONTROL_RELOAD, /* read the key and our own record again */
    NECTAR_CONTROL_STOP,   /* finish what is in flight, and end */
};

enum nectar_node_event_type {
    NECTAR_NODE_IDLE,        /* the time given to nectar_node_next is up */
    NECTAR_NODE_INTERRUPTED, /* nectar_node_interrupt was called */
    NECTAR_NODE_MESSAGE,     /* a request from a peer */
    NECTAR_NODE_REPLY,       /* the response to a send */
    NECTAR_NODE_DELIVERED,   /* a no_reply send was read */
    NECTAR_NODE_FAILED,      /* a send came to nothing */
    NECTAR_NODE_ROUTER_UP,   /* we can be reached through `peer` */
    NECTAR_NODE_ROUTER_DOWN, /* and no longer: `reason` */
    NECTAR_NODE_ROUTING,     /* `routing` */
    NECTAR_NODE_CONTROL,     /* `control` is asked for: see nectar_node_control_answer */
    NECTAR_NODE_CLOSED,      /* after nectar_node_drain: no connection is left */
    NECTAR_NODE_FOUND,       /* `found`: the end of a lookup */
};

struct nectar_node_event {
    enum nectar_node_event_type type;
    uint64_t id;         /* of the send, the message, the lookup, or of what is asked for */
    uint64_t connection; /* MESSAGE: for nectar_node_reply */
    const char *peer;    /* full name; all but IDLE, INTERRUPTED, CLOSED, ROUTING, CONTROL, FOUND */
    const char *via;     /* MESSAGE, REPLY: the router between us; NULL: none */
    const char *reason;  /* ROUTER_DOWN; printable */
    const struct nectar_routing *routing; /* ROUTING */
    enum nectar_control_request control;  /* CONTROL */
    const struct nectar_message *message; /* MESSAGE, REPLY */
    bool hello;                           /* MESSAGE: text for the operator, to be answered "ack" */
    uint64_t rtt;                         /* REPLY: us from its last byte's write to read */
    bool retried;                         /* REPLY, DELIVERED: it was sent twice */
    enum nectar_taste taste;              /* REPLY: what the peer is now known to take */
    const struct nectar_failure *failure; /* FAILED */
    const struct nectar_found *found;     /* FOUND */
};

/*
 * Waits at most timeout (us) for the next event. Everything an event points to holds until the
 * next call. NECTAR_ENOMEM, NECTAR_EINTERNAL.
 */
NECTAR_API int nectar_node_next(struct nectar_node *node, uint64_t timeout,
                                struct nectar_node_event *event);

/* Makes nectar_node_next return. Safe in a signal handler and from another thread. */
NECTAR_API void nectar_node_interrupt(struct nectar_node *node);

/*
 * Answers a request: same id, to rsvp if it has one, else to its source. It goes on the connection
 * the request came by (event.connection), or the newest to that node if it is gone; body is copied.
 * NECTAR_ECLOSED there is none, NECTAR_ETOOBIG, NECTAR_EFULL the peer has yet to read what it was
 * sent before, NECTAR_ENOMEM. After an error it is still to be answered: try again, or ignore it.
 */
NECTAR_API int nectar_node_reply(struct nectar_node *node, uint64_t connection,
                                 const struct nectar_message *request, struct nectar_view body);

/* This request will not be answered: nothing need wait for that. */
NECTAR_API void nectar_node_ignore(struct nectar_node *node, uint64_t connection);

/*
 * Looks a full name up, as nectar_registry_lookup does, without keeping the node's connections
 * waiting: *id is known by the NECTAR_NODE_FOUND that follows, exactly one. A registry in files is
 * read during this call; one behind a network is asked on threads of the node's, for as long as it
 * takes to answer or to be given up (5 s, for each registry of the list), and before that the
 * lookup may wait for a thread. The end of a draining node does not wait for it.
 * NECTAR_EFULL NECTAR_LOOKUPS_MAX are not yet told, NECTAR_ENAME, NECTAR_ENOMEM. That the node
 * itself looks too many names up is told as NECTAR_EUNREACHABLE, in the event.
 */
NECTAR_API int nectar_node_lookup(struct nectar_node *node, const char *name, bool fresh,
                                  uint64_t *id);

/*
 * Takes no more connections, and closes each that stands once nothing is in flight on it: a message
 * half received, a request of the peer not yet answered, a send of ours not yet ended.
 * nectar_node_next goes on giving events; the last is NECTAR_NODE_CLOSED.
 */
NECTAR_API void nectar_node_drain(struct nectar_node *node);

/* Drains without telling what still comes in (which is not answered), for at most timeout (us). */
NECTAR_API void nectar_node_close(struct nectar_node *node, uint64_t timeout);

#ifdef __cplusplus
}
#endif
#endif
