/* Taking connections. */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/identity.h>

#include "net/loop.h"
#include "net/stream.h"

struct net_listen;

/* Where a connection comes from. */
struct net_origin {
    const char *address; /* "HOST:PORT", valid during the call */
    uint64_t block;      /* the IPv4 address, or the first half of the IPv6 one */
};

/* A connection, which belongs to whoever is told. */
typedef void net_listen_accepted(void *context, struct net_stream *stream,
                                 const struct net_origin *from);

/*
 * Listens at address; port 0 chooses one, and *bound (may be NULL) says which. NECTAR_EBUSY the
 * port is taken, NECTAR_EADDRESS no such local address, NECTAR_EIO; reason (NET_REASON_SIZE bytes)
 * is the system's own. NECTAR_ENOMEM.
 */
int net_listen_new(struct net_listen **out, struct net_loop *loop,
                   const struct nectar_address *address, struct nectar_address *bound,
                   net_listen_accepted *accepted, void *context, char *reason);
void net_listen_free(struct net_listen *listen);

#endif
