/*
 * What listen and router have in common: a node that others reach, at an address or through
 * routers. It tells when it is ready, and on SIGINT, SIGTERM or -w finishes what is in flight.
 */
#ifndef SHARED_SERVE_H
#define SHARED_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/cli.h"
#include "shared/session.h"

/* --bind, --ready-fd, --drain. */
extern const struct cli_option serve_options[];

#define SERVE_ASKS_MAX 64

/* What somebody asks for over the control socket. */
struct serve_ask {
    uint64_t id;
    enum nectar_control_request what;
};

struct server {
    struct session session;
    struct text_list routers; /* those that stand */
    const char *bind_to;      /* --bind, or NULL */
    bool may_join;
    bool binds; /* it listens at an address */
    bool joins; /* it keeps connections to its routers */
    bool is_ready;
    bool is_stopping;
    /* A message or a routing event; what else there is, serve sees to. */
    void (*on_event)(struct server *server, const struct nectar_node_event *event);
    /* Has it all that it was to receive? What comes then is not answered. NULL: there is no end. */
    bool (*is_done)(const struct server *server);
    /* After each event, whatever it was; and when the time (clock_now) that it returned has come:
     * CLOCK_NEVER for none. NULL: nothing of the sort. */
    uint64_t (*on_wake)(struct server *server);
    struct serve_ask asks[SERVE_ASKS_MAX]; /* that wait for our record: see control_reload */
    size_t ask_count;
    size_t asks_taken; /* the first so many of them wait for this lookup; 0: there is none */
    uint64_t lookup_id;
    uint64_t stop_by; /* clock_now: what is in flight is finished by then; 0: not told to stop */
};

/*
 * Goes on from session_begin, as session_open: takes connections at --bind, else at the address of
 * our record; or, if may_join and the record has routers and no address, keeps a connection to each
 * of those. With both --bind and routers it does both. Returns 0 or an exit status, already
 * reported.
 */
int serve_open(struct server *server, bool may_join);

/*
 * Serves until told to stop, and finishes then what is in flight. Returns 0 or an exit status,
 * already reported: EXIT_TIMEOUT if -w ran out on a server that is not done.
 */
int serve_run(struct server *server);

/* Answers a request that wants it: with text, else a hello with "ack", else not at all. */
void serve_answer(struct server *server, const struct nectar_node_event *event, const char *text);

#endif
