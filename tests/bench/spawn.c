/*
 * spawn COUNT PROGRAM [ARGUMENT...]: starts the program COUNT times, one after another, with stdin
 * and stdout on /dev/null, and prints the shortest, the median and the longest time from start to
 * exit, in milliseconds. A program that fails is an error, not a figure.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { COUNT_MAX = 100000 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Runs it once; the time taken, or a negative number. */
static double run(char **argv, const posix_spawn_file_actions_t *actions)
{
    double start = now_ms();
    pid_t pid;
    int error = posix_spawnp(&pid, argv[0], actions, NULL, argv, environ);
    if (error) {
        fprintf(stderr, "spawn: %s: %s\n", argv[0], strerror(error));
        return -1;
    }
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    double taken = now_ms() - start;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "spawn: %s: failed, status 0x%x\n", argv[0], (unsigned)status);
        return -1;
    }
    return taken;
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
    if (count == 0 || count > COUNT_MAX) {
        fprintf(stderr, "usage: spawn COUNT PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    double *times = calloc(count, sizeof *times);
    posix_spawn_file_actions_t actions;
    if (!times || posix_spawn_file_actions_init(&actions) ||
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0) ||
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0))
        return 1;

    int rc = 0;
    for (unsigned long i = 0; i < count && !rc; i++) {
        times[i] = run(argv + 2, &actions);
        if (times[i] < 0)
            rc = 1;
    }
    if (!rc) {
        qsort(times, count, sizeof *times, compare);
        printf("%.3f %.3f %.3f\n", times[0], times[count / 2], times[count - 1]);
    }
    posix_spawn_file_actions_destroy(&actions);
    free(times);
    return rc;
}
