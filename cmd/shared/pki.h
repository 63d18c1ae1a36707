/* The registries that are asked: -p, else the setting, else our own file. */
#ifndef SHARED_PKI_H
#define SHARED_PKI_H

#include <nectar/registry.h>

#include "shared/cli.h"

extern const struct cli_option pki_options[];

/* Opens them. Returns 0 or an exit status, already reported. */
int pki_open(struct nectar_registry **out);

/* Once they are open: another list, of so many of them from one on (counted from 0), for another
 * thread. log is borrowed for its life. The same statuses. */
int pki_open_part(struct nectar_registry **out, size_t first, size_t count,
                  const struct nectar_log *log);

/* Was it said on the command line, not by a setting alone, that what is kept will do? */
bool pki_may_recall(void);

/* The first of their URIs as it was given, once they are open; may hold secrets. */
const char *pki_first(void);

/*
 * The full name of what the user gave, in a buffer of NECTAR_NAME_MAX + 1 bytes. Returns 0 or
 * an exit status, already reported: EXIT_USAGE, or that a registry does not say what its TLD is.
 */
int pki_full_name(char *out, struct nectar_registry *registry, const char *name);

/* Adds the full names of what stands in given, where one item may be several with commas between,
 * to out. The same statuses. */
int pki_full_names(struct text_list *out, struct nectar_registry *registry,
                   const struct text_list *given);

/* Reports why a lookup or a publish of name failed; returns its exit status. */
int pki_report(int error, const char *name, const struct nectar_answer *answer, const char *hint);

#endif
