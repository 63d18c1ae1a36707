/* The embedded registry: a table in an SQLite file, for many processes at once. */
#include <stdlib.h>

#include <nectar/error.h>

#include "pki/sqlite_change.h"
#include "pki/sqlite_row.h"
#include "pki/sqlite_walk.h"

static int lookup(struct pki_driver *driver, const char *name, bool fresh,
                  struct nectar_record *out, struct nectar_answer *answer)
{
    struct sqlite_registry *self = (struct sqlite_registry *)driver;
    struct sqlite_row row;
    int error = sqlite_open_read(self, answer);

    (void)fresh; /* always is */
    if (!error)
        error = sqlite_row_find(self, &row, name, answer);
    if (!error)
        *out = row.record;
    return error;
}

static void free_registry(struct pki_driver *driver)
{
    struct sqlite_registry *self = (struct sqlite_registry *)driver;

    sqlite_close(self);
    free(self->path);
    free(self);
}

static int open_registry(struct pki_driver **out, const char *rest, const struct pki_web *web,
                         char reason[NECTAR_REASON_MAX + 1])
{
    struct sqlite_registry *self = calloc(1, sizeof *self);
    int error;

    (void)web;
    if (!self)
        return NECTAR_ENOMEM;
    self->base.kind = &PKI_SQLITE;
    error = pki_file_uri(&self->path, &self->base, rest, reason);
    if (error)
        free_registry(&self->base);
    else
        *out = &self->base;
    return error;
}

const struct pki_kind PKI_SQLITE = {
    .scheme = "sqlite",
    .open = open_registry,
    .lookup = lookup,
    .publish = sqlite_publish,
    .walk = sqlite_walk,
    .init = sqlite_init,
    .import = sqlite_import,
    .free = free_registry,
};
