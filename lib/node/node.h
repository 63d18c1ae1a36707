/*
 * Inside a node. node (life), next (one event at a time), notice (events that wait), conn (a link
 * and its socket), receive (what comes over one), accept and dial (connections, taken and made),
 * race (to a peer through its routers), resolve (names looked up), inquire (for the program), join
 * (being reached through ours), call and transmit (our sends), taste, reply, retire (connections
 * that are to go), peer (who they are with); origin and room (how much others may take), repeat
 * (how often they are told of); and what it does for others, passage.h.
 */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <nectar/control.h>
#include <nectar/node.h>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/random.h"
#include "net/dial.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/timer.h"
#include "node/inquire.h"

enum {
    NODE_INPUT = 256 << 10,        /* bytes of one read */
    NODE_INPUT_OPENING = 16 << 10, /* the same of a connection that is not proven */
    NODE_CALLS_MAX = 4096,         /* sends under way */
    NODE_KNOWN_MAX = 1024,         /* peers whose taste is remembered */
    NODE_OPENING_MAX = 1024,       /* inbound connections not yet proven */
    NODE_OUTPUT_FULL =
        1 << 20, /* bytes waiting from which on a peer is not read, answers among them */
    NODE_PER_ADDRESS = 1024,      /* inbound connections from one address */
    NODE_PARTIAL_MAX = 256 << 20, /* bytes of messages half received */
    NODE_REPEATS = 128,           /* offences told within a minute */
    NODE_SOURCE_SIZE = NECTAR_NAME_MAX + 32,
};

#define NODE_OUR_PROCESS  "cli:nectar-net:sys"
#define NODE_CONNECT_TIME TIME_S(5)
#define NODE_REPLY_TIME   TIME_S(5)
/* Between hellos to our routers: not often, since each is shown to the router's operator. */
#define NODE_PROBE_TIME      TIME_S(60)
#define NODE_IDLE_TIME       TIME_S(30 * 60)
#define NODE_REPLACED_TIME   TIME_S(5)  /* a connection that a newer one replaces ends by then */
#define NODE_REPLACED_QUIET  TIME_S(1)  /* or after so long without a message */
#define NODE_LAST_WORDS_TIME TIME_S(5)  /* for the peer's Close after ours */
#define NODE_STALL_TIME      TIME_S(60) /* for a peer to read on when output waits for it */
#define NODE_LINGER_TIME     TIME_S(1)  /* for the peer to hang up after our last words */

enum node_conn_state { CONN_DIALING, CONN_OPENING, CONN_OPEN, CONN_LEG };

struct control_call;
struct node_control;
struct node_origins;
struct node_passage;
struct node_peers;
struct node_race;
struct node_router;
struct node_way;

/* A connection: being dialled, opening, open, or a leg of a passage between others. */
struct node_conn {
    TAILQ_ENTRY(node_conn) all;
    TAILQ_ENTRY(node_conn) ready;   /* its socket has something to read */
    TAILQ_ENTRY(node_conn) dirty;   /* output has been queued since its last flush */
    TAILQ_ENTRY(node_conn) same;    /* OPEN: among those with its peer */
    TAILQ_ENTRY(node_conn) opening; /* accepted, and not yet proven */
    TAILQ_ENTRY(node_conn) crowded; /* it waits for room */
    struct nectar_node *node;
    uint64_t serial;
    uint64_t since; /* when it was begun */
    uint64_t heard; /* when the other side last showed life: TCP stands, or bytes came */
    enum node_conn_state state;
    bool inbound;    /* the other side is the one that calls */
    bool is_opening; /* one of the openings */
    bool registered; /* the peer has us route for it */
    bool exclusive;  /* for one send alone */
    bool is_ready, is_dirty;
    bool stuck;      /* the socket takes no more output for now */
    bool was_stuck;  /* when output was last written */
    bool broken;     /* writing has failed: what the peer still said is read, then it ends */
    bool is_reading; /* what comes is to be told of; else only the end */
    bool hung_up;    /* which was told of: what was said before is read, and then it */
    bool leaving;    /* our Close is queued: requests that still come are not handled */
    bool said_away;  /* by a Close 1001: the peer's may be no more than its echo */
    bool over;       /* it has ended, and its calls are being settled */
    bool lingering;  /* its last words are written; what still comes is thrown away */
    bool is_parked;  /* its input waits, in parked and in the link, until output has gone */
    bool is_crowded; /* or until there is room for its message */
    bool has_origin; /* counted among those of its origin */
    uint64_t origin; /* inbound: its address, as net/listen counts them */
    size_t room;     /* bytes, of its message half received */
    char peer[NECTAR_NAME_MAX + 1]; /* empty until an inbound one is proven */
    struct node_peer *known;        /* the same, OPEN */
    char addr[NECTAR_ADDRESS_TEXT_SIZE];
    char via[NECTAR_NAME_MAX + 1];    /* the router between us; empty: none */
    bool is_forced;                   /* through it because a send said so: for such sends alone */
    struct node_race *race;           /* that it takes part in */
    struct node_router *router;       /* that it registers us with */
    struct node_passage *passage;     /* LEG: that it belongs to, or is being dialled for */
    uint8_t key[NECTAR_PUBLIC_BYTES]; /* the peer's, as the registry had it when we dialled */
    bool key_cached, addr_cached;     /* kept; and so was the address that is dialled */
    struct node_ask *ask; /* whom to dial, or whom it claims to be: till then it is not read */
    struct node_way *way; /* that was asked for, and is not found yet: nor then */
    struct net_dial *dial;
    struct net_stream *stream;
    struct nectar_link *link;
    struct net_timer *timer;
    struct bytes parked;
    bool has_spoken;          /* the peer has sent a message */
    struct nectar_view input; /* what is left of this turn's input */
    unsigned unanswered;      /* requests of the peer that want an answer */
    uint64_t answered;        /* mark of the link's output, after our last answer */
    bool has_ignored;         /* a request of the peer was handled and never answered */
    uint64_t open_by;
    uint64_t stuck_at;     /* since when output has waited without any progress */
    uint64_t wrote_at;     /* when the last write began: its bytes may be answered before it ends */
    uint64_t retire_quiet; /* to be closed after so long without a message; TIME_NEVER: stays */
    uint64_t retire_by;    /* and at this time at the latest */
};

