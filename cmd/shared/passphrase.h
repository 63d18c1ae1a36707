/* The passphrase of a sealed key. Never from the command line. */
#ifndef SHARED_PASSPHRASE_H
#define SHARED_PASSPHRASE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/cli.h"

extern const struct cli_option passphrase_options[];

#define PASSPHRASE_NO_FD UINT64_MAX

/* Where the passphrase of one kind of key comes from: the targets of two options, and a setting. */
struct passphrase_source {
    const char *file;
    uint64_t fd; /* PASSPHRASE_NO_FD: none */
    const char *file_option;
    const char *fd_option;
    const char *setting;
};

/* No core file of this process, and no debugger of another user's: called before any secret is. */
void passphrase_guard(void);

/*
 * The passphrase that opens `what`: of --passphrase-file, --passphrase-fd or the setting, else
 * asked for on the terminal. Returns 0 or an exit status, already reported; where there is no
 * terminal that is EXIT_KEY, at once. passphrase_free wipes it.
 */
int passphrase_read(char **out, const char *what);

/* The same for a key to be sealed: asked for twice. */
int passphrase_choose(char **out, const char *what);

/* Both, with options of another name. */
int passphrase_read_from(char **out, const struct passphrase_source *source, const char *what);
int passphrase_choose_from(char **out, const struct passphrase_source *source, const char *what);

/* Does one come from an option of the command line? From the setting does not count. */
bool passphrase_given(void);

void passphrase_free(char *passphrase);

#endif
