/*
 * All records of Hypermap, as far as their names are known: those of the book, asked for by the
 * page. What is gone meanwhile is left out.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "pki/hypermap.h"
#include "pki/walk.h"

enum {
    PAGE = 10,                     /* names that are asked for in one batch */
    NAME_ENTRIES = HYPERMAP_ABOVE, /* what is asked of each */
    PAGE_ENTRIES = PAGE * NAME_ENTRIES,
};

_Static_assert((int)PAGE_ENTRIES <= (int)HYPERMAP_ENTRIES_MAX, "a page is one call");

struct hypermap_walk {
    struct nectar_walk base;
    struct hypermap *registry;
    uint64_t block; /* the newest when it began, */
    uint8_t hash[HYPERMAP_HASH_BYTES];
    char last[NECTAR_NAME_MAX + 1]; /* that came before this page */
    char names[PAGE][NECTAR_NAME_MAX + 1];
    size_t count;       /* names of this page */
    size_t next;        /* of them */
    struct bytes reply; /* of this page; entries lie in it */
    struct hypermap_entry entries[PAGE_ENTRIES];
};

static int write_page(struct bytes *out, const struct hypermap_walk *self)
{
    uint8_t hashes[PAGE_ENTRIES][HYPERMAP_HASH_BYTES];

    for (size_t i = 0; i < self->count; i++) {
        uint8_t all[HYPERMAP_ASKED][HYPERMAP_HASH_BYTES];

        hypermap_hashes(all, self->names[i]);
        memcpy(hashes[i * NAME_ENTRIES], all, NAME_ENTRIES * sizeof all[0]);
    }
    return hypermap_write_gets(out, self->registry->at.hypermap,
                               (const uint8_t(*)[HYPERMAP_HASH_BYTES])hashes,
                               self->count * NAME_ENTRIES);
}

static int ask_page(struct hypermap_walk *self, struct chain_batch *batch,
                    struct nectar_view question, struct nectar_answer *answer)
{
    struct hypermap *registry = self->registry;
    size_t call = chain_ask(batch, registry->at.multicall, question);
    uint64_t block;
    int error = chain_send(batch, answer);

    bytes_clear(&self->reply);
    if (!error)
        error = chain_reply(&self->reply, batch, call, answer);
    if (error == NECTAR_EREJECTED ||
        (!error && hypermap_read_gets(self->entries, self->count * NAME_ENTRIES, &block,
                                      bytes_view(&self->reply)) != 0))
        error = hypermap_is_none(registry, bytes_view(&self->reply), answer);
    return error;
}

static int load_page(struct hypermap_walk *self, struct nectar_answer *answer)
{
    struct hypermap *registry = self->registry;
    struct namebook *book = hypermap_book(registry, registry->chain.id);
    int error;

    if (self->count > 0)
        memcpy(self->last, self->names[self->count - 1], sizeof self->last);
    self->next = self->count = 0;
    error = namebook_after(book, self->names, PAGE, &self->count, self->last);
    if (error != NECTAR_EIO)
        return error;
    pki_reason(answer, &registry->chain.base, "the names cannot be read: %s", namebook_why(book));
    return NECTAR_EUNREACHABLE;
}

/* The names that come behind these, and what stands under them; none at the end. Where that fails,
 * another endpoint may be asked for the same page. */
static int turn_page(struct hypermap_walk *self, struct nectar_answer *answer)
{
    struct chain_batch batch;
    struct bytes question;
    int error = load_page(self, answer);

    if (!error && self->count > 0) {
        bytes_init(&question, HYPERMAP_CALLDATA_MAX);
        chain_begin(&batch, &self->registry->chain, CHAIN_LOGS_MAX);
        error = write_page(&question, self);
        if (!error)
            error = ask_page(self, &batch, bytes_view(&question), answer);
        chain_end(&batch);
        bytes_free(&question);
    }
    if (error)
        self->count = 0;
    return error;
}

