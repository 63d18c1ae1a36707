#include "unit/shared/embedded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>
#include <sqlite3.h>

struct embedded embedded;

void embedded_open(const char *path)
{
    char uri[300];
    const char *uris[] = {uri};

    nectar_registry_free(embedded.registry);
    embedded.registry = NULL;
    snprintf(uri, sizeof uri, "sqlite:%s", path);
    assert_int_equal(nectar_registry_open(&embedded.registry, uris, 1, NULL, NULL), 0);
}

int embedded_begin(void **state)
{
    (void)state;
    memset(&embedded, 0, sizeof embedded);
    scratch_begin(&embedded.scratch);
    snprintf(embedded.path, sizeof embedded.path, "%s",
             scratch_path(&embedded.scratch, "a/b/registry.db"));
    embedded_open(embedded.path);
    assert_int_equal(nectar_key_generate(&embedded.squid, NULL), 0);
    return nectar_key_generate(&embedded.other, NULL);
}

int embedded_end(void **state)
{
    (void)state;
    nectar_registry_free(embedded.registry);
    nectar_key_free(embedded.squid);
    nectar_key_free(embedded.other);
    scratch_end(&embedded.scratch);
    return 0;
}

struct nectar_record embedded_record(const char *name, const struct nectar_key *key)
{
    struct nectar_record record = {.has_key = key != NULL, .ws = {"::1", 9002}};

    snprintf(record.name, sizeof record.name, "%s", name);
    if (key)
        memcpy(record.key, nectar_key_public(key), sizeof record.key);
    return record;
}

int64_t embedded_publish(const struct nectar_record *record, const struct nectar_key *signer)
{
    uint64_t sequence = 77;
    int error =
        nectar_registry_publish(embedded.registry, record, signer, &sequence, &embedded.answer);

    assert_true(error == 0 || sequence == 0);
    assert_true((error == 0) == (embedded.answer.reason[0] == '\0'));
    return error ? error : (int64_t)sequence;
}

int embedded_lookup(const char *name, struct nectar_record *out)
{
    return nectar_registry_lookup(embedded.registry, name, true, out, &embedded.answer);
}

void embedded_assert_reason(const char *part)
{
    if (!strstr(embedded.answer.reason, part))
        fail_msg("reason is: %s", embedded.answer.reason);
}

void embedded_run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}
