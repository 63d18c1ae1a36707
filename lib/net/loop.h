/*
 * The event loop, over epoll. net/ is where the library makes its system calls: sockets, the
 * clock, name resolution. Everything here belongs to one loop and one thread.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct net_loop;

/* NECTAR_ENOMEM, NECTAR_EINTERNAL (the system gives no event queue). */
int net_loop_new(struct net_loop **out);

/* Everything made on the loop must have been freed before. NULL is allowed. */
void net_loop_free(struct net_loop *loop);

/* Microseconds of a clock that never goes back. */
uint64_t net_loop_now(const struct net_loop *loop);

/* Until when what came over the sockets has been told of, in a run that is over: whoever was told
 * has had the time to read it. Later than that, silence is nothing that is known of a peer. */
uint64_t net_loop_seen(const struct net_loop *loop);

/* Waits until something happens, at most `timeout` us (TIME_NEVER: without end), and makes the
 * calls that are due. */
void net_loop_run(struct net_loop *loop, uint64_t timeout);

/* Makes net_loop_run return. Safe in a signal handler and from another thread. */
void net_loop_wake(struct net_loop *loop);

/* Has net_loop_wake been called since this was last asked? */
bool net_loop_woken(struct net_loop *loop);

#endif
