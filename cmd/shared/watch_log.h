/* The log of a registry that is asked again and again: a warning is told when it begins. */
#ifndef SHARED_WATCH_LOG_H
#define SHARED_WATCH_LOG_H

#include <stddef.h>
#include <stdint.h>

#include <nectar/log.h>

#define WATCH_LOG_LINES 64

struct watch_log {
    struct nectar_log log;
    uint64_t window; /* us: what has not been said for so long is new */
    struct {
        uint64_t hash;
        uint64_t said; /* clock_now */
    } lines[WATCH_LOG_LINES];
};

/* Fills one, for the use of one thread. Returns its sink, or NULL with -q. */
const struct nectar_log *watch_log_open(struct watch_log *log, uint64_t window);

#endif
