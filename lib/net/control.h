/* A Unix stream socket at a path, for programs of our own user. */
#ifndef NET_CONTROL_H
#define NET_CONTROL_H

#include <stdint.h>

#include "net/dial.h"
#include "net/loop.h"
#include "net/stream.h"

struct net_control;

/* A connection of our own user or root, which belongs to whoever is told. */
typedef void net_control_accepted(void *context, struct net_stream *stream);

/*
 * Serves a socket of mode 0600 at path, whose folder is ours and not for others to write. One that
 * a dead process has left is replaced. NECTAR_EBUSY a live process serves it, NECTAR_EEXISTS
 * something else has that path, NECTAR_EREJECTED the folder is not fit for it, NECTAR_ETOOBIG the
 * path is too long for a socket, NECTAR_EIO; reason (NET_REASON_SIZE bytes) says more.
 * NECTAR_ENOMEM, NECTAR_EINTERNAL.
 */
int net_control_new(struct net_control **out, struct net_loop *loop, const char *path,
                    net_control_accepted *accepted, void *context, char *reason);

/* Removes the socket, if it is still ours. NULL is allowed. */
void net_control_free(struct net_control *control);

/*
 * Connects to such a socket. NECTAR_EOFFLINE nobody serves it, NECTAR_EBUSY its queue is full,
 * NECTAR_EREJECTED it is not of our user or root, or not for us, NECTAR_ETOOBIG, NECTAR_EIO.
 */
int net_control_dial(struct net_stream **out, struct net_loop *loop, const char *path,
                     char *reason);

/* The number of our process. */
uint64_t net_control_pid(void);

#endif
