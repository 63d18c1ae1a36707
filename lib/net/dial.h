/* Making a connection: the name resolved, then each of its addresses tried in turn. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <nectar/identity.h>

#include "net/loop.h"
#include "net/stream.h"

enum { NET_REASON_SIZE = 128 };

enum net_dial_phase { NET_DIAL_RESOLVING, NET_DIAL_CONNECTING };

struct net_dial;

/* How it ended. On success stream belongs to whoever is told; else reason is the system's own. */
struct net_dialled {
    struct net_stream *stream; /* NULL: it failed */
    enum net_dial_phase phase; /* that failed */
    char reason[NET_REASON_SIZE];
};

typedef void net_dial_done(void *context, const struct net_dialled *dialled);

/* Begins; done is called once, from net_loop_run, and the dial is then gone. It has no deadline of
 * its own: free it when time is up. NECTAR_ENOMEM. */
int net_dial_new(struct net_dial **out, struct net_loop *loop, const struct nectar_address *address,
                 net_dial_done *done, void *context);

/* Gives up; done is not called. NULL is allowed. */
void net_dial_free(struct net_dial *dial);

/* What it is at. */
enum net_dial_phase net_dial_at(const struct net_dial *dial);

#endif
