/*
 * The control socket of a running node: other programs of the same user send over its connections,
 * ask how it stands, and tell it to check, reload or stop. The node serves it in its own loop; what
 * is said there is a JSON object a line, as nectar-control(5) has it.
 *
 * On the other side is a struct nectar_control. It sends and waits as a node does, and its events
 * are those of a node.
 */
#ifndef NECTAR_CONTROL_H
#define NECTAR_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/export.h>
#include <nectar/identity.h>
#include <nectar/node.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NECTAR_CONTROL_PATH_SIZE    108 /* what the system takes for the path of a socket */
#define NECTAR_CONTROL_VERSION_SIZE 32
#define NECTAR_CONTROL_LABELS_MAX   64

/*
 * Where the socket of a name is: "FOLDER/NAME.sock"; where that is too long for the path of a
 * socket, 32 hex digits of the name's BLAKE2s hash stand for the name. NECTAR_ETOOBIG the folder
 * alone is too long.
 */
NECTAR_API int nectar_control_path(char out[NECTAR_CONTROL_PATH_SIZE], const char *folder,
                                   const char *name);

/* --- how a node stands ------------------------------------------------------------------- */

struct nectar_via {
    char router[NECTAR_NAME_MAX + 1];
    bool up;
};

struct nectar_status {
    char name[NECTAR_NAME_MAX + 1];
    uint8_t key[NECTAR_PUBLIC_BYTES];
    uint64_t pid;
    char version[NECTAR_CONTROL_VERSION_SIZE];
    uint64_t uptime;             /* us */
    struct nectar_address bound; /* where it listens; port 0: nowhere */
    size_t router_count;
    struct nectar_via routers[NECTAR_ROUTERS_MAX]; /* that it is reached through */
    bool draining;
    uint64_t connections;  /* open ones */
    uint64_t opening;      /* being dialled, or not yet proven */
    uint64_t registered;   /* peers it routes for */
    uint64_t passthroughs; /* pairs it has joined */
    uint64_t pending;      /* and those that wait to be */
    uint64_t calls;        /* sends not yet ended */
    uint64_t clients;      /* of its control socket */
};

NECTAR_API void nectar_node_status(const struct nectar_node *node, struct nectar_status *out);

enum nectar_peer_state {
    NECTAR_PEER_OPENING,
    NECTAR_PEER_OPEN,
    NECTAR_PEER_REGISTERED, /* it has us route for it */
    NECTAR_PEER_ROUTER,     /* it routes for us */
    NECTAR_PEER_PASSAGE,    /* one side of a way from `from` to `to` */
};

/* "opening", "open", ... Static storage. */
NECTAR_API const char *nectar_peer_state_name(enum nectar_peer_state state);

/* One connection. */
struct nectar_peer {
    char peer[NECTAR_NAME_MAX + 1]; /* empty while it is not known */
    char addr[NECTAR_ADDRESS_TEXT_SIZE];
    bool inbound; /* the other side made the connection, or calls through a router */
    char via[NECTAR_NAME_MAX + 1]; /* the router between us; empty: none */
    enum nectar_peer_state state;
    char from[NECTAR_NAME_MAX + 1]; /* PASSAGE */
    char to[NECTAR_NAME_MAX + 1];
    bool joined;    /* PASSAGE: the two have met */
    uint64_t age;   /* us since it was begun */
    uint64_t idle;  /* us since the last message; a PASSAGE has none */
    uint64_t bytes; /* written to it; of a PASSAGE, that came from it */
};

/* Shows each connection, the oldest first; what is shown holds during the call. */
typedef void nectar_peer_visit(void *context, const struct nectar_peer *peer);
NECTAR_API void nectar_node_peers(const struct nectar_node *node, nectar_peer_visit *visit,
                                  void *context);

/* --- the node's side --------------------------------------------------------------------- */

/*
 * Serves a control socket at path, of mode 0600, to programs of our own user and root. The folder
 * must be ours and not be open to others' writing; make it 0700. A socket that a dead process has
 * left is replaced. The socket is removed when the node is freed. Once a node.
 * NECTAR_EBUSY a live process serves it, NECTAR_EEXISTS something else has that path,
 * NECTAR_EREJECTED the folder is not fit for it, NECTAR_ETOOBIG the path is too long, NECTAR_EIO
 * (errno set), NECTAR_ENOMEM. reason (NECTAR_REASON_MAX + 1 bytes, or NULL) says more.
 */
