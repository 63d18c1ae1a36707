/* Hypermap, the registry of the running network: a contract on a chain, asked of an endpoint. */
#include "pki/hypermap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"
#include "base/view.h"
#include "pki/hypermap_change.h"
#include "pki/name.h"

/* Where the network's contracts stand on Base. */
static const uint8_t HYPERMAP_ADDRESS[ABI_ADDRESS] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x44, 0xc6,
                                                      0xb8, 0xcb, 0x4d, 0x8f, 0x0f, 0x88, 0x9a,
                                                      0x3e, 0x47, 0x66, 0x4e, 0xae, 0xda};
static const uint8_t MULTICALL_ADDRESS[ABI_ADDRESS] = {0xca, 0x11, 0xbd, 0xe0, 0x59, 0x77, 0xb3,
                                                       0x63, 0x11, 0x67, 0x02, 0x88, 0x62, 0xbe,
                                                       0x2a, 0x17, 0x39, 0x76, 0xca, 0x11};
static const uint8_t ACCOUNT_ADDRESS[ABI_ADDRESS] = {0x00, 0x00, 0x00, 0x00, 0x00, 0xed, 0xad,
                                                     0x72, 0x07, 0x6c, 0xbe, 0x7b, 0x9c, 0xfa,
                                                     0x37, 0x51, 0xd5, 0xa8, 0x5c, 0x97};

/* --- what is asked, and answered ------------------------------------------------------------- */

void hypermap_hashes(uint8_t out[HYPERMAP_ASKED][HYPERMAP_HASH_BYTES], const char *name)
{
    const char *dot = strchr(name, '.');

    hypermap_hash_name(out[HYPERMAP_SELF], name);
    for (unsigned note = 0; note < HYPERMAP_NOTES; note++)
        hypermap_hash_child(out[HYPERMAP_FIRST_NOTE + note], out[HYPERMAP_SELF],
                            view_of_text(hypermap_note_label((enum hypermap_note)note)));
    hypermap_hash_name(out[HYPERMAP_ABOVE], dot ? dot + 1 : "");
}

bool hypermap_exists(const struct hypermap_entry *entry)
{
    static const uint8_t NONE[ABI_ADDRESS];

    return memcmp(entry->account, NONE, sizeof NONE) != 0;
}

void hypermap_notes_of(struct hypermap_notes *out, const struct hypermap_entry entries[])
{
    for (unsigned note = 0; note < HYPERMAP_NOTES; note++)
        out->data[note] = entries[HYPERMAP_FIRST_NOTE + note].data;
}

int hypermap_is_none(const struct hypermap *self, struct nectar_view reply,
                     struct nectar_answer *answer)
{
    char text[NECTAR_ACCOUNT_TEXT_SIZE];

    nectar_account_format(text, self->at.multicall);
    if (reply.len == 0) /* as what is no contract answers all */
        pki_reason(answer, &self->chain.base,
                   "no Multicall3 at %s on chain %" PRIu64 ": name one with multicall=", text,
                   self->chain.id);
    else
        pki_reason(answer, &self->chain.base, "the contract there is no Hypermap");
    return NECTAR_EUNREACHABLE;
}

/* --- names of routers ------------------------------------------------------------------------ */

struct namebook *hypermap_book(struct hypermap *self, uint64_t chain)
{
    const struct pki_driver *driver = &self->chain.base;

    if (self->sought || !driver->cache)
        return self->book;
    self->sought = true;
    if (namebook_open(&self->book, driver->cache, chain, self->chain.uri.contract) != 0)
        log_line(driver->log, NECTAR_LOG_WARNING,
                 "registry %s: the names of routers cannot be kept in %s", driver->label,
                 driver->cache);
    return self->book;
}

static bool name_router(struct namebook *book, char router[NECTAR_NAME_MAX + 1])
{
    char name[NECTAR_NAME_MAX + 1];
    uint8_t hash[NAME_HASH_BYTES];

    if (!name_read_hash(hash, router))
        return true;
    if (!book || namebook_find(book, name, hash) != 0 || name_check_full(name) != 0)
        return false;
    memcpy(router, name, sizeof name);
    return true;
}

size_t hypermap_name_routers(struct hypermap *self, uint64_t chain, struct nectar_record *record)
{
    struct namebook *book = record->router_count > 0 ? hypermap_book(self, chain) : NULL;
    size_t unknown = 0;

    for (size_t i = 0; i < record->router_count; i++)
        unknown += !name_router(book, record->routers[i]);
    return unknown;
}

/* The same, and says what that means. */
static void complete(struct chain *chain, uint64_t id, struct nectar_record *record)
{
    size_t unknown = hypermap_name_routers((struct hypermap *)chain, id, record);

    if (unknown > 0)
        log_line(chain->base.log, NECTAR_LOG_WARNING,
                 "registry %s: %s has %zu router%s whose name is not known here, and which cannot"
                 " be used: nectar-net registry sync reads all names",
                 chain->base.label, record->name, unknown, unknown == 1 ? "" : "s");
}

/* A name that was found is one that others may have for a router. */
static void learn(struct hypermap *self, const char *name, const uint8_t hash[HYPERMAP_HASH_BYTES])
{
    struct namebook *book = hypermap_book(self, self->chain.id);
    char known[NECTAR_NAME_MAX + 1];

    if (book && namebook_find(book, known, hash) == NECTAR_EUNKNOWN)
        (void)namebook_learn(book, name);
}

