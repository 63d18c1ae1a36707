/*
 * A way that is asked for, from the request to the passage (PROTOCOL: routing): who asks is looked
 * up, and has signed; and so is the target. Meanwhile the one who asks is not read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "node/node.h"
#include "node/passage.h"
#include "ws/frame.h"

enum {
    WAY_MAX_OPEN = 1024,
    WAY_MAX_PENDING = 1024,
    WAY_MAX_PER_PEER = 64,
    WAY_MAX_BETWEEN = 128, /* of the same two, pending and open: a replay gains no more */
};

#define WAY_TIME TIME_S(5) /* for the registry */

struct node_way {
    struct node_conn *conn; /* that asks, as its peer says */
    bool is_fresh;          /* its record was asked for afresh */
    char to[NECTAR_NAME_MAX + 1];
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
};

void node_way_free(struct node_way *way)
{
    free(way);
}

/* The one who asks is told why it gets none: it has to debug it. */
static void refuse(struct node_conn *conn, uint64_t offence, const char *to, const char *why)
{
    node_route_refused(conn->node, offence, conn->peer, to, why);
    nectar_link_close(conn->link, WS_CLOSE_TRY_LATER, why);
    nectar_link_refuse(conn->link, NECTAR_EREJECTED);
    node_way_free(conn->way);
    conn->way = NULL;
    node_conn_touch(conn);
}

/* What proves nothing costs nothing: where it comes from counts, not the names in it. */
static void refuse_unproven(struct node_conn *conn, const char *to, const char *why)
{
    refuse(conn, conn->origin, to, why);
}

static void look_up(struct node_way *way, const char *name, bool fresh, node_resolved *done)
{
    struct node_conn *conn = way->conn;
    struct node_query query = {
        .name = name, .fresh = fresh, .stranger = true, .done = done, .context = way};
    struct nectar_found found;

    if (node_resolve(&found, &conn->ask, conn->node, &query))
        done(way, &found);
}

/* --- the target ------------------------------------------------------------------------------ */

static size_t or_default(size_t limit, size_t value)
{
    return limit ? limit : value;
}

static const char *check_limits(const struct nectar_node *node, const char *from, const char *to)
{
    const struct nectar_router_policy *policy = node->policy;

    if (node->open_passages >= or_default(policy->max_passthroughs, WAY_MAX_OPEN))
        return "too many passthroughs";
    if (node->waiting_passages >= or_default(policy->max_pending, WAY_MAX_PENDING))
        return "too many pending";
    if (node_passages_waiting_of(node, from) >= or_default(policy->max_per_peer, WAY_MAX_PER_PEER))
        return "too many pending of this peer";
    if (node_passages_between(node, from, to) >= WAY_MAX_BETWEEN)
        return "too many between these two";
    return NULL;
}

/* Does the target wait for the one who asks already? Then the two meet, and it is over. */
static bool meet(struct node_way *way)
{
    struct node_conn *conn = way->conn;
    struct node_passage *passage = node_passage_waiting(conn->node, way->to, conn->peer);

    if (!passage)
        return false;
    conn->way = NULL;
    node_way_free(way);
    node_passage_join(passage, conn);
    return true;
}

/* Dials a direct target for the one who asked. */
static int dial_target(struct node_passage *passage, const struct nectar_found *found,
                       struct nectar_node *node)
{
    const struct nectar_record *record = &found->record;
    struct node_conn *conn;
    int error = node_conn_new(&conn, node, false);

    if (error)
        return error;
    snprintf(conn->peer, sizeof conn->peer, "%s", record->name);
    conn->exclusive = true;
    conn->addr_cached = found->answer.cached;
    error = node_dial(conn, record);
    if (error)
        node_conn_free(conn);
    else
        node_passage_await(passage, conn);
    return error;
}

/* Begins the way to the target, or says why it cannot. */
static const char *begin(struct node_passage *passage, struct nectar_node *node,
                         const struct nectar_found *found, const char *from)
{
    const struct nectar_record *target = &found->record;
    struct node_conn *conn;

    if (target->ws.port != 0)
        return dial_target(passage, found, node) ? "its target cannot be dialled" : NULL;
    conn = node_route_registered(node, target->name);
    return !conn || node_route_tell(conn, from) ? "its target cannot be told" : NULL;
}

