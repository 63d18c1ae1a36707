#include "net/lookup.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <uv.h>

#include <nectar/error.h>
#include <nectar/identity.h>

enum { PORT_SIZE = 8 };

/* Shared with the thread: whoever is last to let go of it frees it. */
struct question {
    pthread_mutex_t lock;
    char host[NECTAR_HOST_MAX + 1];
    char port[PORT_SIZE];
    uv_async_t *answered; /* NULL: nobody waits any more */
    bool done;
    int status;
    struct addrinfo *found;
};

struct net_lookup {
    uv_async_t answered;
    struct question *question;
    net_lookup_done *done;
    void *context;
};

static void question_free(struct question *question)
{
    pthread_mutex_destroy(&question->lock);
    free(question);
}

struct addrinfo *net_lookup_numeric(const char *host, uint16_t port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char text[PORT_SIZE];

    snprintf(text, sizeof text, "%u", (unsigned)port);
    return getaddrinfo(host, text, &hints, &found) ? NULL : found;
}

static void *ask(void *context)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct question *question = context;
    struct addrinfo *found = NULL;
    int status = getaddrinfo(question->host, question->port, &hints, &found);
    bool wanted;

    pthread_mutex_lock(&question->lock);
    question->done = true;
    question->status = status;
    question->found = found;
    wanted = question->answered != NULL;
    if (wanted)
        uv_async_send(question->answered);
    pthread_mutex_unlock(&question->lock);
    if (!wanted) {
        if (found)
            freeaddrinfo(found);
        question_free(question);
    }
    return NULL;
}

static void on_closed(uv_handle_t *handle)
{
    free(handle); /* the first member of its net_lookup */
}

static void on_answered(uv_async_t *answered)
{
    struct net_lookup *lookup = (struct net_lookup *)answered;
    struct question *question = lookup->question;
    net_lookup_done *done = lookup->done;
    void *context = lookup->context;

    /* The thread may still be about to let go of the lock. */
    pthread_mutex_lock(&question->lock);
    pthread_mutex_unlock(&question->lock);
    uv_close((uv_handle_t *)answered, on_closed);
    done(context, question->status, question->found);
    question_free(question);
}

/* A thread that nobody waits for, and that takes no signals away from the program. */
static int start(struct question *question)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int failed;

    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&thread, &attributes, ask, question);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failed;
}

int net_lookup_new(struct net_lookup **out, struct net_loop *loop, const char *host, uint16_t port,
                   net_lookup_done *done, void *context)
{
    struct net_lookup *lookup = calloc(1, sizeof *lookup);
    struct question *question = calloc(1, sizeof *question);

    if (!lookup || !question ||
        uv_async_init(net_loop_handle(loop), &lookup->answered, on_answered)) {
        free(lookup);
        free(question);
        return NECTAR_ENOMEM;
    }
    lookup->question = question;
    lookup->done = done;
    lookup->context = context;
    pthread_mutex_init(&question->lock, NULL);
    question->answered = &lookup->answered;
    snprintf(question->host, sizeof question->host, "%s", host);
    snprintf(question->port, sizeof question->port, "%u", (unsigned)port);
    if (start(question)) {
        uv_close((uv_handle_t *)&lookup->answered, on_closed);
        question_free(question);
        return NECTAR_ENOMEM;
    }
    *out = lookup;
    return 0;
}

void net_lookup_free(struct net_lookup *lookup)
{
    struct question *question;
    bool done;

    if (!lookup)
        return;
    question = lookup->question;
    pthread_mutex_lock(&question->lock);
    question->answered = NULL;
    done = question->done;
    pthread_mutex_unlock(&question->lock);
    if (done) {
        if (question->found)
            freeaddrinfo(question->found);
        question_free(question);
    }
    uv_close((uv_handle_t *)&lookup->answered, on_closed);
}
