#include "pki/sqlite_change.h"

#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/key.h>
#include <nectar/text.h>

#include "base/bytes.h"
#include "base/view.h"
#include "pki/record.h"
#include "pki/sqlite_row.h"

enum {
    CHANGE_MAX = 16 * 1024, /* bytes that are signed for one change */
    ROUTERS_TEXT = NECTAR_ROUTERS_MAX * (NECTAR_NAME_MAX + 1),
};

static const char REPLACE[] =
    "INSERT OR REPLACE INTO names (" SQLITE_ROW_COLUMNS ", name, sequence, signer, signature)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

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
    const uint8_t *signer; /* who makes this one; NULL: it is imported, and nobody signs */
    uint64_t sequence;
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
};

static int bind_signature(sqlite3_stmt *statement, const struct change *change)
{
    int code = change->signer ? bind_key(statement, 10, change->signer)
                              : sqlite3_bind_zeroblob(statement, 10, 0);

    if (code != SQLITE_OK)
        return code;
    return change->signer ? sqlite3_bind_blob(statement, 11, change->signature,
                                              NECTAR_SIGNATURE_BYTES, SQLITE_STATIC)
                          : sqlite3_bind_zeroblob(statement, 11, 0);
}

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
        code = bind_signature(statement, change);
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
    return code == SQLITE_DONE ? 0 : sqlite_write_failed(self, answer);
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

/* --- publishing: signed ---------------------------------------------------------------------- */

/* Within the transaction: read, check, write. *sequence stays 0 if nothing had to change. */
static int change_row(struct sqlite_registry *self, const struct nectar_record *record,
                      const struct nectar_key *signer, uint64_t *sequence,
                      struct nectar_answer *answer)
{
    struct change change = {.record = record, .signer = nectar_key_public(signer)};
    struct sqlite_row row;
    int found = sqlite_row_find(self, &row, record->name, answer);
    bool owned = found == 0 && sqlite_row_owned(&row);
    int error;

    if (found != 0 && found != NECTAR_EUNKNOWN)
        return found;
    if (found == 0 && nectar_record_equal(&row.record, record))
        return 0;
    change.owner = record->has_key ? record->key : change.signer;
    error = next_sequence(self, &change.sequence, answer);
    if (!error)
        error = sign_change(&change, signer, owned ? row.owner : change.owner);
    if (error == NECTAR_EREJECTED)
        pki_reason(answer, &self->base,
                   owned ? "%s belongs to another key: its present key must sign the change"
                         : "%s is new: the key in its record must sign it",
                   record->name);
    if (!error)
        error = write_row(self, &change, answer);
    if (!error)
        *sequence = change.sequence;
    return error;
}

int sqlite_publish(struct pki_driver *driver, const struct nectar_record *record,
                   const struct nectar_key *signer, uint64_t *sequence,
                   struct nectar_answer *answer)
{
    struct sqlite_registry *self = (struct sqlite_registry *)driver;
    uint64_t made = 0;
    bool is_new;
    int error = sqlite_begin_write(self, &is_new, answer);
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

/* --- importing: whoever may write the file may put in what is not there ------------------------
 */

/* Whom an imported name belongs to. Without a key of its own, and an owner that has one, that is
 * nobody: zeros, which no signature is of. */
static void find_owner(uint8_t out[NECTAR_PUBLIC_BYTES], const struct nectar_listing *listing)
{
    if (listing->record.has_key)
        memcpy(out, listing->record.key, NECTAR_PUBLIC_BYTES);
    else if (nectar_hex_decode(out, NECTAR_PUBLIC_BYTES, listing->owner) != 0)
        memset(out, 0, NECTAR_PUBLIC_BYTES);
}

static int refuse(const struct sqlite_registry *self, struct nectar_import *item)
{
    struct nectar_answer why;

    item->error = NECTAR_EREJECTED;
    pki_reason(&why, &self->base, "%s has another record here, which only its key can change",
               item->listing->record.name);
    memcpy(item->reason, why.reason, sizeof item->reason);
    return 0;
}

/* Within the transaction. What concerns the item alone goes into it. */
static int import_row(struct sqlite_registry *self, struct nectar_import *item,
                      struct nectar_answer *answer)
{
    const struct nectar_record *record = &item->listing->record;
    uint8_t owner[NECTAR_PUBLIC_BYTES];
    struct change change = {.record = record, .owner = owner};
    struct sqlite_row row;
    int error = sqlite_row_find(self, &row, record->name, answer);

    if (error == 0 && nectar_record_equal(&row.record, record))
        return 0;
    if (error == 0 && sqlite_row_owned(&row))
        return refuse(self, item);
    if (error != 0 && error != NECTAR_EUNKNOWN)
        return error;
    find_owner(owner, item->listing);
    error = next_sequence(self, &change.sequence, answer);
    if (!error)
        error = write_row(self, &change, answer);
    if (!error)
        item->sequence = change.sequence;
    return error;
}

int sqlite_import(struct pki_driver *driver, struct nectar_import *items, size_t count,
                  struct nectar_answer *answer)
{
    struct sqlite_registry *self = (struct sqlite_registry *)driver;
    bool is_new;
    int error = sqlite_begin_write(self, &is_new, answer);

    for (size_t i = 0; i < count && !error; i++)
        if (items[i].error == 0)
            error = import_row(self, &items[i], answer);
    if (!error)
        error = sqlite_commit(self, answer);
    sqlite_roll_back(self);
    return error;
}

int sqlite_init(struct pki_driver *driver, bool *made, struct nectar_answer *answer)
{
    struct sqlite_registry *self = (struct sqlite_registry *)driver;
    int error = sqlite_open_read(self, answer);

    /* One that is there is not touched: it may be open to be read alone. */
    if (error != NECTAR_EUNREACHABLE)
        return error;
    answer->reason[0] = '\0';
    error = sqlite_begin_write(self, made, answer);
    if (!error)
        error = sqlite_commit(self, answer);
    sqlite_roll_back(self);
    *made = *made && !error;
    return error;
}
