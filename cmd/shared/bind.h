/* Where a node takes connections. */
#ifndef SHARED_BIND_H
#define SHARED_BIND_H

#include <nectar/identity.h>

#include "shared/session.h"

/*
 * Listens at "ADDR:PORT" (port 0: any), or, where that is NULL, at the published port: on the
 * published address if it is one of this machine, else on all. Returns 0 or an exit status, already
 * reported: EXIT_BUSY when another process holds the port.
 */
int bind_node(struct nectar_address *bound, struct session *session, const char *where);

#endif
