/*
 * A walk has the file open for itself, so that what else is asked of the registry does not meet
 * it. In one statement SQLite shows one state of the file, however long it takes.
 */
#include "pki/sqlite_walk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "pki/sqlite_row.h"
#include "pki/walk.h"

static const char SELECT_ALL[] = "SELECT " SQLITE_ROW_COLUMNS ", name FROM names ORDER BY name";

enum { NAME_COLUMN = 7 }; /* behind those of the row */

struct sqlite_walk {
    struct nectar_walk base;
    struct sqlite_registry registry;
    struct stat before; /* of a file that is read as it stands */
};

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* A file that is read without a lock may have been changed by those who may write it; then what
 * was read is of no one state. */
static int held_still(const struct sqlite_walk *self, struct nectar_answer *answer)
{
    struct stat now;

    if (self->registry.inode != 0)
        return 0;
    if (stat(self->registry.path, &now) == 0 && now.st_ino == self->before.st_ino &&
        now.st_size == self->before.st_size && same_time(now.st_mtim, self->before.st_mtim))
        return 0;
    pki_reason(answer, &self->registry.base, "it has been changed while it was read");
    return NECTAR_EUNREACHABLE;
}

static struct nectar_view name_of(sqlite3_stmt *row)
{
    const uint8_t *text = sqlite3_column_text(row, NAME_COLUMN);
    int len = sqlite3_column_bytes(row, NAME_COLUMN);

    return (struct nectar_view){text, text && len > 0 ? (size_t)len : 0};
}

static int read_row(struct sqlite_walk *self, struct nectar_listing *out,
                    struct nectar_answer *answer)
{
    struct nectar_view name = name_of(self->registry.select);
    struct sqlite_row row;

    if (!sqlite_row_read(&row, self->registry.select, name)) {
        pki_reason(answer, &self->registry.base, "the row of %.*s is damaged", (int)name.len,
                   name.data ? (const char *)name.data : "");
        return NECTAR_EUNREACHABLE;
    }
    memset(out, 0, sizeof *out);
    out->record = row.record;
    if (sqlite_row_owned(&row))
        nectar_hex_encode(out->owner, row.owner, sizeof row.owner);
    return 0;
}

static int next(struct nectar_walk *walk, struct nectar_listing *out, bool *end,
                struct nectar_answer *answer)
{
    struct sqlite_walk *self = (struct sqlite_walk *)walk;
    int code = sqlite3_step(self->registry.select);

    if (code == SQLITE_ROW)
        return read_row(self, out, answer);
    if (code != SQLITE_DONE)
        return sqlite_failed(&self->registry, answer);
    *end = true;
    return held_still(self, answer);
}

static void free_walk(struct nectar_walk *walk)
{
    struct sqlite_walk *self = (struct sqlite_walk *)walk;

    sqlite_close(&self->registry);
    free(self->registry.path);
    free(self);
}

int sqlite_walk(struct nectar_walk **out, struct pki_driver *driver, struct nectar_answer *answer)
{
    static const struct pki_walk_kind KIND = {.next = next, .free = free_walk};
    const struct sqlite_registry *from = (const struct sqlite_registry *)driver;
    struct sqlite_walk *self = calloc(1, sizeof *self);
    int error;

    if (!self)
        return NECTAR_ENOMEM;
    self->base.kind = &KIND;
    self->registry.base = from->base;
    self->registry.path = strdup(from->path);
    error = self->registry.path ? 0 : NECTAR_ENOMEM;
    /* Whether it is there at all, the next call says. */
    if (!error)
        (void)stat(self->registry.path, &self->before);
    if (!error)
        error = sqlite_open_read(&self->registry, answer);
    if (!error && sqlite3_prepare_v2(self->registry.db, SELECT_ALL, -1, &self->registry.select,
                                     NULL) != SQLITE_OK)
        error = sqlite_failed(&self->registry, answer);
    if (error)
        free_walk(&self->base);
    else
        *out = &self->base;
    return error;
}
