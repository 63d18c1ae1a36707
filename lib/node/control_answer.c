/* The other side of a control socket: what is answered. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/time.h"
#include "node/control.h"
#include "node/control_client.h"

int client_greeting(struct nectar_control *control, struct json *line, char *reason)
{
    struct nectar_control_host *host = &control->host;
    int error = 0;

    control->greeting = line;
    if (strcmp(control_text(line, "type"), "error") == 0) {
        snprintf(reason, NECTAR_REASON_MAX + 1, "%.200s", control_text(line, "reason"));
        return control_error(control_text(line, "error"));
    }
    if (strcmp(control_text(line, "type"), "hello") != 0 || control_hex(host->key, line) ||
        !control_copy(host->name, sizeof host->name, line, "name") ||
        !control_copy(host->version, sizeof host->version, line, "version"))
        error = NECTAR_EFORMAT;
    host->pid = control_uint(line, "pid");
    for (const struct json *one = json_first(json_field(line, "registries"));
         one && host->label_count < NECTAR_CONTROL_LABELS_MAX && !error; one = json_next(one))
        error = json_text(&host->labels[host->label_count++], one);
    if (error)
        snprintf(reason, NECTAR_REASON_MAX + 1, "it is no control socket");
    return error;
}

/* --- events ---------------------------------------------------------------------------------- */

static bool reply(struct nectar_control *control, struct nectar_node_event *event)
{
    const struct json *line = control->shown;
    const char *via = control_text(line, "via");
    const char *taste = control_text(line, "taste");

    if (control_message_read(&control->message, line))
        return false;
    event->type = NECTAR_NODE_REPLY;
    event->via = *via ? via : NULL;
    event->message = &control->message.message;
    event->rtt = control_uint(line, "rtt_us");
    if (strcmp(taste, "bin") == 0)
        event->taste = NECTAR_TASTE_BIN;
    else if (strcmp(taste, "array") == 0)
        event->taste = NECTAR_TASTE_ARRAY;
    return true;
}

static void read_tried(struct nectar_control *control, const struct json *tried)
{
    struct nectar_failure *failure = &control->failure;

    for (const struct json *one = json_first(tried);
         one && failure->tried_count < NECTAR_ROUTERS_MAX; one = json_next(one)) {
        struct nectar_tried *out = &control->tried[failure->tried_count++];

        control_copy(out->router, sizeof out->router, one, "router");
        out->stage = control_stage(control_text(one, "stage"));
        control_copy(out->reason, sizeof out->reason, one, "reason");
    }
    failure->tried = control->tried;
}

static bool failure(struct nectar_control *control, struct nectar_node_event *event)
{
    const struct json *line = control->shown;
    const char *cause = control_text(line, "cause");

    control->failure = (struct nectar_failure){
        .error = control_error(control_text(line, "error")),
        .cause = *cause ? control_error(cause) : 0,
        .stage = control_stage(control_text(line, "stage")),
        .elapsed = control_uint(line, "elapsed_us"),
        .waited = control_uint(line, "waited_us"),
    };
    control_copy(control->failure.addr, sizeof control->failure.addr, line, "addr");
    control_copy(control->failure.reason, sizeof control->failure.reason, line, "reason");
    read_tried(control, json_field(line, "tried"));
    event->type = NECTAR_NODE_FAILED;
    event->failure = &control->failure;
    return true;
}

bool client_event(struct nectar_control *control, struct nectar_node_event *event)
{
    const struct json *line = control->shown;
    const char *type = control_text(line, "type");
    bool is_reply = strcmp(type, "reply") == 0, is_sent = strcmp(type, "sent") == 0;
    struct client_call *call;

    if (!is_reply && !is_sent && strcmp(type, "error") != 0)
        return false;
    call = client_take(control, control_text(line, "ref"));
    if (!call)
        return false;
    control->told = call;
    *event = (struct nectar_node_event){
        .type = NECTAR_NODE_DELIVERED,
        .id = call->id,
        .peer = call->peer,
        .retried = control_flag(line, "retried"),
    };
    if (is_sent || (is_reply && reply(control, event)))
        return true;
    return failure(control, event);
}

