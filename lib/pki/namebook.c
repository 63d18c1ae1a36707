#include "pki/namebook_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "pki/sqlite_kept.h"

enum { APPLICATION_ID = 0x4e454342, SCHEMA_VERSION = 1 }; /* "NECB" */

static const char SCHEMA[] = "CREATE TABLE names (name TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE)"
                             " STRICT, WITHOUT ROWID;"
                             "CREATE TABLE marks (block INTEGER PRIMARY KEY, hash BLOB NOT NULL)"
                             " STRICT;"
                             "CREATE TABLE start (block INTEGER NOT NULL) STRICT;"
                             "PRAGMA application_id = 1313162050;"
                             "PRAGMA user_version = 1;";

_Static_assert(APPLICATION_ID == 1313162050, "the schema has another application id");

static const char *const SQL[STATEMENTS] = {
    [FIND] = "SELECT name FROM names WHERE hash = ?1",
    [ADD] = "INSERT OR IGNORE INTO names (name, hash) VALUES (?1, ?2)",
};

int namebook_failed(struct namebook *book)
{
    int code = book->db ? sqlite3_extended_errcode(book->db) & 0xff : SQLITE_NOMEM;
    struct nectar_view text = view_of_text(book->db ? sqlite3_errmsg(book->db) : "");

    if (text.len > NAMEBOOK_WHY)
        text.len = NAMEBOOK_WHY;
    nectar_escape(book->why, text, false);
    book->damaged = book->damaged || code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return code == SQLITE_NOMEM ? NECTAR_ENOMEM : NECTAR_EIO;
}

const char *namebook_why(const struct namebook *book)
{
    return book->why;
}

/* --- the file -------------------------------------------------------------------------------- */

static void close_file(struct namebook *book)
{
    for (size_t i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(book->kept[i]);
        book->kept[i] = NULL;
    }
    sqlite3_close(book->db);
    book->db = NULL;
}

static char *path_of(const char *folder, uint64_t chain,
                     const uint8_t contract[NECTAR_ACCOUNT_BYTES])
{
    char hex[2 * NECTAR_ACCOUNT_BYTES + 1];
    char *path;

    nectar_hex_encode(hex, contract, NECTAR_ACCOUNT_BYTES);
    return asprintf(&path, "%s/names-%" PRIu64 "-0x%s.db", folder, chain, hex) < 0 ? NULL : path;
}

int namebook_open(struct namebook **out, const char *folder, uint64_t chain,
                  const uint8_t contract[NECTAR_ACCOUNT_BYTES])
{
    static const struct sqlite_kept WHAT = {SCHEMA, APPLICATION_ID, SCHEMA_VERSION};
    struct namebook *book = calloc(1, sizeof *book);
    int error = NECTAR_ENOMEM;

    if (book)
        book->path = path_of(folder, chain, contract);
    if (book && book->path)
        error = sqlite_kept_open(&book->db, book->path, &WHAT);
    if (error)
        namebook_close(book);
    else
        *out = book;
    return error;
}

void namebook_close(struct namebook *book)
{
    if (!book)
        return;
    close_file(book);
    if (book->damaged)
        sqlite_kept_remove(book->path);
    free(book->path);
    free(book);
}

/* --- names ----------------------------------------------------------------------------------- */

/* A kept statement, made where it is missing; NULL if that cannot be. */
static sqlite3_stmt *statement(struct namebook *book, enum statement which)
{
    if (!book->kept[which] &&
        sqlite3_prepare_v3(book->db, SQL[which], -1, SQLITE_PREPARE_PERSISTENT, &book->kept[which],
                           NULL) != SQLITE_OK)
        return NULL;
    return book->kept[which];
}

/* The next call sees what has changed since, and nobody is kept waiting. */
static void put_back(sqlite3_stmt *kept)
{
    sqlite3_reset(kept);
    sqlite3_clear_bindings(kept);
}

static bool column_text(char *out, size_t size, sqlite3_stmt *row, int column)
{
    const uint8_t *text = sqlite3_column_text(row, column);
    int len = sqlite3_column_bytes(row, column);

    return text && len > 0 && view_copy_text(out, size, (struct nectar_view){text, (size_t)len});
}

