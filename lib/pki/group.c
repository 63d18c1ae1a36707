#include "pki/group.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/log.h"
#include "base/text.h"
#include "crypto/keccak.h"

_Static_assert((int)CACHE_ID_BYTES == (int)KECCAK_HASH_BYTES, "an endpoint is known by a hash");

/* --- who belongs to it ----------------------------------------------------------------------- */

/* What stands before the + of a scheme: the kind of registry, whatever its transport. */
static size_t kind_length(const struct chain *chain)
{
    return strcspn(chain->base.kind->scheme, "+") + 1;
}

static void add_member(struct group *group, struct chain *chain)
{
    struct member *member = &group->members[group->count++];
    struct keccak_stream hash;

    member->chain = chain;
    keccak_stream_init(&hash);
    keccak_stream_add(&hash, chain->base.kind->scheme, kind_length(chain));
    keccak_stream_add(&hash, chain->uri.contract, sizeof chain->uri.contract);
    keccak_stream_add(&hash, chain->uri.url, strlen(chain->uri.url));
    keccak_stream_end(&hash, member->id);
    if (chain->uri.chain)
        group->chain = chain->uri.chain;
}

struct group *group_new(struct chain *chain, size_t room)
{
    struct group *group = calloc(1, sizeof *group + room * sizeof group->members[0]);

    if (!group)
        return NULL;
    group->web = chain->web;
    group->log = chain->base.log;
    add_member(group, chain);
    return group;
}

void group_free(struct group *group)
{
    free(group);
}

static bool same_kind(const struct chain *a, const struct chain *b)
{
    return strncmp(a->base.kind->scheme, b->base.kind->scheme, kind_length(a)) == 0;
}

static bool is_of(const struct group *group, const struct chain *chain)
{
    const struct chain *first = group->members[0].chain;
    uint64_t id = chain->uri.chain;

    return same_kind(first, chain) && first->uri.has_contract && chain->uri.has_contract &&
           memcmp(first->uri.contract, chain->uri.contract, sizeof chain->uri.contract) == 0 &&
           (!id || !group->chain || id == group->chain);
}

static struct member *find_url(struct group *group, const struct chain *chain)
{
    for (size_t i = 0; i < group->count; i++)
        if (strcmp(group->members[i].chain->uri.url, chain->uri.url) == 0)
            return &group->members[i];
    return NULL;
}

bool group_take(struct group *group, struct chain *chain)
{
    if (!is_of(group, chain))
        return false;
    if (!find_url(group, chain))
        add_member(group, chain);
    return true;
}

struct member *group_find(struct group *group, const struct chain *chain)
{
    if (group->members[0].chain == chain)
        return &group->members[0];
    return is_of(group, chain) ? find_url(group, chain) : NULL;
}

/* --- what is kept ---------------------------------------------------------------------------- */

void group_load(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        struct member *member = &group->members[i];
        struct cache_endpoint state;

        member->changed = false;
        if (cache_find_endpoint(group->cache, &state, member->id))
            member->state = state;
    }
}

void group_save(struct group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        struct member *member = &group->members[i];

        if (member->changed)
            cache_put_endpoint(group->cache, member->id, &member->state);
        member->changed = false;
    }
}

/* The chain's id, as far as it is known; 0: it is not. */
static uint64_t chain_of(const struct group *group)
{
    uint64_t id = group->chain;

    for (size_t i = 0; i < group->count && id == 0; i++)
        id = group->members[i].state.chain;
    return id;
}

/* What stands for the registry in the cache. False: it is not known on which chain it is. */
static bool write_text(char out[GROUP_TEXT_SIZE], const struct group *group)
{
    const struct chain *first = group->members[0].chain;
    const char *scheme = first->base.kind->scheme;
    char contract[2 * NECTAR_ACCOUNT_BYTES + 1];
    uint64_t id = chain_of(group);

    nectar_hex_encode(contract, first->uri.contract, sizeof first->uri.contract);
    snprintf(out, GROUP_TEXT_SIZE, "%.*s %" PRIu64 " 0x%s", (int)strcspn(scheme, "+"), scheme, id,
             contract);
    return id != 0 && first->uri.has_contract;
}

/* Something is kept, and enough endpoints have said it. */
static bool find_kept(struct group *group, const char *name, struct cache_record *out)
{
    char text[GROUP_TEXT_SIZE];

    return group->cache && write_text(text, group) && cache_find(group->cache, out, text, name) &&
           out->quorum >= group->manner->quorum;
}

static void use_kept(const struct group *group, const struct cache_record *kept,
                     struct nectar_record *out, struct nectar_answer *answer)
{
    struct chain *first = group->members[0].chain;
    double now = (double)group_now(group) / 1e6;

    *out = kept->record;
    if (first->base.kind->parts->complete)
        first->base.kind->parts->complete(first, chain_of(group), out);
    memset(answer, 0, sizeof *answer);
    memcpy(answer->source, kept->source, sizeof answer->source);
    answer->cached = true;
    answer->block = kept->block;
    answer->age_s = now > (double)kept->time ? now - (double)kept->time : 0;
}

