/* nectar-net listen: receives messages, each a line, and answers hellos. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/bind.h"
#include "shared/cli.h"
#include "shared/clock.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/ready.h"
#include "shared/report.h"
#include "shared/session.h"

#define NO_FD UINT64_MAX

static uint64_t count = UINT64_MAX;
static struct text_list senders;
static const char *reply;
static const char *bind_to;
static uint64_t ready_fd = NO_FD;
static uint64_t drain = 5 * CLOCK_SECOND;

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
    CLI_END,
};

static const struct cli cli = {
    .verb = "listen",
    .groups = {options, session_options, keyarg_options, passphrase_options, pki_options},
};

struct listener {
    struct session session;
    struct text_list from; /* full names; empty: anyone */
    uint64_t shown;
};

static int announce(const struct listener *listener, const struct nectar_address *bound)
{
    char addr[NECTAR_ADDRESS_TEXT_SIZE];
    struct json json;
    nectar_address_format(addr, sizeof addr, bound);
    if (common.json) {
        output_open(&json, "ready");
        json_text(&json, "name", listener->session.name);
        json_text(&json, "addr", addr);
        output_close(&json);
    }
    report_note("%s listens at %s", listener->session.name, addr);
    ready_notify("READY=1");
    return ready_fd == NO_FD ? 0 : ready_tell(ready_fd);
}

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
static void answer(struct listener *listener, const struct nectar_node_event *event)
{
    const char *text = reply ? reply : event->hello ? "ack" : NULL;
    bool expected = event->hello || event->message->expects_response;
    if (!expected)
        return;
    if (!text) {
        nectar_node_ignore(listener->session.node, event->connection);
        return;
    }
    int error = nectar_node_reply(listener->session.node, event->connection, event->message,
                                  (struct nectar_view){(const uint8_t *)text, strlen(text)});
    if (error)
        report_note("%s: not answered: %s", event->peer, nectar_error_text(error));
}

static void on_message(struct listener *listener, const struct nectar_node_event *event)
{
    if (is_wanted(listener, event->peer)) {
        print_message(event);
        listener->shown++;
    }
    answer(listener, event);
}

/* Finishes what is in flight. What still comes when --count is met is not ours to take: its sender
 * is not answered. */
static void finish(struct listener *listener)
{
    struct nectar_node_event event = {.type = NECTAR_NODE_IDLE};
    uint64_t until = clock_now() + drain;
    ready_notify("STOPPING=1");
    nectar_node_drain(listener->session.node);
    for (uint64_t now = clock_now(); now < until; now = clock_now()) {
        if (nectar_node_next(listener->session.node, until - now, &event))
            return;
        if (event.type == NECTAR_NODE_CLOSED)
            return;
        if (event.type != NECTAR_NODE_MESSAGE)
            continue;
        if (listener->shown < count)
            on_message(listener, &event);
        else
            nectar_node_ignore(listener->session.node, event.connection);
    }
}

static int serve(struct listener *listener)
{
    struct nectar_node_event event;
    while (!session_signal() && listener->shown < count && clock_left() > 0) {
        int status = session_next(&listener->session, NECTAR_FOREVER, &event);
        if (status)
            return status;
        if (event.type == NECTAR_NODE_MESSAGE)
            on_message(listener, &event);
    }
    bool unmet = count != UINT64_MAX && listener->shown < count;
    bool late = clock_left() == 0 && !session_signal();
    finish(listener);
    return unmet && late ? session_out_of_time(NULL) : EXIT_OK;
}

static int resolve_senders(struct listener *listener)
{
    char full[NECTAR_NAME_MAX + 1];
    for (size_t i = 0; i < senders.count; i++) {
        int status = pki_full_name(full, listener->session.registry, senders.items[i]);
        if (status)
            return status;
        text_list_add(&listener->from, text_copy(full));
    }
    return 0;
}

static int run(struct listener *listener)
{
    struct nectar_address bound;
    int status = session_begin(&listener->session);
    if (!status)
        status = resolve_senders(listener);
    if (!status)
        status = session_open(&listener->session, bind_to != NULL, false);
    if (!status)
        status = bind_node(&bound, &listener->session, bind_to);
    if (status)
        return status;
    session_catch_signals(&listener->session);
    status = announce(listener, &bound);
    return status ? status : serve(listener);
}

int main(int argc, char **argv)
{
    static struct listener listener;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    int status = run(&listener);
    session_close(&listener.session);
    return status;
}