int namebook_find(struct namebook *book, char out[NECTAR_NAME_MAX + 1],
                  const uint8_t hash[HYPERMAP_HASH_BYTES])
{
    sqlite3_stmt *find = statement(book, FIND);
    uint8_t found[HYPERMAP_HASH_BYTES];
    int error = NECTAR_EUNKNOWN;
    int code;

    out[0] = '\0';
    if (!find || sqlite3_bind_blob(find, 1, hash, HYPERMAP_HASH_BYTES, SQLITE_STATIC) != SQLITE_OK)
        return namebook_failed(book);
    code = sqlite3_step(find);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        error = namebook_failed(book);
    /* The file is nobody's word for it. */
    else if (code == SQLITE_ROW && column_text(out, NECTAR_NAME_MAX + 1, find, 0)) {
        hypermap_hash_name(found, out);
        if (nectar_name_check(out) == 0 && memcmp(found, hash, sizeof found) == 0)
            error = 0;
    }
    put_back(find);
    if (error)
        out[0] = '\0';
    return error;
}

static int put_in(struct namebook *book, const char *name, const uint8_t hash[HYPERMAP_HASH_BYTES])
{
    sqlite3_stmt *add = statement(book, ADD);
    int error = 0;

    if (!add || sqlite3_bind_text(add, 1, name, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_bind_blob(add, 2, hash, HYPERMAP_HASH_BYTES, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_step(add) != SQLITE_DONE)
        error = namebook_failed(book);
    if (add)
        put_back(add);
    return error;
}

int namebook_learn(struct namebook *book, const char *name)
{
    uint8_t hash[HYPERMAP_HASH_BYTES];

    hypermap_hash_name(hash, name);
    return put_in(book, name, hash);
}

int namebook_add(struct namebook *book, bool *added, const uint8_t parent[HYPERMAP_HASH_BYTES],
                 const uint8_t hash[HYPERMAP_HASH_BYTES], struct nectar_view label)
{
    static const uint8_t ROOT[HYPERMAP_HASH_BYTES];
    char name[NECTAR_NAME_MAX + 1];
    char above[NECTAR_NAME_MAX + 1] = "";
    int error = 0;
    int len;

    *added = false;
    if (memcmp(parent, ROOT, sizeof ROOT) != 0)
        error = namebook_find(book, above, parent);
    if (error)
        return error;
    len = snprintf(name, sizeof name, "%.*s%s%s", (int)label.len, (const char *)label.data,
                   above[0] ? "." : "", above);
    if (len < 0 || (size_t)len >= sizeof name)
        return NECTAR_ETOOBIG;
    error = put_in(book, name, hash);
    *added = !error && sqlite3_changes(book->db) > 0;
    return error;
}

int namebook_after(struct namebook *book, char (*out)[NECTAR_NAME_MAX + 1], size_t max,
                   size_t *count, const char *after)
{
    static const char NEXT[] = "SELECT name FROM names WHERE name > ?1 AND instr(name, '.') > 0"
                               " ORDER BY name LIMIT ?2";
    sqlite3_stmt *next = NULL;
    int code = sqlite3_prepare_v2(book->db, NEXT, -1, &next, NULL);

    *count = 0;
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(next, 1, after, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(next, 2, (sqlite3_int64)max);
    if (code == SQLITE_OK)
        code = sqlite3_step(next);
    while (code == SQLITE_ROW && *count < max) {
        char *name = out[*count];

        if (column_text(name, sizeof *out, next, 0) && nectar_name_check(name) == 0)
            ++*count;
        code = sqlite3_step(next);
    }
    sqlite3_finalize(next);
    return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : namebook_failed(book);
}

int namebook_count(struct namebook *book, uint64_t *out)
{
    int64_t count = 0;

    if (!sqlite_ask(book->db, &count, "SELECT count(*) FROM names"))
        return namebook_failed(book);
    *out = (uint64_t)count;
    return 0;
}
