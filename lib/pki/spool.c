#include "pki/spool.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/bytes.h"
#include "pki/record.h"

enum { NAMES_MAX = 16 << 20, PACKED_MAX = 16 * 1024 };

struct spool {
    sqlite3 *db;
    sqlite3_stmt *put;
    sqlite3_stmt *next; /* NULL: it is still filled */
    size_t puts;
};

/* Nothing of it is to outlive a crash. */
static const char SCHEMA[] =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
    "CREATE TABLE listings (name TEXT PRIMARY KEY, block INTEGER, place INTEGER, owner TEXT,"
    " record BLOB) WITHOUT ROWID; BEGIN";

static const char PUT[] =
    "INSERT INTO listings VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE SET"
    " block = excluded.block, place = excluded.place, owner = excluded.owner,"
    " record = excluded.record WHERE (excluded.block, excluded.place) > (block, place)";

static const char NEXT[] = "SELECT record, owner, block FROM listings ORDER BY name";

static int failed(const struct spool *spool)
{
    return sqlite3_errcode(spool->db) == SQLITE_NOMEM ? NECTAR_ENOMEM : NECTAR_EIO;
}

const char *spool_why(const struct spool *spool)
{
    return sqlite3_errmsg(spool->db);
}

int spool_open(struct spool **out)
{
    struct spool *spool = calloc(1, sizeof *spool);
    int code;
    int error = 0;

    if (!spool)
        return NECTAR_ENOMEM;
    /* The empty name is a temporary file of SQLite's own. */
    code = sqlite3_open_v2("", &spool->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(spool->db, SCHEMA, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(spool->db, PUT, -1, &spool->put, NULL);
    if (code != SQLITE_OK) {
        error = code == SQLITE_NOMEM ? NECTAR_ENOMEM : NECTAR_EIO;
        spool_free(spool);
        return error;
    }
    *out = spool;
    return 0;
}

void spool_free(struct spool *spool)
{
    if (!spool)
        return;
    sqlite3_finalize(spool->put);
    sqlite3_finalize(spool->next);
    sqlite3_close(spool->db);
    free(spool);
}

/* Numbers in the order that they have without a sign. */
static sqlite3_int64 ordered(uint64_t number)
{
    return (sqlite3_int64)(number ^ (uint64_t)1 << 63);
}

static int bind(struct spool *spool, const struct nectar_listing *listing, uint64_t index,
                const struct bytes *packed)
{
    sqlite3_stmt *put = spool->put;
    int code = sqlite3_bind_text(put, 1, listing->record.name, -1, SQLITE_STATIC);

    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(put, 2, ordered(listing->block));
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(put, 3, ordered(index));
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(put, 4, listing->owner, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_bind_blob(put, 5, packed->data, (int)packed->len, SQLITE_STATIC);
    return code;
}

int spool_put(struct spool *spool, const struct nectar_listing *listing, uint64_t index)
{
    struct bytes packed;
    int error;

    if (spool->puts++ == NAMES_MAX)
        return NECTAR_ETOOBIG;
    bytes_init(&packed, PACKED_MAX);
    error = record_pack(&packed, &listing->record);
    if (!error && (bind(spool, listing, index, &packed) != SQLITE_OK ||
                   sqlite3_step(spool->put) != SQLITE_DONE))
        error = failed(spool);
    sqlite3_reset(spool->put);
    sqlite3_clear_bindings(spool->put);
    bytes_free(&packed);
    return error;
}

static int read_row(struct spool *spool, struct nectar_listing *out)
{
    const void *packed = sqlite3_column_blob(spool->next, 0);
    int len = sqlite3_column_bytes(spool->next, 0);
    const unsigned char *owner = sqlite3_column_text(spool->next, 1);
    struct nectar_record record;
    int error;

    if (!packed || !owner)
        return NECTAR_ENOMEM;
    error = record_unpack(&record, (struct nectar_view){packed, (size_t)len});
    if (error)
        return error == NECTAR_ENOMEM ? error : NECTAR_EIO;
    memset(out, 0, sizeof *out);
    out->record = record;
    snprintf(out->owner, sizeof out->owner, "%s", (const char *)owner);
    out->block = (uint64_t)ordered((uint64_t)sqlite3_column_int64(spool->next, 2));
    return 0;
}

int spool_next(struct spool *spool, struct nectar_listing *out, bool *end)
{
    int code;

    if (!spool->next && sqlite3_prepare_v2(spool->db, NEXT, -1, &spool->next, NULL) != SQLITE_OK)
        return failed(spool);
    code = sqlite3_step(spool->next);
    *end = code == SQLITE_DONE;
    if (code == SQLITE_ROW)
        return read_row(spool, out);
    return *end ? 0 : failed(spool);
}
