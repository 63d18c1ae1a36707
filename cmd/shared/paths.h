/* Where our files live: the XDG folders, or their defaults under the home folder. */
#ifndef SHARED_PATHS_H
#define SHARED_PATHS_H

#include <stdbool.h>

/* New strings: REST below nectar-net in $XDG_DATA_HOME, $XDG_CONFIG_HOME and $XDG_STATE_HOME. Where
 * there is no home at all the program ends with EXIT_USAGE. */
char *path_data(const char *rest);
char *path_config(const char *rest);
char *path_state(const char *rest);

/* The folder nectar-net in $XDG_CACHE_HOME, a new string; NULL where there is no home at all. */
char *path_cache(void);

/* Makes the folders above path (0700) where they are missing. False if one cannot be made. */
bool path_make_parents(const char *path);

/* The folder that this program runs from, a new string, or NULL. */
char *path_of_program(void);

#endif
