/* The embedded registry: a table in an SQLite file, for many processes at once. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/bytes.h"
#include "base/view.h"
#include "pki/driver.h"
#include "pki/record.h"
#include "pki/sqlite_file.h"

enum {
    CHANGE_MAX = 16 * 1024, /* bytes that are signed for one change */
    ROUTERS_TEXT = NECTAR_ROUTERS_MAX * (NECTAR_NAME_MAX + 1),
};

enum column { KEY, WS_HOST, WS_PORT, TCP_HOST, TCP_PORT, ROUTERS, OWNER };

static const char SELECT[] = "SELECT key, ws_host, ws_port, tcp_host, tcp_port, routers, owner"
                             " FROM names WHERE name = ?1";
static const char REPLACE[] =
    "INSERT OR REPLACE INTO names (key, ws_host, ws_port, tcp_host, tcp_port, routers, owner,"
    " name, sequence, signer, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/* What stands in the registry under a name. */
struct row {
    struct nectar_record record;
    uint8_t owner[NECTAR_PUBLIC_BYTES];
};

/* --- reading a row --------------------------------------------------------------------------- */

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

static bool read_row(struct row *out, sqlite3_stmt *row, const char *name)
{
    struct nectar_record *record = &out->record;

    memset(out, 0, sizeof *out);
    record->has_key = sqlite3_column_type(row, KEY) != SQLITE_NULL;
    return view_copy_text(record->name, sizeof record->name, view_of_text(name)) &&
           (!record->has_key || read_key(record->key, row, KEY)) &&
           read_address(&record->ws, row, WS_HOST) && read_address(&record->tcp, row, TCP_HOST) &&
           read_routers(record, read_text(row, ROUTERS)) && read_key(out->owner, row, OWNER) &&
           record_check(record) == 0;
}

