/* What the programs of the benchmark have in common: giving up, times, processes. */
#ifndef BENCH_TOOL_H
#define BENCH_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Ends the program, with a word why, unless held. */
void must(bool held, const char *what);

/* A number of at least 1, or the end. */
size_t number(const char *text);

/* Microseconds, and seconds, of a clock that never goes back. */
uint64_t now_us(void);
double now_s(void);

/* Seconds of processor time that a process has used; 0 is ours. */
double cpu_s(pid_t process);

/* KiB of memory that a process holds. */
double resident_kib(pid_t process);

/* KiB of the kernel's small objects, of the whole machine. */
double slab_kib(void);

/* This process runs on one processor: that of what is measured, or the other. Where there is only
 * one, all share it. */
void pin(bool measured);

/* The one in the middle; sorts them. */
double median(double *values, size_t count);

#endif
