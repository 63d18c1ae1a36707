/* SQLite files in the cache folder: made where they are missing, thrown away where they are
 * damaged. */
#ifndef PKI_SQLITE_KEPT_H
#define PKI_SQLITE_KEPT_H

#include "pki/sqlite_open.h"

struct sqlite_kept {
    const char *schema; /* which sets application_id and user_version to these: */
    int64_t application;
    int64_t version;
};

/*
 * Opens the file at path, which is made with its folders; one that is something else, or that
 * cannot be read, is thrown away and made anew. NECTAR_EIO, and *out may be asked why, if it is not
 * NULL; NECTAR_ENOMEM. *out is to be closed in any case.
 */
int sqlite_kept_open(sqlite3 **out, const char *path, const struct sqlite_kept *what);

/* Removes the file, and what SQLite keeps beside it. */
void sqlite_kept_remove(const char *path);

#endif
