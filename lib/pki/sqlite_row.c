#include "pki/sqlite_row.h"

#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "pki/record.h"

enum column { KEY, WS_HOST, WS_PORT, TCP_HOST, TCP_PORT, ROUTERS, OWNER };

static const char SELECT[] = "SELECT " SQLITE_ROW_COLUMNS " FROM names WHERE name = ?1";

static bool read_key(uint8_t out[NECTAR_PUBLIC_BYTES], sqlite3_stmt *row, enum column column)
{
    const void *key = sqlite3_column_blob(row, (int)column);

    if (!key || sqlite3_column_bytes(row, (int)column) != NECTAR_PUBLIC_BYTES)
        return false;
    memcpy(out, key, NECTAR_PUBLIC_BYTES);
    return true;
}

static struct nectar_view read_text(sqlite3_stmt *row, enum column column)
{
    const uint8_t *text = sqlite3_column_text(row, (int)column);
    int len = sqlite3_column_bytes(row, (int)column);

    return (struct nectar_view){text, text && len > 0 ? (size_t)len : 0};
}

static bool read_address(struct nectar_address *out, sqlite3_stmt *row, enum column host)
{
    sqlite3_int64 port = sqlite3_column_int64(row, (int)host + 1);

    if (sqlite3_column_type(row, (int)host) == SQLITE_NULL)
        return true;
    if (port < 1 || port > UINT16_MAX)
        return false;
    out->port = (uint16_t)port;
    return view_copy_text(out->host, sizeof out->host, read_text(row, host));
}

static bool read_routers(struct nectar_record *out, struct nectar_view list)
{
    while (list.len > 0) {
        struct nectar_view one = list;
        struct nectar_view rest = {NULL, 0};

        if (out->router_count == NECTAR_ROUTERS_MAX)
            return false;
        (void)view_split(list, ' ', &one, &rest);
        if (!view_copy_text(out->routers[out->router_count++], sizeof out->routers[0], one))
            return false;
        list = rest;
    }
    return true;
}

bool sqlite_row_read(struct sqlite_row *out, sqlite3_stmt *row, struct nectar_view name)
{
    struct nectar_record *record = &out->record;

    memset(out, 0, sizeof *out);
    record->has_key = sqlite3_column_type(row, KEY) != SQLITE_NULL;
    return view_copy_text(record->name, sizeof record->name, name) &&
           (!record->has_key || read_key(record->key, row, KEY)) &&
           read_address(&record->ws, row, WS_HOST) && read_address(&record->tcp, row, TCP_HOST) &&
           read_routers(record, read_text(row, ROUTERS)) && read_key(out->owner, row, OWNER) &&
           record_check(record) == 0;
}

bool sqlite_row_owned(const struct sqlite_row *row)
{
    static const uint8_t NOBODY[NECTAR_PUBLIC_BYTES];

    return memcmp(row->owner, NOBODY, sizeof row->owner) != 0;
}

/* The statement that looks up a name: making it costs more than running it. */
static int ask_for(struct sqlite_registry *self, const char *name)
{
    int code = SQLITE_OK;

    if (!self->select)
        code = sqlite3_prepare_v3(self->db, SELECT, -1, SQLITE_PREPARE_PERSISTENT, &self->select,
                                  NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(self->select, 1, name, -1, SQLITE_STATIC);
    return code == SQLITE_OK ? sqlite3_step(self->select) : code;
}

int sqlite_row_find(struct sqlite_registry *self, struct sqlite_row *out, const char *name,
                    struct nectar_answer *answer)
{
    int code = ask_for(self, name);
    int error = 0;

    if (code == SQLITE_DONE) {
        error = NECTAR_EUNKNOWN;
    } else if (code != SQLITE_ROW) {
        return sqlite_failed(self, answer);
    } else if (!sqlite_row_read(out, self->select, view_of_text(name))) {
        pki_reason(answer, &self->base, "the row of %s is damaged", name);
        error = NECTAR_EUNREACHABLE;
    }
    /* The next one sees what has changed since, and nobody is kept waiting. */
    sqlite3_reset(self->select);
    sqlite3_clear_bindings(self->select);
    return error;
}
