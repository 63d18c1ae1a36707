/*
 * What registries say of a few names, and each change of it, told as it is seen.
 *
 *     a source: the list of registries as a whole, or each of them by itself. A thread of its own
 *     asks it, round by round (watch_ask.c)
 *     -> what it says of a name, held against what was told of that last (watch_tell.c)
 *     -> a line
 *
 * So a registry that hangs holds up no other. Nothing has to be cleaned up, and what is told is
 * flushed: a signal ends the program wherever it is.
 */
#ifndef SHARED_WATCH_H
#define SHARED_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nectar/registry.h>

#define WATCH_NAMES_MAX 64

struct watch_config {
    bool all;       /* each registry by itself */
    bool check;     /* hold the keys against the local one, too */
    uint64_t every; /* us between two looks; 0: what fits the kind of registry */
};

/* From here on SIGINT, SIGTERM and -w end the program, with EXIT_OK. registry is borrowed until
 * watch_run returns. */
void watch_begin(const struct watch_config *config, struct nectar_registry *registry);

/*
 * Adds a name, once; line: where in standard input it stands, 0 if it is an operand. A registry
 * that does not say what a bare name takes is asked until it does. Returns 0, EXIT_USAGE or
 * EXIT_INPUT, already reported.
 */
int watch_add(const char *name, size_t line);

/* Watches until the program ends. Returns 0 if there is no name to watch, or an exit status,
 * already reported, if it cannot begin. */
int watch_run(void);

#endif
