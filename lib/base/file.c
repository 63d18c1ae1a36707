#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nectar/error.h>

enum {
    FILE_MODE = 0600,
    FOLDER_MODE = 0700,
    FILE_STEP = 64 * 1024,
    FILE_OLD_MAX = 1000,
    OLD_NAME_ROOM = 64,
    OPEN_TO_OTHERS = S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH,
};

static void close_quietly(int fd)
{
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
}

static void unlink_quietly(const char *path)
{
    int saved = errno;

    unlink(path);
    errno = saved;
}

/* --- reading --------------------------------------------------------------------------------- */

/* The file at max bytes: is there one more? */
static int read_past_end(int fd)
{
    uint8_t extra;
    ssize_t got;

    do
        got = read(fd, &extra, 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return NECTAR_EIO;
    return got == 0 ? 0 : NECTAR_ETOOBIG;
}

static int read_to_end(struct bytes *out, int fd)
{
    for (;;) {
        size_t room = out->max - out->len;
        size_t step = room < FILE_STEP ? room : FILE_STEP;
        ssize_t got;
        int error;

        if (room == 0)
            return read_past_end(fd);
        error = bytes_reserve(out, step);
        if (error)
            return error;
        got = read(fd, out->data + out->len, step);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return NECTAR_EIO;
        if (got == 0)
            return 0;
        out->len += (size_t)got;
    }
}

int file_read(struct bytes *out, const char *path, struct stat *info)
{
    struct stat unasked;
    struct stat *seen = info ? info : &unasked;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int error = 0;

    if (fd < 0)
        return NECTAR_EIO;
    if (fstat(fd, seen) != 0)
        error = NECTAR_EIO;
    else if (S_ISREG(seen->st_mode) && (uintmax_t)seen->st_size > out->max - out->len)
        error = NECTAR_ETOOBIG;
    else
        error = read_to_end(out, fd);
    close_quietly(fd);
    return error;
}

int file_read_secret(struct bytes *out, const char *path)
{
    struct stat info = {.st_mode = 0};
    int error = file_read(out, path, &info);

    if (error == NECTAR_EIO && (errno == ENOENT || errno == ENOTDIR))
        error = NECTAR_ENOKEY;
    else if (error == NECTAR_ETOOBIG)
        error = NECTAR_EKEYFILE;
    /* Looked at on the very file that was read, not on the path. */
    if ((error == 0 || error == NECTAR_EKEYFILE) && (info.st_mode & OPEN_TO_OTHERS) != 0)
        error = NECTAR_EKEYMODE;
    return error;
}

/* --- folders --------------------------------------------------------------------------------- */

/* The folder that path stands in, as a new string. */
static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return strdup(".");
    if (slash == path)
        return strdup("/");
    return strndup(path, (size_t)(slash - path));
}

static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = 0;

    if (fd < 0)
        return NECTAR_EIO;
    /* EINVAL: a file system whose folders need no sync. */
    if (fsync(fd) != 0 && errno != EINVAL)
        error = NECTAR_EIO;
    close_quietly(fd);
    return error;
}

int file_sync_parent(const char *path)
{
    char *folder = parent_of(path);
    int error = folder ? sync_folder(folder) : NECTAR_ENOMEM;

    free(folder);
    return error;
}

static int make_folder(const char *folder)
{
    if (mkdir(folder, FOLDER_MODE) == 0)
        return file_sync_parent(folder);
    return errno == EEXIST ? 0 : NECTAR_EIO;
}

int file_make_parents(const char *path)
{
    char *folder = parent_of(path);
    struct stat info;
    int error = 0;

    if (!folder)
        return NECTAR_ENOMEM;
    if (stat(folder, &info) == 0)
        goto done;
    for (char *at = folder + 1; *at && !error; at++) {
        if (*at != '/' || at[-1] == '/')
            continue;
        *at = '\0';
        error = make_folder(folder);
        *at = '/';
    }
    if (!error)
        error = make_folder(folder);
done:
    free(folder);
    return error;
}

/* --- writing --------------------------------------------------------------------------------- */

