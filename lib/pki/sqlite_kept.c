#include "pki/sqlite_kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <nectar/error.h>

#include "base/file.h"

/* Is it one of these? *empty: it is a database without anything. */
static bool is_it(sqlite3 *db, const struct sqlite_kept *what, bool *empty)
{
    int64_t application = 0, version = 0, tables = 0;

    *empty = false;
    if (!sqlite_ask(db, &application, "PRAGMA application_id") ||
        !sqlite_ask(db, &version, "PRAGMA user_version") ||
        !sqlite_ask(db, &tables, "SELECT count(*) FROM sqlite_master"))
        return false;
    *empty = application == 0 && version == 0 && tables == 0;
    return application == what->application && version == what->version;
}

/* Another process may be making it too. */
static bool make(sqlite3 *db, const struct sqlite_kept *what)
{
    bool empty;
    bool made = sqlite_set_wal(db) && sqlite_run(db, "BEGIN IMMEDIATE");

    if (made && !is_it(db, what, &empty))
        made = empty && sqlite_run(db, what->schema);
    return made && sqlite_run(db, "COMMIT");
}

void sqlite_kept_remove(const char *path)
{
    static const char *const BESIDE[] = {"", "-wal", "-shm"};

    for (size_t i = 0; i < sizeof BESIDE / sizeof BESIDE[0]; i++) {
        char *name;

        if (asprintf(&name, "%s%s", path, BESIDE[i]) < 0)
            return;
        (void)unlink(name);
        free(name);
    }
}

static int failed(sqlite3 *db)
{
    switch (db ? sqlite3_errcode(db) : SQLITE_NOMEM) {
    case SQLITE_NOMEM:
        return NECTAR_ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return NECTAR_EFORMAT;
    default:
        return NECTAR_EIO;
    }
}

/* NECTAR_EFORMAT it is something else. */
static int open_once(sqlite3 **out, const char *path, const struct sqlite_kept *what)
{
    bool empty;

    if (sqlite_open(out, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, false) != SQLITE_OK)
        return failed(*out);
    /* What is not it may be half of what another process makes: make() looks again, alone. */
    if (!is_it(*out, what, &empty) && !make(*out, what)) {
        int code = sqlite3_errcode(*out);

        return code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW ? NECTAR_EFORMAT
                                                                              : failed(*out);
    }
    /* What a crash takes away was only kept. */
    return sqlite_run(*out, "PRAGMA synchronous = NORMAL") ? 0 : failed(*out);
}

int sqlite_kept_open(sqlite3 **out, const char *path, const struct sqlite_kept *what)
{
    int error = file_make_parents(path);

    *out = NULL;
    if (!error)
        error = open_once(out, path, what);
    if (error != NECTAR_EFORMAT)
        return error;
    sqlite3_close(*out);
    sqlite_kept_remove(path);
    error = open_once(out, path, what);
    return error == NECTAR_EFORMAT ? NECTAR_EIO : error;
}
