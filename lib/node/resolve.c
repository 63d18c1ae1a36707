/*
 * Names looked up in the registry. A registry in files answers at once. One behind a network may
 * take seconds, or never answer: it is asked on threads, and whoever waits goes on when the answer
 * is there, or gives up in its own time. The registries that the threads ask are their own.
 */
#include "node/resolve.h"

#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/text.h"
#include "net/workers.h"
#include "node/node.h"
#include "node/sources.h"

enum {
    RESOLVE_THREADS = 8,
    RESOLVE_KEPT = 2,            /* of those, for what we ask of our own accord */
    RESOLVE_MAX = 256,           /* lookups under way */
    RESOLVE_STRANGERS_MAX = 192, /* of those, because others claim a name */
    RESOLVE_LOG_MAX = 4096,      /* bytes of what a registry says in the log meanwhile */
};

/* One that has taken so long may never be answered, and the next one at once. */
#define RESOLVE_SHARED TIME_S(1)

TAILQ_HEAD(node_asks, node_ask);

/* One name being looked up. A thread has what stands before `all`, until it is done. */
struct lookup {
    struct net_work work;
    char name[NECTAR_NAME_MAX + 1];
    bool fresh, route;
    struct nectar_found found;
    struct bytes said; /* lines for the log: each its level, its text and a NUL */
    TAILQ_ENTRY(lookup) all;
    uint64_t since;
    struct node_asks asks;
    bool over; /* they are being told */
};

struct node_ask {
    TAILQ_ENTRY(node_ask) same;
    struct nectar_node *node;
    struct lookup *lookup;
    node_resolved *done;
    void *context;
};

TAILQ_HEAD(lookups, lookup);

struct node_lookups {
    struct net_workers *workers;
    struct lookups all;      /* that somebody waits for */
    size_t count, strangers; /* those too that nobody waits for any more, and that a thread is at */
};

/* --- in a thread ----------------------------------------------------------------------------- */

struct tools {
    struct nectar_registry *registry;
    struct nectar_log log;
    struct lookup *lookup;
};

static void keep_line(void *context, enum nectar_log_level level, const char *line)
{
    struct tools *tools = context;
    struct bytes *said;
    size_t len = strlen(line) + 1;

    if (!tools->lookup)
        return;
    said = &tools->lookup->said;
    /* Its level, or nothing of it. */
    if (bytes_reserve(said, len + 1) == 0) {
        (void)bytes_append_byte(said, (uint8_t)level);
        (void)bytes_append(said, line, len);
    }
}

static void *begin(void *shared, int stop)
{
    const struct sources *sources = shared;
    struct tools *tools = calloc(1, sizeof *tools);

    if (!tools)
        return NULL;
    tools->log = (struct nectar_log){sources->level, keep_line, tools};
    if (sources_open(&tools->registry, sources, stop, &tools->log) == 0)
        return tools;
    free(tools);
    return NULL;
}

static void end(void *context)
{
    struct tools *tools = context;

    if (!tools)
        return;
    nectar_registry_free(tools->registry);
    free(tools);
}

static void fail(struct nectar_found *found, int error, const char *reason)
{
    found->error = error;
    found->answer = (struct nectar_answer){.cached = false};
    text_copy(found->answer.reason, sizeof found->answer.reason, reason);
}

/* Is there something in it to go by? */
static bool will_do(const struct nectar_record *record, bool route)
{
    return record->has_key &&
           (!route || nectar_record_is_direct(record) || record->router_count > 0);
}

/* What is kept, and is of no use, may be another record by now. */
static void look(struct nectar_found *found, struct nectar_registry *registry, const char *name,
                 bool fresh, bool route)
{
    struct nectar_answer *answer = &found->answer, again;

    *answer = (struct nectar_answer){.cached = false};
    found->error = nectar_registry_lookup(registry, name, fresh, &found->record, answer);
    if (!found->error && answer->cached && !will_do(&found->record, route)) {
        int error = nectar_registry_lookup(registry, name, true, &found->record, &again);

        if (error != NECTAR_EUNREACHABLE) {
            found->error = error;
            *answer = again;
        }
    }
    if (found->error && !*answer->reason)
        text_copy(answer->reason, sizeof answer->reason, nectar_error_text(found->error));
}

static void run(void *context, struct net_work *work)
{
    struct lookup *lookup = (struct lookup *)work;
    struct tools *tools = context;

    if (!tools) {
        fail(&lookup->found, NECTAR_ENOMEM, nectar_error_text(NECTAR_ENOMEM));
        return;
    }
    tools->lookup = lookup;
    look(&lookup->found, tools->registry, lookup->name, lookup->fresh, lookup->route);
    tools->lookup = NULL;
}

static void drop(struct net_work *work)
{
    struct lookup *lookup = (struct lookup *)work;

    bytes_free(&lookup->said);
    free(lookup);
}

/* --- in the loop ----------------------------------------------------------------------------- */

static void log_found(const struct nectar_node *node, const char *name,
                      const struct nectar_found *found)
{
    if (!found->error)
        log_line(node->log, NECTAR_LOG_DETAIL, "registry: %s is in %s", name, found->answer.source);
}

/* The lines of the thread's registry, as if it had been asked here. */
static void log_said(const struct nectar_node *node, const struct bytes *said)
{
    const char *at = (const char *)said->data, *stop = at ? at + said->len : at;

    for (; at < stop; at += strlen(at) + 1) {
        enum nectar_log_level level = (enum nectar_log_level) * at++;

        log_line(node->log, level, "%s", at);
    }
}

/* No longer one of those under way. */
static void uncount(struct node_lookups *lookups, const struct lookup *lookup)
{
    lookups->count--;
    lookups->strangers -= !lookup->work.urgent;
}

