/*
 * Reaching a peer through its routers: one after the other in random order, the next when those
 * under way have shown no life for a short while, or have failed. One that is slow is no better
 * served by a second: where all are slow, each would then have as much more to do. The first whose
 * peer answers the handshake wins; only there is the third message sent, so that the peer never
 * takes two connections for one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "crypto/random.h"
#include "node/node.h"
#include "pki/list.h"

#define RACE_STAGGER TIME_MS(250) /* without a sign of life */
/* Both called at once: one tries again within the first, and the other after the second and as long
 * again as all has taken, by when the one has called it. */
#define RACE_FIRST  TIME_MS(30)
#define RACE_SECOND TIME_MS(300)

enum {
    /* A router that has answered lives. The peer has to dial it in its turn, and to be answered:
     * that takes so many times as long again, however near or far, idle or busy it is. */
    RACE_MEETING = 4,
    RACE_COLLISIONS = 2, /* that are tried again after, later than an attempt may take */
};

enum race_state { RACE_UNTRIED, RACE_TRYING, RACE_FAILED };

struct racer {
    enum race_state state;
    struct node_conn *conn;
    struct nectar_tried *tried; /* of the race's: the router, and what became of it */
};

struct node_race {
    TAILQ_ENTRY(node_race) all;
    struct nectar_node *node;
    struct net_timer *timer;
    char peer[NECTAR_NAME_MAX + 1];
    char via[NECTAR_NAME_MAX + 1]; /* forced; empty: any */
    uint8_t key[NECTAR_PUBLIC_BYTES];
    bool key_cached;
    bool exclusive; /* for a send that wants no reply, and closes behind it */
    bool won;
    unsigned collisions;
    uint64_t started;
    uint64_t next_try;
    size_t count;
    struct nectar_tried *tried; /* count of them */
    struct racer racers[];
};

static void note(struct racer *racer, enum nectar_stage stage, const char *reason)
{
    racer->state = RACE_FAILED;
    racer->conn = NULL;
    racer->tried->stage = stage;
    snprintf(racer->tried->reason, sizeof racer->tried->reason, "%s", reason);
}

static void race_free(struct node_race *race)
{
    for (size_t i = 0; i < race->count; i++) {
        struct node_conn *conn = race->racers[i].conn;

        if (!conn)
            continue;
        conn->race = NULL;
        if (conn->state != CONN_OPEN && !conn->over)
            node_conn_free(conn);
    }
    TAILQ_REMOVE(&race->node->races, race, all);
    net_timer_free(race->timer);
    free(race->tried);
    free(race);
}

static bool waits(const struct node_call *call, const struct node_race *race)
{
    return call->state == CALL_WAITING && call->no_reply == race->exclusive && !call->conn &&
           strcmp(call->peer, race->peer) == 0 && strcmp(call->via, race->via) == 0;
}

static bool is_wanted(const struct node_race *race)
{
    const struct node_call *call;

    TAILQ_FOREACH (call, &race->node->calls, all)
        if (waits(call, race))
            return true;
    return false;
}

/* Hands a call what was tried, and ends it. */
static void end_call(struct node_call *call, const struct node_race *race)
{
    struct node_end end = {.stage = NECTAR_STAGE_ROUTER, .cause = NECTAR_EOFFLINE};

    node_call_note_tried(call, race->tried, race->count);
    if (race->count == 1)
        snprintf(end.reason, sizeof end.reason, "%.120s: %.130s", race->tried[0].router,
                 race->tried[0].reason);
    else
        snprintf(end.reason, sizeof end.reason, "none of %zu routers had a way", race->count);
    node_call_end(call, NECTAR_EOFFLINE, &end, "");
}

static void give_up(struct node_race *race)
{
    struct node_call *call, *next;

    if (race->key_cached) /* it may have other routers by now */
        pki_list_age(race->node->registry, race->peer);
    for (call = TAILQ_FIRST(&race->node->calls); call; call = next) {
        next = TAILQ_NEXT(call, all);
        if (waits(call, race))
            end_call(call, race);
    }
    race_free(race);
}