/* --- asking ---------------------------------------------------------------------------------- */

/* Asks, and fills in what the answers are known by. */
static int ask(struct nectar_control *control, const char *type, char *ref, size_t size)
{
    struct control_line line;

    snprintf(ref, size, "ask-%" PRIu64, ++control->serial);
    control_begin(&line, &control->out, type, ref);
    return client_queued(control, control_end(&line));
}

/* The next line of an answer; control->shown holds it. */
static int answer_line(struct nectar_control *control, const char *ref, uint64_t until)
{
    for (;;) {
        int error;

        json_free(control->shown);
        control->shown = NULL;
        error = client_line(control, &control->shown, until);
        if (error)
            return error;
        if (strcmp(control_text(control->shown, "ref"), ref) != 0)
            continue;
        if (strcmp(control_text(control->shown, "type"), "error") == 0)
            return control_error(control_text(control->shown, "error"));
        return 0;
    }
}

int nectar_control_status(struct nectar_control *control, uint64_t timeout,
                          struct nectar_status *out)
{
    uint64_t until = time_after(net_loop_now(control->loop), timeout);
    char ref[CONTROL_REF_MAX];
    int error = ask(control, "status", ref, sizeof ref);

    if (!error)
        error = answer_line(control, ref, until);
    return error ? error : control_status_read(out, control->shown);
}

int nectar_control_peers(struct nectar_control *control, uint64_t timeout, nectar_peer_visit *visit,
                         void *context)
{
    uint64_t until = time_after(net_loop_now(control->loop), timeout);
    struct nectar_peer peer;
    char ref[CONTROL_REF_MAX];
    int error = ask(control, "peers", ref, sizeof ref);

    while (!error) {
        error = answer_line(control, ref, until);
        if (!error && strcmp(control_text(control->shown, "type"), "done") == 0)
            return 0;
        if (!error)
            error = control_peer_read(&peer, control->shown);
        if (!error)
            visit(context, &peer);
    }
    return error;
}

static int read_notes(struct nectar_control *control, struct nectar_control_answer *answer)
{
    const struct json *notes = json_field(control->shown, "notes");
    size_t count = 0;
    int error = 0;

    for (const struct json *one = json_first(notes); one; one = json_next(one))
        count++;
    free(control->notes);
    control->notes = calloc(count + 1, sizeof *control->notes);
    if (!control->notes)
        return NECTAR_ENOMEM;
    for (const struct json *one = json_first(notes); one && !error; one = json_next(one))
        error = json_text(&control->notes[answer->note_count++], one);
    answer->notes = control->notes;
    return error;
}

int nectar_control_ask(struct nectar_control *control, enum nectar_control_request what,
                       uint64_t timeout, struct nectar_control_answer *answer)
{
    uint64_t until = time_after(net_loop_now(control->loop), timeout);
    char ref[CONTROL_REF_MAX];
    const char *failed;
    int error = ask(control, control_request_name(what), ref, sizeof ref);

    *answer = (struct nectar_control_answer){.error = 0};
    if (!error)
        error = answer_line(control, ref, until);
    if (error)
        return error;
    failed = control_text(control->shown, "error");
    if (*failed) {
        answer->error = control_error(failed);
        answer->reason = control_text(control->shown, "reason");
    }
    return read_notes(control, answer);
}

int nectar_control_await_end(struct nectar_control *control, uint64_t timeout)
{
    uint64_t until = time_after(net_loop_now(control->loop), timeout);
    struct json *line;
    int error;

    while (!(error = client_line(control, &line, until)))
        json_free(line);
    return error == NECTAR_EDEADLINE ? error : 0;
}
