/* How a node stands: to its program, and over the control socket. */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>
#include <nectar/version.h>

#include "node/control.h"
#include "node/passage.h"

/* --- looking --------------------------------------------------------------------------------- */

void nectar_node_status(const struct nectar_node *node, struct nectar_status *out)
{
    const struct node_conn *conn;

    *out = (struct nectar_status){
        .pid = net_control_pid(),
        .uptime = net_loop_now(node->loop) - node->started,
        .draining = node->draining,
        .passthroughs = node->open_passages,
        .pending = node->waiting_passages,
        .calls = node->call_count,
        .clients = node->control ? node->control->count : 0,
    };
    snprintf(out->name, sizeof out->name, "%s", node->name);
    memcpy(out->key, nectar_key_public(node->key), sizeof out->key);
    snprintf(out->version, sizeof out->version, "%s", nectar_version());
    if (node->listen)
        out->bound = node->bound;
    out->router_count = node_join_list(node, out->routers, NECTAR_ROUTERS_MAX);
    TAILQ_FOREACH (conn, &node->conns, all) {
        out->connections += conn->state == CONN_OPEN && !conn->lingering;
        out->opening += conn->state == CONN_DIALING || conn->state == CONN_OPENING;
        out->registered += conn->registered && conn->state == CONN_OPEN && !conn->over;
    }
}

static const char *const STATES[] = {
    [NECTAR_PEER_OPENING] = "opening",       [NECTAR_PEER_OPEN] = "open",
    [NECTAR_PEER_REGISTERED] = "registered", [NECTAR_PEER_ROUTER] = "router",
    [NECTAR_PEER_PASSAGE] = "passage",
};

const char *nectar_peer_state_name(enum nectar_peer_state state)
{
    return STATES[state];
}

static enum nectar_peer_state state_of(const struct node_conn *conn)
{
    if (conn->state == CONN_LEG)
        return NECTAR_PEER_PASSAGE;
    if (conn->state != CONN_OPEN)
        return NECTAR_PEER_OPENING;
    if (conn->registered)
        return NECTAR_PEER_REGISTERED;
    return conn->router ? NECTAR_PEER_ROUTER : NECTAR_PEER_OPEN;
}

static void look(struct nectar_peer *out, const struct node_conn *conn, uint64_t now)
{
    *out = (struct nectar_peer){
        .inbound = conn->inbound,
        .state = state_of(conn),
        .age = now - conn->since,
    };
    snprintf(out->peer, sizeof out->peer, "%s", conn->peer);
    snprintf(out->addr, sizeof out->addr, "%s", conn->addr);
    snprintf(out->via, sizeof out->via, "%s", conn->via);
    if (conn->state == CONN_LEG && conn->passage)
        node_passage_tell(conn, out);
    if (!conn->link)
        return;
    out->bytes = nectar_link_written_total(conn->link);
    out->idle = now - nectar_link_last_used(conn->link);
}

void nectar_node_peers(const struct nectar_node *node, nectar_peer_visit *visit, void *context)
{
    const struct node_conn *conn;
    struct nectar_peer peer;
    uint64_t now = net_loop_now(node->loop);

    TAILQ_FOREACH (conn, &node->conns, all) {
        if (conn->lingering)
            continue;
        look(&peer, conn, now);
        visit(context, &peer);
    }
}

/* --- writing --------------------------------------------------------------------------------- */

static void put_routers(struct control_line *line, const struct nectar_status *status)
{
    json_write_key(&line->json, "routers");
    json_open_array(&line->json);
    for (size_t i = 0; i < status->router_count; i++) {
        json_open_object(&line->json);
        control_put_text(line, "router", status->routers[i].router);
        json_write_key(&line->json, "up");
        json_write_bool(&line->json, status->routers[i].up);
        json_close_object(&line->json);
    }
    json_close_array(&line->json);
}

/* The numbers of a status, each with its name. */
#define CONTROL_COUNTS(X)                                                                          \
    X(connections) X(opening) X(registered) X(passthroughs) X(pending) X(calls) X(clients)

