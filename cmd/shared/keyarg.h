/* Which key, and so who we are: -k, NECTAR_KEY, -n, the settings, or the only key there is. */
#ifndef SHARED_KEYARG_H
#define SHARED_KEYARG_H

#include <nectar/key.h>
#include <nectar/registry.h>

#include "shared/cli.h"

extern const struct cli_option keyarg_options[];

struct keyarg {
    char *path;                     /* of the key file */
    char name[NECTAR_NAME_MAX + 1]; /* ours, full; empty if none is given or noted */
    struct nectar_key_info info;
};

/* -k and -n as they stand on the command line or in the environment, or NULL. */
const char *keyarg_file(void);
const char *keyarg_name(void);

/* Does either stand on the command line? */
bool keyarg_given(void);

/* Where the key of a full name lives; a new string. */
char *keyarg_path_of(const char *name) __attribute__((returns_nonnull));

/*
 * Finds the key and reads what stands unsealed in it. Bare names are the registry's. Returns 0 or
 * an exit status, already reported. keyarg_wipe frees.
 */
int keyarg_find(struct keyarg *out, struct nectar_registry *registry);
void keyarg_wipe(struct keyarg *keyarg);

/* The same, where no name is EXIT_USAGE. */
int keyarg_find_named(struct keyarg *out, struct nectar_registry *registry);

/* Loads a key file with its secret, asking for the passphrase if it is sealed. Returns 0 or an
 * exit status, already reported. */
int keyarg_load(struct nectar_key **out, const char *path);

/* Reads what stands unsealed in a key file. Returns 0 or an exit status, already reported. */
int keyarg_inspect(struct nectar_key_info *out, const char *path);

/* Reports why a key file cannot be used. */
int keyarg_report(int error, const char *path);

#endif
