/*
 * Many messages, a line each on standard input, and what became of each, a line on standard output:
 * `send --batch`. Those to one peer go in the order of their lines, on one connection.
 */
#ifndef SHARED_BATCH_H
#define SHARED_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/session.h"

#define BATCH_WINDOW_MAX 4096

struct batch_config {
    size_t window;      /* in flight at once, at most */
    const char *to;     /* of lines that do not say; NULL: each has to */
    const char *source; /* as nectar_message; NULL: the default */
    const char *via;    /* full name of a router; NULL: by the record */
    bool no_retry;
};

/* Sends all there is, with a session that has been reached. Returns an exit status. */
int batch_run(struct session *session, const struct batch_config *config);

#endif
