/* A cache of registries in a scratch folder, with records to be told apart by their ports; to be
 * included by the one file of a test program. */
#ifndef UNIT_CACHED_H
#define UNIT_CACHED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "pki/cache.h"
#include "unit/shared/scratch.h"

#define REGISTRY  "nectar 31337 0xab"
#define FILE_NAME "cache/registries.db"

static struct scratch scratch;
static char told[1000]; /* in the log, the last line */
static int told_count;

static inline void hear(void *context, enum nectar_log_level level, const char *line)
{
    (void)context;
    (void)level;
    snprintf(told, sizeof told, "%s", line);
    told_count++;
}

static const struct nectar_log LOG = {NECTAR_LOG_FRAME, hear, NULL};

static inline int begin(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    told_count = 0;
    return 0;
}

static inline int end(void **state)
{
    (void)state;
    scratch_end(&scratch);
    return 0;
}

static inline struct cache *open_cache(void)
{
    struct cache *cache = cache_new(scratch_path(&scratch, "cache"), &LOG);

    assert_non_null(cache);
    return cache;
}

static inline struct cache_record make(const char *name, uint16_t port)
{
    struct cache_record record = {
        .block = 7, .time = 1700000000, .read = 1700000001000000, .quorum = 2};

    snprintf(record.record.name, sizeof record.record.name, "%s", name);
    record.record.has_key = true;
    memset(record.record.key, port & 0xff, sizeof record.record.key);
    snprintf(record.record.ws.host, sizeof record.record.ws.host, "203.0.113.7");
    record.record.ws.port = port;
    snprintf(record.source, sizeof record.source, "nectar+http://127.0.0.1:1?contract=0xab");
    return record;
}

static inline void put(struct cache *cache, const char *name, uint16_t port)
{
    const struct cache_record record = make(name, port);

    cache_put(cache, REGISTRY, &record);
}

/* Its port; 0: there is no such record. */
static inline uint16_t find(struct cache *cache, const char *name)
{
    struct cache_record found;

    return cache_find(cache, &found, REGISTRY, name) ? found.record.ws.port : 0;
}

static inline void run_sql(const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(scratch_path(&scratch, FILE_NAME), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

#endif
