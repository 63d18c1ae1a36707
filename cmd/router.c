/* nectar-net router: a way for nodes that have no address, and a line for all that passes. */
#include <inttypes.h>
#include <stdio.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/serve.h"
#include "shared/session.h"

#define MOST (UINT64_C(1) << 20)

static struct text_list allow;
static struct text_list allow_from;
static uint64_t max_peers = 1024;
static uint64_t max_passthroughs = 1024;
static uint64_t max_pending = 1024;

static const struct cli_option options[] = {
    {.name = "allow",
     .kind = CLI_LIST,
     .target = &allow,
     .value = "NAME,...",
     .help = "whom we route for (anyone in the registry)"},
    {.name = "allow-from",
     .kind = CLI_LIST,
     .target = &allow_from,
     .value = "NAME,...",
     .help = "who may ask for a way to them (anyone)"},
    {.name = "max-peers",
     .kind = CLI_NUMBER,
     .target = &max_peers,
     .value = "N",
     .help = "route for so many at once (1024)",
     .min = 1,
     .max = MOST},
    {.name = "max-passthroughs",
     .kind = CLI_NUMBER,
     .target = &max_passthroughs,
     .value = "N",
     .help = "join so many pairs at once (1024)",
     .min = 1,
     .max = MOST},
    {.name = "max-pending",
     .kind = CLI_NUMBER,
     .target = &max_pending,
     .value = "N",
     .help = "let so many wait to be joined (1024)",
     .min = 1,
     .max = MOST},
    CLI_END,
};

static const struct cli cli = {
    .verb = "router",
    .groups = {options, serve_options, session_options, keyarg_options, passphrase_options,
               pki_options},
};

struct router {
    struct server server;
    struct text_list allow;      /* full names */
    struct text_list allow_from; /* full names */
    struct nectar_router_policy policy;
};

static const char *const steps[] = {
    [NECTAR_ROUTING_REGISTERED] = "registered",
    [NECTAR_ROUTING_PENDING] = "pending",
    [NECTAR_ROUTING_OPEN] = "open",
    [NECTAR_ROUTING_CLOSE] = "close",
    [NECTAR_ROUTING_REFUSED] = "refused",
};

static void print_json(const struct nectar_routing *routing)
{
    struct json json;
    output_open(&json, "router");
    json_text(&json, "event", steps[routing->step]);
    json_text(&json, "from", routing->from);
    if (*routing->to)
        json_text(&json, "to", routing->to);
    if (routing->step == NECTAR_ROUTING_CLOSE) {
        json_id(&json, "bytes_out", routing->bytes_out);
        json_id(&json, "bytes_in", routing->bytes_in);
        json_ms(&json, "ms", routing->elapsed);
    }
    if (*routing->why)
        json_text(&json, "why", routing->why);
    if (routing->repeats)
        json_integer(&json, "repeats", (int64_t)routing->repeats);
    output_close(&json);
}

/* refused alice.nec > bob.nec: why */
static void print_text(const struct nectar_routing *routing)
{
    printf("%s %s", steps[routing->step], routing->from);
    if (*routing->to)
        printf(" > %s", routing->to);
    if (routing->step == NECTAR_ROUTING_CLOSE)
        printf(", %" PRIu64 " bytes out, %" PRIu64 " in, %" PRIu64 ".%03" PRIu64 " ms",
               routing->bytes_out, routing->bytes_in, routing->elapsed / 1000,
               routing->elapsed % 1000);
    if (*routing->why)
        printf(": %s", routing->why);
    if (routing->repeats)
        printf(" (and %" PRIu64 " more before)", routing->repeats);
    putchar('\n');
    output_flush();
}

/* Hellos are answered and not printed: they are how nodes see whether we still know them. */
static void on_event(struct server *server, const struct nectar_node_event *event)
{
    if (event->type == NECTAR_NODE_MESSAGE)
        serve_answer(server, event, NULL);
    else if (common.json)
        print_json(event->routing);
    else
        print_text(event->routing);
}

static int run(struct router *router)
{
    struct session *session = &router->server.session;
    int status = session_begin(session);
    if (!status)
        status = pki_full_names(&router->allow, session->registry, &allow);
    if (!status)
        status = pki_full_names(&router->allow_from, session->registry, &allow_from);
    if (status)
        return status;
    router->policy = (struct nectar_router_policy){
        .allow = router->allow.items,
        .allow_count = router->allow.count,
        .allow_from = router->allow_from.items,
        .allow_from_count = router->allow_from.count,
        .max_peers = max_peers,
        .max_passthroughs = max_passthroughs,
        .max_pending = max_pending,
    };
    session->router = &router->policy;
    router->server.on_event = on_event;
    status = serve_open(&router->server, false);
    return status ? status : serve_run(&router->server);
}

int main(int argc, char **argv)
{
    static struct router router;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    int status = run(&router);
    session_close(&router.server.session);
    return status;
}
