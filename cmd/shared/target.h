/* Whom a message goes to: NAME, or NAME@PROCESS:PACKAGE:PUBLISHER. */
#ifndef SHARED_TARGET_H
#define SHARED_TARGET_H

#include <stdbool.h>

#include <nectar/identity.h>
#include <nectar/registry.h>

struct target {
    char name[NECTAR_NAME_MAX + 1]; /* full */
    char *address;                  /* "NAME@PROCESS..."; NULL if no process was given */
};

/* Reads a target. Returns 0 or EXIT_USAGE, already reported. */
int target_parse(struct target *out, struct nectar_registry *registry, const char *text);
void target_wipe(struct target *target);

/* Reads the router between us and target: out (NECTAR_NAME_MAX + 1 bytes) is its full name, empty
 * if text is NULL. Returns 0 or EXIT_USAGE, already reported. */
int target_parse_via(char *out, const struct target *target, struct nectar_registry *registry,
                     const char *text);

/* Is it [a-z0-9-]+:[a-z0-9-]+:[a-z0-9.-]+ ? */
bool target_is_process(const char *text);

#endif
