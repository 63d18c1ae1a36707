/*
 * kept URI NAME FOLDER
 *
 * A name looked up in the cache of a registry on a chain, kept in that folder, beside the same row
 * read by SQLite and nothing else, from the same file by a statement that is prepared. In turns;
 * the median of all. Prints what, figure and limit, us.
 */
#include <stdio.h>
#include <string.h>

#include <nectar/registry.h>
#include <sqlite3.h>

#include "base/time.h"
#include "bench/shared/tool.h"

enum { TRIPS = 5000, WARM = 100, PATH_SIZE = 4096, TEXT_SIZE = 256 };

static struct nectar_registry *registry;
static sqlite3_stmt *row;

static void look_up(const char *name)
{
    struct nectar_record record;
    struct nectar_answer answer;

    must(nectar_registry_lookup(registry, name, false, &record, &answer) == 0, "a lookup");
    must(answer.cached, "what is kept");
}

static void bare_open(const char *name, const char *folder)
{
    static char text[TEXT_SIZE]; /* what stands for the registry: the only one there */
    char path[PATH_SIZE];
    sqlite3_stmt *ask;
    sqlite3 *db;

    snprintf(path, sizeof path, "%s/registries.db", folder);
    must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK, "a cache");
    must(sqlite3_prepare_v2(db, "SELECT registry FROM records", -1, &ask, NULL) == SQLITE_OK &&
             sqlite3_step(ask) == SQLITE_ROW,
         "a record in it");
    snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(ask, 0));
    sqlite3_finalize(ask);
    must(sqlite3_prepare_v2(db,
                            "SELECT record, block, time, read, quorum, source FROM records"
                            " WHERE name = ?1 AND registry = ?2",
                            -1, &row, NULL) == SQLITE_OK,
         "a statement");
    sqlite3_bind_text(row, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, text, -1, SQLITE_STATIC);
}

static void bare(void)
{
    must(sqlite3_step(row) == SQLITE_ROW && sqlite3_column_bytes(row, 0) > 0, "the row");
    sqlite3_reset(row);
}

int main(int argc, char **argv)
{
    static double us[2][TRIPS];
    const char *uris[] = {argc == 4 ? argv[1] : NULL};

    if (argc != 4) {
        fprintf(stderr, "usage: kept URI NAME FOLDER\n");
        return 2;
    }
    must(nectar_registry_open(&registry, uris, 1, NULL, NULL) == 0 &&
             nectar_registry_cache(registry, argv[3]) == 0,
         "a registry");
    nectar_registry_max_cached(registry, TIME_NEVER);
    must(nectar_registry_lookup(registry, argv[2], true, &(struct nectar_record){0}, NULL) == 0,
         "a lookup");
    bare_open(argv[2], argv[3]);
    for (int trip = -WARM; trip < TRIPS; trip++)
        for (int i = 0; i < 2; i++) {
            double start = now_s();

            if (i)
                bare();
            else
                look_up(argv[2]);
            if (trip >= 0)
                us[i][trip] = (now_s() - start) * 1e6;
        }
    printf("a lookup in the cache, us\t%.1f\t%.1f\n", median(us[0], TRIPS), median(us[1], TRIPS));
    nectar_registry_free(registry);
    return 0;
}
