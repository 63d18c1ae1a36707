#include "crypto/sodium.h"

#include <pthread.h>
#include <sodium.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start(void)
{
    if (sodium_init() < 0)
        return; /* libsodium works on with its portable code */
}

void sodium_ready(void)
{
    pthread_once(&once, start);
}
