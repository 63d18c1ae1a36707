/*
 * Work that blocks, on a few threads. When the workers are freed, what is under way is told to
 * stop, and its outcome to nobody; the threads are awaited, since what a program's end takes away
 * they may still be using. One that does not stop is left to itself after 200 ms.
 */
#ifndef NET_WORKERS_H
#define NET_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "net/loop.h"

/* Something to be done; stands first in what the owner knows of it. */
struct net_work {
    TAILQ_ENTRY(net_work) queue;
    bool urgent; /* before all that is not; and some threads are kept for such alone */
};

/* What is done, and by whom. */
struct net_trade {
    size_t threads, kept; /* at most; and how many of them for what is urgent */

    /* In a thread: before its first work (it may return NULL), for each work, and at its end. */
    void *(*begin)(void *shared, int stop); /* stop: readable once it has to stop */
    void (*run)(void *tools, struct net_work *work);
    void (*end)(void *tools);

    void (*done)(void *context, struct net_work *work); /* in net_loop_run: it is done */
    void (*drop)(struct net_work *work); /* frees it, undone or done: nobody wants it; anywhere */
    void (*release)(void *shared);       /* no thread uses it any more; anywhere */
};

struct net_workers;

/*
 * Starts nothing yet. trade is borrowed for ever; shared belongs to the workers, and is released
 * when the last of them is gone, or here on error. NECTAR_ENOMEM.
 */
int net_workers_new(struct net_workers **out, struct net_loop *loop, const struct net_trade *trade,
                    void *shared, void *context);

/* Takes it into the queue: it is told as done, or dropped. NECTAR_ENOMEM: there is no thread to do
 * it, and it stays the caller's. */
int net_workers_give(struct net_workers *workers, struct net_work *work);

/* Is it still in the queue? Then it is the caller's again. */
bool net_workers_take_back(struct net_workers *workers, struct net_work *work);

/* NULL is allowed. */
void net_workers_free(struct net_workers *workers);

#endif
