/*
 * Two nodes of this machine alone, for measuring: keys made for the moment, a registry in memory
 * that nobody else sees, and a process that acks every request on a free port of 127.0.0.1.
 */
#ifndef SHARED_PAIR_H
#define SHARED_PAIR_H

#include <sys/types.h>

#include "shared/session.h"

/* The full name of the node that answers. */
#define PAIR_PEER "answers.bench"

struct pair {
    int registry; /* a file without a name */
    pid_t child;  /* that answers; 0: there is none */
};

/* Fills in a session for the other node. Returns 0 or an exit status, already reported; pair_close
 * and session_close free in either case. */
int pair_open(struct pair *pair, struct session *session);
void pair_close(struct pair *pair);

#endif
