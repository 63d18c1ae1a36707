#include "net/timer.h"

#include <stdlib.h>
#include <uv.h>

#include <nectar/error.h>

#include "base/time.h"

struct net_timer {
    uv_timer_t uv;
    struct net_loop *loop;
    void (*fire)(void *context);
    void *context;
    uint64_t armed; /* when it fires; TIME_NEVER when it does not */
};

int net_timer_new(struct net_timer **out, struct net_loop *loop, void (*fire)(void *context),
                  void *context)
{
    struct net_timer *timer = calloc(1, sizeof *timer);

    if (!timer)
        return NECTAR_ENOMEM;
    timer->loop = loop;
    timer->fire = fire;
    timer->context = context;
    timer->armed = TIME_NEVER;
    uv_timer_init(net_loop_handle(loop), &timer->uv);
    *out = timer;
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle); /* the first member of its net_timer */
}

void net_timer_free(struct net_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->uv, on_closed);
}

static void on_fire(uv_timer_t *uv)
{
    struct net_timer *timer = (struct net_timer *)uv;

    if (timer->armed > net_loop_seen(timer->loop)) {
        uv_timer_start(uv, on_fire, 1, 0); /* not 0, which would be now again */
        uv_stop(uv->loop);
        return;
    }
    timer->armed = TIME_NEVER;
    /* Timers fire before libuv waits for sockets: what this one changes is to be seen to first. */
    uv_stop(uv->loop);
    timer->fire(timer->context);
}

void net_timer_set(struct net_timer *timer, uint64_t at)
{
    uint64_t now;

    if (at >= timer->armed)
        return;
    timer->armed = at;
    now = net_loop_now(timer->loop);
    uv_update_time(net_loop_handle(timer->loop));
    uv_timer_start(&timer->uv, on_fire, at > now ? (at - now + 999) / 1000 : 0, 0);
}
