#include "net/watch.h"

void net_watch_init(struct net_watch *watch, struct net_loop *loop, int fd, net_watch_ready *ready)
{
    *watch = (struct net_watch){.loop = loop, .fd = fd, .ready = ready};
}

static void settle(struct net_watch *watch)
{
    if (watch->is_changed)
        TAILQ_REMOVE(&watch->loop->changed, watch, changed);
    watch->is_changed = false;
}

void net_watch_set(struct net_watch *watch, uint32_t events)
{
    watch->wanted = events;
    if (events == watch->told) {
        settle(watch);
    } else if (!watch->is_changed) {
        watch->is_changed = true;
        TAILQ_INSERT_TAIL(&watch->loop->changed, watch, changed);
    }
}

void net_watch_end(struct net_watch *watch)
{
    struct net_loop *loop = watch->loop;

    settle(watch);
    for (int i = loop->next; i < loop->count; i++)
        if (loop->events[i].data.ptr == watch)
            loop->events[i].data.ptr = NULL;
    if (watch->told)
        epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->told = watch->wanted = 0;
}

/* Where nothing is watched the system must not know of it at all: it would tell of errors. */
static bool apply(struct net_watch *watch)
{
    struct epoll_event event = {.events = watch->wanted, .data.ptr = watch};
    int change = !watch->told ? EPOLL_CTL_ADD : watch->wanted ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;

    if (epoll_ctl(watch->loop->epoll, change, watch->fd, &event) != 0)
        return false;
    watch->told = watch->wanted;
    settle(watch);
    return true;
}

bool net_watch_apply(struct net_loop *loop)
{
    struct net_watch *watch, *next;
    bool all = true;

    for (watch = TAILQ_FIRST(&loop->changed); watch; watch = next) {
        next = TAILQ_NEXT(watch, changed);
        all = apply(watch) && all;
    }
    return all;
}
