/* Threads that do what would block. */
#ifndef NET_THREAD_H
#define NET_THREAD_H

#include <pthread.h>

/*
 * Starts one that takes no signals away from the program. *out has to be joined, or detached; where
 * it is NULL nobody waits for the thread, which is gone when run() returns. NECTAR_ENOMEM if there
 * can be no more of them.
 */
int net_thread_start(pthread_t *out, void *(*run)(void *context), void *context);

#endif
