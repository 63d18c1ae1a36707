#include "net/timer.h"

#include <stdlib.h>

#include <nectar/error.h>

#include "base/time.h"
#include "net/watch.h"

enum { ROOM_FIRST = 16 };

/* There is room in the heap for all timers there are, so that arming one cannot fail. */
static int make_room(struct net_loop *loop)
{
    size_t room = loop->room ? 2 * loop->room : ROOM_FIRST;
    struct net_timer **heap;

    if (loop->timers < loop->room)
        return 0;
    heap = realloc(loop->heap, room * sizeof(struct net_timer *));
    if (!heap)
        return NECTAR_ENOMEM;
    loop->heap = heap;
    loop->room = room;
    return 0;
}

int net_timer_new(struct net_timer **out, struct net_loop *loop, void (*fire)(void *context),
                  void *context)
{
    struct net_timer *timer = make_room(loop) ? NULL : calloc(1, sizeof *timer);

    if (!timer)
        return NECTAR_ENOMEM;
    *timer =
        (struct net_timer){.loop = loop, .fire = fire, .context = context, .armed = TIME_NEVER};
    loop->timers++;
    *out = timer;
    return 0;
}

static void put(struct net_timer *timer, size_t place)
{
    timer->loop->heap[place] = timer;
    timer->place = place;
}

/* To where it belongs among those above its place. */
static void rise(struct net_timer *timer)
{
    struct net_timer **heap = timer->loop->heap;
    size_t place = timer->place;

    while (place > 0 && heap[(place - 1) / 2]->armed > timer->armed) {
        put(heap[(place - 1) / 2], place);
        place = (place - 1) / 2;
    }
    put(timer, place);
}

/* To where it belongs among those below. */
static void sink(struct net_timer *timer)
{
    struct net_loop *loop = timer->loop;
    size_t place = timer->place;

    for (;;) {
        size_t child = 2 * place + 1;

        if (child + 1 < loop->armed && loop->heap[child + 1]->armed < loop->heap[child]->armed)
            child++;
        if (child >= loop->armed || loop->heap[child]->armed >= timer->armed)
            break;
        put(loop->heap[child], place);
        place = child;
    }
    put(timer, place);
}

static void disarm(struct net_timer *timer)
{
    struct net_loop *loop = timer->loop;
    struct net_timer *last;

    if (timer->armed == TIME_NEVER)
        return;
    timer->armed = TIME_NEVER;
    last = loop->heap[--loop->armed];
    if (last == timer)
        return;
    put(last, timer->place);
    rise(last);
    sink(last);
}

void net_timer_free(struct net_timer *timer)
{
    if (!timer)
        return;
    disarm(timer);
    timer->loop->timers--;
    free(timer);
}

void net_timer_set(struct net_timer *timer, uint64_t at)
{
    if (at >= timer->armed)
        return;
    if (timer->armed == TIME_NEVER)
        timer->place = timer->loop->armed++;
    timer->armed = at;
    rise(timer);
}

uint64_t net_timer_first(const struct net_loop *loop)
{
    return loop->armed ? loop->heap[0]->armed : TIME_NEVER;
}

void net_timer_run(struct net_loop *loop)
{
    /* Not without end: one that is always due again has its turn in the next run. */
    for (size_t left = loop->armed; left > 0 && net_timer_first(loop) <= loop->seen; left--) {
        struct net_timer *timer = loop->heap[0];

        disarm(timer);
        timer->fire(timer->context);
    }
}