/* May there be a way to it? Else why not. */
static const char *check_target(struct nectar_node *node, const char *from,
                                const struct nectar_found *found)
{
    if (found->error)
        return found->error == NECTAR_EUNKNOWN ? "its target is not in the registry"
                                               : "our registry does not answer";
    if (found->record.ws.port == 0 && !node_route_registered(node, found->name))
        return "its target is not connected to us";
    return check_limits(node, from, found->name);
}

static void on_target(void *context, const struct nectar_found *found)
{
    struct node_way *way = context;
    struct node_conn *conn = way->conn;
    struct nectar_node *node = conn->node;
    struct node_passage *passage;
    char from[NECTAR_NAME_MAX + 1];
    uint64_t offence;
    const char *why;

    conn->ask = NULL;
    if (meet(way))
        return;
    /* It may have an address by now. */
    if (!found->error && found->answer.cached && found->record.ws.port == 0 &&
        !node_route_registered(node, found->name)) {
        look_up(way, way->to, true, on_target);
        return;
    }
    why = check_target(node, conn->peer, found);
    if (!why && node_passage_new(&passage, conn, found->record.name))
        why = nectar_error_text(NECTAR_ENOMEM);
    if (why) {
        /* A name that exists tells one offence from another: those made up do not. */
        offence = node_offence(0, conn->peer);
        refuse(conn, found->error ? offence : node_offence(offence, way->to), way->to, why);
        return;
    }
    conn->way = NULL;
    node_way_free(way);
    snprintf(from, sizeof from, "%s", conn->peer);
    node_route_note(node, NECTAR_ROUTING_PENDING, from, found->record.name, "");
    why = begin(passage, node, found, from);
    if (why)
        node_passage_end(passage, why);
}

/* --- who asks -------------------------------------------------------------------------------- */

/* Has it signed the target's name and ours? */
static bool has_signed(const struct node_way *way, const struct nectar_record *record)
{
    char names[2 * NECTAR_NAME_MAX + 1];

    snprintf(names, sizeof names, "%s%s", way->to, way->conn->node->name);
    return nectar_key_verify(way->signature, record->key, names, strlen(names));
}

static void on_asker(void *context, const struct nectar_found *found)
{
    struct node_way *way = context;
    struct node_conn *conn = way->conn;
    const char *why;

    conn->ask = NULL;
    if (found->error && found->error != NECTAR_EUNKNOWN) {
        refuse_unproven(conn, way->to, "our registry does not answer");
    } else if (found->error || !found->record.has_key) {
        refuse_unproven(conn, way->to, "it is not in the registry");
    } else if (!has_signed(way, &found->record)) {
        if (!found->answer.cached || way->is_fresh) {
            refuse_unproven(conn, way->to, "bad signature");
            return;
        }
        way->is_fresh = true;
        look_up(way, conn->peer, true, on_asker);
    } else if (!meet(way)) {
        why = check_limits(conn->node, conn->peer, way->to);
        if (why)
            refuse(conn, node_offence(0, conn->peer), way->to, why);
        else
            look_up(way, way->to, false, on_target);
    }
}

/* What can be said without the registry. */
static const char *check(struct nectar_node *node, const struct nectar_link_event *asked)
{
    const struct nectar_router_policy *policy = node->policy;

    if (strcmp(asked->peer, asked->target) == 0)
        return "it asks for itself";
    if (strcmp(asked->target, node->name) == 0)
        return "it asks for us, and has us";
    /* One we route for may answer whoever has asked for it. */
    if (!node_route_allows(policy->allow_from, policy->allow_from_count, asked->peer) &&
        !node_passage_waiting(node, asked->target, asked->peer))
        return "it may not ask";
    return NULL;
}

void node_way_asked(struct node_conn *conn, const struct nectar_link_event *asked)
{
    struct nectar_node *node = conn->node;
    const char *why = check(node, asked);
    struct node_way *way = why ? NULL : calloc(1, sizeof *way);

    if (!way) {
        refuse_unproven(conn, asked->target, why ? why : nectar_error_text(NECTAR_ENOMEM));
        return;
    }
    way->conn = conn;
    snprintf(way->to, sizeof way->to, "%s", asked->target);
    memcpy(way->signature, asked->signature.data, sizeof way->signature);
    conn->way = way;
    conn->open_by = time_after(net_loop_now(node->loop), WAY_TIME);
    look_up(way, conn->peer, false, on_asker);
}

void node_way_give_up(struct node_conn *conn)
{
    node_ask_free(conn->ask);
    conn->ask = NULL;
    refuse_unproven(conn, conn->way->to, "our registry does not answer");
}
