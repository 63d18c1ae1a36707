#include "pki/nonce.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/view.h"
#include "codec/json.h"
#include "pki/tx.h"

enum {
    VERSION = 1,         /* of what is in a file */
    NAMES_MAX = 1 << 20, /* bytes of the names of all files there */
    FILE_MAX = 2 * NECTAR_TX_MAX + 1024,
    GENESIS_SHOWN = 8, /* bytes of its hash: enough to tell chains of one id apart */
    NONCE_DIGITS = 20,
    HASH_DIGITS = 2 * NECTAR_HASH_BYTES,
};

#define SUFFIX ".json"

enum { FILE_NAME = NONCE_DIGITS + 1 + HASH_DIGITS + sizeof SUFFIX - 1 };

/* --- names ----------------------------------------------------------------------------------- */

static char *folder_of(const struct nonce_owner *owner)
{
    char from[2 * NECTAR_ACCOUNT_BYTES + 1];
    char genesis[2 * GENESIS_SHOWN + 1];
    char *out = NULL;

    nectar_hex_encode(from, owner->from, NECTAR_ACCOUNT_BYTES);
    nectar_hex_encode(genesis, owner->genesis, GENESIS_SHOWN);
    if (asprintf(&out, "%s/%" PRIu64 "-0x%s-%s", owner->state, owner->chain, from, genesis) < 0)
        return NULL;
    return out;
}

static char *path_of(const char *folder, uint64_t nonce, const uint8_t hash[NECTAR_HASH_BYTES])
{
    char digits[HASH_DIGITS + 1];
    char *out = NULL;

    nectar_hex_encode(digits, hash, NECTAR_HASH_BYTES);
    /* All of one length, so that they stand in order where they are listed. */
    if (asprintf(&out, "%s/%020" PRIu64 "-%s" SUFFIX, folder, nonce, digits) < 0)
        return NULL;
    return out;
}

/* Reads NONCE-HASH.json; false if it is no such name. */
static bool read_name(struct nonce_entry *out, const char *name)
{
    char digits[HASH_DIGITS + 1];
    uint64_t nonce = 0;

    if (strlen(name) != FILE_NAME || name[NONCE_DIGITS] != '-' ||
        strcmp(name + FILE_NAME - (sizeof SUFFIX - 1), SUFFIX) != 0)
        return false;
    for (size_t i = 0; i < NONCE_DIGITS; i++) {
        uint64_t digit = (uint64_t)(name[i] - '0');

        if (name[i] < '0' || name[i] > '9' || nonce > (UINT64_MAX - digit) / 10)
            return false;
        nonce = nonce * 10 + digit;
    }
    memcpy(digits, name + NONCE_DIGITS + 1, HASH_DIGITS);
    digits[HASH_DIGITS] = '\0';
    out->nonce = nonce;
    return nectar_hex_decode(out->tx.hash, NECTAR_HASH_BYTES, digits) == 0;
}

/* --- reading --------------------------------------------------------------------------------- */

/* Reads "raw" into the entry, whose name says what its nonce and hash must be. */
static int read_raw(struct nonce_entry *entry, const struct json *object)
{
    struct nectar_tx tx = {.chain = 0};
    const char *hex = NULL;
    uint8_t *raw;
    size_t len;
    int error = json_text(&hex, json_field(object, "raw"));

    if (error)
        return error;
    len = strlen(hex) / 2;
    raw = malloc(len ? len : 1);
    if (!raw)
        return NECTAR_ENOMEM;
    error = nectar_hex_decode(raw, len, hex);
    if (!error)
        error = nectar_tx_decode(&tx, raw, len);
    free(raw);
    if (!error && (tx.nonce != entry->nonce || memcmp(tx.hash, entry->tx.hash, sizeof tx.hash)))
        error = NECTAR_EFORMAT;
    if (error)
        nectar_tx_wipe(&tx);
    else
        entry->tx = tx;
    return error;
}

static int read_text(struct nonce_entry *entry, struct nectar_view text)
{
    struct json *object = NULL;
    const char *name = NULL;
    uint64_t version = 0;
    int error = json_parse(&object, text, NULL);

    if (!error && (json_uint(&version, json_field(object, "v"), UINT32_MAX) || version != VERSION))
        error = NECTAR_EFORMAT;
    if (!error)
        error = json_text(&name, json_field(object, "name"));
    if (!error && !view_copy_text(entry->name, sizeof entry->name, view_of_text(name)))
        error = NECTAR_EFORMAT;
    if (!error)
        error = read_raw(entry, object);
    json_free(object);
    return error;
}

static int read_entry(struct nonce_entry *entry, const char *folder)
{
    char *path = path_of(folder, entry->nonce, entry->tx.hash);
    struct bytes text;
    int error;

    if (!path)
        return NECTAR_ENOMEM;
    bytes_init(&text, FILE_MAX);
    error = file_read(&text, path, NULL);
    free(path);
    if (!error)
        error = read_text(entry, bytes_view(&text));
    bytes_free(&text);
    if (error == NECTAR_EFORMAT || error == NECTAR_ETOOBIG) {
        entry->damaged = true;
        entry->name[0] = '\0';
        error = 0;
    }
    return error;
}