/* --- the driver ------------------------------------------------------------------------------ */

static int read_record(struct hypermap *self, const char *name, struct nectar_view reply,
                       struct nectar_record *out, struct nectar_answer *answer)
{
    struct hypermap_entry entries[HYPERMAP_ABOVE];
    struct hypermap_notes notes;
    uint64_t block;

    if (hypermap_read_gets(entries, HYPERMAP_ABOVE, &block, reply) != 0)
        return hypermap_is_none(self, reply, answer);
    if (!hypermap_exists(&entries[HYPERMAP_SELF]))
        return NECTAR_EUNKNOWN;
    hypermap_notes_of(&notes, entries);
    hypermap_note_read(out, name, &notes);
    hypermap_note_rule(out);
    complete(&self->chain, self->chain.id, out);
    return 0;
}

static int ask(struct chain_question *question, struct nectar_answer *answer)
{
    const struct hypermap *self = (const struct hypermap *)question->batch.chain;
    uint8_t hashes[HYPERMAP_ASKED][HYPERMAP_HASH_BYTES];
    struct bytes calls;
    int error;

    (void)answer;
    question->asks_record = question->name != NULL;
    if (!question->name)
        return 0;
    hypermap_hashes(hashes, question->name);
    bytes_init(&calls, HYPERMAP_CALLDATA_MAX);
    error = hypermap_write_gets(&calls, self->at.hypermap,
                                (const uint8_t(*)[HYPERMAP_HASH_BYTES])hashes, HYPERMAP_ABOVE);
    if (!error)
        question->record = chain_ask(&question->batch, self->at.multicall, bytes_view(&calls));
    bytes_free(&calls);
    return error;
}

static int read(struct chain_question *question, struct nectar_record *out,
                struct nectar_answer *answer)
{
    struct hypermap *self = (struct hypermap *)question->batch.chain;
    uint8_t hashes[HYPERMAP_ASKED][HYPERMAP_HASH_BYTES];
    struct bytes reply;
    int error;

    if (!question->asks_record)
        return 0;
    bytes_init(&reply, CHAIN_REPLY_MAX);
    error = chain_reply(&reply, &question->batch, question->record, answer);
    if (error == NECTAR_EREJECTED)
        error = hypermap_is_none(self, bytes_view(&reply), answer);
    if (!error)
        error = read_record(self, question->name, bytes_view(&reply), out, answer);
    bytes_free(&reply);
    if (error)
        return error;
    hypermap_hashes(hashes, question->name);
    learn(self, question->name, hashes[HYPERMAP_SELF]);
    return 0;
}

static const struct chain_parts PARTS = {.ask = ask, .read = read, .complete = complete};

static void free_registry(struct pki_driver *driver)
{
    struct hypermap *self = (struct hypermap *)driver;

    namebook_close(self->book);
    chain_close(&self->chain);
    free(self);
}

/* What the URI does not say is as it is on Base. */
static void set_contracts(struct hypermap *self)
{
    struct pki_uri *uri = &self->chain.uri;

    if (!uri->has_contract) {
        memcpy(uri->contract, HYPERMAP_ADDRESS, sizeof uri->contract);
        if (uri->chain == 0)
            uri->chain = HYPERMAP_BASE_CHAIN;
        self->chain.id = uri->chain;
        uri->has_contract = true;
    }
    memcpy(self->at.hypermap, uri->contract, ABI_ADDRESS);
    memcpy(self->at.multicall, uri->has_multicall ? uri->multicall : MULTICALL_ADDRESS,
           ABI_ADDRESS);
    memcpy(self->at.account, ACCOUNT_ADDRESS, ABI_ADDRESS);
    snprintf(self->chain.base.tld, sizeof self->chain.base.tld, "os");
}

static int open_registry(const struct pki_kind *kind, struct pki_driver **out, const char *rest,
                         const struct pki_web *web, char reason[NECTAR_REASON_MAX + 1])
{
    struct hypermap *self = calloc(1, sizeof *self);
    int error;

    if (!self)
        return NECTAR_ENOMEM;
    error = chain_open(&self->chain, kind, rest, web, reason);
    if (error) {
        free_registry(&self->chain.base);
        return error;
    }
    set_contracts(self);
    *out = &self->chain.base;
    return 0;
}

static int open_http(struct pki_driver **out, const char *rest, const struct pki_web *web,
                     char reason[NECTAR_REASON_MAX + 1])
{
    return open_registry(&PKI_HYPERMAP_HTTP, out, rest, web, reason);
}

static int open_https(struct pki_driver **out, const char *rest, const struct pki_web *web,
                      char reason[NECTAR_REASON_MAX + 1])
{
    return open_registry(&PKI_HYPERMAP_HTTPS, out, rest, web, reason);
}

#define CALLS                                                                                      \
    .remote = true, .lookup = chain_lookup, .parts = &PARTS, .contracts = &HYPERMAP_CONTRACTS,     \
    .walk = hypermap_walk, .sync = hypermap_sync, .free = free_registry

const struct pki_kind PKI_HYPERMAP_HTTP = {.scheme = "hypermap+http", .open = open_http, CALLS};
const struct pki_kind PKI_HYPERMAP_HTTPS = {.scheme = "hypermap+https", .open = open_https, CALLS};
