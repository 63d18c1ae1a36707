/* One call at a time to come. */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include <stdint.h>

#include "net/loop.h"

struct net_timer;

/* fire(context) is called from net_loop_run. NECTAR_ENOMEM. */
int net_timer_new(struct net_timer **out, struct net_loop *loop, void (*fire)(void *context),
                  void *context);
void net_timer_free(struct net_timer *timer);

/*
 * Fires at `at` (us), or never; but not before what came over the sockets until then has been told,
 * in a run that is over: a loop that is behind does not take for silent whom it has not read. What
 * is to be done at once, whatever came, is set for 0.
 *
 * Setting it later than it stands costs nothing: it then fires early, once, so whoever is called
 * looks at the clock.
 */
void net_timer_set(struct net_timer *timer, uint64_t at);

#endif
