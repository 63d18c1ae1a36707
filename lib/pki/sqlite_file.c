#include "pki/sqlite_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nectar/error.h>

#include "base/file.h"
#include "base/log.h"
#include "pki/sqlite_open.h"

enum {
    APPLICATION_ID = 0x4e454354, /* "NECT" */
    SCHEMA_VERSION = 1,
};

static const char SCHEMA[] = "CREATE TABLE names ("
                             " name TEXT NOT NULL PRIMARY KEY,"
                             " key BLOB," /* networking key, NULL if there is none */
                             " ws_host TEXT, ws_port INTEGER,"
                             " tcp_host TEXT, tcp_port INTEGER,"
                             " routers TEXT NOT NULL," /* full names with a space between them */
                             " owner BLOB NOT NULL,"   /* the key that must sign the next change */
                             " sequence INTEGER NOT NULL UNIQUE,"
                             " signer BLOB NOT NULL," /* the key that signed this one */
                             " signature BLOB NOT NULL"
                             ") STRICT;"
                             "PRAGMA application_id = 1313162068;"
                             "PRAGMA user_version = 1;";

_Static_assert(APPLICATION_ID == 1313162068, "the schema has another application id");

int sqlite_failed(struct sqlite_registry *self, struct nectar_answer *answer)
{
    int code = self->db ? sqlite3_extended_errcode(self->db) : SQLITE_NOMEM;
    int primary = code & 0xff;

    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
        pki_reason(answer, &self->base, "stays locked by another process");
    else if (primary != SQLITE_NOMEM)
        pki_reason(answer, &self->base, "%s", sqlite3_errmsg(self->db));
    sqlite_close(self);
    return primary == SQLITE_NOMEM ? NECTAR_ENOMEM : NECTAR_EUNREACHABLE;
}

static bool is_forbidden(int error)
{
    return error == EACCES || error == EPERM || error == EROFS;
}

/* May names be made and removed beside the file? 0 yes, or it is not known; else an errno. */
static int folder_access(const struct sqlite_registry *self)
{
    char *folder = strdup(self->path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    int error = 0;

    if (slash)
        slash[slash == folder ? 1 : 0] = '\0';
    if (folder && faccessat(AT_FDCWD, slash ? folder : ".", W_OK, AT_EACCESS) != 0)
        error = errno;
    free(folder);
    return error;
}

static int file_access(const struct sqlite_registry *self)
{
    return faccessat(AT_FDCWD, self->path, W_OK, AT_EACCESS) == 0 ? 0 : errno;
}

static int not_to_be_written(struct sqlite_registry *self, struct nectar_answer *answer)
{
    int file = file_access(self);
    int folder = folder_access(self);

    if (is_forbidden(file))
        pki_reason(answer, &self->base, "cannot be written: %s", strerror(file));
    else if (folder)
        pki_reason(answer, &self->base, "its folder cannot be written: %s", strerror(folder));
    else
        pki_reason(answer, &self->base, "cannot be written");
    sqlite_close(self);
    return NECTAR_EREADONLY;
}

int sqlite_write_failed(struct sqlite_registry *self, struct nectar_answer *answer)
{
    int code = self->db ? sqlite3_extended_errcode(self->db) : SQLITE_NOMEM;
    bool readonly = (code & 0xff) == SQLITE_READONLY || (code & 0xff) == SQLITE_PERM;

    if (code == SQLITE_READONLY_DBMOVED) /* another file stands there by now */
        readonly = false;
    if ((code & 0xff) == SQLITE_CANTOPEN)
        readonly = is_forbidden(file_access(self)) || is_forbidden(folder_access(self));
    return readonly ? not_to_be_written(self, answer) : sqlite_failed(self, answer);
}

void sqlite_close(struct sqlite_registry *self)
{
    sqlite3_finalize(self->select);
    self->select = NULL;
    sqlite3_close(self->db);
    self->db = NULL;
}

static int open_file(struct sqlite_registry *self, int flags, bool still,
                     struct nectar_answer *answer)
{
    int code = sqlite_open(&self->db, self->path, flags, still);

    return code == SQLITE_OK ? 0 : sqlite_failed(self, answer);
}

/*
 * A reader of a file in WAL mode takes part in its locks, for which SQLite makes files beside it.
 * Where this process may not write, and there is no log of changes that are still to go into the
 * file, it is read as it stands.
 */
static bool reads_it_still(const struct sqlite_registry *self)
{
    size_t len = strlen(self->path);
    char *beside = malloc(len + sizeof "-wal");
    struct stat info;
    bool still = false;

    if (!beside)
        return false;
    snprintf(beside, len + sizeof "-wal", "%s-wal", self->path);
    if (stat(beside, &info) != 0 || info.st_size == 0)
        still = file_access(self) != 0 || folder_access(self) != 0;
    free(beside);
    return still;
}

/* What stands at path? missing: nothing, and that is no error. */
static int look_at(struct sqlite_registry *self, struct stat *info, bool *missing,
                   struct nectar_answer *answer)
{
    *missing = false;
    if (stat(self->path, info) != 0) {
        *missing = errno == ENOENT;
        if (*missing)
            return 0;
        pki_reason(answer, &self->base, "%s", strerror(errno));
        return NECTAR_EUNREACHABLE;
    }
    if (S_ISREG(info->st_mode))
        return 0;
    pki_reason(answer, &self->base, S_ISDIR(info->st_mode) ? "is a folder" : "is not a file");
    return NECTAR_EUNREACHABLE;
}

static bool same_file(const struct sqlite_registry *self, const struct stat *info)
{
    return self->db && self->device == info->st_dev && self->inode == info->st_ino;
}

/* Is it a registry? *empty: it is a database without any table. */
static int check_schema(struct sqlite_registry *self, bool *empty, struct nectar_answer *answer)
{
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;

    if (!sqlite_ask(self->db, &application, "PRAGMA application_id") ||
        !sqlite_ask(self->db, &version, "PRAGMA user_version") ||
        !sqlite_ask(self->db, &tables, "SELECT count(*) FROM sqlite_master"))
        return sqlite_failed(self, answer);
    *empty = application == 0 && version == 0 && tables == 0;
    if (*empty || (application == APPLICATION_ID && version == SCHEMA_VERSION))
        return 0;
    if (application == APPLICATION_ID && version > SCHEMA_VERSION)
        pki_reason(answer, &self->base, "was made by a newer version (schema %lld)",
                   (long long)version);
    else
        pki_reason(answer, &self->base, "is a database, but not a registry");
    sqlite_close(self);
    return NECTAR_EUNREACHABLE;
}

int sqlite_open_read(struct sqlite_registry *self, struct nectar_answer *answer)
{
    struct stat info;
    bool missing = false;
    bool empty = false;
    bool still = false;
    int error = look_at(self, &info, &missing, answer);

    if (!error && !missing && same_file(self, &info))
        return 0;
    sqlite_close(self);
    if (!error && missing) {
        pki_reason(answer, &self->base,
                   "no registry there yet (publish-tx or registry init makes it)");
        error = NECTAR_EUNREACHABLE;
    }
    if (!error) {
        still = reads_it_still(self);
        error =
            open_file(self, still ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, still, answer);
    }
    if (!error)
        error = check_schema(self, &empty, answer);
    if (!error && empty) {
        pki_reason(answer, &self->base,
                   "empty: no registry there yet (publish-tx or registry init makes it)");
        sqlite_close(self);
        error = NECTAR_EUNREACHABLE;
    }
    if (error)
        return error;
    self->device = info.st_dev;
    /* Read as it stands it is opened for this once: it may be another's to change. No file has
     * inode 0. */
    self->inode = still ? 0 : info.st_ino;
    return 0;
}

/* --- writing --------------------------------------------------------------------------------- */

/* Write-ahead log, each commit on the disk before it returns. */
static int set_durable(struct sqlite_registry *self, struct nectar_answer *answer)
{
    if (!sqlite_set_wal(self->db) || !sqlite_run(self->db, "PRAGMA synchronous = FULL"))
        return sqlite_write_failed(self, answer);
    return 0;
}

static int no_folder(struct sqlite_registry *self, struct nectar_answer *answer)
{
    int why = errno;

    pki_reason(answer, &self->base, "cannot make its folder: %s", strerror(why));
    return is_forbidden(why) ? NECTAR_EREADONLY : NECTAR_EUNREACHABLE;
}

/* What may not be written SQLite opens to be read, and says nothing. */
static int open_to_write(struct sqlite_registry *self, struct nectar_answer *answer)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

    if (sqlite_open(&self->db, self->path, flags, false) != SQLITE_OK)
        return sqlite_write_failed(self, answer);
    if (sqlite3_db_readonly(self->db, "main") != 1)
        return 0;
    return not_to_be_written(self, answer);
}

