#include "unit/shared/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATHS = 8, PATH_SIZE = 512, FOLDERS_OPEN = 16 };

void scratch_begin(struct scratch *scratch)
{
    const char *where = getenv("TMPDIR");

    if (!where || strlen(where) + sizeof "/nectar-test-XXXXXX" > sizeof scratch->folder)
        where = "/tmp";
    snprintf(scratch->folder, sizeof scratch->folder, "%s/nectar-test-XXXXXX", where);
    assert_non_null(mkdtemp(scratch->folder));
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

void scratch_end(struct scratch *scratch)
{
    assert_int_equal(nftw(scratch->folder, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS), 0);
}

const char *scratch_path(const struct scratch *scratch, const char *name)
{
    static char paths[PATHS][PATH_SIZE];
    static size_t next;
    char *path = paths[next++ % PATHS];

    assert_true((size_t)snprintf(path, PATH_SIZE, "%s/%s", scratch->folder, name) < PATH_SIZE);
    return path;
}

const char *scratch_write(const struct scratch *scratch, const char *name, const char *text,
                          size_t len)
{
    const char *path = scratch_path(scratch, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    close(fd);
    return path;
}

size_t scratch_count(const char *folder)
{
    DIR *open_folder = opendir(folder);
    size_t count = 0;

    assert_non_null(open_folder);
    while (readdir(open_folder))
        count++;
    closedir(open_folder);
    return count - 2; /* "." and ".." */
}
