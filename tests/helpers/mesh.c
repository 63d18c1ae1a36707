/*
 * Many nodes in one process, over real sockets, which count what they send each other. The routers
 * are other processes', and published.
 *
 *     mesh each REGISTRY NODES WINDOW ROUTER...
 *         NODES nodes without an address, each sending to each, WINDOW of them at a time.
 *     mesh cold REGISTRY SENDS WINDOW ROUTER...
 *         one node behind the routers, and SENDS to it, each by a node that has just begun, WINDOW
 *         at a time.
 *     mesh crossing REGISTRY ROUNDS WINDOW [ROUTER...]
 *         ROUNDS times two nodes that send to each other at the same moment, WINDOW pairs at a
 *         time, behind the routers, or each with an address where no router is given.
 *
 * Prints one line of JSON. Ends with 0 only if every message was handled once, by whom it was for
 * and under the id it was sent with, and acknowledged to its sender; and no node ever took two
 * connections for one send, where that can be told (cold).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <nectar/nectar.h>

enum { SECOND = 1000000, PATIENCE_S = 110, NAME_SIZE = 32, ROUTERS_MAX = 8 };
enum { NODES_MAX = 256, SENDINGS_MAX = 65536, QUIET_US = 200000, REPLY_S = 30, TOLD_MAX = 9 };

struct mesh;

struct member {
    struct mesh *mesh;
    char name[NAME_SIZE];
    struct nectar_key *key;
    struct nectar_node *node;
    size_t up;      /* its routers that stand */
    size_t next;    /* whom it sends to next (each) */
    size_t waiting; /* its sends that have not ended */
    size_t opened;  /* connections taken from it for the send under way (cold) */
    bool closed;
};

struct sending {
    uint64_t id;
    const struct member *from, *to;
    unsigned handled, acked;
};

struct mesh {
    struct nectar_registry *registry;
    struct nectar_log log;
    const char *const *routers;
    size_t router_count;
    struct member members[NODES_MAX];
    size_t count;
    struct sending *sendings;
    size_t sent, handled, acked, retried, failed, wrong, twice;
    uint64_t apart; /* us: the most between the two sends of a pair */
};

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec / 1000;
}

static void check(int error, const char *what)
{
    if (!error)
        return;
    fprintf(stderr, "mesh: %s: %s\n", what, nectar_error_text(error));
    exit(1);
}

/* The target's log, where a connection that has been proven is a line. */
static void on_log(void *context, enum nectar_log_level level, const char *line)
{
    struct mesh *mesh = context;
    char open[NAME_SIZE + 32];

    (void)level;
    for (size_t i = 0; i < mesh->count; i++) {
        snprintf(open, sizeof open, " %s: open, inbound", mesh->members[i].name);
        if (strstr(line, open) && ++mesh->members[i].opened > 1)
            mesh->twice++;
    }
}

static void begin_node(struct member *member, const struct nectar_log *log)
{
    check(nectar_node_new(&member->node,
                          &(struct nectar_node_config){.name = member->name,
                                                       .key = member->key,
                                                       .registry = member->mesh->registry,
                                                       .log = log}),
          "node");
    member->closed = false;
    member->up = 0;
}

static struct member *add_member(struct mesh *mesh, const char *prefix)
{
    struct member *member = &mesh->members[mesh->count];

    member->mesh = mesh;
    snprintf(member->name, sizeof member->name, "%s%zu.nec", prefix, mesh->count++);
    check(nectar_key_generate(&member->key, member->name), "key");
    return member;
}

/* Publishes a node with an address, with routers, or with neither. */
static void publish(const struct member *member, const struct nectar_address *address, bool routed)
{
    struct mesh *mesh = member->mesh;
    struct nectar_record record = {.has_key = true};
    uint64_t sequence;

    snprintf(record.name, sizeof record.name, "%s", member->name);
    memcpy(record.key, nectar_key_public(member->key), sizeof record.key);
    if (address)
        record.ws = *address;
    for (size_t i = 0; routed && i < mesh->router_count; i++)
        snprintf(record.routers[record.router_count++], sizeof record.routers[0], "%s",
                 mesh->routers[i]);
    check(nectar_registry_publish(mesh->registry, &record, member->key, &sequence, NULL),
          "publish");
}

/* Makes it reachable: through the routers, or at an address if there are none. */
static void stand(struct member *member)
{
    struct nectar_address address = {.host = "127.0.0.1"};
    struct nectar_record own;

    if (member->mesh->router_count == 0) {
        check(nectar_node_listen(member->node, &address, &address, NULL), "listen");
        publish(member, &address, false);
        return;
    }
    publish(member, NULL, true);
    check(nectar_registry_lookup(member->mesh->registry, member->name, true, &own, NULL), "lookup");
    check(nectar_node_join(member->node, &own), "join");
}

