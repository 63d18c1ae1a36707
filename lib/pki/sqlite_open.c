#include "pki/sqlite_open.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    VALUE_MAX = 64 * 1024, /* bytes of one value: a record is at most 9 KiB */
    BUSY_STEP_MS = 20,
};

/* A file is not trusted for being ours: nothing in its schema may run code of its own, and no
 * value may take much memory. */
static void set_limits(sqlite3 *db)
{
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

/*
 * SQLite gives some names a meaning (":memory:"), so every name goes to it as a URI, in which it
 * has none. still: nobody changes the file, so no lock and no log is asked for.
 */
static char *uri_of(const char *path, bool still)
{
    size_t size = sizeof "file://./?immutable=1" + 3 * strlen(path);
    char *uri = malloc(size);
    size_t len;

    if (!uri)
        return NULL;
    len = (size_t)snprintf(uri, size, "file:%s", path[0] == '/' ? "//" : "./");
    for (; *path; path++)
        len += (size_t)snprintf(uri + len, size - len, strchr("%?#", *path) ? "%%%02x" : "%c",
                                (unsigned char)*path);
    if (still)
        snprintf(uri + len, size - len, "?immutable=1");
    return uri;
}

int sqlite_open(sqlite3 **out, const char *path, int flags, bool still)
{
    char *uri = uri_of(path, still);
    int code;

    *out = NULL;
    if (!uri)
        return SQLITE_NOMEM;
    code = sqlite3_open_v2(uri, out, flags | SQLITE_OPEN_URI, NULL);
    free(uri);
    if (code != SQLITE_OK)
        return code;
    set_limits(*out);
    sqlite3_busy_timeout(*out, SQLITE_BUSY_MS);
    return SQLITE_OK;
}

/* The change of mode needs the file for itself and is refused at once when others have it, so it is
 * asked for again until then. */
bool sqlite_set_wal(sqlite3 *db)
{
    int code = SQLITE_BUSY;

    sqlite3_busy_timeout(db, 0);
    for (int waited = 0; code == SQLITE_BUSY && waited < SQLITE_BUSY_MS; waited += BUSY_STEP_MS) {
        code = sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (code == SQLITE_BUSY)
            sqlite3_sleep(BUSY_STEP_MS);
    }
    sqlite3_busy_timeout(db, SQLITE_BUSY_MS);
    return code == SQLITE_OK;
}

bool sqlite_run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

bool sqlite_ask(sqlite3 *db, int64_t *out, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    bool answered = sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
                    sqlite3_step(statement) == SQLITE_ROW;

    if (answered)
        *out = sqlite3_column_int64(statement, 0);
    return sqlite3_finalize(statement) == SQLITE_OK && answered;
}
