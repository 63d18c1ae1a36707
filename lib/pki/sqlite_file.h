/* The file of an embedded registry: opened, checked, made. Only here and in the files
 * sqlite*.c beside it is SQLite seen. */
#ifndef PKI_SQLITE_FILE_H
#define PKI_SQLITE_FILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

#include "pki/driver.h"

struct sqlite_registry {
    struct pki_driver base;
    char *path;
    sqlite3 *db;          /* NULL when not open */
    sqlite3_stmt *select; /* of the open file, kept from one call to the next; NULL: none yet */
    dev_t device;
    ino_t inode; /* of the open file: another one at path means to open again; 0: it is read as it
                    stands, unlocked */
};

/*
 * Opens the registry, or keeps it open if it still is the file at path. Its schema has been
 * checked when this returns 0. NECTAR_EUNREACHABLE with a reason, NECTAR_ENOMEM.
 */
int sqlite_open_read(struct sqlite_registry *self, struct nectar_answer *answer);

/* The same, and begins a transaction that may write; a missing file is made, with its folders, and
 * becomes an empty registry with the commit: *made. NECTAR_EREADONLY (with a reason) nothing may be
 * written there. */
int sqlite_begin_write(struct sqlite_registry *self, bool *made, struct nectar_answer *answer);

int sqlite_commit(struct sqlite_registry *self, struct nectar_answer *answer);

/* Ends a transaction, if one is open, as if it had not been. */
void sqlite_roll_back(struct sqlite_registry *self);

void sqlite_close(struct sqlite_registry *self);

/* What SQLite's last error is for us, reason noted; closes the file, so that the next call opens
 * it anew. */
int sqlite_failed(struct sqlite_registry *self, struct nectar_answer *answer);

/* The same of what was to write: NECTAR_EREADONLY where that is not allowed here. */
int sqlite_write_failed(struct sqlite_registry *self, struct nectar_answer *answer);

#endif
