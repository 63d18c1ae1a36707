#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <nectar/error.h>

#include "base/file.h"
#include "base/time.h"

enum { LOCK_MODE = 0600 };

/* How often a lock that is taken is tried again. */
#define LOCK_STEP TIME_MS(5)

int folder_list(struct bytes *out, const char *folder)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    int error = 0;

    if (!entries)
        return NECTAR_EIO;
    errno = 0;
    while (!error && (entry = readdir(entries)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            error = bytes_append(out, entry->d_name, strlen(entry->d_name) + 1);
        errno = 0;
    }
    if (!error && errno)
        error = NECTAR_EIO;
    /* closedir of a folder that was read does not fail, and leaves errno. */
    closedir(entries);
    return error;
}

int folder_remove(const char *path)
{
    if (unlink(path) != 0)
        return errno == ENOENT ? 0 : NECTAR_EIO;
    return file_sync_parent(path);
}

static int take(int fd, uint64_t wait)
{
    uint64_t until = time_after(time_now(), wait);

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return NECTAR_EIO;
        if (time_now() >= until)
            return NECTAR_EBUSY;
        time_sleep(LOCK_STEP);
    }
    return 0;
}

int folder_lock(int *out, const char *path, uint64_t wait)
{
    int error = file_make_parents(path);
    int fd;
    int saved;

    if (error)
        return error;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOCK_MODE);
    if (fd < 0)
        return NECTAR_EIO;
    error = take(fd, wait);
    if (!error) {
        *out = fd;
        return 0;
    }
    saved = errno;
    close(fd);
    errno = saved;
    return error;
}

void folder_unlock(int lock)
{
    close(lock);
}