TAILQ_HEAD(node_conns, node_conn);
TAILQ_HEAD(node_passages, node_passage);

/* A peer that we have something to do with. */
struct node_peer {
    struct node_peer *next; /* of the same bucket */
    size_t holds;
    struct node_conns conns;       /* open, oldest first */
    size_t registered;             /* of those, by how many it has us route for it */
    struct node_passages passages; /* that it has asked for, the oldest first */
    size_t waiting;                /* of those, how many are not open yet */
    char name[];
};

/* How a connection ended. */
struct node_end {
    enum nectar_stage stage;
    int cause;
    bool handled_nothing; /* the peer says it has handled nothing it has not answered */
    bool abrupt;          /* the peer hung up without a word */
    bool clean;           /* Closes were exchanged, or the stream ended after ours */
    uint64_t waited;      /* us: the limit that ran out, if one did */
    char reason[NECTAR_REASON_MAX + 1];
};

enum node_call_state { CALL_WAITING, CALL_SENT };

/* A send of ours. */
struct node_call {
    TAILQ_ENTRY(node_call) all;
    TAILQ_ENTRY(node_call) unrouted;
    struct nectar_node *node;
    enum node_call_state state;
    bool is_unrouted; /* WAITING: for its turn to be dialled for */
    struct nectar_message message;
    char peer[NECTAR_NAME_MAX + 1];
    char target[NECTAR_NAME_MAX + 32]; /* the default target, where it is used */
    struct bytes owned;                /* the body, where the caller's does not stay */
    bool no_reply, no_retry, silent;
    bool retried, fresh; /* fresh: what was kept of its peer is no help */
    bool left_behind;    /* before anything of it was written, by a connection that has ended */
    char via[NECTAR_NAME_MAX + 1]; /* the only router to go through; empty: any way */
    struct nectar_tried *tried;    /* its routers, once they have all failed */
    size_t tried_count;
    uint64_t reply_timeout;
    uint64_t started;
    struct node_ask *ask;    /* WAITING: for the peer's record */
    enum nectar_taste taste; /* of the peer, as far as it was known */
    struct node_conn *conn;  /* SENT: by which; WAITING: exclusive, being opened */
    uint64_t mark;           /* of the link's output, after it */
    uint64_t seen_written;   /* by the link, when progress was last looked at */
    uint64_t due;            /* the record, a reply, or progress in writing */
    uint64_t written_at;     /* 0: not wholly written */
    bool delivered;
    struct control_call *control; /* NULL: of the program itself */
    struct nectar_failure failure;
};

TAILQ_HEAD(node_calls, node_call);

/* What is known of a peer from earlier messages. */
struct node_acquaintance {
    TAILQ_ENTRY(node_acquaintance) all;
    char name[NECTAR_NAME_MAX + 1];
    enum nectar_taste taste;
};

TAILQ_HEAD(node_acquaintances, node_acquaintance);

/* An event that waits to be told. */
struct node_notice {
    TAILQ_ENTRY(node_notice) all;
    enum nectar_node_event_type type;
    char peer[NECTAR_NAME_MAX + 1];
    char reason[NECTAR_REASON_MAX + 1];
    struct nectar_routing routing;
};