static void read_listing(struct hypermap_walk *self, struct nectar_listing *out,
                         const struct hypermap_entry *entries, const char *name)
{
    struct hypermap_notes notes;

    memset(out, 0, sizeof *out);
    hypermap_notes_of(&notes, entries);
    hypermap_note_read(&out->record, name, &notes);
    hypermap_note_rule(&out->record);
    (void)hypermap_name_routers(self->registry, self->registry->chain.id,
                                &out->record); /* what is left is shown */
    nectar_account_format(out->owner, entries[HYPERMAP_SELF].owner);
}

static int next(struct nectar_walk *walk, struct nectar_listing *out, bool *end,
                struct nectar_answer *answer)
{
    struct hypermap_walk *self = (struct hypermap_walk *)walk;

    for (;;) {
        const struct hypermap_entry *entries;
        size_t at = self->next;

        if (at == self->count) {
            int error = turn_page(self, answer);

            *end = !error && self->count == 0;
            if (error || *end)
                return error;
            continue;
        }
        self->next++;
        entries = &self->entries[at * NAME_ENTRIES];
        if (!hypermap_exists(&entries[HYPERMAP_SELF]))
            continue;
        read_listing(self, out, entries, self->names[at]);
        return 0;
    }
}

static void free_walk(struct nectar_walk *walk)
{
    struct hypermap_walk *self = (struct hypermap_walk *)walk;

    bytes_free(&self->reply);
    free(self);
}

/* The next endpoint has to have the block that the walk began at: that it is on the same chain, and
 * has not fallen behind. */
static int move(struct nectar_walk *walk, struct pki_driver *driver, struct nectar_answer *answer)
{
    struct hypermap_walk *self = (struct hypermap_walk *)walk;
    struct hypermap *registry = (struct hypermap *)driver;
    uint8_t hash[HYPERMAP_HASH_BYTES];
    struct chain_batch batch;
    size_t call;
    int error;

    registry->chain.id = self->registry->chain.id;
    chain_begin(&batch, &registry->chain, CHAIN_REPLY_MAX);
    call = jsonrpc_call(&batch.writer, "eth_getBlockByNumber");
    jsonrpc_write_quantity(&batch.writer.json, self->block);
    json_write_bool(&batch.writer.json, false);
    error = chain_send(&batch, answer);
    if (!error && (jsonrpc_fixed(hash, sizeof hash,
                                 json_field(jsonrpc_result(&batch.reply, call), "hash")) != 0 ||
                   memcmp(hash, self->hash, sizeof hash) != 0)) {
        pki_reason(answer, driver, "it does not have block %" PRIu64 " as the others had it",
                   self->block);
        error = NECTAR_EUNREACHABLE;
    }
    if (!error)
        self->registry = registry;
    chain_end(&batch);
    return error;
}

/* Which chain it is tells which book. */
static int find_book(struct hypermap_walk *self, struct nectar_answer *answer)
{
    struct hypermap *registry = self->registry;
    const struct pki_driver *driver = &registry->chain.base;
    struct namebook_state state = {.count = 0};
    struct chain_batch batch;
    struct namebook *book;
    int error;

    chain_begin(&batch, &registry->chain, CHAIN_REPLY_MAX);
    error = chain_send(&batch, answer);
    self->block = batch.head.number;
    memcpy(self->hash, batch.head.hash, sizeof self->hash);
    chain_end(&batch);
    if (error)
        return error;
    book = hypermap_book(registry, registry->chain.id);
    if (book && namebook_read_state(book, &state) == 0 && state.count > 0)
        return 0;
    pki_reason(answer, driver, "its names have not been read: nectar-net registry sync does that");
    return NECTAR_EUNREACHABLE;
}

int hypermap_walk(struct nectar_walk **out, struct pki_driver *driver, struct nectar_answer *answer)
{
    static const struct pki_walk_kind KIND = {.next = next, .free = free_walk, .move = move};
    struct hypermap_walk *self = calloc(1, sizeof *self);
    int error;

    if (!self)
        return NECTAR_ENOMEM;
    self->base.kind = &KIND;
    self->registry = (struct hypermap *)driver;
    bytes_init(&self->reply, CHAIN_LOGS_MAX);
    error = find_book(self, answer);
    if (error)
        free_walk(&self->base);
    else
        *out = &self->base;
    return error;
}
