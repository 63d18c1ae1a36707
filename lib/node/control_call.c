/* The other side of a control socket: sends, and what becomes of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/time.h"
#include "crypto/random.h"
#include "node/control_client.h"

int nectar_control_learn(struct nectar_control *control, const char *peer, enum nectar_taste taste)
{
    struct control_line line;
    int error = nectar_name_check(peer);

    if (error || taste == NECTAR_TASTE_UNKNOWN)
        return error;
    control_begin(&line, &control->out, "learn", NULL);
    control_put_text(&line, "peer", peer);
    control_put_text(&line, "taste", taste == NECTAR_TASTE_BIN ? "bin" : "array");
    return client_queued(control, control_end(&line));
}

static int check(const struct nectar_control *control, const struct nectar_send *send)
{
    const struct nectar_message *message = send->message;
    int error = nectar_name_check(send->peer);

    if (!error && send->via)
        error = nectar_name_check(send->via);
    if (error)
        return error;
    if (message->body.len > NECTAR_MESSAGE_MAX || message->blob.len > NECTAR_MESSAGE_MAX)
        return NECTAR_ETOOBIG;
    if (control->out.len - control->gone > CLIENT_OUTPUT_FULL ||
        control->call_count >= CLIENT_FLIGHT_MAX ||
        (control->call_count > 0 &&
         control->call_bytes + message->body.len + message->blob.len > CLIENT_FLIGHT_BYTES))
        return NECTAR_EFULL;
    return 0;
}

static int write_send(struct nectar_control *control, const struct nectar_send *send, uint64_t id)
{
    struct nectar_message message = *send->message;
    struct control_line line;
    char ref[24];

    message.id = id;
    snprintf(ref, sizeof ref, "%" PRIu64, id);
    control_begin(&line, &control->out, "send", ref);
    control_put_text(&line, "peer", send->peer);
    control_put_text(&line, "via", send->via);
    if (send->reply_timeout)
        control_put_uint(&line, "reply_us", send->reply_timeout);
    control_put_flag(&line, "no_reply", send->no_reply);
    control_put_flag(&line, "no_retry", send->no_retry);
    control_put_message(&line, &message);
    return control_end(&line);
}

int nectar_control_send(struct nectar_control *control, const struct nectar_send *send,
                        uint64_t *id)
{
    struct client_call *call;
    size_t before = control->out.len;
    int error = check(control, send);

    if (error)
        return error;
    call = calloc(1, sizeof *call);
    if (!call)
        return NECTAR_ENOMEM;
    call->id = send->message->id;
    while (call->id == 0)
        random_bytes(&call->id, sizeof call->id);
    error = write_send(control, send, call->id);
    if (error) {
        free(call);
        return error;
    }
    call->bytes = control->out.len - before;
    call->since = net_loop_now(control->loop);
    if (control->call_count == 0)
        control->heard = call->since;
    snprintf(call->peer, sizeof call->peer, "%s", send->peer);
    TAILQ_INSERT_TAIL(&control->calls, call, all);
    control->call_count++;
    control->call_bytes += call->bytes;
    *id = call->id;
    return client_queued(control, 0);
}

/* --- waiting --------------------------------------------------------------------------------- */

static void unlist(struct nectar_control *control, struct client_call *call)
{
    TAILQ_REMOVE(&control->calls, call, all);
    control->call_count--;
    control->call_bytes -= call->bytes;
}

struct client_call *client_take(struct nectar_control *control, const char *ref)
{
    struct client_call *call;
    char *end;
    uint64_t id = strtoull(ref, &end, 10);

    TAILQ_FOREACH (call, &control->calls, all)
        if (*ref && !*end && call->id == id) {
            unlist(control, call);
            return call;
        }
    return NULL;
}

/* The node is not there any more: what becomes of the oldest send. */
static void fail_one(struct nectar_control *control, int error, const char *reason,
                     struct nectar_node_event *event)
{
    struct client_call *call = TAILQ_FIRST(&control->calls);
    uint64_t elapsed = net_loop_now(control->loop) - call->since;

    unlist(control, call);
    control->told = call;
    control->failure = (struct nectar_failure){
        .error = error, .stage = NECTAR_STAGE_REPLY, .elapsed = elapsed, .waited = elapsed};
    snprintf(control->failure.reason, sizeof control->failure.reason, "%s", reason);
    *event = (struct nectar_node_event){.type = NECTAR_NODE_FAILED,
                                        .id = call->id,
                                        .peer = call->peer,
                                        .failure = &control->failure};
}

/* Asks whether the node is there, when it has said nothing for some time. When to look again. */
static uint64_t probe(struct nectar_control *control)
{
    bool waits = control->call_count > 0;
    uint64_t quiet = waits ? CLIENT_QUIET_TIME : CLIENT_IDLE_TIME;
    uint64_t since = control->heard > control->asked ? control->heard : control->asked;
    uint64_t now = net_loop_now(control->loop);
    struct control_line line;

    if (now >= time_after(since, quiet) && control->out.len == 0) {
        control_begin(&line, &control->out, "alive", NULL);
        client_queued(control, control_end(&line));
        control->asked = since = now;
    }
    return time_earlier(time_after(since > now ? since : now, quiet),
                        waits ? time_after(control->heard, CLIENT_SILENCE_TIME) : TIME_NEVER);
}

static bool is_silent(const struct nectar_control *control)
{
    return control->call_count > 0 &&
           net_loop_now(control->loop) >= time_after(control->heard, CLIENT_SILENCE_TIME);
}

/* What has come and is an event. */
static bool tell(struct nectar_control *control, struct nectar_node_event *event)
{
    for (;;) {
        if (client_take_line(control, &control->shown) || !control->shown)
            return false;
        if (client_event(control, event))
            return true;
        client_forget(control);
    }
}

int nectar_control_next(struct nectar_control *control, uint64_t timeout,
                        struct nectar_node_event *event)
{
    uint64_t until = time_after(net_loop_now(control->loop), timeout);
    bool polled = false;

    client_forget(control);
    *event = (struct nectar_node_event){.type = NECTAR_NODE_IDLE};
    for (;;) {
        if (tell(control, event))
            return 0;
        if (control->closed || is_silent(control)) {
            if (control->call_count == 0)
                return control->error ? control->error : NECTAR_ECLOSED;
            fail_one(control, control->closed ? NECTAR_EOFFLINE : NECTAR_ETIMEOUT,
                     control->closed ? "the running process has ended"
                                     : "the running process does not answer",
                     event);
            return 0;
        }
        if (net_loop_woken(control->loop)) {
            event->type = NECTAR_NODE_INTERRUPTED;
            return 0;
        }
        if (polled && net_loop_now(control->loop) >= until)
            return 0;
        client_await(control, time_earlier(until, probe(control)));
        polled = true;
    }
}
