/*
 * Host names to addresses, each on a thread of its own, which nobody waits for when the process
 * ends, however long a name server is silent.
 */
#ifndef NET_LOOKUP_H
#define NET_LOOKUP_H

#include <netdb.h>
#include <stdint.h>

#include "net/loop.h"

struct net_lookup;

/* status: 0, or an EAI_ error; found then NULL, else it belongs to whoever is told. */
typedef void net_lookup_done(void *context, int status, struct addrinfo *found);

/* The addresses of a host that is written as one; NULL if it is a name. freeaddrinfo() it. */
struct addrinfo *net_lookup_numeric(const char *host, uint16_t port);

/* Begins; done is called once, from net_loop_run, and the lookup is then gone. NECTAR_ENOMEM. */
int net_lookup_new(struct net_lookup **out, struct net_loop *loop, const char *host, uint16_t port,
                   net_lookup_done *done, void *context);

/* Gives up without waiting; done is not called. NULL is allowed. */
void net_lookup_free(struct net_lookup *lookup);

#endif