/* An offence that has been told. */
struct node_repeat {
    uint64_t offence;
    uint64_t told;  /* when; 0: there is none */
    uint64_t count; /* of the same since then */
};

TAILQ_HEAD(node_notices, node_notice);
TAILQ_HEAD(node_races, node_race);
TAILQ_HEAD(node_routers, node_router);

struct nectar_node {
    char name[NECTAR_NAME_MAX + 1];
    char source[NODE_SOURCE_SIZE];
    const struct nectar_key *key;
    struct nectar_registry *registry;
    struct node_lookups *lookups; /* NULL: it answers at once */
    const struct nectar_log *log;
    const struct nectar_router_policy *policy; /* NULL: we do not route */
    uint64_t connect_timeout;
    uint64_t probe_time;
    bool compat;
    bool draining;
    struct net_loop *loop;
    struct net_listen *listen;
    struct nectar_address bound; /* where, if listen */
    struct node_control *control;
    uint64_t started;
    struct net_timer *calls_timer;
    uint64_t serial;
    struct random_stream ids;   /* of messages: a call of the system for each would cost more */
    size_t opening;             /* connections accepted and not yet proven, */
    struct node_conns openings; /* the oldest first */
    struct node_origins *origins;
    size_t max_per_address;
    size_t partial; /* bytes: of messages half received, and of buffers just used for one */
    size_t max_partial;
    struct node_conns crowded;
    struct node_repeat repeats[NODE_REPEATS];
    struct node_conns conns; /* oldest first */
    struct node_conns ready, dirty;
    struct node_conn *current; /* whose input is being handled */
    struct node_calls calls;   /* waiting and sent, oldest first */
    struct node_calls ended;   /* to be told */
    struct node_calls unrouted;
    size_t call_count;
    struct node_acquaintances known; /* the latest last */
    size_t known_count;
    struct node_call *shown; /* the one the last event told of */
    struct node_notices notices;
    struct node_notice *shown_notice;
    struct node_inquiries inquiries;
    struct node_races races;
    struct node_routers routers; /* that we are reached through */
    struct node_passages passages;
    size_t open_passages, waiting_passages;
    struct node_peers *peers;
    struct node_trim *trim;
    size_t registered; /* peers that we route for */
    uint8_t *input;    /* NODE_INPUT bytes, shared by all */
};

/* conn */
int node_conn_new(struct node_conn **out, struct nectar_node *node, bool inbound);
int node_conn_start(struct node_conn *conn, struct net_stream *stream, const char *host);
void node_conn_touch(struct node_conn *conn);
void node_conn_flush(struct node_conn *conn);
void node_conn_rearm(struct node_conn *conn);
void node_conn_end(struct node_conn *conn, const struct node_end *end);
void node_conn_fail(struct node_conn *conn, enum nectar_stage stage, int cause, const char *reason);
/* Writes what the link still has to say, settles the sends on it, and throws away what comes until
 * the peer hangs up too: closing a socket with unread input would take the last words back. */
void node_conn_last_words(struct node_conn *conn, const struct node_end *end);
void node_conn_settle(struct node_conn *conn);
void node_conn_free(struct node_conn *conn);
/* From its link: the stream is a leg from now on. NECTAR_ENOMEM: it is not. */
int node_conn_detach(struct node_conn *conn);
void node_conn_resume(struct node_conn *conn); /* its parked input can be handled */
/* Do so many bytes wait, answers of ours among them, that no more is to be asked of us? Requests of
 * ours do not count: two that send each other much, and wait to be read, would wait for ever. */
bool node_conn_is_full(const struct node_conn *conn);
struct node_conn *node_conn_by_serial(struct nectar_node *node, uint64_t serial);
bool node_conn_awaits(const struct node_conn *conn); /* the registry, and is not read */

/* receive: handles input of a connection; true if there is an event for the caller. */
bool node_receive(struct node_conn *conn, struct nectar_node_event *event);

/* Fetches this turn's input; false if there is none, the connection perhaps gone with it. */
bool node_receive_begin(struct node_conn *conn);
/* This turn is over; what is left of its input waits. NECTAR_ENOMEM: it goes on. */
int node_receive_park(struct node_conn *conn);
/* The same, or with its input used up; without memory to wait, the connection ends. */
void node_receive_end(struct node_conn *conn, bool park);

/* notice */
struct node_notice *node_notice_new(struct nectar_node *node, enum nectar_node_event_type type,
                                    const char *peer, const char *reason);
bool node_notice_tell(struct nectar_node *node, struct nectar_node_event *event);
void node_notices_free(struct nectar_node *node);

