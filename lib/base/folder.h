/* Folders in which files come and go, and locks between processes. */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <stdint.h>

#include "base/bytes.h"

/*
 * Appends the names in a folder to out, each with its NUL, in no order; "." and ".." are left out.
 * NECTAR_EIO (errno set), NECTAR_ETOOBIG, NECTAR_ENOMEM.
 */
int folder_list(struct bytes *out, const char *folder);

/* Removes a file, durably. One that is not there is no error. NECTAR_EIO (errno set),
 * NECTAR_ENOMEM. */
int folder_remove(const char *path);

/*
 * Takes the lock that a file stands for, made with its folders where missing: one process has it at
 * a time, until folder_unlock or its end, whatever that is. wait: us at most.
 * NECTAR_EBUSY it stayed taken, NECTAR_EIO (errno set), NECTAR_ENOMEM.
 */
int folder_lock(int *out, const char *path, uint64_t wait);
void folder_unlock(int lock);

#endif