/* Dials one router; false, with the reason noted, if it cannot be. */
static bool try_one(struct node_race *race, struct racer *racer)
{
    char reason[NECTAR_REASON_MAX + 1];
    struct node_conn *conn;

    if (node_conn_new(&conn, race->node, false)) {
        note(racer, NECTAR_STAGE_TCP, nectar_error_text(NECTAR_ENOMEM));
        return false;
    }
    snprintf(conn->peer, sizeof conn->peer, "%s", race->peer);
    snprintf(conn->via, sizeof conn->via, "%s", racer->tried->router);
    conn->is_forced = *race->via != '\0';
    memcpy(conn->key, race->key, sizeof conn->key);
    conn->key_cached = race->key_cached;
    if (node_dial_name(conn, racer->tried->router, reason)) {
        node_conn_free(conn);
        note(racer, NECTAR_STAGE_REGISTRY, reason);
        return false;
    }
    conn->exclusive = race->exclusive;
    conn->race = race;
    racer->conn = conn;
    racer->state = RACE_TRYING;
    return true;
}

/* One of those not tried yet, at random; NULL: none is left. */
static struct racer *pick(struct node_race *race)
{
    struct racer *picked = NULL;
    uint32_t random, seen = 0;

    for (size_t i = 0; i < race->count; i++) {
        if (race->racers[i].state != RACE_UNTRIED)
            continue;
        random_bytes(&random, sizeof random);
        if (random % ++seen == 0)
            picked = &race->racers[i];
    }
    return picked;
}

/* Until when there is hope of it without another. */
static uint64_t patience(const struct racer *racer)
{
    const struct node_conn *conn = racer->conn;
    uint64_t span = RACE_STAGGER;

    if (racer->state != RACE_TRYING)
        return 0;
    if (conn->link && nectar_link_stage(conn->link) > NECTAR_STAGE_UPGRADE)
        span += RACE_MEETING * (conn->heard - conn->since);
    return time_after(conn->heard, span);
}

static bool is_trying(const struct node_race *race)
{
    for (size_t i = 0; i < race->count; i++)
        if (race->racers[i].state == RACE_TRYING)
            return true;
    return false;
}

/* The timer is set early, rather than late: it looks. */
static void again_in(struct node_race *race, uint64_t span)
{
    race->next_try = span ? time_after(net_loop_now(race->node->loop), span) : 0;
    net_timer_set(race->timer, race->next_try);
}

/* When the next is to be tried. */
static uint64_t next_at(const struct node_race *race)
{
    uint64_t at = race->next_try;

    for (size_t i = 0; i < race->count; i++) {
        uint64_t until = patience(&race->racers[i]);

        at = until > at ? until : at;
    }
    return at;
}

static void step(struct node_race *race)
{
    struct racer *racer;

    if (!is_wanted(race)) {
        race_free(race);
        return;
    }
    while ((racer = pick(race)))
        if (try_one(race, racer))
            break;
    if (racer)
        again_in(race, RACE_STAGGER);
    else if (!is_trying(race))
        give_up(race);
}

static void on_timer(void *context)
{
    struct node_race *race = context;
    uint64_t at;

    if (race->won)
        return;
    at = next_at(race);
    /* As far as is known: what has come since, and is not yet read, may be the answer. */
    if (at > net_loop_seen(race->node->loop))
        net_timer_set(race->timer, at);
    else
        step(race);
}

/* Room for so many routers; NULL without memory. */
static struct node_race *race_new(struct nectar_node *node, size_t count)
{
    struct node_race *race = calloc(1, sizeof *race + count * sizeof race->racers[0]);

    if (!race)
        return NULL;
    race->tried = calloc(count, sizeof *race->tried);
    if (!race->tried || net_timer_new(&race->timer, node->loop, on_timer, race)) {
        free(race->tried);
        free(race);
        return NULL;
    }
    race->node = node;
    race->count = count;
    race->started = net_loop_now(node->loop);
    return race;
}

