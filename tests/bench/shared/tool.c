#include "bench/shared/tool.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void must(bool held, const char *what)
{
    if (held)
        return;
    fprintf(stderr, "bench: %s (%s)\n", what, errno ? strerror(errno) : "no error of the system");
    exit(1);
}

size_t number(const char *text)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    must(*text >= '1' && *text <= '9' && !*end, "not a number");
    return (size_t)value;
}

static double seconds(clockid_t clock)
{
    struct timespec t;

    must(clock_gettime(clock, &t) == 0, "clock");
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double now_s(void)
{
    return seconds(CLOCK_MONOTONIC);
}

uint64_t now_us(void)
{
    return (uint64_t)(now_s() * 1e6);
}

double cpu_s(pid_t process)
{
    clockid_t clock;

    errno = clock_getcpuclockid(process, &clock);
    must(!errno, "the clock of a process");
    return seconds(clock);
}

/* The number of KiB that a line of a file of /proc gives. */
static double proc_kib(const char *path, const char *name)
{
    char line[256];
    double value = -1;
    FILE *file = fopen(path, "r");

    must(file != NULL, path);
    while (value < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtod(line + strlen(name), NULL);
    fclose(file);
    must(value >= 0, name);
    return value;
}

double resident_kib(pid_t process)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/status", (int)process);
    return proc_kib(path, "VmRSS:");
}

double slab_kib(void)
{
    return proc_kib("/proc/meminfo", "Slab:");
}

void pin(bool measured)
{
    long last = sysconf(_SC_NPROCESSORS_ONLN) - 1;
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(measured ? 0 : (size_t)last, &set);
    must(sched_setaffinity(0, sizeof set, &set) == 0, "no processor to run on");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}