static int open_write(struct sqlite_registry *self, struct nectar_answer *answer)
{
    struct stat info;
    bool missing = false;
    int error = look_at(self, &info, &missing, answer);

    if (error)
        return error;
    if (!missing && same_file(self, &info))
        return 0;
    sqlite_close(self);
    if (missing) {
        error = file_make_parents(self->path);
        if (error == NECTAR_EIO)
            return no_folder(self, answer);
        if (error)
            return error;
    }
    error = open_to_write(self, answer);
    if (error)
        return error;
    /* Opened, so it is there: remember which file it is. */
    error = look_at(self, &info, &missing, answer);
    if (error || missing) {
        sqlite_close(self);
        return error ? error : NECTAR_EUNREACHABLE;
    }
    self->device = info.st_dev;
    self->inode = info.st_ino;
    return 0;
}

int sqlite_begin_write(struct sqlite_registry *self, bool *made, struct nectar_answer *answer)
{
    bool empty = false;
    int error = open_write(self, answer);

    *made = false;
    if (!error)
        error = set_durable(self, answer);
    if (error)
        return error;
    if (!sqlite_run(self->db, "BEGIN IMMEDIATE"))
        return sqlite_write_failed(self, answer);
    error = check_schema(self, &empty, answer);
    if (!error && empty) {
        log_line(self->base.log, NECTAR_LOG_DETAIL, "registry %s: made", self->base.label);
        if (!sqlite_run(self->db, SCHEMA))
            error = sqlite_write_failed(self, answer);
        *made = error == 0;
    }
    return error;
}

int sqlite_commit(struct sqlite_registry *self, struct nectar_answer *answer)
{
    return sqlite_run(self->db, "COMMIT") ? 0 : sqlite_write_failed(self, answer);
}

void sqlite_roll_back(struct sqlite_registry *self)
{
    if (self->db && !sqlite3_get_autocommit(self->db) && !sqlite_run(self->db, "ROLLBACK"))
        sqlite_close(self);
}