static int write_all(int fd, struct nectar_view text)
{
    while (text.len > 0) {
        ssize_t put = write(fd, text.data, text.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return NECTAR_EIO;
        text.data += put;
        text.len -= (size_t)put;
    }
    return fsync(fd) == 0 ? 0 : NECTAR_EIO;
}

/* A second name for a file, which must be free. Where a file system has no hard links, its only
 * name changes. */
static int add_name(const char *path, const char *other)
{
    if (linkat(AT_FDCWD, path, AT_FDCWD, other, 0) == 0)
        return 0;
    if ((errno == EPERM || errno == EOPNOTSUPP) &&
        renameat2(AT_FDCWD, path, AT_FDCWD, other, RENAME_NOREPLACE) == 0)
        return 0;
    return errno == EEXIST ? NECTAR_EEXISTS : NECTAR_EIO;
}

/* Gives the file one name, which must be free, for another. */
static int take_name(const char *from, const char *to)
{
    int error = add_name(from, to);

    unlink_quietly(from);
    return error;
}

/* A file without a name: nothing is left of it, however this process ends. */
static int create_nameless(const char *path, const char *folder, struct nectar_view text,
                           bool *unsupported)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, FILE_MODE);
    char itself[sizeof "/proc/self/fd/" + 3 * sizeof fd];
    int error;

    *unsupported = fd < 0;
    if (fd < 0)
        return NECTAR_EIO;
    error = fchmod(fd, FILE_MODE) == 0 ? write_all(fd, text) : NECTAR_EIO;
    if (!error) {
        snprintf(itself, sizeof itself, "/proc/self/fd/%d", fd);
        if (linkat(AT_FDCWD, itself, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0) {
            error = errno == EEXIST ? NECTAR_EEXISTS : NECTAR_EIO;
            *unsupported = errno != EEXIST;
        }
    }
    close_quietly(fd);
    return error;
}

/* Writes a file under a name of its own beside path. *out is that name, a new string; info is
 * what fstat says of it. On error there is none. */
static int write_beside(char **out, const char *path, struct nectar_view text, struct stat *info)
{
    size_t size = strlen(path) + sizeof ".tmp-XXXXXX";
    char *beside = malloc(size);
    int error = 0;
    int fd;

    if (!beside)
        return NECTAR_ENOMEM;
    snprintf(beside, size, "%s.tmp-XXXXXX", path);
    fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0) {
        free(beside);
        return NECTAR_EIO;
    }
    error = write_all(fd, text);
    if (!error && fstat(fd, info) != 0)
        error = NECTAR_EIO;
    close_quietly(fd);
    if (error) {
        unlink_quietly(beside);
        free(beside);
        return error;
    }
    *out = beside;
    return 0;
}

static int create_named(const char *path, struct nectar_view text)
{
    char *beside = NULL;
    struct stat info;
    int error = write_beside(&beside, path, text, &info);

    if (error)
        return error;
    error = take_name(beside, path);
    free(beside);
    return error;
}

int file_create(const char *path, struct nectar_view text)
{
    char *folder = NULL;
    bool unsupported = false;
    struct stat info;
    int error = file_make_parents(path);

    if (error)
        return error;
    /* Told early, so that a name that is taken costs no write. link() has the last word. */
    if (lstat(path, &info) == 0)
        return NECTAR_EEXISTS;
    folder = parent_of(path);
    if (!folder)
        return NECTAR_ENOMEM;
    error = create_nameless(path, folder, text, &unsupported);
    if (error && unsupported)
        error = create_named(path, text);
    if (!error) {
        error = sync_folder(folder);
        if (error)
            unlink_quietly(path);
    }
    free(folder);
    return error;
}

/* Keeps the file at path under the name PATH.old-TIME, besides its own. */
static int keep_old(const char *path, const struct timespec *now)
{
    size_t size = strlen(path) + OLD_NAME_ROOM;
    char *old = malloc(size);
    struct tm utc;
    size_t len;
    int error = NECTAR_EEXISTS;

    if (!old)
        return NECTAR_ENOMEM;
    len = (size_t)snprintf(old, size, "%s", path);
    if (gmtime_r(&now->tv_sec, &utc))
        len += strftime(old + len, size - len, ".old-%Y%m%dT%H%M%SZ", &utc);
    for (int n = 0; n < FILE_OLD_MAX && error == NECTAR_EEXISTS; n++) {
        if (n > 0)
            snprintf(old + len, size - len, "-%d", n);
        error = add_name(path, old);
    }
    free(old);
    return error;
}

int file_replace(const char *path, struct nectar_view text)
{
    char *beside = NULL;
    struct stat info;
    int error;

    if (lstat(path, &info) != 0)
        return errno == ENOENT || errno == ENOTDIR ? file_create(path, text) : NECTAR_EIO;
    if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return NECTAR_EIO;
    }
    error = write_beside(&beside, path, text, &info);
    if (error)
        return error;
    /* The new file's own time is the present, as the file system tells it. */
    error = keep_old(path, &info.st_mtim);
    if (!error && rename(beside, path) != 0)
        error = NECTAR_EIO;
    if (error)
        unlink_quietly(beside);
    else
        error = file_sync_parent(path);
    free(beside);
    return error;
}
