/*
 * A name is changed through its account, by its owner; a name is made through the account of what
 * it is under, by the owner of that, or by anyone where that account makes names for all.
 */
#include "pki/hypermap_change.h"

#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "pki/hypermap.h"
#include "pki/hypermap_account.h"
#include "pki/hypermap_text.h"
#include "pki/name.h"

static struct hypermap *hypermap_of(struct pki_driver *driver)
{
    return (struct hypermap *)driver;
}

static int ask(struct pki_driver *driver, struct pki_call *out, const char *name)
{
    struct hypermap *self = hypermap_of(driver);
    uint8_t hashes[HYPERMAP_ASKED][HYPERMAP_HASH_BYTES];

    if (name_check_full(name) != 0)
        return NECTAR_ENAME;
    hypermap_hashes(hashes, name);
    memcpy(out->to, self->at.multicall, sizeof out->to);
    return hypermap_write_gets(&out->data, self->at.hypermap,
                               (const uint8_t(*)[HYPERMAP_HASH_BYTES])hashes, HYPERMAP_ASKED);
}

static int read_entries(struct hypermap_entry out[HYPERMAP_ASKED], struct nectar_view reply)
{
    uint64_t block;

    return hypermap_read_gets(out, HYPERMAP_ASKED, &block, reply);
}

/* All that the notes say, so that what is to be taken away is seen. */
static int read_standing(struct pki_driver *driver, struct pki_standing *out, const char *name,
                         struct nectar_view reply)
{
    struct hypermap *self = hypermap_of(driver);
    struct hypermap_entry entries[HYPERMAP_ASKED];
    struct hypermap_notes notes;
    int error = read_entries(entries, reply);

    memset(out, 0, sizeof *out);
    if (error)
        return error;
    out->exists = hypermap_exists(&entries[HYPERMAP_SELF]);
    if (!out->exists)
        return 0;
    memcpy(out->owner, entries[HYPERMAP_SELF].owner, sizeof out->owner);
    hypermap_notes_of(&notes, entries);
    hypermap_note_read(&out->record, name, &notes);
    (void)hypermap_name_routers(self, self->chain.id, &out->record);
    return 0;
}

/* --- a name that is there -------------------------------------------------------------------- */

/* What stands there, as far as it is known; nothing, of a name that is being made. */
static int write_plan(struct bytes *out, const struct hypermap *self,
                      const struct hypermap_notes *before, const struct hypermap_notes *after)
{
    struct hypermap_change changes[HYPERMAP_NOTES];
    size_t count = hypermap_note_plan(changes, before, after);

    return count > 0 ? hypermap_write_notes(out, &self->at, changes, count) : 0;
}

static int change_there(struct hypermap *self, struct pki_call *out, const struct pki_wish *wish,
                        const struct hypermap_entry entries[HYPERMAP_ASKED],
                        const struct hypermap_notes *after, struct nectar_answer *answer)
{
    const struct hypermap_entry *name = &entries[HYPERMAP_SELF];
    struct hypermap_notes before;
    int error;

    hypermap_notes_of(&before, entries);
    error = write_plan(&out->data, self, &before, after);
    if (error || out->data.len == 0)
        return error;
    if (memcmp(name->owner, wish->from, sizeof name->owner) != 0) {
        char owner[NECTAR_ACCOUNT_TEXT_SIZE];

        nectar_account_format(owner, name->owner);
        pki_reason(answer, &self->chain.base, "%s belongs to %s", wish->after->name, owner);
        return NECTAR_EREJECTED;
    }
    memcpy(out->to, name->account, sizeof out->to);
    return 0;
}

/* Nobody was asked: the whole record, by the account that such a name has. */
static int change_unseen(struct hypermap *self, struct pki_call *out, const struct pki_wish *wish,
                         const struct hypermap_notes *after, struct nectar_answer *answer)
{
    uint8_t hash[HYPERMAP_HASH_BYTES];

    if (wish->mint) {
        pki_reason(
            answer, &self->chain.base,
            "without asking anyone, a name cannot be made: what it is under has to be known");
        return NECTAR_EURI;
    }
    hypermap_hash_name(hash, wish->after->name);
    hypermap_account_of(out->to, self->chain.id, self->at.hypermap, hash);
    return write_plan(&out->data, self, NULL, after);
}

/* --- a name that is made --------------------------------------------------------------------- */

static bool is_under_os_on_base(const struct hypermap *self, const char *name)
{
    const char *above = strchr(name, '.') + 1;

    return self->chain.id == HYPERMAP_BASE_CHAIN && strcmp(above, "os") == 0;
}

