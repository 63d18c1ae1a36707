/*
 * A command for each message, as `listen --exec` runs it: `sh -c CMD`, the body on its standard
 * input, NECTAR_FROM, NECTAR_ID and NECTAR_TARGET in its environment, and nothing else of the peer
 * anywhere; what it writes is the reply.
 *
 * The commands are started and watched by a thread of their own (exec_run), so that the node goes
 * on serving. A process of its own (exec_guard) outlives a listener that is killed, just long
 * enough to take the commands with it.
 */
#ifndef SHARED_EXEC_H
#define SHARED_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/session.h"

/* At once, whatever is asked for. */
#define EXEC_CHILDREN_MAX 256

struct exec;

struct exec_config {
    const char *command; /* borrowed */
    size_t children;     /* at once; 1 to EXEC_CHILDREN_MAX */
    size_t queue;        /* messages that wait for their turn */
};

/* First of all, while there is no secret and no socket yet that a child could inherit. Returns 0 or
 * an exit status, already reported; exec_end frees. */
int exec_begin(struct exec **out, const struct exec_config *config);

/* Once the session is open: from now on commands can run. Returns as exec_begin. */
int exec_start(struct exec *exec, struct session *session);

/* Takes a message, which is copied. Where there is no room for it, says so. */
void exec_take(struct exec *exec, const struct nectar_node_event *event);

/* After each event: answers what has been done. Returns when to be called again though nothing
 * happens (clock_now), CLOCK_NEVER for never. */
uint64_t exec_answer(struct exec *exec);

/* Waits for the commands until that time (clock_now), ends those that still run, and frees. NULL is
 * allowed. */
void exec_end(struct exec *exec, uint64_t until);

#endif
