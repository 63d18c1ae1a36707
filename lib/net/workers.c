#include "net/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <nectar/error.h>

#include "net/thread.h"
#include "net/watch.h"

enum { STOPPED_WITHIN_MS = 200 };

TAILQ_HEAD(work_queue, net_work);

struct hand {
    pthread_t thread;
    struct crew *crew;
    bool over; /* it has nothing to do any more but to end */
};

/* What the threads and the owner share: whoever is last to let go of it frees it. */
struct crew {
    pthread_mutex_t lock;
    pthread_cond_t wanted, ended;
    const struct net_trade *trade;
    void *shared;
    size_t holders; /* the owner, and the threads */
    size_t threads; /* of those, how many there are, */
    size_t idle;    /* wait for work, */
    size_t common;  /* and do some that is not urgent */
    size_t queued;  /* pieces of work that wait */
    size_t over;    /* threads that have ended, or are about to */
    int ready;      /* an eventfd; -1: the owner has let go */
    int stop;       /* an eventfd, which says so to those that wait for something else */
    struct work_queue urgent, others, done;
    struct hand hands[];
};

struct net_workers {
    struct net_watch ready;
    struct crew *crew;
    void *context;
};

/* With the lock, which is let go. */
static void let_go(struct crew *crew)
{
    bool last = --crew->holders == 0;

    pthread_mutex_unlock(&crew->lock);
    if (!last)
        return;
    crew->trade->release(crew->shared);
    close(crew->stop);
    pthread_cond_destroy(&crew->wanted);
    pthread_cond_destroy(&crew->ended);
    pthread_mutex_destroy(&crew->lock);
    free(crew);
}

/* What a thread may do next; NULL if there is nothing. */
static struct net_work *next_of(struct crew *crew)
{
    struct work_queue *queue = &crew->urgent;
    struct net_work *work = TAILQ_FIRST(queue);

    if (!work && crew->common < crew->trade->threads - crew->trade->kept) {
        queue = &crew->others;
        work = TAILQ_FIRST(queue);
    }
    if (work) {
        TAILQ_REMOVE(queue, work, queue);
        crew->queued--;
    }
    return work;
}

/* Waits for work, with the lock; NULL: the owner has let go. */
static struct net_work *await_work(struct crew *crew)
{
    struct net_work *work = NULL;

    while (crew->ready >= 0 && !(work = next_of(crew))) {
        crew->idle++;
        pthread_cond_wait(&crew->wanted, &crew->lock);
        crew->idle--;
    }
    return work;
}

static void *labour(void *context)
{
    struct hand *hand = context;
    struct crew *crew = hand->crew;
    const struct net_trade *trade = crew->trade;
    void *tools = trade->begin(crew->shared, crew->stop);
    struct net_work *work;

    pthread_mutex_lock(&crew->lock);
    while ((work = await_work(crew))) {
        bool wanted;

        crew->common += !work->urgent;
        pthread_mutex_unlock(&crew->lock);
        trade->run(tools, work);
        pthread_mutex_lock(&crew->lock);
        crew->common -= !work->urgent;
        wanted = crew->ready >= 0;
        if (wanted) {
            TAILQ_INSERT_TAIL(&crew->done, work, queue);
            eventfd_write(crew->ready, 1);
        } else {
            trade->drop(work);
        }
    }
    pthread_mutex_unlock(&crew->lock);
    trade->end(tools);
    pthread_mutex_lock(&crew->lock);
    hand->over = true;
    crew->over++;
    pthread_cond_signal(&crew->ended);
    let_go(crew);
    return NULL;
}

/* With the lock. */
static void start(struct crew *crew)
{
    struct hand *hand = &crew->hands[crew->threads];

    hand->crew = crew;
    if (net_thread_start(&hand->thread, labour, hand))
        return;
    crew->threads++;
    crew->holders++;
}

static void on_ready(struct net_watch *ready, uint32_t events)
{
    struct net_workers *workers = (struct net_workers *)ready; /* its first member */
    struct crew *crew = workers->crew;
    struct net_work *work;
    eventfd_t count;

    (void)events;
    eventfd_read(ready->fd, &count);
    for (;;) {
        pthread_mutex_lock(&crew->lock);
        work = TAILQ_FIRST(&crew->done);
        if (work)
            TAILQ_REMOVE(&crew->done, work, queue);
        pthread_mutex_unlock(&crew->lock);
        if (!work)
            return;
        crew->trade->done(workers->context, work);
    }
}