/* May from make a name here, as far as we can do it? */
static int check_mint(const struct hypermap *self, const struct pki_wish *wish,
                      const struct hypermap_entry *above, bool owned, struct nectar_answer *answer)
{
    const struct pki_driver *driver = &self->chain.base;
    const char *name = wish->after->name;
    struct nectar_view label = {(const uint8_t *)name, strcspn(name, ".")};
    const char *refusal = hypermap_label_refusal(label, 0);

    if (!wish->mint)
        pki_reason(answer, driver, "there is no %s, and publishing does not make it: --mint does",
                   name);
    else if (!hypermap_exists(above))
        pki_reason(answer, driver, "there is no %s, under which %s would be", strchr(name, '.') + 1,
                   name);
    else if (refusal)
        pki_reason(answer, driver, "no label that it takes: %s", refusal);
    else if (!owned && is_under_os_on_base(self, name))
        pki_reason(answer, driver,
                   "names under .os take two transactions on Base, which this does not send: one"
                   " commits to the name (9 letters at least), and after a while another makes it."
                   " Register %s as the network does it, and then publish",
                   name);
    else
        return 0;
    return NECTAR_EREJECTED;
}

/* The parent's owner has its account call Hypermap; anybody else asks the account itself. */
static int write_mint(struct hypermap *self, struct pki_call *out, const struct pki_wish *wish,
                      struct nectar_view notes, bool owned)
{
    const char *name = wish->after->name;
    struct nectar_view label = {(const uint8_t *)name, strcspn(name, ".")};
    struct bytes mint;
    int error;

    if (!owned)
        return hypermap_write_mint(&out->data, &self->at, wish->from, label, notes);
    bytes_init(&mint, HYPERMAP_CALLDATA_MAX);
    error = hypermap_write_mint(&mint, &self->at, wish->from, label, notes);
    if (!error)
        error =
            hypermap_write_execute(&out->data, self->at.hypermap, bytes_view(&mint), HYPERMAP_CALL);
    bytes_free(&mint);
    return error;
}

static int change_new(struct hypermap *self, struct pki_call *out, const struct pki_wish *wish,
                      const struct hypermap_entry *above, const struct hypermap_notes *after,
                      struct nectar_answer *answer)
{
    static const struct hypermap_notes NONE;
    bool owned = memcmp(above->owner, wish->from, sizeof above->owner) == 0;
    int error = check_mint(self, wish, above, owned, answer);
    struct bytes notes;

    if (error)
        return error;
    memcpy(out->to, above->account, sizeof out->to);
    bytes_init(&notes, HYPERMAP_CALLDATA_MAX);
    error = write_plan(&notes, self, &NONE, after);
    if (!error)
        error = write_mint(self, out, wish, bytes_view(&notes), owned);
    bytes_free(&notes);
    return error;
}

/* --- both ------------------------------------------------------------------------------------ */

/* Whom we route by is known by name here from now on. */
static void learn_routers(struct hypermap *self, const struct nectar_record *record)
{
    struct namebook *book = hypermap_book(self, self->chain.id);

    for (size_t i = 0; book && i < record->router_count; i++)
        if (name_check_full(record->routers[i]) == 0)
            (void)namebook_learn(book, record->routers[i]);
}

static int change(struct pki_driver *driver, struct pki_call *out, const struct pki_wish *wish,
                  const struct pki_standing *standing, struct nectar_answer *answer)
{
    struct hypermap *self = hypermap_of(driver);
    struct hypermap_entry entries[HYPERMAP_ASKED];
    struct hypermap_notes after;
    uint8_t room[HYPERMAP_ROOM];
    const char *why = NULL;
    int error = hypermap_note_write(&after, room, wish->after, &why);

    if (error) {
        pki_reason(answer, driver, "%s: %s", wish->after->name, why);
        return error;
    }
    if (!standing)
        return change_unseen(self, out, wish, &after, answer);
    error = read_entries(entries, standing->reply);
    if (error)
        return error;
    learn_routers(self, wish->after);
    if (standing->exists)
        return change_there(self, out, wish, entries, &after, answer);
    return change_new(self, out, wish, &entries[HYPERMAP_ABOVE], &after, answer);
}

static int describe(struct json_writer *w, const struct nectar_tx *tx)
{
    struct nectar_view data = {tx->data, tx->data_len};

    return tx->creates ? NECTAR_EFORMAT : hypermap_describe(w, data);
}

const struct pki_contracts HYPERMAP_CONTRACTS = {
    .ask = ask,
    .read = read_standing,
    .change = change,
    .explain = hypermap_explain,
    .describe = describe,
};
