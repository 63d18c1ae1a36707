/* What clients of the control socket ask for, and are told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/version.h>

#include "base/log.h"
#include "base/view.h"
#include "node/control.h"

/* --- telling --------------------------------------------------------------------------------- */

void control_greet(struct control_client *client)
{
    struct nectar_node *node = client->node;
    struct control_line line;
    const char *label;

    control_begin(&line, &client->out, "hello", NULL);
    control_put_text(&line, "name", node->name);
    control_put_key(&line, nectar_key_public(node->key));
    control_put_uint(&line, "pid", net_control_pid());
    control_put_text(&line, "version", nectar_version());
    json_write_key(&line.json, "registries");
    json_open_array(&line.json);
    for (size_t i = 0; (label = nectar_registry_label(node->registry, i)); i++)
        json_write_text(&line.json, view_of_text(label));
    json_close_array(&line.json);
    control_client_written(client, control_end(&line));
}

void control_refuse(struct control_client *client, const char *ref, int error, const char *reason)
{
    struct control_line line;

    control_begin(&line, &client->out, "error", ref);
    control_put_text(&line, "error", nectar_error_name(error));
    control_put_text(&line, "reason", reason ? reason : nectar_error_text(error));
    control_put_flag(&line, "refused", true);
    control_client_written(client, control_end(&line));
}

static void write_reply(struct control_client *client, const char *ref,
                        const struct nectar_node_event *event)
{
    static const char *const TASTES[] = {
        [NECTAR_TASTE_UNKNOWN] = "", [NECTAR_TASTE_BIN] = "bin", [NECTAR_TASTE_ARRAY] = "array"};
    struct control_line line;

    control_begin(&line, &client->out, "reply", ref);
    control_put_text(&line, "from", event->peer);
    control_put_text(&line, "via", event->via);
    control_put_uint(&line, "rtt_us", event->rtt);
    control_put_flag(&line, "retried", event->retried);
    control_put_text(&line, "taste", TASTES[event->taste]);
    control_put_message(&line, event->message);
    control_client_written(client, control_end(&line));
}

static void write_sent(struct control_client *client, const char *ref,
                       const struct nectar_node_event *event)
{
    struct control_line line;

    control_begin(&line, &client->out, "sent", ref);
    control_put_id(&line, "id", event->id);
    control_put_text(&line, "to", event->peer);
    control_put_flag(&line, "retried", event->retried);
    control_client_written(client, control_end(&line));
}

static void write_failure(struct control_client *client, const char *ref,
                          const struct nectar_node_event *event)
{
    const struct nectar_failure *failure = event->failure;
    struct control_line line;

    control_begin(&line, &client->out, "error", ref);
    control_put_id(&line, "id", event->id);
    control_put_text(&line, "peer", event->peer);
    control_put_text(&line, "error", nectar_error_name(failure->error));
    if (failure->cause)
        control_put_text(&line, "cause", nectar_error_name(failure->cause));
    control_put_text(&line, "stage", nectar_stage_name(failure->stage));
    control_put_text(&line, "addr", failure->addr);
    control_put_text(&line, "reason", failure->reason);
    control_put_uint(&line, "elapsed_us", failure->elapsed);
    control_put_uint(&line, "waited_us", failure->waited);
    json_write_key(&line.json, "tried");
    json_open_array(&line.json);
    for (size_t i = 0; i < failure->tried_count; i++) {
        json_open_object(&line.json);
        control_put_text(&line, "router", failure->tried[i].router);
        control_put_text(&line, "stage", nectar_stage_name(failure->tried[i].stage));
        control_put_text(&line, "reason", failure->tried[i].reason);
        json_close_object(&line.json);
    }
    json_close_array(&line.json);
    control_client_written(client, control_end(&line));
}

bool node_control_takes(struct nectar_node *node, struct nectar_node_event *event)
{
    struct control_call *call = node->shown ? node->shown->control : NULL;

    if (!call)
        return false;
    if (call->client && event->type == NECTAR_NODE_REPLY)
        write_reply(call->client, call->ref, event);
    else if (call->client && event->type == NECTAR_NODE_DELIVERED)
        write_sent(call->client, call->ref, event);
    else if (call->client)
        write_failure(call->client, call->ref, event);
    node_call_free(node->shown);
    node->shown = NULL;
    control_call_free(node, call);
    *event = (struct nectar_node_event){.type = NECTAR_NODE_IDLE};
    return true;
}

/* --- asks ------------------------------------------------------------------------------------ */

bool node_control_tell(struct nectar_node *node, struct nectar_node_event *event)
{
    struct control_call *call;

    if (!node->control)
        return false;
    TAILQ_FOREACH (call, &node->control->calls, all) {
        if (!call->is_ask || call->told)
            continue;
        call->told = true;
        *event = (struct nectar_node_event){
            .type = NECTAR_NODE_CONTROL, .id = call->id, .control = call->ask};
        return true;
    }
    return false;
}

bool node_control_waits(const struct nectar_node *node)
{
    const struct control_call *call;

    if (node->control)
        TAILQ_FOREACH (call, &node->control->calls, all)
            if (call->is_ask && !call->told)
                return true;
    return false;
}