void control_status_write(struct control_client *client, const char *ref)
{
    struct control_line line;
    struct nectar_status status;
    char addr[NECTAR_ADDRESS_TEXT_SIZE] = "";

    nectar_node_status(client->node, &status);
    if (status.bound.port)
        nectar_address_format(addr, sizeof addr, &status.bound);
    control_begin(&line, &client->out, "status", ref);
    control_put_text(&line, "name", status.name);
    control_put_key(&line, status.key);
    control_put_uint(&line, "pid", status.pid);
    control_put_text(&line, "version", status.version);
    control_put_uint(&line, "uptime_us", status.uptime);
    control_put_text(&line, "addr", addr);
    put_routers(&line, &status);
    control_put_flag(&line, "draining", status.draining);
#define CONTROL_COUNT(name) control_put_uint(&line, #name, status.name);
    CONTROL_COUNTS(CONTROL_COUNT)
#undef CONTROL_COUNT
    control_client_written(client, control_end(&line));
}

struct writing {
    struct control_client *client;
    const char *ref;
    int error;
};

static void write_peer(void *context, const struct nectar_peer *peer)
{
    struct writing *writing = context;
    struct control_line line;

    if (writing->error)
        return;
    control_begin(&line, &writing->client->out, "peer", writing->ref);
    control_put_text(&line, "peer", peer->peer);
    control_put_text(&line, "addr", peer->addr);
    control_put_text(&line, "direction", peer->inbound ? "in" : "out");
    control_put_text(&line, "via", peer->via);
    control_put_text(&line, "state", STATES[peer->state]);
    control_put_text(&line, "from", peer->from);
    control_put_text(&line, "to", peer->to);
    control_put_flag(&line, "joined", peer->joined);
    control_put_uint(&line, "age_us", peer->age);
    control_put_uint(&line, "idle_us", peer->idle);
    control_put_id(&line, "bytes", peer->bytes);
    writing->error = control_end(&line);
}

void control_peers_write(struct control_client *client, const char *ref)
{
    struct writing writing = {.client = client, .ref = ref};
    struct control_line line;

    nectar_node_peers(client->node, write_peer, &writing);
    if (!writing.error) {
        control_begin(&line, &client->out, "done", ref);
        writing.error = control_end(&line);
    }
    control_client_written(client, writing.error);
}

/* --- reading --------------------------------------------------------------------------------- */

int control_hex(uint8_t key[NECTAR_PUBLIC_BYTES], const struct json *line)
{
    return nectar_hex_decode(key, NECTAR_PUBLIC_BYTES, control_text(line, "key"));
}

int control_status_read(struct nectar_status *out, const struct json *line)
{
    const char *addr = control_text(line, "addr");

    *out = (struct nectar_status){
        .pid = control_uint(line, "pid"),
        .uptime = control_uint(line, "uptime_us"),
        .draining = control_flag(line, "draining"),
    };
    if (control_hex(out->key, line) || !control_copy(out->name, sizeof out->name, line, "name") ||
        !control_copy(out->version, sizeof out->version, line, "version") ||
        (*addr && nectar_address_parse(&out->bound, addr)))
        return NECTAR_EFORMAT;
    for (const struct json *one = json_first(json_field(line, "routers"));
         one && out->router_count < NECTAR_ROUTERS_MAX; one = json_next(one)) {
        struct nectar_via *via = &out->routers[out->router_count++];

        control_copy(via->router, sizeof via->router, one, "router");
        via->up = control_flag(one, "up");
    }
#define CONTROL_COUNT(name) out->name = control_uint(line, #name);
    CONTROL_COUNTS(CONTROL_COUNT)
#undef CONTROL_COUNT
    return 0;
}

int control_peer_read(struct nectar_peer *out, const struct json *line)
{
    const char *state = control_text(line, "state");
    bool fits;

    *out = (struct nectar_peer){
        .inbound = strcmp(control_text(line, "direction"), "in") == 0,
        .joined = control_flag(line, "joined"),
        .age = control_uint(line, "age_us"),
        .idle = control_uint(line, "idle_us"),
    };
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++)
        if (strcmp(STATES[i], state) == 0)
            out->state = (enum nectar_peer_state)i;
    fits = control_copy(out->peer, sizeof out->peer, line, "peer") &&
           control_copy(out->addr, sizeof out->addr, line, "addr") &&
           control_copy(out->via, sizeof out->via, line, "via") &&
           control_copy(out->from, sizeof out->from, line, "from") &&
           control_copy(out->to, sizeof out->to, line, "to");
    return fits ? control_id(&out->bytes, line, "bytes") : NECTAR_EFORMAT;
}
