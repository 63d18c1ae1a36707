#include "pki/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/view.h"
#include "pki/record.h"
#include "pki/sqlite_kept.h"

enum {
    PACKED_MAX = 32 * 1024,
    LOCKED_MS = 200, /* nobody waits long for what is only kept */
    OPENS_MAX = 3,   /* of a file that turns out to be damaged again and again */
    WHY_MAX = 200,
};

/*
 * What is put in is numbered, and pushes out what came so many numbers before. max_page_count is
 * not kept in the file: it is set with each opening.
 */
static const char SCHEMA[] =
    "CREATE TABLE records (number INTEGER PRIMARY KEY, registry TEXT NOT NULL, name TEXT NOT NULL,"
    " record BLOB NOT NULL, block INTEGER NOT NULL, time INTEGER NOT NULL, read INTEGER NOT NULL,"
    " quorum INTEGER NOT NULL, source TEXT NOT NULL, UNIQUE (name, registry)) STRICT;"
    "CREATE TABLE endpoints (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
    " chain INTEGER NOT NULL, head INTEGER NOT NULL, seen INTEGER NOT NULL,"
    " failures INTEGER NOT NULL, until INTEGER NOT NULL, tld TEXT NOT NULL) STRICT;"
    "PRAGMA application_id = 1313162051;"
    "PRAGMA user_version = 1;";

static const struct sqlite_kept FILE_KIND = {SCHEMA, 1313162051, 1}; /* "NECC" */

#define PAGES_MAX "PRAGMA max_page_count = 24576" /* 96 MiB */

enum statement { FIND, PUT, FORGET, AGE, PUSH_OUT, FIND_ENDPOINT, PUT_ENDPOINT, PUSH_OUT_ENDPOINT };
enum { STATEMENTS = PUSH_OUT_ENDPOINT + 1 };

static const char *const SQL[STATEMENTS] = {
    [FIND] = "SELECT record, block, time, read, quorum, source FROM records"
             " WHERE name = ?1 AND registry = ?2",
    [PUT] = "INSERT OR REPLACE INTO records VALUES ((SELECT ifnull(max(number), 0) + 1"
            " FROM records), ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8)",
    [FORGET] = "DELETE FROM records WHERE name = ?1 AND registry = ?2",
    [AGE] = "UPDATE records SET read = 0 WHERE name = ?1 AND registry = ?2",
    [PUSH_OUT] = "DELETE FROM records WHERE number <= (SELECT max(number) FROM records) - ?1",
    [FIND_ENDPOINT] = "SELECT chain, head, seen, failures, until, tld FROM endpoints"
                      " WHERE id = ?1",
    [PUT_ENDPOINT] = "INSERT OR REPLACE INTO endpoints VALUES ((SELECT ifnull(max(number), 0) + 1"
                     " FROM endpoints), ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [PUSH_OUT_ENDPOINT] = "DELETE FROM endpoints WHERE number <="
                          " (SELECT max(number) FROM endpoints) - ?1",
};

struct cache {
    const struct nectar_log *log;
    char *path;
    sqlite3 *db; /* NULL: not open */
    sqlite3_stmt *kept[STATEMENTS];
    bool hurries;    /* others have held it locked for long: it is not waited for again */
    unsigned opened; /* how often */
    bool useless;    /* it cannot be used, which has been told */
};

/* --- the file -------------------------------------------------------------------------------- */

struct cache *cache_new(const char *folder, const struct nectar_log *log)
{
    struct cache *cache = calloc(1, sizeof *cache);

    if (cache && asprintf(&cache->path, "%s/registries.db", folder) < 0) {
        free(cache);
        return NULL;
    }
    if (cache)
        cache->log = log;
    return cache;
}

static void close_file(struct cache *cache)
{
    for (size_t i = 0; i < STATEMENTS; i++) {
        sqlite3_finalize(cache->kept[i]);
        cache->kept[i] = NULL;
    }
    sqlite3_close(cache->db);
    cache->db = NULL;
}

void cache_free(struct cache *cache)
{
    if (!cache)
        return;
    close_file(cache);
    free(cache->path);
    free(cache);
}

