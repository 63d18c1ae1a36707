/*
 * What a loop looks after: descriptors that may be ready, and timers. For the files of net/ alone.
 * Directly over epoll: a connection then costs two or three system calls of it, and not the eight
 * that libuv makes.
 */
#ifndef NET_WATCH_H
#define NET_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/queue.h>

#include "net/loop.h"

enum { NET_EVENTS = 128 }; /* told of in one run */

struct net_watch;

/* events: EPOLLIN and so on, of those that are watched, and EPOLLERR. */
typedef void net_watch_ready(struct net_watch *watch, uint32_t events);

/* One descriptor. Part of whatever it is that has it. */
struct net_watch {
    TAILQ_ENTRY(net_watch) changed;
    struct net_loop *loop;
    net_watch_ready *ready;
    int fd;
    uint32_t wanted; /* what is to be watched */
    uint32_t told;   /* what the system has been told to; nothing: it does not know of fd */
    bool is_changed; /* is it in the list of those that the system is to be told of? */
};

struct net_timer {
    struct net_loop *loop;
    void (*fire)(void *context);
    void *context;
    uint64_t armed; /* when it fires; TIME_NEVER when it does not */
    size_t place;   /* in the loop's heap */
};

struct net_loop {
    int epoll;
    struct net_watch wake; /* an eventfd */
    atomic_bool woken;     /* by another thread, or in a signal handler: it is free of locks */
    TAILQ_HEAD(, net_watch) changed;
    struct epoll_event events[NET_EVENTS]; /* those from next on are still to be told */
    int count, next;
    struct net_timer **heap; /* armed timers, none before the one at half its place */
    size_t timers, armed, room;
    uint64_t looked, seen; /* when the last run ended, and the one before */
};

/* Watches nothing yet. */
void net_watch_init(struct net_watch *watch, struct net_loop *loop, int fd, net_watch_ready *ready);

/* events: of EPOLLIN, EPOLLOUT, EPOLLRDHUP. The system is told before the loop next waits. */
void net_watch_set(struct net_watch *watch, uint32_t events);

/* Nothing more is told of it, not even what is under way. Before the descriptor is closed: another
 * process may still have it open, too. */
void net_watch_end(struct net_watch *watch);

/* Tells the system what has changed. False: it would not hear all of it now. */
bool net_watch_apply(struct net_loop *loop);

/* When the first timer is due; TIME_NEVER. */
uint64_t net_timer_first(const struct net_loop *loop);

/* Makes the calls of the timers that are due, and of which all is told that came before. */
void net_timer_run(struct net_loop *loop);

#endif
