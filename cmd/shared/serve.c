#include "shared/serve.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <nectar/error.h>

#include "shared/bind.h"
#include "shared/clock.h"
#include "shared/common.h"
#include "shared/control.h"
#include "shared/control_reload.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/ready.h"
#include "shared/report.h"

#define NO_FD UINT64_MAX

static const char *bind_to;
static uint64_t ready_fd = NO_FD;
static uint64_t drain = 5 * CLOCK_SECOND;
static uint64_t max_per_address = 1024;
static uint64_t max_partial = 256;

const struct cli_option serve_options[] = {
    {.name = "bind",
     .kind = CLI_TEXT,
     .target = &bind_to,
     .value = "ADDR:PORT",
     .help = "listen there, published or not; port 0: any"},
    {.name = "ready-fd",
     .kind = CLI_NUMBER,
     .target = &ready_fd,
     .value = "N",
     .help = "write a newline there once ready",
     .max = 1 << 20},
    {.name = "drain",
     .kind = CLI_SECONDS,
     .target = &drain,
     .value = "SEC",
     .help = "for what is in flight when told to stop (5)"},
    {.name = "max-per-address",
     .kind = CLI_NUMBER,
     .target = &max_per_address,
     .value = "N",
     .help = "let so many connections from one address stand (1024)",
     .min = 1,
     .max = 1 << 20},
    {.name = "max-partial",
     .kind = CLI_NUMBER,
     .target = &max_partial,
     .value = "MIB",
     .help = "read so much of unfinished messages at once (256)",
     .min = 1,
     .max = 1 << 20},
    CLI_END,
};

/* Each peer takes a descriptor, and the soft limit is meant for programs that use select(2). */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void add_routers(struct json *json, const struct text_list *routers)
{
    json_array_open(json, "routers");
    for (size_t i = 0; i < routers->count; i++)
        json_item(json, routers->items[i]);
    json_array_close(json);
}

/* Said once: bound, or with the first router that is up, which stands in the list. */
static int announce(struct server *server, const struct nectar_address *bound)
{
    char addr[NECTAR_ADDRESS_TEXT_SIZE] = "";
    struct json json;
    if (bound)
        nectar_address_format(addr, sizeof addr, bound);
    if (common.json) {
        output_open(&json, "ready");
        json_text(&json, "name", server->session.name);
        if (bound)
            json_text(&json, "addr", addr);
        else
            add_routers(&json, &server->routers);
        output_close(&json);
    }
    report_note("%s listens %s %s", server->session.name, bound ? "at" : "through",
                bound ? addr : server->routers.items[0]);
    server->is_ready = true;
    ready_notify("READY=1");
    return ready_fd == NO_FD ? 0 : ready_tell(ready_fd);
}

static int on_router_up(struct server *server, const struct nectar_node_event *event)
{
    struct json json;
    text_list_add(&server->routers, text_copy(event->peer));
    if (!server->is_ready)
        return announce(server, NULL);
    if (common.json) {
        output_open(&json, "router_up");
        json_text(&json, "router", event->peer);
        output_close(&json);
    }
    report_note("router %s is up", event->peer);
    return 0;
}

static void on_router_down(struct server *server, const struct nectar_node_event *event)
{
    struct json json;
    const char *reason = event->reason ? event->reason : "";
    text_list_drop(&server->routers, event->peer);
    if (common.json) {
        output_open(&json, "router_down");
        json_text(&json, "router", event->peer);
        if (*reason)
            json_text(&json, "reason", reason);
        output_close(&json);
    }
    report_note("router %s is down%s%s", event->peer, *reason ? ": " : "", reason);
}

static int join_routers(struct server *server)
{
    int error = nectar_node_join(server->session.node, &server->session.record);
    if (error)
        return report_local(exit_of_error(error), NULL, NULL, "%s", nectar_error_text(error));
    return 0;
}