static void send_to(struct member *from, const struct member *to)
{
    struct mesh *mesh = from->mesh;
    struct sending *sending = &mesh->sendings[mesh->sent];
    struct nectar_message message = {.body = {(const uint8_t *)to->name, strlen(to->name)}};
    struct nectar_send send = {
        .peer = to->name, .message = &message, .reply_timeout = (uint64_t)REPLY_S * SECOND};

    if (mesh->sent == SENDINGS_MAX)
        check(NECTAR_EFULL, "sendings");
    *sending = (struct sending){.from = from, .to = to};
    check(nectar_node_send(from->node, &send, &sending->id), "send");
    mesh->sent++;
    from->waiting++;
}

static struct sending *find(struct mesh *mesh, uint64_t id)
{
    for (size_t i = mesh->sent; i-- > 0;)
        if (mesh->sendings[i].id == id)
            return &mesh->sendings[i];
    return NULL;
}

static void on_message(struct member *member, const struct nectar_node_event *event)
{
    struct mesh *mesh = member->mesh;
    struct sending *sending = find(mesh, event->id);
    struct nectar_view body = event->message->body, ack = {(const uint8_t *)"ack", 3};

    if (!sending || sending->to != member || strcmp(event->peer, sending->from->name) != 0 ||
        body.len != strlen(member->name) || memcmp(body.data, member->name, body.len) != 0 ||
        sending->handled++ > 0) {
        mesh->wrong++;
        fprintf(stderr, "mesh: %s: a message of %s's that it did not send, or twice\n",
                member->name, event->peer);
    }
    mesh->handled++;
    check(nectar_node_reply(member->node, event->connection, event->message, ack), "reply");
}

static void on_event(struct member *member, const struct nectar_node_event *event)
{
    struct mesh *mesh = member->mesh;
    struct sending *sending;

    if (event->type == NECTAR_NODE_MESSAGE)
        on_message(member, event);
    member->up += event->type == NECTAR_NODE_ROUTER_UP;
    member->up -= event->type == NECTAR_NODE_ROUTER_DOWN;
    member->closed = member->closed || event->type == NECTAR_NODE_CLOSED;
    if (event->type == NECTAR_NODE_REPLY) {
        sending = find(mesh, event->id);
        if (!sending || sending->from != member || sending->acked++ > 0 ||
            event->message->body.len != 3)
            mesh->wrong++;
        mesh->acked++;
        mesh->retried += event->retried;
        member->waiting--;
    } else if (event->type == NECTAR_NODE_FAILED) {
        member->waiting--;
        if (++mesh->failed > TOLD_MAX)
            return;
        fprintf(stderr, "mesh: %s > %s: at %s: %s; after %llu ms\n", member->name, event->peer,
                nectar_stage_name(event->failure->stage),
                event->failure->tried_count ? event->failure->tried[0].reason
                                            : event->failure->reason,
                (unsigned long long)(event->failure->elapsed / 1000));
    }
}

/* Lets every node do what there is to do; when there is nothing, waits a little. */
static void turn(struct mesh *mesh)
{
    struct nectar_node_event event;
    bool idle = true;

    for (size_t i = 0; i < mesh->count; i++) {
        struct member *member = &mesh->members[i];

        for (int n = 0; member->node && !member->closed && n < 8; n++) {
            check(nectar_node_next(member->node, 0, &event), "next");
            if (event.type == NECTAR_NODE_IDLE)
                break;
            on_event(member, &event);
            idle = false;
        }
    }
    if (idle)
        usleep(200);
}

/* For what should not come. */
static void listen_on(struct mesh *mesh)
{
    uint64_t until = now_us() + QUIET_US;

    while (now_us() < until)
        turn(mesh);
}

static void await_routers(struct mesh *mesh, const struct member *member)
{
    while (member->up < mesh->router_count)
        turn(mesh);
}

static void each(struct mesh *mesh, size_t nodes, size_t window)
{
    size_t left = nodes * (nodes - 1);

    for (size_t i = 0; i < nodes; i++) {
        struct member *member = add_member(mesh, "n");

        begin_node(member, NULL);
        stand(member);
    }
    for (size_t i = 0; i < nodes; i++)
        await_routers(mesh, &mesh->members[i]);
    while (left > 0 || mesh->acked + mesh->failed < mesh->sent) {
        for (size_t i = 0; i < nodes; i++) {
            struct member *member = &mesh->members[i];

            while (member->waiting < window && member->next < nodes - 1) {
                send_to(member, &mesh->members[(i + ++member->next) % nodes]);
                left--;
            }
        }
        turn(mesh);
    }
}

