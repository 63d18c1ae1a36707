#include "net/thread.h"

#include <signal.h>

#include <nectar/error.h>

int net_thread_start(pthread_t *out, void *(*run)(void *context), void *context)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int failed;

    sigfillset(&all);
    pthread_attr_init(&attributes);
    if (!out)
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(out ? out : &thread, &attributes, run, context);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return failed ? NECTAR_ENOMEM : 0;
}
