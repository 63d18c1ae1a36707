/* Threads that do what would block: nobody waits for them. */
#ifndef NET_THREAD_H
#define NET_THREAD_H

/*
 * Starts one that takes no signals away from the program, and is gone when run() returns.
 * NECTAR_ENOMEM if there can be no more of them.
 */
int net_thread_start(void *(*run)(void *context), void *context);

#endif