/* race */
int node_race_begin(struct node_call *call, const struct nectar_record *record, bool cached);
bool node_race_under_way(const struct nectar_node *node, const char *peer, const char *via);
void node_race_won(struct node_conn *conn);  /* message 2 is there */
void node_race_over(struct node_conn *conn); /* the connection stands */
void node_race_lost(struct node_conn *conn, const struct node_end *end);
void node_races_free(struct nectar_node *node);

/* join */
void node_join_opened(struct node_conn *conn);
void node_join_answered(struct node_conn *conn, uint64_t id);
void node_join_lost(struct node_conn *conn, const struct node_end *end);
void node_join_answer(struct node_conn *conn, const struct nectar_message *request,
                      struct nectar_view caller);
/* The routers we are reached through, at most max of them, and whether each is up. */
size_t node_join_list(const struct nectar_node *node, struct nectar_via *out, size_t max);
void node_join_free(struct nectar_node *node);

/* origin: counts a connection from there; false: there are enough, or no memory. */
bool node_origin_enter(struct nectar_node *node, uint64_t key);
void node_origin_leave(struct nectar_node *node, uint64_t key);
void node_origins_free(struct nectar_node *node);

/* peer: NULL, there is nothing with it; hold makes one, or NULL without memory. */
struct node_peer *node_peer_find(const struct nectar_node *node, const char *name);
struct node_peer *node_peer_hold(struct nectar_node *node, const char *name);
/* The newest connection with it that stands, through that router if one is given. */
struct node_conn *node_conn_find(struct nectar_node *node, const char *peer, const char *via);
void node_peer_release(struct nectar_node *node, struct node_peer *peer);
bool node_peer_join(struct node_conn *conn); /* false without memory */
void node_peer_leave(struct node_conn *conn);
void node_peers_free(struct nectar_node *node);

/* room: may it be read on? If not, it is resumed when there is room. */
bool node_room_take(struct node_conn *conn);
void node_room_leave(struct node_conn *conn);

/* repeat: one more text of what an offence is known by; 0 begins. */
uint64_t node_offence(uint64_t hash, const char *text);
/* Has it been told of late? If not, *before counts those that went untold since the last. */
bool node_is_repeat(struct nectar_node *node, uint64_t offence, uint64_t *before);
/* Warns in the log, once a minute for each format and origin, of what this peer does. */
void node_warn(const struct node_conn *conn, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* accept */
void node_accept_proven(struct node_conn *conn);

/* dial */
/* False: it goes with a connection that is under way, or has ended. */
bool node_dial_for(struct node_call *call);
/* Is somebody on the way whom this call can go with? */
bool node_dial_under_way(const struct node_call *call);
int node_dial(struct node_conn *conn, const struct nectar_record *record);
/* The same, given a name: the peer's, or its router's. An error, with the reason, leaves the
 * connection as it was; what fails later ends it. */
int node_dial_name(struct node_conn *conn, const char *name, char *reason);

/* call */
int node_call_new(struct node_call **out, struct nectar_node *node, const struct nectar_send *send);
int node_call_check_size(const struct node_call *call);
int node_call_own(struct node_call *call); /* makes its views its own */
void node_call_start(struct node_call *call);
void node_call_route(struct node_call *call); /* over what stands, or by dialling in its turn */
bool node_call_goes_along(const struct node_call *call); /* over a connection that stands */
void node_call_routed(struct node_call *call);           /* it waits for nothing any longer */
/* Dials for the first that waits for it; false if none does. One a turn of the loop: those under
 * way are seen to before more are begun, so that none runs out of its time because there are many.
 */
bool node_calls_dial(struct nectar_node *node);
struct node_call *node_call_match(struct node_conn *conn, uint64_t id);
void node_call_end(struct node_call *call, int error, const struct node_end *how, const char *addr);
void node_call_note_tried(struct node_call *call, const struct nectar_tried *tried, size_t count);
void node_call_deliver(struct node_call *call);
void node_call_told(struct node_call *call); /* the same of one that node_call_match gave */
void node_call_free(struct node_call *call);
bool node_calls_on(const struct node_conn *conn);

/* taste */
enum nectar_taste node_taste_of(const struct nectar_node *node, const char *peer);
void node_tastes_free(struct nectar_node *node);

/* transmit */
void node_calls_transmit(struct node_conn *conn);
void node_calls_written(struct node_conn *conn);
void node_calls_lost(struct node_conn *conn, const struct node_end *end);
void node_calls_due(void *node);

/* retire */
void node_retire(struct node_conn *conn, uint64_t quiet, uint64_t by);
uint64_t node_retire_at(const struct node_conn *conn);
void node_retire_due(struct node_conn *conn);
void node_leave(struct node_conn *conn);

#endif
