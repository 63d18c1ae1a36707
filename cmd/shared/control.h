/*
 * The control socket of a running listen or router, by our name: nectar-net/NAME.sock below
 * $XDG_RUNTIME_DIR, else $XDG_STATE_HOME.
 */
#ifndef SHARED_CONTROL_H
#define SHARED_CONTROL_H

#include <nectar/control.h>
#include <nectar/registry.h>

#include "shared/cli.h"
#include "shared/session.h"

/* --no-socket. */
extern const struct cli_option control_options[];

/* Where it is: a new string, or NULL where no path is short enough. */
char *control_path(const char *name);

/*
 * Connects to the running process of our name, if there is one that answers within a second, has
 * our key and asks the registries that we would ask, and --no-socket is not given. NULL if not; -v
 * says why.
 */
struct nectar_control *control_find(const char *name, const uint8_t public_key[NECTAR_PUBLIC_BYTES],
                                    const struct nectar_registry *registry);

/*
 * For what is about the running process: connects to that of -n, or else of the key that there is.
 * name (NECTAR_NAME_MAX + 1 bytes) is its full name. Returns 0 or an exit status, already reported:
 * EXIT_OFFLINE where nobody runs.
 */
int control_require(struct nectar_control **out, char *name, uint64_t timeout);

/* Reports why an answer did not come. Returns its exit status. */
int control_report(int error, const char *name);

/* Serves the socket of a node of that name. Where it cannot be, a warning says why. */
void control_serve(struct nectar_node *node, const char *name);

#endif