static struct crew *new_crew(const struct net_trade *trade)
{
    struct crew *crew = calloc(1, sizeof *crew + trade->threads * sizeof crew->hands[0]);
    pthread_condattr_t clock;

    if (!crew)
        return NULL;
    crew->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (crew->stop < 0) {
        free(crew);
        return NULL;
    }
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->wanted, NULL);
    pthread_cond_init(&crew->ended, &clock);
    pthread_condattr_destroy(&clock);
    crew->trade = trade;
    crew->holders = 1;
    TAILQ_INIT(&crew->urgent);
    TAILQ_INIT(&crew->others);
    TAILQ_INIT(&crew->done);
    return crew;
}

int net_workers_new(struct net_workers **out, struct net_loop *loop, const struct net_trade *trade,
                    void *shared, void *context)
{
    struct net_workers *workers = calloc(1, sizeof *workers);
    struct crew *crew = workers ? new_crew(trade) : NULL;
    int ready = crew ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;

    if (crew) {
        crew->shared = shared;
        crew->ready = ready;
    }
    if (ready < 0) {
        free(workers);
        if (crew) {
            pthread_mutex_lock(&crew->lock);
            let_go(crew);
        } else {
            trade->release(shared);
        }
        return NECTAR_ENOMEM;
    }
    workers->crew = crew;
    workers->context = context;
    net_watch_init(&workers->ready, loop, ready, on_ready);
    net_watch_set(&workers->ready, EPOLLIN);
    *out = workers;
    return 0;
}

int net_workers_give(struct net_workers *workers, struct net_work *work)
{
    struct crew *crew = workers->crew;
    bool none;

    pthread_mutex_lock(&crew->lock);
    /* One that is idle may have been woken for what was given before. */
    if (crew->idle <= crew->queued && crew->threads < crew->trade->threads)
        start(crew);
    none = crew->threads == 0;
    if (!none) {
        TAILQ_INSERT_TAIL(work->urgent ? &crew->urgent : &crew->others, work, queue);
        crew->queued++;
        pthread_cond_signal(&crew->wanted);
    }
    pthread_mutex_unlock(&crew->lock);
    return none ? NECTAR_ENOMEM : 0;
}

bool net_workers_take_back(struct net_workers *workers, struct net_work *work)
{
    struct crew *crew = workers->crew;
    struct work_queue *queue = work->urgent ? &crew->urgent : &crew->others;
    struct net_work *found;

    pthread_mutex_lock(&crew->lock);
    TAILQ_FOREACH (found, queue, queue)
        if (found == work)
            break;
    if (found) {
        TAILQ_REMOVE(queue, work, queue);
        crew->queued--;
    }
    pthread_mutex_unlock(&crew->lock);
    return found;
}

static void drop_all(struct crew *crew, struct work_queue *queue)
{
    struct net_work *work;

    while ((work = TAILQ_FIRST(queue))) {
        TAILQ_REMOVE(queue, work, queue);
        crew->trade->drop(work);
    }
}

/* With the lock. */
static void await_end(struct crew *crew)
{
    struct timespec until;
    int late = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += STOPPED_WITHIN_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (crew->over < crew->threads && !late)
        late = pthread_cond_timedwait(&crew->ended, &crew->lock, &until);
}

/* What libraries keep for a thread goes when it is joined. */
static void part_with_all(struct crew *crew)
{
    for (size_t i = 0; i < crew->threads; i++) {
        bool over;

        pthread_mutex_lock(&crew->lock);
        over = crew->hands[i].over;
        pthread_mutex_unlock(&crew->lock);
        if (over)
            pthread_join(crew->hands[i].thread, NULL);
        else
            pthread_detach(crew->hands[i].thread);
    }
}

void net_workers_free(struct net_workers *workers)
{
    struct crew *crew;

    if (!workers)
        return;
    crew = workers->crew;
    pthread_mutex_lock(&crew->lock);
    crew->ready = -1;
    drop_all(crew, &crew->urgent);
    drop_all(crew, &crew->others);
    drop_all(crew, &crew->done);
    pthread_cond_broadcast(&crew->wanted);
    eventfd_write(crew->stop, 1);
    await_end(crew);
    pthread_mutex_unlock(&crew->lock);
    part_with_all(crew);
    pthread_mutex_lock(&crew->lock);
    let_go(crew);
    net_watch_end(&workers->ready);
    close(workers->ready.fd);
    free(workers);
}
