/* nectar-net listen: receives messages, each a line, and answers hellos. */
#include <stdint.h>
#include <string.h>

#include "shared/cli.h"
#include "shared/common.h"
#include "shared/exec.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/serve.h"
#include "shared/session.h"

static uint64_t count = UINT64_MAX;
static struct text_list senders;
static const char *reply;
static const char *command;
static uint64_t children = 8;
static uint64_t queue = 1024;

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
    {.name = "exec",
     .kind = CLI_TEXT,
     .target = &command,
     .value = "CMD",
     .help = "run it for each message: body on stdin, stdout is the reply"},
    {.name = "exec-max",
     .kind = CLI_NUMBER,
     .target = &children,
     .value = "N",
     .help = "so many at once (8)",
     .min = 1,
     .max = EXEC_CHILDREN_MAX},
    {.name = "exec-queue",
     .kind = CLI_NUMBER,
     .target = &queue,
     .value = "N",
     .help = "messages that may wait for their turn (1024)",
     .max = 1 << 16},
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
    struct exec *exec; /* NULL without --exec */
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
    bool wanted = is_wanted(listener, event->peer);
    if (wanted) {
        print_message(event);
        listener->shown++;
    }
    if (wanted && listener->exec)
        exec_take(listener->exec, event);
    else
        serve_answer(server, event, reply);
}

static uint64_t on_wake(struct server *server)
{
    return exec_answer(((struct listener *)server)->exec);
}

static bool is_done(const struct server *server)
{
    return ((const struct listener *)server)->shown >= count;
}

static int prepare_exec(struct listener *listener)
{
    return exec_begin(&listener->exec, &(struct exec_config){
                                           .command = command,
                                           .children = (size_t)children,
                                           .queue = (size_t)queue,
                                       });
}

static int run(struct listener *listener)
{
    struct server *server = &listener->server;
    if (command && reply)
        return cli_usage_error("--exec and --reply exclude each other");
    if (!command && (cli_given(&children) || cli_given(&queue)))
        return cli_usage_error("--exec-max and --exec-queue go with --exec");
    int status = command ? prepare_exec(listener) : 0;
    if (!status)
        status = session_begin(&server->session);
    server->on_event = on_event;
    server->on_wake = listener->exec ? on_wake : NULL;
    server->is_done = count == UINT64_MAX ? NULL : is_done;
    if (!status)
        status = pki_full_names(&listener->from, server->session.registry, &senders);
    if (!status)
        status = serve_open(server, true);
    if (!status && listener->exec)
        status = exec_start(listener->exec, &server->session);
    return status ? status : serve_run(server);
}

int main(int argc, char **argv)
{
    static struct listener listener;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    int status = run(&listener);
    exec_end(listener.exec, listener.server.stop_by);
    session_close(&listener.server.session);
    return status;
}