int serve_open(struct server *server, bool may_join)
{
    struct session *session = &server->session;
    struct nectar_address bound;
    raise_file_limit();
    session->max_per_address = (size_t)max_per_address;
    session->max_partial = (size_t)max_partial << 20;
    int status = session_open(session, bind_to != NULL, false);
    if (status)
        return status;
    const struct nectar_record *own = &session->record;
    server->bind_to = bind_to;
    server->may_join = may_join;
    server->joins = may_join && own->router_count > 0 && !nectar_record_is_direct(own);
    server->binds = bind_to || !server->joins;
    if (server->binds)
        status = bind_node(&bound, session, bind_to);
    if (!status && server->joins)
        status = join_routers(server);
    if (status)
        return status;
    control_serve(session->node, session->name);
    session_catch_signals(session);
    if (server->binds)
        return announce(server, &bound);
    report_note("%s waits for a router", session->name);
    return 0;
}

static bool is_done(const struct server *server)
{
    return server->is_done && server->is_done(server);
}

/* Lets the server see to what else it does; how long it may be left alone then. */
static uint64_t wake(struct server *server)
{
    uint64_t at = server->on_wake ? server->on_wake(server) : CLOCK_NEVER;
    uint64_t now = clock_now();
    if (at == CLOCK_NEVER)
        return NECTAR_FOREVER;
    return at > now ? at - now : 0;
}

/* Finishes what is in flight. What still comes to a server that is done is not its to take: its
 * sender is not answered. */
static void finish(struct server *server)
{
    struct nectar_node *node = server->session.node;
    struct nectar_node_event event = {.type = NECTAR_NODE_IDLE};
    uint64_t until = clock_now() + drain;
    server->stop_by = until;
    ready_notify("STOPPING=1");
    nectar_node_drain(node);
    for (uint64_t now = clock_now(); now < until; now = clock_now()) {
        uint64_t wait = wake(server);
        if (nectar_node_next(node, wait < until - now ? wait : until - now, &event))
            return;
        if (event.type == NECTAR_NODE_CLOSED)
            return;
        if (event.type == NECTAR_NODE_MESSAGE && is_done(server))
            nectar_node_ignore(node, event.connection);
        else if (event.type == NECTAR_NODE_CONTROL)
            control_answer(server, &event);
        else if (event.type == NECTAR_NODE_FOUND)
            control_found(server, &event);
        else if (event.type == NECTAR_NODE_MESSAGE || event.type == NECTAR_NODE_ROUTING)
            server->on_event(server, &event);
    }
}

static int on_event(struct server *server, const struct nectar_node_event *event)
{
    if (event->type == NECTAR_NODE_ROUTER_UP)
        return on_router_up(server, event);
    if (event->type == NECTAR_NODE_ROUTER_DOWN)
        on_router_down(server, event);
    else if (event->type == NECTAR_NODE_CONTROL)
        control_answer(server, event);
    else if (event->type == NECTAR_NODE_FOUND)
        control_found(server, event);
    else if (event->type == NECTAR_NODE_MESSAGE || event->type == NECTAR_NODE_ROUTING)
        server->on_event(server, event);
    if (event->type == NECTAR_NODE_CONTROL && event->control == NECTAR_CONTROL_STOP)
        raise(SIGTERM);
    return 0;
}

int serve_run(struct server *server)
{
    struct nectar_node_event event;
    while (!session_signal() && !is_done(server) && clock_left() > 0) {
        int status = session_next(&server->session, wake(server), &event);
        if (!status)
            status = on_event(server, &event);
        if (status)
            return status;
    }
    bool unmet = server->is_done && !server->is_done(server);
    bool late = clock_left() == 0 && !session_signal();
    server->is_stopping = true;
    finish(server);
    control_give_up(server);
    return unmet && late ? session_out_of_time(NULL) : EXIT_OK;
}

void serve_answer(struct server *server, const struct nectar_node_event *event, const char *text)
{
    struct nectar_node *node = server->session.node;
    if (!event->hello && !event->message->expects_response)
        return;
    if (!text && event->hello)
        text = "ack";
    if (!text) {
        nectar_node_ignore(node, event->connection);
        return;
    }
    int error = nectar_node_reply(node, event->connection, event->message, text_view(text));
    if (!error)
        return;
    nectar_node_ignore(node, event->connection);
    report_note("%s: not answered: %s", event->peer, nectar_error_text(error));
}
