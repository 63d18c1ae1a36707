/* Files, whole: the one place in the library that opens them (SQLite opens its own). */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/bytes.h"

/*
 * Reads a regular file (or what a symbolic link or a pipe leads to) of at most out->max bytes,
 * appending to out. info, unless NULL, is what fstat says of the very file that was read.
 * NECTAR_EIO (errno set), NECTAR_ETOOBIG, NECTAR_ENOMEM.
 */
int file_read(struct bytes *out, const char *path, struct stat *info);

/*
 * The same of a file that holds a secret, which nobody but its owner may read or write.
 * NECTAR_ENOKEY no such file, NECTAR_EKEYMODE it is open to group or others, NECTAR_EKEYFILE over
 * out->max bytes, NECTAR_EIO (errno set), NECTAR_ENOMEM.
 */
int file_read_secret(struct bytes *out, const char *path);

/*
 * Writes a new file of mode 0600, whole and durable or not at all: a temporary file beside it,
 * fsync, link, fsync of the folder. Makes the folder (0700) and those above it where missing.
 * NECTAR_EEXISTS if path exists, and then nothing has changed; NECTAR_EIO (errno set),
 * NECTAR_ENOMEM.
 */
int file_create(const char *path, struct nectar_view text);

/*
 * The same over a file that exists: the old one stays beside it as PATH.old-TIME (UTC,
 * YYYYMMDDThhmmssZ, with -N added should that exist too), and at no moment is path without a
 * file. NECTAR_EEXISTS no such name is free; NECTAR_EIO (errno set), NECTAR_ENOMEM.
 */
int file_replace(const char *path, struct nectar_view text);

/* Makes what was done to names in the folder of path durable. NECTAR_EIO (errno set),
 * NECTAR_ENOMEM. */
int file_sync_parent(const char *path);

/* Makes the folders above path (0700 each) where missing. NECTAR_EIO (errno set),
 * NECTAR_ENOMEM. */
int file_make_parents(const char *path);

#endif
