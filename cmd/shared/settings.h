/*
 * Settings that are not on the command line: the environment, then the user's file, then that of
 * the machine. Files hold lines "key = value"; # and ; begin comments.
 */
#ifndef SHARED_SETTINGS_H
#define SHARED_SETTINGS_H

enum settings_level { SETTINGS_ENVIRONMENT, SETTINGS_USER, SETTINGS_MACHINE, SETTINGS_LEVELS };

/* Reads both files. An unknown key, or a line that is none, ends the program with EXIT_USAGE, the
 * file and the line. A file that does not exist is an empty one. */
void settings_load(void);

/* The value of a key at one level, or NULL. Lives as long as the program. */
const char *settings_at(enum settings_level level, const char *key);

/* The value of a key at the first level that has it, or NULL. *origin, unless origin is NULL, says
 * where it stands: a variable, or FILE:LINE. */
const char *settings_get(const char *key, const char **origin);

#endif