/* One of the senders of `cold`: begins, sends, winds up, and is gone. */
static void send_cold(struct member *member, const struct member *target, size_t sends)
{
    struct mesh *mesh = member->mesh;

    if (!member->node && mesh->sent < sends) {
        member->opened = 0;
        begin_node(member, NULL);
        send_to(member, target);
    } else if (member->node && member->waiting == 0 && member->next == 0) {
        nectar_node_drain(member->node);
        member->next = 1;
    } else if (member->node && member->closed) {
        nectar_node_free(member->node);
        member->node = NULL;
        member->next = 0;
        mesh->wrong += member->opened != 1;
    }
}

static void cold(struct mesh *mesh, size_t sends, size_t window)
{
    struct member *target = add_member(mesh, "target");
    bool busy = true;

    begin_node(target, &mesh->log);
    stand(target);
    await_routers(mesh, target);
    for (size_t i = 0; i < window; i++)
        publish(add_member(mesh, "sender"), NULL, false);
    while (mesh->sent < sends || busy) {
        busy = false;
        for (size_t i = 1; i <= window; i++) {
            send_cold(&mesh->members[i], target, sends);
            busy = busy || mesh->members[i].node;
        }
        turn(mesh);
    }
}

static void cross(struct mesh *mesh, size_t pairs)
{
    for (size_t i = 0; i < 2 * pairs; i++) {
        struct member *member = &mesh->members[i];

        begin_node(member, NULL);
        stand(member);
    }
    for (size_t i = 0; i < 2 * pairs; i++)
        await_routers(mesh, &mesh->members[i]);
    for (size_t i = 0; i < 2 * pairs; i += 2) {
        uint64_t start = now_us();

        send_to(&mesh->members[i], &mesh->members[i + 1]);
        send_to(&mesh->members[i + 1], &mesh->members[i]);
        if (now_us() - start > mesh->apart)
            mesh->apart = now_us() - start;
    }
    while (mesh->acked + mesh->failed < mesh->sent)
        turn(mesh);
    listen_on(mesh);
    for (size_t i = 0; i < 2 * pairs; i++) {
        nectar_node_free(mesh->members[i].node);
        mesh->members[i].node = NULL;
    }
}

static void crossing(struct mesh *mesh, size_t rounds, size_t window)
{
    for (size_t i = 0; i < 2 * window; i++)
        add_member(mesh, "n");
    for (size_t done = 0; done < rounds; done += window)
        cross(mesh, window < rounds - done ? window : rounds - done);
}

static void run(struct mesh *mesh, const char *verb, size_t count, size_t window)
{
    if (strcmp(verb, "each") == 0 && count <= NODES_MAX)
        each(mesh, count, window);
    else if (strcmp(verb, "cold") == 0)
        cold(mesh, count, window);
    else if (strcmp(verb, "crossing") == 0)
        crossing(mesh, count, window);
    listen_on(mesh);
}

static bool is_well(const struct mesh *mesh)
{
    return mesh->sent > 0 && mesh->handled == mesh->sent && mesh->acked == mesh->sent &&
           mesh->wrong == 0 && mesh->twice == 0;
}

int main(int argc, char **argv)
{
    static struct mesh mesh;
    size_t count = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    size_t window = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
    uint64_t start = now_us();

    alarm(PATIENCE_S);
    if (count < 1 || window < 1 || argc - 5 > ROUTERS_MAX || 2 * window + 1 > NODES_MAX)
        return 2;
    mesh.routers = (const char *const *)argv + 5;
    mesh.router_count = (size_t)(argc - 5);
    mesh.log = (struct nectar_log){NECTAR_LOG_STAGE, on_log, &mesh};
    mesh.sendings = calloc(SENDINGS_MAX, sizeof *mesh.sendings);
    check(mesh.sendings ? 0 : NECTAR_ENOMEM, "sendings");
    check(nectar_registry_open(&mesh.registry, (const char *const *)argv + 2, 1, NULL, NULL),
          "registry");
    run(&mesh, argv[1], count, window);
    printf("{\"sent\":%zu,\"handled\":%zu,\"acked\":%zu,\"failed\":%zu,\"retried\":%zu,"
           "\"wrong\":%zu,\"twice\":%zu,\"apart_us\":%llu,\"ms\":%llu}\n",
           mesh.sent, mesh.handled, mesh.acked, mesh.failed, mesh.retried, mesh.wrong, mesh.twice,
           (unsigned long long)mesh.apart, (unsigned long long)((now_us() - start) / 1000));
    for (size_t i = 0; i < mesh.count; i++) {
        nectar_node_free(mesh.members[i].node);
        nectar_key_free(mesh.members[i].key);
    }
    nectar_registry_free(mesh.registry);
    free(mesh.sendings);
    return is_well(&mesh) ? 0 : 1;
}
