/* nectar-net listen: receives messages, each a line, and answers hellos. */
#include <stdint.h>
#include <string.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/serve.h"
#include "shared/session.h"

static uint64_t count = UINT64_MAX;
static struct text_list senders;
static const char *reply;

static const struct cli_option options[] = {
    {.name = "count",
     .letter = 'c',
     .kind = CLI_NUMBER,
     .target = &count,
     .value = "N",
     .help = "end after N messages",
     .min = 1},
    {.name = "from",
     .kind = CLI_LIST,
     .target = &senders,
     .value = "NAME",
     .help = "only messages of that node; repeat it for more"},
    {.name = "reply",
     .kind = CLI_TEXT,
     .target = &reply,
     .value = "TEXT",
     .help = "what to answer (ack to hellos, else nothing)"},
    CLI_END,
};

static const struct cli cli = {
    .verb = "listen",
    .groups = {options, serve_options, session_options, keyarg_options, passphrase_options,
               pki_options},
};

struct listener {
    struct server server;
    struct text_list from; /* full names; empty: anyone */
    uint64_t shown;
};

static bool is_wanted(const struct listener *listener, const char *peer)
{
    for (size_t i = 0; i < listener->from.count; i++) {
        if (strcmp(listener->from.items[i], peer) == 0)
            return true;
    }
    return listener->from.count == 0;
}

static void print_message(const struct nectar_node_event *event)
{
    const struct nectar_message *message = event->message;
    struct json json;
    if (!common.json) {
        output_body(message->body, true);
        return;
    }
    output_open(&json, "message");
    json_text(&json, "from", event->peer);
    json_view(&json, "to", message->target);
    json_id(&json, "id", message->id);
    json_body(&json, "body", message->body);
    if (message->mime.data)
        json_view(&json, "mime", message->mime);
    if (message->blob.data)
        json_base64(&json, "blob_b64", message->blob);
    if (event->via)
        json_text(&json, "via", event->via);
    if (message->expects_response)
        json_integer(&json, "expects", (int64_t)message->expects_s);
    json_view(&json, "source", message->source);
    output_close(&json);
}

/* Printed first and answered then: what was answered has been printed. */
static void on_event(struct server *server, const struct nectar_node_event *event)
{
    struct listener *listener = (struct listener *)server;
    if (event->type != NECTAR_NODE_MESSAGE)
        return;
    if (is_wanted(listener, event->peer)) {
        print_message(event);
        listener->shown++;
    }
    serve_answer(server, event, reply);
}

static bool is_done(const struct server *server)
{
    return ((const struct listener *)server)->shown >= count;
}

static int run(struct listener *listener)
{
    struct server *server = &listener->server;
    int status = session_begin(&server->session);
    server->on_event = on_event;
    server->is_done = count == UINT64_MAX ? NULL : is_done;
    if (!status)
        status = pki_full_names(&listener->from, server->session.registry, &senders);
    if (!status)
        status = serve_open(server, true);
    return status ? status : serve_run(server);
}

int main(int argc, char **argv)
{
    static struct listener listener;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    int status = run(&listener);
    session_close(&listener.server.session);
    return status;
}