static void write_answer(struct control_call *call, const struct nectar_control_answer *answer)
{
    struct control_line line;

    control_begin(&line, &call->client->out, "done", call->ref);
    if (answer->error) {
        control_put_text(&line, "error", nectar_error_name(answer->error));
        control_put_text(&line, "reason",
                         answer->reason ? answer->reason : nectar_error_text(answer->error));
    }
    json_write_key(&line.json, "notes");
    json_open_array(&line.json);
    for (size_t i = 0; i < answer->note_count; i++)
        json_write_text(&line.json, view_of_text(answer->notes[i]));
    json_close_array(&line.json);
    control_client_written(call->client, control_end(&line));
}

void nectar_node_control_answer(struct nectar_node *node, uint64_t id,
                                const struct nectar_control_answer *answer)
{
    struct control_call *call;

    TAILQ_FOREACH (call, &node->control->calls, all)
        if (call->is_ask && call->id == id)
            break;
    if (!call)
        return;
    if (call->client)
        write_answer(call, answer);
    control_call_free(node, call);
}

/* --- requests -------------------------------------------------------------------------------- */

static int call_new(struct control_call **out, struct control_client *client, const char *ref)
{
    struct control_call *call = calloc(1, sizeof *call);

    if (!call)
        return NECTAR_ENOMEM;
    call->client = client;
    snprintf(call->ref, sizeof call->ref, "%s", ref);
    client->calls++;
    TAILQ_INSERT_TAIL(&client->node->control->calls, call, all);
    *out = call;
    return 0;
}

/* What is known of the peer from elsewhere counts where the node knows nothing itself. */
static void learn(struct nectar_node *node, const char *peer, const char *taste)
{
    bool array = strcmp(taste, "array") == 0;

    if ((array || strcmp(taste, "bin") == 0) && node_taste_of(node, peer) == NECTAR_TASTE_UNKNOWN)
        nectar_node_learn(node, peer, array ? NECTAR_TASTE_ARRAY : NECTAR_TASTE_BIN);
}

static int begin_send(struct control_call *call, const struct json *json)
{
    struct nectar_node *node = call->client->node;
    const char *via = control_text(json, "via");
    struct nectar_send send = {
        .peer = control_text(json, "peer"),
        .message = &call->message.message,
        .reply_timeout = control_uint(json, "reply_us"),
        .no_reply = control_flag(json, "no_reply"),
        .no_retry = control_flag(json, "no_retry"),
        .via = *via ? via : NULL,
    };
    struct node_call *under_way;
    int error = control_message_read(&call->message, json);

    if (!error && node->draining)
        error = NECTAR_ECLOSED;
    if (error)
        return error;
    learn(node, send.peer, control_text(json, "taste"));
    error = node_call_new(&under_way, node, &send);
    if (error)
        return error;
    under_way->control = call;
    node_call_start(under_way);
    return 0;
}

/* The object stays with the call: its message points into it. */
static void serve_send(struct control_client *client, const char *ref, struct json **json,
                       size_t bytes)
{
    struct nectar_node *node = client->node;
    struct control_call *call;
    int error = call_new(&call, client, ref);

    if (error) {
        control_refuse(client, ref, error, NULL);
        return;
    }
    call->json = *json;
    *json = NULL;
    call->bytes = 2 * bytes; /* as text, and decoded */
    client->call_bytes += call->bytes;
    node->control->call_bytes += call->bytes;
    error = begin_send(call, call->json);
    if (!error)
        return;
    control_refuse(client, ref, error, error == NECTAR_ECLOSED ? "it is winding up" : NULL);
    control_call_free(node, call);
}

static void serve_ask(struct control_client *client, const char *ref,
                      enum nectar_control_request what)
{
    struct control_call *call;
    int error = call_new(&call, client, ref);

    if (error) {
        control_refuse(client, ref, error, NULL);
        return;
    }
    call->is_ask = true;
    call->ask = what;
    call->id = ++client->node->control->serial;
}

static void write_alive(struct control_client *client, const char *ref)
{
    struct control_line line;

    control_begin(&line, &client->out, "alive", ref);
    control_client_written(client, control_end(&line));
}

void control_serve(struct control_client *client, struct json **json, size_t bytes)
{
    const char *type = control_text(*json, "type");
    char ref[CONTROL_REF_MAX + 1];
    bool fits = control_copy(ref, sizeof ref, *json, "ref");

    log_line(client->node->log, NECTAR_LOG_DETAIL, "control: %.16s, %zu bytes", type, bytes);
    if (!fits)
        control_refuse(client, NULL, NECTAR_ETOOBIG, "the ref is too long");
    else if (strcmp(type, "send") == 0)
        serve_send(client, ref, json, bytes);
    else if (strcmp(type, "learn") == 0)
        learn(client->node, control_text(*json, "peer"), control_text(*json, "taste"));
    else if (strcmp(type, "status") == 0)
        control_status_write(client, ref);
    else if (strcmp(type, "peers") == 0)
        control_peers_write(client, ref);
    else if (strcmp(type, "alive") == 0)
        write_alive(client, ref);
    else if (control_request(type) >= 0)
        serve_ask(client, ref, (enum nectar_control_request)control_request(type));
    else
        control_refuse(client, ref, NECTAR_EFORMAT, "no such type");
}