/* The statement that looks up a name: making it costs more than running it. */
static int ask_for(struct sqlite_registry *self, const char *name)
{
    int code = SQLITE_OK;

    if (!self->lookup)
        code = sqlite3_prepare_v3(self->db, SELECT, -1, SQLITE_PREPARE_PERSISTENT, &self->lookup,
                                  NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(self->lookup, 1, name, -1, SQLITE_STATIC);
    return code == SQLITE_OK ? sqlite3_step(self->lookup) : code;
}

/* The row of a name. NECTAR_EUNKNOWN if there is none. */
static int find(struct sqlite_registry *self, struct row *out, const char *name,
                struct nectar_answer *answer)
{
    int code = ask_for(self, name);
    int error = 0;

    if (code == SQLITE_DONE) {
        error = NECTAR_EUNKNOWN;
    } else if (code != SQLITE_ROW) {
        return sqlite_failed(self, answer);
    } else if (!read_row(out, self->lookup, name)) {
        pki_reason(answer, &self->base, "the row of %s is damaged", name);
        error = NECTAR_EUNREACHABLE;
    }
    /* The next one sees what has changed since, and nobody is kept waiting. */
    sqlite3_reset(self->lookup);
    sqlite3_clear_bindings(self->lookup);
    return error;
}

static int lookup(struct pki_driver *driver, const char *name, bool fresh,
                  struct nectar_record *out, struct nectar_answer *answer)
{
    struct sqlite_registry *self = (struct sqlite_registry *)driver;
    struct row row;
    int error = sqlite_open_read(self, answer);

    (void)fresh; /* always is */
    if (!error)
        error = find(self, &row, name, answer);
    if (!error)
        *out = row.record;
    return error;
}

/* --- writing a row --------------------------------------------------------------------------- */

/* A change as it is signed: a purpose, its number, the record. */
static int pack_change(struct bytes *out, const struct nectar_record *record, uint64_t sequence)
{
    static const char PURPOSE[] = "nectar registry change 1";
    uint8_t number[8];
    int error;

    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(sequence >> (56 - 8 * i));
    error = bytes_append(out, PURPOSE, sizeof PURPOSE);
    if (!error)
        error = bytes_append(out, number, sizeof number);
    return error ? error : record_pack(out, record);
}

static int bind_address(sqlite3_stmt *statement, int first, const struct nectar_address *address)
{
    int code;

    if (address->port == 0)
        return SQLITE_OK; /* unbound is NULL */
    code = sqlite3_bind_text(statement, first, address->host, -1, SQLITE_STATIC);
    return code == SQLITE_OK ? sqlite3_bind_int(statement, first + 1, address->port) : code;
}

static int bind_routers(sqlite3_stmt *statement, int at, const struct nectar_record *record)
{
    char text[ROUTERS_TEXT] = "";
    size_t len = 0;

    for (size_t i = 0; i < record->router_count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "",
                                record->routers[i]);
    return sqlite3_bind_text(statement, at, text, (int)len, SQLITE_TRANSIENT);
}

static int bind_key(sqlite3_stmt *statement, int at, const uint8_t key[NECTAR_PUBLIC_BYTES])
{
    return sqlite3_bind_blob(statement, at, key, NECTAR_PUBLIC_BYTES, SQLITE_STATIC);
}

struct change {
    const struct nectar_record *record;
    const uint8_t *owner;  /* who may make the next change */
    const uint8_t *signer; /* who makes this one */
    uint64_t sequence;
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
};

static int bind_change(sqlite3_stmt *statement, const struct change *change)
{
    const struct nectar_record *record = change->record;
    int code = record->has_key ? bind_key(statement, 1, record->key) : SQLITE_OK;

    if (code == SQLITE_OK)
        code = bind_address(statement, 2, &record->ws);
    if (code == SQLITE_OK)
        code = bind_address(statement, 4, &record->tcp);
    if (code == SQLITE_OK)
        code = bind_routers(statement, 6, record);
    if (code == SQLITE_OK)
        code = bind_key(statement, 7, change->owner);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(statement, 8, record->name, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_bind_int64(statement, 9, (sqlite3_int64)change->sequence);
    if (code == SQLITE_OK)
        code = bind_key(statement, 10, change->signer);
    if (code == SQLITE_OK)
        code = sqlite3_bind_blob(statement, 11, change->signature, NECTAR_SIGNATURE_BYTES,
                                 SQLITE_STATIC);
    return code;
}

static int write_row(struct sqlite_registry *self, const struct change *change,
                     struct nectar_answer *answer)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(self->db, REPLACE, -1, &statement, NULL);

    if (code == SQLITE_OK)
        code = bind_change(statement, change);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? 0 : sqlite_failed(self, answer);
}

static int next_sequence(struct sqlite_registry *self, uint64_t *out, struct nectar_answer *answer)
{
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(self->db, "SELECT max(sequence) FROM names", -1, &statement, NULL);
    sqlite3_int64 last = -1;

    if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        last = sqlite3_column_int64(statement, 0); /* 0 of an empty table's NULL */
    code = sqlite3_finalize(statement);
    if (code != SQLITE_OK)
        return sqlite_failed(self, answer);
    if (last < 0 || last == INT64_MAX) {
        pki_reason(answer, &self->base, "its sequence numbers are damaged");
        return NECTAR_EUNREACHABLE;
    }
    *out = (uint64_t)last + 1;
    return 0;
}

/* Signs the change and holds the signature against the key that may make it: the one that stands
 * in the registry or, for a new name, the record's own. */
static int sign_change(struct change *change, const struct nectar_key *signer,
                       const uint8_t *allowed)
{
    struct bytes bytes;
    int error;

    bytes_init(&bytes, CHANGE_MAX);
    error = pack_change(&bytes, change->record, change->sequence);
    if (!error) {
        nectar_key_sign(change->signature, signer, bytes.data, bytes.len);
        if (!nectar_key_verify(change->signature, allowed, bytes.data, bytes.len))
            error = NECTAR_EREJECTED;
    }
    bytes_free(&bytes);
    return error;
}

/* Within the transaction: read, check, write. *sequence stays 0 if nothing had to change. */
static int change_row(struct sqlite_registry *self, const struct nectar_record *record,
                      const struct nectar_key *signer, uint64_t *sequence,
                      struct nectar_answer *answer)
{
    struct change change = {.record = record, .signer = nectar_key_public(signer)};
    const uint8_t *allowed;
    struct row row;
    int found = find(self, &row, record->name, answer);
    int error;

    if (found != 0 && found != NECTAR_EUNKNOWN)
        return found;
    if (found == 0 && nectar_record_equal(&row.record, record))
        return 0;
    change.owner = record->has_key ? record->key : change.signer;
    allowed = found == 0 ? row.owner : change.owner;
    error = next_sequence(self, &change.sequence, answer);
    if (!error)
        error = sign_change(&change, signer, allowed);
    if (error == NECTAR_EREJECTED)
        pki_reason(answer, &self->base,
                   found == 0 ? "%s belongs to another key: its present key must sign the change"
                              : "%s is new: the key in its record must sign it",
                   record->name);
    if (!error)
        error = write_row(self, &change, answer);
    if (!error)
        *sequence = change.sequence;
    return error;
}

static int publish(struct pki_driver *driver, const struct nectar_record *record,
                   const struct nectar_key *signer, uint64_t *sequence,
                   struct nectar_answer *answer)
{
    struct sqlite_registry *self = (struct sqlite_registry *)driver;
    uint64_t made = 0;
    int error = sqlite_begin_write(self, answer);
    bool refused;

    if (!error)
        error = change_row(self, record, signer, &made, answer);
    refused = error == NECTAR_EREJECTED;
    /* Without a change too: the registry itself may be new. */
    if (!error || refused) {
        int ended = sqlite_commit(self, answer);

        error = ended ? ended : error;
    }
    sqlite_roll_back(self);
    if (!error)
        *sequence = made;
    return error;
}

/* --- the driver ------------------------------------------------------------------------------ */

static void free_registry(struct pki_driver *driver)
{
    struct sqlite_registry *self = (struct sqlite_registry *)driver;

    sqlite_close(self);
    free(self->path);
    free(self);
}

static int open_registry(struct pki_driver **out, const char *rest, const struct pki_web *web,
                         char reason[NECTAR_REASON_MAX + 1])
{
    struct sqlite_registry *self = calloc(1, sizeof *self);
    int error;

    (void)web;
    if (!self)
        return NECTAR_ENOMEM;
    self->base.kind = &PKI_SQLITE;
    error = pki_file_uri(&self->path, &self->base, rest, reason);
    if (error)
        free_registry(&self->base);
    else
        *out = &self->base;
    return error;
}

const struct pki_kind PKI_SQLITE = {
    .scheme = "sqlite",
    .open = open_registry,
    .lookup = lookup,
    .publish = publish,
    .free = free_registry,
};
