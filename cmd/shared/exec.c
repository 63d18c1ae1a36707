#include "shared/exec.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <nectar/error.h>

#include "shared/clock.h"
#include "shared/exec_guard.h"
#include "shared/exec_run.h"
#include "shared/exit.h"
#include "shared/report.h"
#include "shared/text.h"

/* Of messages that wait or are being handled; one is always let in. */
#define BYTES_MAX ((size_t)64 << 20)

/* However long a sender says that it waits, a command has no longer. */
#define DUE_MAX (600 * (uint64_t)CLOCK_SECOND)

/* A reply for which the peer has no room: tried again after so long, and for so long. */
#define AGAIN_TIME   (CLOCK_SECOND / 50)
#define GIVE_UP_TIME (5 * CLOCK_SECOND)

static int failed(int error)
{
    return report_local(EXIT_INTERNAL, "--exec", NULL, "%s", strerror(error));
}

int exec_begin(struct exec **out, const struct exec_config *config)
{
    struct exec *exec = text_resize(NULL, sizeof *exec);
    /* Were it ignored, as a parent may have left it, no child could be waited for. */
    const struct sigaction as_usual = {.sa_handler = SIG_DFL};
    pthread_condattr_t attributes;
    memset(exec, 0, sizeof *exec);
    exec->config = *config;
    exec->guard = exec->wake = -1;
    TAILQ_INIT(&exec->waiting);
    TAILQ_INIT(&exec->done);
    TAILQ_INIT(&exec->blocked);
    pthread_mutex_init(&exec->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&exec->is_idle, &attributes);
    pthread_condattr_destroy(&attributes);
    sigaction(SIGCHLD, &as_usual, NULL);
    *out = exec;
    int error = getrlimit(RLIMIT_NOFILE, &exec->files) == 0 ? 0 : errno;
    if (!error)
        error = exec_guard_start(&exec->guard, &exec->guard_pid);
    return error ? failed(error) : 0;
}

int exec_start(struct exec *exec, struct session *session)
{
    exec->node = session->node;
    exec->patience = session->timeout;
    exec->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = exec->wake < 0 ? errno : exec_run_start(exec);
    return error ? failed(error) : 0;
}

static void free_job(struct exec_job *job)
{
    free(job->data);
    free(job->reply);
    free(job);
}

/* Has anybody yet to be told what became of it? */
static void say(const struct exec_job *job, int status, const char *what)
{
    char *reason = text_format("message %" PRIu64 ": %s", job->request.id, what);
    report(&(struct report){.exit = status, .peer = job->peer, .reason = reason});
    free(reason);
}

static struct nectar_view copy(uint8_t **to, struct nectar_view from)
{
    struct nectar_view view = {NULL, from.len};
    if (!from.data)
        return view;
    view.data = *to;
    if (from.len)
        memcpy(*to, from.data, from.len);
    *to += from.len;
    return view;
}

/* When its command is ended: when the sender no longer waits, or by -W where it does not say. */
static uint64_t due_of(const struct nectar_message *message, uint64_t patience)
{
    uint64_t time = patience;
    if (message->expects_response)
        time = message->expects_s < DUE_MAX / CLOCK_SECOND ? message->expects_s * CLOCK_SECOND
                                                           : DUE_MAX;
    return clock_now() + (time < DUE_MAX ? time : DUE_MAX);
}

static struct exec_job *make_job(const struct nectar_node_event *event, uint64_t patience)
{
    const struct nectar_message *from = event->message;
    struct exec_job *job = text_resize(NULL, sizeof *job);
    memset(job, 0, sizeof *job);
    job->connection = event->connection;
    job->wants_answer = event->hello || from->expects_response;
    job->due = due_of(from, patience);
    job->body_len = from->body.len;
    job->bytes = from->body.len + from->source.len + from->target.len + from->rsvp.len;
    job->data = text_resize(NULL, job->bytes + 1);
    snprintf(job->peer, sizeof job->peer, "%s", event->peer);
    uint8_t *to = job->data;
    copy(&to, from->body);
    job->request = (struct nectar_message){
        .id = from->id,
        .form = from->form,
        .source = copy(&to, from->source),
        .target = copy(&to, from->target),
        .rsvp = copy(&to, from->rsvp),
    };
    return job;
}

/* Counts one more in, where there is room for it. */
static bool enter(struct exec *exec, size_t bytes)
{
    pthread_mutex_lock(&exec->mutex);
    bool room = exec->held < exec->config.children + exec->config.queue &&
                (exec->held == 0 || bytes <= BYTES_MAX - exec->bytes);
    if (room) {
        exec->held++;
        exec->bytes += bytes;
    }
    pthread_mutex_unlock(&exec->mutex);
    return room;
}

void exec_take(struct exec *exec, const struct nectar_node_event *event)
{
    struct exec_job *job = make_job(event, exec->patience);
    if (!enter(exec, job->bytes)) {
        say(job, EXIT_BUSY, "not handled: too many wait for --exec");
        if (job->wants_answer)
            nectar_node_ignore(exec->node, job->connection);
        free_job(job);
        return;
    }
    pthread_mutex_lock(&exec->mutex);
    TAILQ_INSERT_TAIL(&exec->waiting, job, all);
    pthread_mutex_unlock(&exec->mutex);
    exec_run_wake(exec);
}