NECTAR_API int nectar_node_control(struct nectar_node *node, const char *path, char *reason);

/* What became of a NECTAR_NODE_CONTROL event. */
struct nectar_control_answer {
    int error;                /* 0, or why it came to nothing */
    const char *reason;       /* more about that; NULL: its text */
    const char *const *notes; /* CHECK: what differs; RELOAD: what has changed; UTF-8 */
    size_t note_count;
};

/*
 * Answers a NECTAR_NODE_CONTROL event, by its id. Each is to be answered once, if only to be
 * refused; whoever asked waits. No error if it has gone.
 */
NECTAR_API void nectar_node_control_answer(struct nectar_node *node, uint64_t id,
                                           const struct nectar_control_answer *answer);

/* --- the other side ---------------------------------------------------------------------- */

struct nectar_control;

/* Who serves the socket. */
struct nectar_control_host {
    char name[NECTAR_NAME_MAX + 1];
    uint8_t key[NECTAR_PUBLIC_BYTES];
    uint64_t pid;
    char version[NECTAR_CONTROL_VERSION_SIZE];
    size_t label_count;
    const char *labels[NECTAR_CONTROL_LABELS_MAX]; /* its registries: nectar_registry_label */
};

/*
 * Connects, and waits at most timeout (us) for the greeting. NECTAR_EOFFLINE there is no socket or
 * nobody serves it, NECTAR_EDEADLINE whoever serves it does not answer, NECTAR_EREJECTED it is not
 * of our user, or does not take us, NECTAR_EBUSY it takes no more, NECTAR_EFORMAT it is no control
 * socket, NECTAR_ETOOBIG, NECTAR_EIO (errno set), NECTAR_ENOMEM, NECTAR_EINTERNAL. reason
 * (NECTAR_REASON_MAX + 1 bytes, or NULL) says more.
 */
NECTAR_API int nectar_control_open(struct nectar_control **out, const char *path, uint64_t timeout,
                                   char *reason);
NECTAR_API void nectar_control_free(struct nectar_control *control);

NECTAR_API const struct nectar_control_host *nectar_control_host(
    const struct nectar_control *control);

/* As nectar_node_learn: for a peer of whom the node knows nothing itself. */
NECTAR_API int nectar_control_learn(struct nectar_control *control, const char *peer,
                                    enum nectar_taste taste);

/*
 * As nectar_node_send: exactly one of NECTAR_NODE_REPLY, _DELIVERED and _FAILED follows. The
 * message is copied. What the node itself refuses to send is FAILED too, with the error that
 * nectar_node_send gives. NECTAR_ENAME, NECTAR_ETOOBIG the body is over NECTAR_MESSAGE_MAX,
 * NECTAR_EFULL over 1 MiB waits to be read by the node, NECTAR_ENOMEM.
 */
NECTAR_API int nectar_control_send(struct nectar_control *control, const struct nectar_send *send,
                                   uint64_t *id);

/*
 * As nectar_node_next: IDLE, INTERRUPTED, or what became of a send. If the node ends or says
 * nothing any more (10 s, though it is asked), every send fails with NECTAR_EOFFLINE or
 * NECTAR_ETIMEOUT. After that, and without sends: NECTAR_ECLOSED.
 */
NECTAR_API int nectar_control_next(struct nectar_control *control, uint64_t timeout,
                                   struct nectar_node_event *event);

/* Makes a wait return. Safe in a signal handler and from another thread. */
NECTAR_API void nectar_control_interrupt(struct nectar_control *control);

/*
 * These wait for their answer, at most timeout (us), and no other event may be awaited meanwhile.
 * NECTAR_EDEADLINE there was none in time or the wait was interrupted, NECTAR_ECLOSED the node has
 * ended, NECTAR_EFORMAT, NECTAR_ENOMEM.
 */
NECTAR_API int nectar_control_status(struct nectar_control *control, uint64_t timeout,
                                     struct nectar_status *out);
NECTAR_API int nectar_control_peers(struct nectar_control *control, uint64_t timeout,
                                    nectar_peer_visit *visit, void *context);
/* *answer and what it points to hold until the next call. */
NECTAR_API int nectar_control_ask(struct nectar_control *control, enum nectar_control_request what,
                                  uint64_t timeout, struct nectar_control_answer *answer);

/* Waits until the node has ended and closed the socket. NECTAR_EDEADLINE. */
NECTAR_API int nectar_control_await_end(struct nectar_control *control, uint64_t timeout);

#ifdef __cplusplus
}
#endif
#endif