int node_race_begin(struct node_call *call, const struct nectar_record *record, bool cached)
{
    bool forced = *call->via != '\0';
    struct node_race *race = race_new(call->node, forced ? 1 : record->router_count);

    if (!race)
        return NECTAR_ENOMEM;
    race->key_cached = cached;
    race->exclusive = call->no_reply;
    memcpy(race->key, record->key, sizeof race->key);
    snprintf(race->peer, sizeof race->peer, "%s", call->peer);
    snprintf(race->via, sizeof race->via, "%s", call->via);
    for (size_t i = 0; i < race->count; i++) {
        race->racers[i].tried = &race->tried[i];
        snprintf(race->tried[i].router, sizeof race->tried[i].router, "%s",
                 forced ? call->via : record->routers[i]);
    }
    TAILQ_INSERT_TAIL(&race->node->races, race, all);
    again_in(race, 0);
    return 0;
}

bool node_race_under_way(const struct nectar_node *node, const char *peer, const char *via)
{
    const struct node_race *race;

    TAILQ_FOREACH (race, &node->races, all)
        if (!race->exclusive && strcmp(race->peer, peer) == 0 && strcmp(race->via, via) == 0)
            return true;
    return false;
}

void node_race_won(struct node_conn *conn)
{
    struct node_race *race = conn->race;

    race->won = true;
    for (size_t i = 0; i < race->count; i++) {
        struct racer *racer = &race->racers[i];
        struct node_conn *other = racer->conn;

        if (!other || other == conn)
            continue;
        /* Should the winner fail after all, it has its turn again. */
        racer->state = RACE_UNTRIED;
        racer->conn = NULL;
        other->race = NULL;
        node_conn_free(other);
    }
}

void node_race_over(struct node_conn *conn)
{
    struct node_race *race = conn->race;
    struct node_call *call;

    TAILQ_FOREACH (call, &race->node->calls, all)
        if (race->exclusive && waits(call, race)) {
            call->conn = conn;
            break;
        }
    race_free(race);
}

/* Did the peer call us at the same moment? Then both have waited for an answer. */
static bool is_collision(struct node_race *race, const struct node_end *end)
{
    return end->cause == NECTAR_EHANDSHAKE &&
           (race->collisions++ < RACE_COLLISIONS ||
            net_loop_now(race->node->loop) <
                time_after(race->started, race->node->connect_timeout));
}

/* Which of the two is first goes by their names: a connection is enough for both. */
static uint64_t after_collision(const struct node_race *race, const struct node_conn *conn)
{
    uint64_t second = RACE_SECOND + (net_loop_now(race->node->loop) - conn->since);
    bool first = strcmp(race->node->name, race->peer) < 0;
    uint64_t random;

    random_bytes(&random, sizeof random);
    return random % RACE_FIRST + (first ? 0 : second);
}

void node_race_lost(struct node_conn *conn, const struct node_end *end)
{
    struct node_race *race = conn->race;

    conn->race = NULL;
    race->won = false;
    for (size_t i = 0; i < race->count; i++) {
        if (race->racers[i].conn != conn)
            continue;
        /* The router was reached, and found no way; or the peer called us meanwhile. */
        note(&race->racers[i], end->stage == NECTAR_STAGE_NOISE ? NECTAR_STAGE_ROUTER : end->stage,
             end->cause == NECTAR_EHANDSHAKE ? "both called at once, or its answer is malformed"
                                             : end->reason);
        if (is_collision(race, end)) {
            race->racers[i].state = RACE_UNTRIED;
            again_in(race, after_collision(race, conn));
            return;
        }
    }
    again_in(race, 0);
}

void node_races_free(struct nectar_node *node)
{
    while (!TAILQ_EMPTY(&node->races))
        race_free(TAILQ_FIRST(&node->races));
}