/* Says why there is no reply; false if there is one. */
static bool complain(const struct exec_job *job)
{
    char text[160];
    if (job->end == EXEC_LATE)
        snprintf(text, sizeof text, "the command took too long, and was ended");
    else if (job->end == EXEC_TOO_MUCH)
        snprintf(text, sizeof text, "the command wrote more than a message holds, and was ended");
    else if (job->end == EXEC_FAILED)
        snprintf(text, sizeof text, "the command could not be started: %s", strerror(job->status));
    else if (job->end == EXEC_STOPPED)
        snprintf(text, sizeof text, "the command was ended with the listener");
    else if (WIFSIGNALED(job->status))
        snprintf(text, sizeof text, "the command was ended by signal %d", WTERMSIG(job->status));
    else if (WEXITSTATUS(job->status) != 0)
        snprintf(text, sizeof text, "the command failed with status %d", WEXITSTATUS(job->status));
    else
        return false;
    say(job, EXIT_REJECTED, text);
    return true;
}

/* Gives its place to the next. */
static void leave(struct exec *exec, struct exec_job *job)
{
    pthread_mutex_lock(&exec->mutex);
    exec->held--;
    exec->slots--;
    exec->bytes -= job->bytes;
    pthread_mutex_unlock(&exec->mutex);
    if (exec->has_thread)
        exec_run_wake(exec);
    free_job(job);
}

/* Its reply goes, or there is none. False: the peer has yet to read what it was sent before. */
static bool settle(struct exec *exec, struct exec_job *job)
{
    const struct nectar_view reply = {job->reply, job->reply_len};
    if (complain(job)) {
        if (job->wants_answer && !exec->is_over)
            nectar_node_ignore(exec->node, job->connection);
        return true;
    }
    if (!job->wants_answer)
        return true;
    if (exec->is_over) {
        say(job, EXIT_REJECTED, "not answered: the peer has gone");
        return true;
    }
    int error = nectar_node_reply(exec->node, job->connection, &job->request, reply);
    if (error == NECTAR_EFULL && !job->give_up)
        job->give_up = clock_now() + GIVE_UP_TIME;
    if (error == NECTAR_EFULL && clock_now() < job->give_up)
        return false;
    if (error) {
        say(job, EXIT_REJECTED, nectar_error_text(error));
        nectar_node_ignore(exec->node, job->connection);
    }
    return true;
}

/* Moves one list behind another. */
static void take_all(struct exec_jobs *to, struct exec_jobs *from)
{
    TAILQ_CONCAT(to, from, all);
}

uint64_t exec_answer(struct exec *exec)
{
    struct exec_jobs jobs = TAILQ_HEAD_INITIALIZER(jobs);
    struct exec_job *job;
    take_all(&jobs, &exec->blocked);
    pthread_mutex_lock(&exec->mutex);
    take_all(&jobs, &exec->done);
    pthread_mutex_unlock(&exec->mutex);
    while ((job = TAILQ_FIRST(&jobs)) != NULL) {
        TAILQ_REMOVE(&jobs, job, all);
        if (settle(exec, job))
            leave(exec, job);
        else
            TAILQ_INSERT_TAIL(&exec->blocked, job, all);
    }
    return TAILQ_EMPTY(&exec->blocked) ? CLOCK_NEVER : clock_now() + AGAIN_TIME;
}

/* Waits for something to be done; false if there is nothing to wait for, or no time left. */
static bool wait_for_one(struct exec *exec, uint64_t until)
{
    const struct timespec at = {.tv_sec = (time_t)(until / CLOCK_SECOND),
                                .tv_nsec = (long)(until % CLOCK_SECOND) * 1000};
    pthread_mutex_lock(&exec->mutex);
    bool waits = exec->held > 0;
    while (waits && TAILQ_EMPTY(&exec->done)) {
        if (pthread_cond_timedwait(&exec->is_idle, &exec->mutex, &at) != 0)
            waits = false;
    }
    pthread_mutex_unlock(&exec->mutex);
    return waits;
}

/* Those that never had their turn. */
static void drop_waiting(struct exec *exec)
{
    struct exec_job *job;
    while ((job = TAILQ_FIRST(&exec->waiting)) != NULL) {
        TAILQ_REMOVE(&exec->waiting, job, all);
        say(job, EXIT_BUSY, "not handled: the listener ends");
        free_job(job);
    }
}

void exec_end(struct exec *exec, uint64_t until)
{
    if (!exec)
        return;
    /* Whoever waited for a reply has been waited for before this. */
    exec->is_over = true;
    exec_answer(exec);
    while (exec->has_thread && wait_for_one(exec, until))
        exec_answer(exec);
    exec_run_stop(exec);
    exec_answer(exec);
    drop_waiting(exec);
    if (exec->guard >= 0) {
        close(exec->guard);
        while (waitpid(exec->guard_pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (exec->wake >= 0)
        close(exec->wake);
    pthread_cond_destroy(&exec->is_idle);
    pthread_mutex_destroy(&exec->mutex);
    free(exec);
}