static int add_entry(struct nonce_journal *journal, const struct nonce_entry *entry)
{
    struct nonce_entry *grown =
        realloc(journal->entries, (journal->count + 1) * sizeof *journal->entries);

    if (!grown)
        return NECTAR_ENOMEM;
    journal->entries = grown;
    grown[journal->count++] = *entry;
    return 0;
}

static int by_nonce(const void *a, const void *b)
{
    uint64_t left = ((const struct nonce_entry *)a)->nonce;
    uint64_t right = ((const struct nonce_entry *)b)->nonce;

    return left < right ? -1 : left > right;
}

static int read_entries(struct nonce_journal *journal)
{
    struct bytes names;
    int error;

    bytes_init(&names, NAMES_MAX);
    error = folder_list(&names, journal->folder);
    for (size_t at = 0; at < names.len && !error;) {
        const char *name = (const char *)names.data + at;
        struct nonce_entry entry = {.nonce = 0};

        at += strlen(name) + 1;
        if (!read_name(&entry, name))
            continue; /* the lock, or what a killed process left half written */
        error = read_entry(&entry, journal->folder);
        if (error == NECTAR_EIO && errno == ENOENT) {
            /* Whoever has waited for it does not need the lock to forget it: it is settled. */
            error = 0;
            continue;
        }
        if (!error)
            error = add_entry(journal, &entry);
        if (error)
            nectar_tx_wipe(&entry.tx);
    }
    bytes_free(&names);
    if (journal->count > 1)
        qsort(journal->entries, journal->count, sizeof *journal->entries, by_nonce);
    return error;
}

int nonce_open(struct nonce_journal *out, const struct nonce_owner *owner, uint64_t wait)
{
    struct nonce_journal journal = {.folder = folder_of(owner)};
    char *lock = NULL;
    int error = NECTAR_ENOMEM;

    if (!journal.folder || asprintf(&lock, "%s/lock", journal.folder) < 0)
        goto done;
    error = folder_lock(&journal.lock, lock, wait);
    journal.locked = error == 0;
    if (!error)
        error = read_entries(&journal);
done:
    free(lock);
    if (error)
        nonce_close(&journal);
    else
        *out = journal;
    return error;
}

void nonce_unlock(struct nonce_journal *journal)
{
    if (journal->locked)
        folder_unlock(journal->lock);
    journal->locked = false;
}

void nonce_close(struct nonce_journal *journal)
{
    nonce_unlock(journal);
    for (size_t i = 0; i < journal->count; i++)
        nectar_tx_wipe(&journal->entries[i].tx);
    free(journal->entries);
    free(journal->folder);
    memset(journal, 0, sizeof *journal);
}

/* --- writing --------------------------------------------------------------------------------- */

static int write_entry(struct bytes *out, const char *name, const struct nectar_tx *tx)
{
    struct json_writer writer = {.out = out};
    char *hex = malloc(2 * tx->raw_len + 1);

    if (!hex)
        return NECTAR_ENOMEM;
    nectar_hex_encode(hex, tx->raw, tx->raw_len);
    json_open_object(&writer);
    json_write_key(&writer, "v");
    json_write_uint(&writer, VERSION);
    json_write_key(&writer, "name");
    json_write_text(&writer, view_of_text(name));
    json_write_key(&writer, "raw");
    json_write_text(&writer, view_of_text(hex));
    json_close_object(&writer);
    free(hex);
    return writer.error;
}

int nonce_note(struct nonce_journal *journal, const char *name, const struct nectar_tx *tx)
{
    struct nonce_entry entry = {.nonce = tx->nonce};
    char *path = path_of(journal->folder, tx->nonce, tx->hash);
    struct bytes text;
    int error = path ? 0 : NECTAR_ENOMEM;

    bytes_init(&text, FILE_MAX);
    if (!error && !view_copy_text(entry.name, sizeof entry.name, view_of_text(name)))
        error = NECTAR_ETOOBIG;
    if (!error)
        error = tx_copy(&entry.tx, tx);
    if (!error)
        error = write_entry(&text, name, tx);
    if (!error)
        error = add_entry(journal, &entry);
    if (error) {
        nectar_tx_wipe(&entry.tx);
    } else {
        error = file_create(path, bytes_view(&text));
        if (error) {
            journal->count--;
            nectar_tx_wipe(&entry.tx);
        }
    }
    bytes_free(&text);
    free(path);
    return error;
}

int nonce_forget(const struct nonce_journal *journal, uint64_t nonce,
                 const uint8_t hash[NECTAR_HASH_BYTES])
{
    char *path = path_of(journal->folder, nonce, hash);
    int error = path ? folder_remove(path) : NECTAR_ENOMEM;

    free(path);
    return error;
}

uint64_t nonce_free(const struct nonce_journal *journal, uint64_t next)
{
    /* A new entry stands at the end, so until a nonce is free of all of them, try again. */
    for (bool taken = true; taken;) {
        taken = false;
        for (size_t i = 0; i < journal->count && !taken; i++)
            taken = journal->entries[i].nonce == next;
        next += taken;
    }
    return next;
}
