/* How far the log has been read into a book of names. */
#include <string.h>

#include <nectar/error.h>

#include "pki/namebook_file.h"
#include "pki/sqlite_open.h"

enum column { MARK_BLOCK, MARK_HASH };

static bool read_mark(struct namebook_mark *out, sqlite3_stmt *row)
{
    const void *hash = sqlite3_column_blob(row, MARK_HASH);
    sqlite3_int64 block = sqlite3_column_int64(row, MARK_BLOCK);

    if (block < 0 || !hash || sqlite3_column_bytes(row, MARK_HASH) != sizeof out->hash)
        return false;
    out->block = (uint64_t)block;
    memcpy(out->hash, hash, sizeof out->hash);
    return true;
}

int namebook_read_state(struct namebook *book, struct namebook_state *out)
{
    static const char MARKS[] = "SELECT block, hash FROM marks ORDER BY block DESC LIMIT ?1";
    sqlite3_stmt *marks = NULL;
    int64_t start = 0;
    int code = sqlite3_prepare_v2(book->db, MARKS, -1, &marks, NULL);

    out->count = 0;
    if (code == SQLITE_OK)
        code = sqlite3_bind_int(marks, 1, NAMEBOOK_MARKS_MAX);
    if (code == SQLITE_OK)
        code = sqlite3_step(marks);
    while (code == SQLITE_ROW && out->count < NAMEBOOK_MARKS_MAX) {
        if (read_mark(&out->marks[out->count], marks))
            out->count++;
        code = sqlite3_step(marks);
    }
    sqlite3_finalize(marks);
    if ((code != SQLITE_DONE && code != SQLITE_ROW) ||
        !sqlite_ask(book->db, &start, "SELECT coalesce(min(block), 0) FROM start"))
        return namebook_failed(book);
    out->start = (uint64_t)start;
    return 0;
}

/* Runs a statement of one number and, perhaps, a hash. */
static bool run_with(struct namebook *book, const char *sql, uint64_t block, const uint8_t *hash)
{
    sqlite3_stmt *once = NULL;
    bool ran = sqlite3_prepare_v2(book->db, sql, -1, &once, NULL) == SQLITE_OK &&
               sqlite3_bind_int64(once, 1, (sqlite3_int64)block) == SQLITE_OK &&
               (!hash || sqlite3_bind_blob(once, 2, hash, HYPERMAP_HASH_BYTES, SQLITE_STATIC) ==
                             SQLITE_OK) &&
               sqlite3_step(once) == SQLITE_DONE;

    sqlite3_finalize(once);
    return ran;
}

int namebook_take_back(struct namebook *book, uint64_t block)
{
    return run_with(book, "DELETE FROM marks WHERE block >= ?1", block, NULL)
               ? 0
               : namebook_failed(book);
}

/* With no mark at all this is where the log is read from. */
static bool begin(struct namebook *book, uint64_t block, uint64_t start, bool *gap)
{
    int64_t last = -1;

    if (!sqlite_ask(book->db, &last, "SELECT coalesce(max(block), -1) FROM marks"))
        return false;
    *gap = last < 0 ? block != start : (uint64_t)last + 1 < block;
    return last >= 0 || *gap ||
           (sqlite_run(book->db, "DELETE FROM start") &&
            run_with(book, "INSERT INTO start (block) VALUES (?1)", start, NULL));
}

int namebook_begin(struct namebook *book, uint64_t block, uint64_t start)
{
    bool gap = false;
    int error = 0;

    if (!sqlite_run(book->db, "BEGIN IMMEDIATE"))
        return namebook_failed(book);
    if (!begin(book, block, start, &gap))
        error = namebook_failed(book);
    else if (gap)
        error = NECTAR_EBUSY;
    if (error)
        namebook_roll_back(book);
    return error;
}

int namebook_commit(struct namebook *book, const struct namebook_mark *mark)
{
    static const char PRUNE[] = "DELETE FROM marks WHERE block <= (SELECT block FROM marks"
                                " ORDER BY block DESC LIMIT 1 OFFSET 32)";
    _Static_assert(NAMEBOOK_MARKS_MAX == 32, "the statement keeps another number");
    int error = 0;

    if (!run_with(book, "INSERT OR REPLACE INTO marks (block, hash) VALUES (?1, ?2)", mark->block,
                  mark->hash) ||
        !sqlite_run(book->db, PRUNE) || !sqlite_run(book->db, "COMMIT"))
        error = namebook_failed(book);
    namebook_roll_back(book);
    return error;
}

void namebook_roll_back(struct namebook *book)
{
    if (!sqlite3_get_autocommit(book->db))
        (void)sqlite_run(book->db, "ROLLBACK");
}