static void set_patience(struct cache *cache, bool waits)
{
    if (cache->hurries == waits)
        sqlite3_busy_timeout(cache->db, waits ? LOCKED_MS : 0);
    cache->hurries = !waits;
}

/* One that is damaged is made anew; one that is locked may be free the next time; no more is asked
 * of one that fails otherwise. */
static void failed(struct cache *cache, int code)
{
    char why[3 * WHY_MAX + 1] = "";
    struct nectar_view text = view_of_text(cache->db ? sqlite3_errmsg(cache->db) : "out of memory");

    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        set_patience(cache, false);
        return;
    }
    if (text.len > WHY_MAX)
        text.len = WHY_MAX;
    nectar_escape(why, text, false);
    close_file(cache);
    if ((code == SQLITE_CORRUPT || code == SQLITE_NOTADB) && cache->opened < OPENS_MAX) {
        sqlite_kept_remove(cache->path);
        return;
    }
    cache->useless = true;
    log_line(cache->log, NECTAR_LOG_STAGE, "registry: nothing is kept in the cache: %s", why);
}

static bool ready(struct cache *cache)
{
    int error;

    if (!cache || cache->useless)
        return false;
    if (cache->db)
        return true;
    cache->opened++;
    error = sqlite_kept_open(&cache->db, cache->path, &FILE_KIND);
    if (error || !sqlite_run(cache->db, PAGES_MAX)) {
        failed(cache,
               error == NECTAR_ENOMEM || !cache->db ? SQLITE_NOMEM : sqlite3_errcode(cache->db));
        return false;
    }
    cache->hurries = true;
    set_patience(cache, true);
    return true;
}

/* A statement that is ready to be bound; NULL: there is none. */
static sqlite3_stmt *get(struct cache *cache, enum statement which)
{
    int code;

    if (!ready(cache))
        return NULL;
    if (cache->kept[which])
        return cache->kept[which];
    code = sqlite3_prepare_v3(cache->db, SQL[which], -1, SQLITE_PREPARE_PERSISTENT,
                              &cache->kept[which], NULL);
    if (code == SQLITE_OK)
        return cache->kept[which];
    failed(cache, code);
    return NULL;
}

/* Ends what a statement does. */
static void put_back(struct cache *cache, sqlite3_stmt *kept, int code)
{
    sqlite3_reset(kept);
    sqlite3_clear_bindings(kept);
    if (code == SQLITE_DONE && !sqlite3_stmt_readonly(kept))
        set_patience(cache, true);
    if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        failed(cache, code);
}

/* Removes what is over so many. */
static void push_out(struct cache *cache, enum statement which, int64_t most)
{
    sqlite3_stmt *out = get(cache, which);

    if (!out)
        return;
    sqlite3_bind_int64(out, 1, most);
    put_back(cache, out, sqlite3_step(out));
}

