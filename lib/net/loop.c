#include "net/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <nectar/error.h>

#include "base/time.h"
#include "net/watch.h"

/* Short of memory for what is to be watched, it is asked for again so soon. */
#define LOOP_AGAIN TIME_MS(100)

static void on_wake(struct net_watch *wake, uint32_t events)
{
    uint64_t count;

    (void)events;
    while (read(wake->fd, &count, sizeof count) < 0 && errno == EINTR)
        ;
}

int net_loop_new(struct net_loop **out)
{
    struct net_loop *loop = calloc(1, sizeof *loop);
    int wake;

    if (!loop)
        return NECTAR_ENOMEM;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll < 0 || wake < 0) {
        if (loop->epoll >= 0)
            close(loop->epoll);
        if (wake >= 0)
            close(wake);
        free(loop);
        return NECTAR_EINTERNAL;
    }
    TAILQ_INIT(&loop->changed);
    net_watch_init(&loop->wake, loop, wake, on_wake);
    net_watch_set(&loop->wake, EPOLLIN);
    *out = loop;
    return 0;
}

void net_loop_free(struct net_loop *loop)
{
    if (!loop)
        return;
    net_watch_end(&loop->wake);
    close(loop->wake.fd);
    close(loop->epoll);
    free(loop->heap);
    free(loop);
}

uint64_t net_loop_now(const struct net_loop *loop)
{
    struct timespec now;

    (void)loop;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t net_loop_seen(const struct net_loop *loop)
{
    return loop->seen;
}

/* How long to wait, in ms; -1: without end. */
static int wait_of(struct net_loop *loop, uint64_t timeout)
{
    uint64_t first = net_timer_first(loop);
    uint64_t now;

    if (!net_watch_apply(loop))
        timeout = time_earlier(timeout, LOOP_AGAIN);
    if (timeout == 0 || loop->woken)
        return 0;
    if (first != TIME_NEVER) {
        now = net_loop_now(loop);
        timeout = time_earlier(timeout, first > now ? first - now : 0);
    }
    if (timeout == TIME_NEVER)
        return -1;
    return timeout / 1000 < INT_MAX ? (int)((timeout + 999) / 1000) : INT_MAX;
}

static void tell(struct net_loop *loop)
{
    while (loop->next < loop->count) {
        const struct epoll_event *event = &loop->events[loop->next++];
        struct net_watch *watch = event->data.ptr;
        uint32_t events = event->events;

        /* One before it may have ended it, or what it watches. */
        if (!watch || !watch->wanted)
            continue;
        if (events & EPOLLHUP)
            events |= watch->wanted;
        events &= watch->wanted | EPOLLERR;
        if (events)
            watch->ready(watch, events);
    }
}

void net_loop_run(struct net_loop *loop, uint64_t timeout)
{
    loop->seen = loop->looked;
    loop->next = 0;
    loop->count = epoll_wait(loop->epoll, loop->events, NET_EVENTS, wait_of(loop, timeout));
    tell(loop);
    net_timer_run(loop);
    loop->looked = net_loop_now(loop);
}

void net_loop_wake(struct net_loop *loop)
{
    const uint64_t one = 1;
    int before = errno;

    atomic_store(&loop->woken, true);
    /* Refused only where there are as many as can be counted, which will do. */
    while (write(loop->wake.fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
    errno = before;
}

bool net_loop_woken(struct net_loop *loop)
{
    /* At once: between a look and a step, a wake-up would be lost. */
    return atomic_exchange(&loop->woken, false);
}