static void keep(struct group *group, const char *name, const struct verdict *verdict, int error)
{
    struct cache_record record = {.block = verdict->answer.block,
                                  .time = verdict->time,
                                  .read = group_now(group),
                                  .quorum = verdict->agreed};
    char text[GROUP_TEXT_SIZE];

    if (!group->cache || !verdict->sent || !write_text(text, group))
        return;
    if (error == NECTAR_EUNKNOWN)
        cache_forget(group->cache, text, name);
    if (error)
        return;
    record.record = verdict->record;
    memcpy(record.source, verdict->answer.source, sizeof record.source);
    cache_put(group->cache, text, &record);
}

bool group_recall(struct group *group, const char *name, struct nectar_record *out,
                  struct nectar_answer *answer)
{
    struct cache_record kept;

    group_load(group);
    if (!find_kept(group, name, &kept))
        return false;
    use_kept(group, &kept, out, answer);
    return true;
}

void group_age(struct group *group, const char *name)
{
    char text[GROUP_TEXT_SIZE];

    group_load(group);
    if (group->cache && write_text(text, group))
        cache_age(group->cache, text, name);
}

/* A time in the future is of another clock. */
static bool is_recent(const struct group *group, uint64_t read)
{
    uint64_t now = group_now(group);

    return read <= now && now - read < group->manner->max_cached;
}

/* --- asking ---------------------------------------------------------------------------------- */

static int ask(struct group *group, const char *name, bool hurries, struct verdict *out)
{
    int error;

    memset(out, 0, sizeof *out);
    text_copy(out->answer.source, sizeof out->answer.source, group->members[0].chain->base.label);
    error = group->manner->quorum > 1 ? group_quorum(group, name, hurries, out)
                                      : group_failover(group, name, hurries, out);
    group_save(group);
    return error;
}

/* Says once, until one answers again, that none does. */
static void tell_kept(struct group *group, const char *name, const struct cache_record *kept,
                      const char *why)
{
    uint64_t now = group_now(group) / 1000000;
    uint64_t age = now > kept->time ? now - kept->time : 0;

    log_line(group->log, group->told ? NECTAR_LOG_DETAIL : NECTAR_LOG_WARNING,
             "registry %s: no answer of use: what it said of %s %" PRIu64 " s ago is gone by: %s",
             kept->source, name, age, why);
    group->told = true;
}

static int look_up(struct group *group, const char *name, const struct cache_record *kept,
                   struct verdict *verdict)
{
    int error = ask(group, name, kept != NULL, verdict);

    if (error == NECTAR_EUNREACHABLE && kept) {
        tell_kept(group, name, kept, verdict->answer.reason);
        use_kept(group, kept, &verdict->record, &verdict->answer);
        return 0;
    }
    if (!error || error == NECTAR_EUNKNOWN)
        group->told = false;
    keep(group, name, verdict, error);
    return error;
}

int group_lookup(struct group *group, const char *name, bool fresh, struct nectar_record *out,
                 struct nectar_answer *answer)
{
    struct cache_record *kept = malloc(sizeof *kept);
    struct verdict *verdict = malloc(sizeof *verdict);
    bool has_kept;
    int error = kept && verdict ? 0 : NECTAR_ENOMEM;

    if (!error) {
        group_load(group);
        has_kept = !fresh && find_kept(group, name, kept);
        if (has_kept && is_recent(group, kept->read)) {
            use_kept(group, kept, out, answer);
        } else {
            error = look_up(group, name, has_kept ? kept : NULL, verdict);
            *answer = verdict->answer;
            if (!error)
                *out = verdict->record;
        }
    }
    free(kept);
    free(verdict);
    return error;
}

/* What an endpoint said the TLD is; recent: lately. A TLD never changes; what is behind a URL may,
 * on a chain for tests. */
static bool kept_tld(const struct group *group, char out[NECTAR_LABEL_MAX + 1], bool recent)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct cache_endpoint *state = &group->members[i].state;

        if (!state->tld[0] || (recent && !is_recent(group, state->seen)))
            continue;
        memcpy(out, state->tld, sizeof state->tld);
        return true;
    }
    return false;
}

int group_tld(struct group *group, char out[NECTAR_LABEL_MAX + 1], struct nectar_answer *answer)
{
    const struct pki_driver *first = &group->members[0].chain->base;
    bool alone = group->manner->quorum <= 1;
    char kept[NECTAR_LABEL_MAX + 1];
    struct verdict *verdict;
    bool has_kept;
    int error;

    if (!first->kind->ask_tld || (alone && first->tld[0])) {
        memcpy(out, first->tld, sizeof first->tld);
        return 0;
    }
    group_load(group);
    if (alone && kept_tld(group, out, true))
        return 0;
    verdict = malloc(sizeof *verdict);
    has_kept = alone && kept_tld(group, kept, false);
    error = verdict ? ask(group, NULL, has_kept, verdict) : NECTAR_ENOMEM;
    if (!error)
        memcpy(out, verdict->tld, sizeof verdict->tld);
    if (verdict)
        *answer = verdict->answer;
    free(verdict);
    if (error != NECTAR_EUNREACHABLE || !has_kept)
        return error;
    memcpy(out, kept, sizeof kept);
    return 0;
}
