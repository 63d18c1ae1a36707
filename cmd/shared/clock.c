#include "shared/clock.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "shared/exit.h"
#include "shared/report.h"

static uint64_t started;
static uint64_t deadline = CLOCK_NEVER;
static void (*volatile on_deadline)(void);

/* What the handler says; made beforehand, since it may not format anything. */
static struct report_prepared last_words;

uint64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * CLOCK_SECOND + (uint64_t)now.tv_nsec / 1000;
}

void clock_start(void)
{
    started = clock_now();
}

uint64_t clock_elapsed(void)
{
    return clock_now() - started;
}

static void expire(int number)
{
    (void)number;
    if (on_deadline) {
        on_deadline();
        return;
    }
    size_t at = 0;
    while (at < last_words.len) {
        ssize_t n = write(last_words.fd, last_words.text + at, last_words.len - at);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    _exit(EXIT_TIMEOUT);
}

void clock_deadline(uint64_t limit)
{
    if (limit == CLOCK_NEVER)
        return;
    deadline = started + limit;
    report_prepare(&last_words, &(struct report){.exit = EXIT_TIMEOUT,
                                                 .reason = "the time given with -w is up",
                                                 .elapsed = limit});
    struct sigaction action = {.sa_handler = expire, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm, NULL);
    uint64_t left = clock_left();
    if (left == 0)
        left = 1; /* a zero would disarm the timer */
    struct itimerval timer = {
        .it_value = {.tv_sec = (time_t)(left / CLOCK_SECOND),
                     .tv_usec = (suseconds_t)(left % CLOCK_SECOND)},
    };
    setitimer(ITIMER_REAL, &timer, NULL);
}

void clock_on_deadline(void (*call)(void))
{
    on_deadline = call;
}

uint64_t clock_left(void)
{
    if (deadline == CLOCK_NEVER)
        return CLOCK_NEVER;
    uint64_t now = clock_now();
    return now < deadline ? deadline - now : 0;
}