static void done(void *context, struct net_work *work)
{
    struct nectar_node *node = context;
    struct lookup *lookup = (struct lookup *)work;
    struct node_ask *ask;

    lookup->over = true;
    uncount(node->lookups, lookup);
    log_said(node, &lookup->said);
    if (!TAILQ_EMPTY(&lookup->asks)) {
        TAILQ_REMOVE(&node->lookups->all, lookup, all);
        log_found(node, lookup->name, &lookup->found);
    }
    /* Whoever is told may give up what others, or it itself, still wait for. */
    while ((ask = TAILQ_FIRST(&lookup->asks))) {
        node_resolved *resolved = ask->done;
        void *asker = ask->context;

        TAILQ_REMOVE(&lookup->asks, ask, same);
        free(ask);
        resolved(asker, &lookup->found);
    }
    drop(work);
}

static const struct net_trade TRADE = {
    .threads = RESOLVE_THREADS,
    .kept = RESOLVE_KEPT,
    .begin = begin,
    .run = run,
    .end = end,
    .done = done,
    .drop = drop,
    .release = sources_free,
};

int node_lookups_new(struct nectar_node *node)
{
    struct node_lookups *lookups;
    struct sources *sources;
    int error;

    if (!nectar_registry_is_remote(node->registry))
        return 0; /* it answers at once */
    lookups = calloc(1, sizeof *lookups);
    sources = sources_new(node->registry, node->log ? node->log->level : NECTAR_LOG_WARNING);
    if (!lookups || !sources) {
        free(lookups);
        if (sources)
            sources_free(sources);
        return NECTAR_ENOMEM;
    }
    TAILQ_INIT(&lookups->all);
    error = net_workers_new(&lookups->workers, node->loop, &TRADE, sources, node);
    if (error)
        free(lookups);
    else
        node->lookups = lookups;
    return error;
}

void node_lookups_free(struct nectar_node *node)
{
    if (!node->lookups)
        return;
    net_workers_free(node->lookups->workers);
    free(node->lookups);
    node->lookups = NULL;
}

/* One that is under way, and whose answer will do. */
static struct lookup *find(const struct nectar_node *node, const struct node_query *query)
{
    uint64_t now = net_loop_now(node->loop);
    struct lookup *lookup;

    TAILQ_FOREACH (lookup, &node->lookups->all, all)
        if (lookup->fresh == query->fresh && lookup->route == query->route &&
            lookup->work.urgent == !query->stranger && now - lookup->since < RESOLVE_SHARED &&
            strcmp(lookup->name, query->name) == 0)
            return lookup;
    return NULL;
}

/* Begins one. NECTAR_EFULL there are enough, NECTAR_ENOMEM. */
static int begin_lookup(struct lookup **out, struct nectar_node *node,
                        const struct node_query *query)
{
    struct node_lookups *lookups = node->lookups;
    struct lookup *lookup;

    if (lookups->count >= RESOLVE_MAX ||
        (query->stranger && lookups->strangers >= RESOLVE_STRANGERS_MAX))
        return NECTAR_EFULL;
    lookup = calloc(1, sizeof *lookup);
    if (!lookup)
        return NECTAR_ENOMEM;
    lookup->work.urgent = !query->stranger;
    lookup->fresh = query->fresh;
    lookup->route = query->route;
    lookup->since = net_loop_now(node->loop);
    text_copy(lookup->name, sizeof lookup->name, query->name);
    lookup->found.name = lookup->name;
    bytes_init(&lookup->said, RESOLVE_LOG_MAX);
    TAILQ_INIT(&lookup->asks);
    if (net_workers_give(lookups->workers, &lookup->work)) {
        drop(&lookup->work);
        return NECTAR_ENOMEM;
    }
    lookups->count++;
    lookups->strangers += query->stranger;
    TAILQ_INSERT_TAIL(&lookups->all, lookup, all);
    *out = lookup;
    return 0;
}

static int wait_for(struct node_ask **out, struct nectar_node *node, const struct node_query *query)
{
    struct lookup *lookup = query->anew ? NULL : find(node, query);
    struct node_ask *ask = malloc(sizeof *ask);
    int error = ask ? 0 : NECTAR_ENOMEM;

    if (!error && !lookup)
        error = begin_lookup(&lookup, node, query);
    if (error) {
        free(ask);
        return error;
    }
    *ask = (struct node_ask){
        .node = node, .lookup = lookup, .done = query->done, .context = query->context};
    TAILQ_INSERT_TAIL(&lookup->asks, ask, same);
    *out = ask;
    return 0;
}

bool node_resolve(struct nectar_found *found, struct node_ask **ask, struct nectar_node *node,
                  const struct node_query *query)
{
    int error;

    found->name = query->name;
    if (!node->lookups) {
        look(found, node->registry, query->name, query->fresh, query->route);
        log_found(node, query->name, found);
        return true;
    }
    error = wait_for(ask, node, query);
    if (error == NECTAR_EFULL)
        fail(found, NECTAR_EUNREACHABLE, "registry busy: too many names are being looked up");
    else if (error)
        fail(found, error, nectar_error_text(error));
    return error;
}

void node_ask_free(struct node_ask *ask)
{
    struct node_lookups *lookups;
    struct lookup *lookup;

    if (!ask)
        return;
    lookups = ask->node->lookups;
    lookup = ask->lookup;
    TAILQ_REMOVE(&lookup->asks, ask, same);
    free(ask);
    if (lookup->over || !TAILQ_EMPTY(&lookup->asks))
        return;
    TAILQ_REMOVE(&lookups->all, lookup, all);
    /* What a thread is at already is told when it is done, to nobody. */
    if (!net_workers_take_back(lookups->workers, &lookup->work))
        return;
    uncount(lookups, lookup);
    drop(&lookup->work);
}
