/* Opening an SQLite file that is ours, and small things asked of it. */
#ifndef PKI_SQLITE_OPEN_H
#define PKI_SQLITE_OPEN_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum { SQLITE_BUSY_MS = 10000 }; /* how long a writer waits for the others */

/*
 * Opens the file at path, whatever its name, and trusts nothing in it. flags: SQLITE_OPEN_...
 * still: nobody changes the file, so that no lock and no log is asked for. SQLite's result; *out is
 * to be closed in any case (it is NULL without memory).
 */
int sqlite_open(sqlite3 **out, const char *path, int flags, bool still);

/* A write-ahead log from now on, for readers that are not kept waiting. */
bool sqlite_set_wal(sqlite3 *db);

/* Runs statements that answer nothing. */
bool sqlite_run(sqlite3 *db, const char *sql);

/* The integer that a statement answers. */
bool sqlite_ask(sqlite3 *db, int64_t *out, const char *sql);

#endif
