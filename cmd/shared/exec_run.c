#include "shared/exec_run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/clock.h"
#include "shared/exec_guard.h"
#include "shared/text.h"

/* From being asked to end to being ended. */
#define GRACE_TIME CLOCK_SECOND

#define PIECE ((size_t)64 << 10)

/* What runs. The thread's alone. */
struct crew {
    struct exec *exec;
    struct exec_jobs running;
    size_t count;
};

static void hand_over(struct crew *crew, struct exec_job *job)
{
    struct exec *exec = crew->exec;
    pthread_mutex_lock(&exec->mutex);
    TAILQ_INSERT_TAIL(&exec->done, job, all);
    pthread_cond_signal(&exec->is_idle);
    pthread_mutex_unlock(&exec->mutex);
    nectar_node_interrupt(exec->node);
}

static void start(struct crew *crew, struct exec_job *job)
{
    int error;
    job->watch = job->out = -1;
    if (clock_now() >= job->due) {
        job->end = EXEC_LATE;
        hand_over(crew, job);
        return;
    }
    error = exec_spawn(job, crew->exec);
    if (error) {
        job->end = EXEC_FAILED;
        job->status = error;
        hand_over(crew, job);
        return;
    }
    TAILQ_INSERT_TAIL(&crew->running, job, all);
    crew->count++;
}

/* The next whose turn it is, or NULL. */
static struct exec_job *next_job(struct exec *exec)
{
    struct exec_job *job = NULL;
    pthread_mutex_lock(&exec->mutex);
    if (!exec->stopping && exec->slots < exec->config.children)
        job = TAILQ_FIRST(&exec->waiting);
    if (job) {
        TAILQ_REMOVE(&exec->waiting, job, all);
        exec->slots++;
    }
    pthread_mutex_unlock(&exec->mutex);
    return job;
}

static void end_group(const struct exec_job *job, int signal)
{
    kill(-job->pid, signal);
}

/* Politely first; what does not care is ended a second later. */
static void terminate(struct exec_job *job, enum exec_end_kind why)
{
    if (job->terminated) {
        end_group(job, SIGKILL);
        job->due = clock_now() + GRACE_TIME;
        return;
    }
    job->terminated = true;
    job->end = why;
    job->due = clock_now() + GRACE_TIME;
    end_group(job, SIGTERM);
}

static void stop_reading(struct exec_job *job)
{
    if (job->out >= 0)
        close(job->out);
    job->out = -1;
}

static bool make_room(struct exec_job *job)
{
    size_t room = job->reply_room ? 2 * job->reply_room : PIECE;
    if (job->reply_room - job->reply_len >= PIECE)
        return true;
    uint8_t *reply = realloc(job->reply, room);
    if (!reply)
        return false;
    job->reply = reply;
    job->reply_room = room;
    return true;
}

/* Reads what is there; a pipe that others still hold open is no reason to wait. */
static void read_output(struct exec_job *job)
{
    while (job->out >= 0) {
        if (job->reply_len > NECTAR_MESSAGE_MAX || !make_room(job)) {
            stop_reading(job);
            terminate(job, EXEC_TOO_MUCH);
            return;
        }
        ssize_t n = read(job->out, job->reply + job->reply_len, PIECE);
        if (n > 0)
            job->reply_len += (size_t)n;
        else if (n == 0)
            stop_reading(job);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            stop_reading(job);
    }
}

/* It has ended. Its number stays its own until it is waited for. */
static void reap(struct crew *crew, struct exec_job *job)
{
    read_output(job);
    stop_reading(job);
    if (job->terminated)
        end_group(job, SIGKILL); /* whoever of its group has not listened */
    exec_guard_over(crew->exec->guard, job->pid);
    while (waitpid(job->pid, &job->status, 0) < 0 && errno == EINTR)
        continue;
    close(job->watch);
    TAILQ_REMOVE(&crew->running, job, all);
    crew->count--;
    hand_over(crew, job);
}

/* Milliseconds until the first has to be ended; -1: none runs. */
static int time_left(const struct crew *crew)
{
    uint64_t first = CLOCK_NEVER, now = clock_now();
    const struct exec_job *job;
    TAILQ_FOREACH (job, &crew->running, all) {
        if (job->due < first)
            first = job->due;
    }
    if (first == CLOCK_NEVER)
        return -1;
    return first <= now ? 0 : (int)((first - now) / 1000 + 1);
}

static void wait_for_any(struct crew *crew)
{
    struct pollfd fds[1 + 2 * EXEC_CHILDREN_MAX];
    struct exec_job *job, *next;
    nfds_t n = 1;
    fds[0] = (struct pollfd){.fd = crew->exec->wake, .events = POLLIN};
    TAILQ_FOREACH (job, &crew->running, all) {
        fds[n++] = (struct pollfd){.fd = job->watch, .events = POLLIN};
        fds[n++] = (struct pollfd){.fd = job->out, .events = POLLIN};
    }
    if (poll(fds, n, time_left(crew)) <= 0)
        return;
    if (fds[0].revents) {
        eventfd_t count;
        eventfd_read(crew->exec->wake, &count);
    }
    n = 1;
    for (job = TAILQ_FIRST(&crew->running); job; job = next, n += 2) {
        next = TAILQ_NEXT(job, all);
        if (fds[n].revents)
            reap(crew, job);
        else if (fds[n + 1].revents)
            read_output(job);
    }
}

static void end_the_late(struct crew *crew)
{
    uint64_t now = clock_now();
    struct exec_job *job;
    TAILQ_FOREACH (job, &crew->running, all) {
        if (now >= job->due)
            terminate(job, EXEC_LATE);
    }
}

static bool is_stopping(struct exec *exec)
{
    pthread_mutex_lock(&exec->mutex);
    bool stopping = exec->stopping;
    pthread_mutex_unlock(&exec->mutex);
    return stopping;
}

static void *run(void *context)
{
    struct crew crew = {.exec = context};
    struct exec_job *job;
    TAILQ_INIT(&crew.running);
    while (!is_stopping(crew.exec)) {
        while ((job = next_job(crew.exec)) != NULL)
            start(&crew, job);
        wait_for_any(&crew);
        end_the_late(&crew);
    }
    while ((job = TAILQ_FIRST(&crew.running)) != NULL) {
        job->end = EXEC_STOPPED;
        job->terminated = true;
        end_group(job, SIGKILL);
        reap(&crew, job);
    }
    return NULL;
}

int exec_run_start(struct exec *exec)
{
    sigset_t all, before;
    sigfillset(&all);
    /* Signals are for the main thread: it is what waits in the node. */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&exec->thread, NULL, run, exec);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    exec->has_thread = error == 0;
    return error;
}

void exec_run_wake(struct exec *exec)
{
    eventfd_write(exec->wake, 1);
}

void exec_run_stop(struct exec *exec)
{
    if (!exec->has_thread)
        return;
    pthread_mutex_lock(&exec->mutex);
    exec->stopping = true;
    pthread_mutex_unlock(&exec->mutex);
    exec_run_wake(exec);
    pthread_join(exec->thread, NULL);
    exec->has_thread = false;
}