static void bind_number(sqlite3_stmt *to, int at, uint64_t number)
{
    sqlite3_bind_int64(to, at, number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

static void bind_text(sqlite3_stmt *to, int at, const char *text)
{
    sqlite3_bind_text(to, at, text, -1, SQLITE_STATIC);
}

static uint64_t column_number(sqlite3_stmt *row, int column)
{
    int64_t number = sqlite3_column_int64(row, column);

    return number < 0 ? 0 : (uint64_t)number;
}

static bool column_text(char *out, size_t size, sqlite3_stmt *row, int column)
{
    const uint8_t *text = sqlite3_column_text(row, column);
    int len = sqlite3_column_bytes(row, column);

    return text && view_copy_text(out, size, (struct nectar_view){text, (size_t)len});
}

/* --- records --------------------------------------------------------------------------------- */

/* The file is nobody's word for it: what stands there is read as strictly as from anywhere. */
static bool read_row(struct cache_record *out, sqlite3_stmt *row, const char *name)
{
    const struct nectar_view packed = {sqlite3_column_blob(row, 0),
                                       (size_t)sqlite3_column_bytes(row, 0)};

    out->block = column_number(row, 1);
    out->time = column_number(row, 2);
    out->read = column_number(row, 3);
    out->quorum = column_number(row, 4);
    return packed.data && record_unpack(&out->record, packed) == 0 &&
           strcmp(out->record.name, name) == 0 &&
           column_text(out->source, sizeof out->source, row, 5);
}

bool cache_find(struct cache *cache, struct cache_record *out, const char *registry,
                const char *name)
{
    sqlite3_stmt *find = get(cache, FIND);
    bool found;
    int code;

    if (!find)
        return false;
    bind_text(find, 1, name);
    bind_text(find, 2, registry);
    code = sqlite3_step(find);
    found = code == SQLITE_ROW && read_row(out, find, name);
    put_back(cache, find, code);
    return found;
}

void cache_put(struct cache *cache, const char *registry, const struct cache_record *record)
{
    sqlite3_stmt *put = get(cache, PUT);
    struct bytes packed;

    bytes_init(&packed, PACKED_MAX);
    if (put && record_pack(&packed, &record->record) == 0) {
        bind_text(put, 1, record->record.name);
        bind_text(put, 2, registry);
        sqlite3_bind_blob(put, 3, packed.data, (int)packed.len, SQLITE_STATIC);
        bind_number(put, 4, record->block);
        bind_number(put, 5, record->time);
        bind_number(put, 6, record->read);
        bind_number(put, 7, record->quorum);
        bind_text(put, 8, record->source);
        put_back(cache, put, sqlite3_step(put));
        push_out(cache, PUSH_OUT, CACHE_RECORDS_MAX);
    }
    bytes_free(&packed);
}

static void change(struct cache *cache, enum statement which, const char *registry,
                   const char *name)
{
    sqlite3_stmt *statement = get(cache, which);

    if (!statement)
        return;
    bind_text(statement, 1, name);
    bind_text(statement, 2, registry);
    put_back(cache, statement, sqlite3_step(statement));
}

void cache_forget(struct cache *cache, const char *registry, const char *name)
{
    change(cache, FORGET, registry, name);
}

void cache_age(struct cache *cache, const char *registry, const char *name)
{
    change(cache, AGE, registry, name);
}

/* --- endpoints ------------------------------------------------------------------------------- */

bool cache_find_endpoint(struct cache *cache, struct cache_endpoint *out,
                         const uint8_t id[CACHE_ID_BYTES])
{
    sqlite3_stmt *find = get(cache, FIND_ENDPOINT);
    bool found;
    int code;

    if (!find)
        return false;
    sqlite3_bind_blob(find, 1, id, CACHE_ID_BYTES, SQLITE_STATIC);
    code = sqlite3_step(find);
    found = code == SQLITE_ROW;
    if (found) {
        *out = (struct cache_endpoint){.chain = column_number(find, 0),
                                       .head = column_number(find, 1),
                                       .seen = column_number(find, 2),
                                       .failures = column_number(find, 3),
                                       .until = column_number(find, 4)};
        found = column_text(out->tld, sizeof out->tld, find, 5) &&
                (!*out->tld || (nectar_name_check(out->tld) == 0 && !strchr(out->tld, '.')));
    }
    put_back(cache, find, code);
    return found;
}

void cache_put_endpoint(struct cache *cache, const uint8_t id[CACHE_ID_BYTES],
                        const struct cache_endpoint *endpoint)
{
    sqlite3_stmt *put = get(cache, PUT_ENDPOINT);

    if (!put)
        return;
    sqlite3_bind_blob(put, 1, id, CACHE_ID_BYTES, SQLITE_STATIC);
    bind_number(put, 2, endpoint->chain);
    bind_number(put, 3, endpoint->head);
    bind_number(put, 4, endpoint->seen);
    bind_number(put, 5, endpoint->failures);
    bind_number(put, 6, endpoint->until);
    bind_text(put, 7, endpoint->tld);
    put_back(cache, put, sqlite3_step(put));
    push_out(cache, PUSH_OUT_ENDPOINT, CACHE_ENDPOINTS_MAX);
}
