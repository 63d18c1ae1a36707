#include "net/loop.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include <nectar/error.h>

#include "base/time.h"

struct net_loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_timer_t bound;      /* ends a run */
    uint64_t looked, seen; /* when the last run ended, and the one before */
    atomic_bool woken;     /* by another thread, or in a signal handler: it is free of locks */
};

/* Only there to end uv_run. */
static void on_wake(uv_async_t *wake)
{
    (void)wake;
}

/* libuv runs timers that are due before it waits: this one is then no longer there to end the
 * wait, which must not begin. */
static void on_bound(uv_timer_t *bound)
{
    uv_stop(bound->loop);
}

int net_loop_new(struct net_loop **out)
{
    struct net_loop *loop = calloc(1, sizeof *loop);

    if (!loop)
        return NECTAR_ENOMEM;
    if (uv_loop_init(&loop->uv)) {
        free(loop);
        return NECTAR_EINTERNAL;
    }
    uv_timer_init(&loop->uv, &loop->bound);
    if (uv_async_init(&loop->uv, &loop->wake, on_wake)) {
        uv_close((uv_handle_t *)&loop->bound, NULL);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
        uv_loop_close(&loop->uv);
        free(loop);
        return NECTAR_EINTERNAL;
    }
    *out = loop;
    return 0;
}

void net_loop_free(struct net_loop *loop)
{
    if (!loop)
        return;
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->bound, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT); /* what is closing closes */
    uv_loop_close(&loop->uv);
    free(loop);
}

uint64_t net_loop_now(const struct net_loop *loop)
{
    (void)loop;
    return uv_hrtime() / 1000;
}

uint64_t net_loop_seen(const struct net_loop *loop)
{
    return loop->seen;
}

static void run(struct net_loop *loop, uint64_t timeout)
{
    if (timeout == 0 || loop->woken) {
        uv_run(&loop->uv, UV_RUN_NOWAIT);
        return;
    }
    if (timeout != TIME_NEVER) {
        uv_update_time(&loop->uv);
        uv_timer_start(&loop->bound, on_bound, (timeout + 999) / 1000, 0);
    }
    uv_run(&loop->uv, UV_RUN_ONCE);
    uv_timer_stop(&loop->bound);
}

void net_loop_run(struct net_loop *loop, uint64_t timeout)
{
    loop->seen = loop->looked;
    run(loop, timeout);
    loop->looked = net_loop_now(loop);
}

void net_loop_wake(struct net_loop *loop)
{
    atomic_store(&loop->woken, true);
    uv_async_send(&loop->wake);
}

bool net_loop_woken(struct net_loop *loop)
{
    /* At once: between a look and a step, a wake-up would be lost. */
    return atomic_exchange(&loop->woken, false);
}

void *net_loop_handle(struct net_loop *loop)
{
    return &loop->uv;
}
