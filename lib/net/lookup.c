#include "net/lookup.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nectar/error.h>
#include <nectar/identity.h>

#include "net/thread.h"
#include "net/watch.h"

enum { PORT_SIZE = 8 };

/* Shared with the thread: whoever is last to let go of it frees it. */
struct question {
    pthread_mutex_t lock;
    char host[NECTAR_HOST_MAX + 1];
    char port[PORT_SIZE];
    int answered; /* an eventfd; -1: nobody waits any more */
    bool done;
    int status;
    struct addrinfo *found;
};

struct net_lookup {
    struct net_watch answered;
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
    wanted = question->answered >= 0;
    if (wanted)
        eventfd_write(question->answered, 1);
    pthread_mutex_unlock(&question->lock);
    if (!wanted) {
        if (found)
            freeaddrinfo(found);
        question_free(question);
    }
    return NULL;
}

static void lookup_free(struct net_lookup *lookup)
{
    net_watch_end(&lookup->answered);
    close(lookup->answered.fd);
    free(lookup);
}

static void on_answered(struct net_watch *answered, uint32_t events)
{
    struct net_lookup *lookup = (struct net_lookup *)answered; /* its first member */
    struct question *question = lookup->question;
    net_lookup_done *done = lookup->done;
    void *context = lookup->context;

    (void)events;
    /* The thread may still be about to let go of the lock. */
    pthread_mutex_lock(&question->lock);
    pthread_mutex_unlock(&question->lock);
    lookup_free(lookup);
    done(context, question->status, question->found);
    question_free(question);
}

int net_lookup_new(struct net_lookup **out, struct net_loop *loop, const char *host, uint16_t port,
                   net_lookup_done *done, void *context)
{
    struct net_lookup *lookup = calloc(1, sizeof *lookup);
    struct question *question = calloc(1, sizeof *question);
    int answered = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (!lookup || !question || answered < 0) {
        free(lookup);
        free(question);
        if (answered >= 0)
            close(answered);
        return NECTAR_ENOMEM;
    }
    *lookup = (struct net_lookup){.question = question, .done = done, .context = context};
    net_watch_init(&lookup->answered, loop, answered, on_answered);
    pthread_mutex_init(&question->lock, NULL);
    question->answered = answered;
    snprintf(question->host, sizeof question->host, "%s", host);
    snprintf(question->port, sizeof question->port, "%u", (unsigned)port);
    if (net_thread_start(NULL, ask, question)) {
        lookup_free(lookup);
        question_free(question);
        return NECTAR_ENOMEM;
    }
    net_watch_set(&lookup->answered, EPOLLIN);
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
    question->answered = -1;
    done = question->done;
    pthread_mutex_unlock(&question->lock);
    if (done) {
        if (question->found)
            freeaddrinfo(question->found);
        question_free(question);
    }
    lookup_free(lookup);
}
