#include "base/time.h"

#include <errno.h>
#include <time.h>

uint64_t time_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return TIME_S((uint64_t)time.tv_sec) + (uint64_t)time.tv_nsec / 1000;
}

void time_sleep(uint64_t span)
{
    struct timespec left = {.tv_sec = (time_t)(span / TIME_S(1)),
                            .tv_nsec = (long)(span % TIME_S(1)) * 1000};

    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}
