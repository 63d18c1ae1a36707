/* A node on the network: one of our own (key, registry, identity, in that order), or the one that
 * runs already under our name, over its control socket. */
#ifndef SHARED_SESSION_H
#define SHARED_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <nectar/control.h>
#include <nectar/key.h>
#include <nectar/node.h>
#include <nectar/registry.h>

#include "shared/cli.h"

/* -W: one attempt, or one reply. */
extern const struct cli_option session_options[];

/* -W, in us. */
uint64_t session_timeout(void);

struct session {
    struct nectar_registry *registry;
    struct nectar_key *key;
    struct nectar_node *node;
    struct nectar_control *control; /* instead of key and node */
    char *key_path;
    bool compat;
    char name[NECTAR_NAME_MAX + 1];            /* ours, full */
    struct nectar_record record;               /* our own; empty name if it is not published */
    uint64_t timeout;                          /* us: -W */
    const struct nectar_router_policy *router; /* set before session_open; NULL: we do not route */
    size_t max_per_address;                    /* as router */
    size_t max_partial;                        /* as router */
    enum nectar_taste taste;                   /* of the peer that taste_teach was called for */
};

/* Opens the registry alone, for what has to be looked at before keys are. Returns 0 or an exit
 * status, already reported. */
int session_begin(struct session *session);

/*
 * Goes on from session_begin. unpublished_ok: the registry need not know us. compat: byte vectors
 * as arrays. Returns 0 or an exit status, already reported; session_close frees in either case.
 */
int session_open(struct session *session, bool unpublished_ok, bool compat);
void session_close(struct session *session);

/* As session_open, for what only sends: over the control socket of the process that runs under our
 * name, if there is one (control_find); no key is opened then. */
int session_reach(struct session *session, bool compat);

/* As nectar_node_send and nectar_node_learn. */
int session_send(struct session *session, const struct nectar_send *send, uint64_t *id);
int session_learn(struct session *session, const char *peer, enum nectar_taste taste);

/* A last word to our peers, so that they need not wonder: at most timeout (us). */
void session_finish(struct session *session, uint64_t time);

/*
 * Waits for the next event, at most timeout (us) and never beyond -w. INTERRUPTED, too, when a
 * signal that session_catch_signals caught has come. Returns 0 or an exit status, reported.
 */
int session_next(struct session *session, uint64_t timeout, struct nectar_node_event *event);

/* From now on -w no longer ends the program, but a wait; so do, for the second, SIGINT and
 * SIGTERM. */
void session_catch_deadline(struct session *session);
void session_catch_signals(struct session *session);

/* Says that -w ran out on a wait for peer (or NULL). Returns EXIT_TIMEOUT. */
int session_out_of_time(const char *peer);

/* The signal that has come, or 0. */
int session_signal(void);

#endif
