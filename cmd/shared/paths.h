/* Where our files live: the XDG folders, or their defaults under the home folder. */
#ifndef SHARED_PATHS_H
#define SHARED_PATHS_H

/* New strings: $XDG_DATA_HOME/nectar-net/REST and $XDG_CONFIG_HOME/nectar-net/REST. Where there is
 * no home at all the program ends with EXIT_USAGE. */
char *path_data(const char *rest);
char *path_config(const char *rest);

/* The folder that this program runs from, a new string, or NULL. */
char *path_of_program(void);

#endif
