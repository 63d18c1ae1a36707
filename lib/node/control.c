/* The control socket: clients, their lines, and what is held for them. */
#include "node/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "base/log.h"

static size_t pending(const struct control_client *client)
{
    return client->out.len - client->gone;
}

/* Has it to take what it has been told, or to wait for what it has asked for, before more is read?
 */
static bool is_full(const struct control_client *client)
{
    return pending(client) >= CONTROL_OUTPUT_FULL || client->calls >= CONTROL_CALLS_MAX ||
           client->call_bytes >= CONTROL_CALLS_BYTES;
}

static bool is_idle(const struct control_client *client)
{
    return client->calls == 0 && pending(client) == 0;
}

/* The bytes that all clients together have us hold. */
static size_t held(const struct node_control *control)
{
    const struct control_client *client;
    size_t sum = control->call_bytes;

    TAILQ_FOREACH (client, &control->clients, all)
        sum += client->in.cap + client->out.cap;
    return sum;
}

/* Its calls go on, and what comes of them is told to nobody. It is freed by its timer, since
 * whoever calls may still be at it. */
void control_client_fail(struct control_client *client)
{
    struct control_call *call;

    if (client->over)
        return;
    client->over = true;
    TAILQ_FOREACH (call, &client->node->control->calls, all)
        if (call->client == client)
            call->client = NULL;
    net_stream_watch(client->stream, false, false);
    net_timer_set(client->timer, 0);
}

static void client_free(struct control_client *client)
{
    TAILQ_REMOVE(&client->node->control->clients, client, all);
    client->node->control->count--;
    bytes_free(&client->in);
    bytes_free(&client->out);
    net_stream_free(client->stream);
    net_timer_free(client->timer);
    free(client);
}

/* When it is given up; TIME_NEVER: not. */
static uint64_t deadline(const struct control_client *client)
{
    if (pending(client) > 0)
        return time_after(client->wrote, CONTROL_STUCK_TIME);
    if (is_full(client) || client->calls > 0)
        return TIME_NEVER;
    return time_after(client->began, client->in.len > 0 ? CONTROL_LINE_TIME : CONTROL_IDLE_TIME);
}

static void rearm(struct control_client *client)
{
    if (client->over)
        return;
    net_stream_watch(client->stream, !client->ended && !is_full(client), pending(client) > 0);
    net_timer_set(client->timer, deadline(client));
}

static void on_timer(void *context)
{
    struct control_client *client = context;

    if (!client->over && net_loop_now(client->node->loop) >= deadline(client)) {
        log_line(client->node->log, NECTAR_LOG_STAGE, "control: a client is given up: %s",
                 pending(client) > 0 ? "it does not read" : "it has nothing to say");
        control_client_fail(client);
    }
    if (client->over)
        client_free(client);
    else
        rearm(client);
}

static void flush(struct control_client *client)
{
    size_t n = 1;

    while (pending(client) > 0 && n > 0) {
        if (net_stream_write(client->stream, client->out.data + client->gone, pending(client),
                             &n)) {
            control_client_fail(client);
            return;
        }
        client->gone += n;
        if (n > 0)
            client->wrote = net_loop_now(client->node->loop);
    }
    if (pending(client) > 0) {
        if (client->gone > client->out.len / 2) {
            bytes_consume(&client->out, client->gone);
            client->gone = 0;
        }
        return;
    }
    client->gone = 0;
    bytes_clear(&client->out);
    if (client->out.cap > CONTROL_OUTPUT_FULL)
        bytes_free(&client->out);
}

void control_client_written(struct control_client *client, int error)
{
    if (client->over)
        return;
    if (error || held(client->node->control) > CONTROL_TOTAL_MAX) {
        log_line(client->node->log, NECTAR_LOG_WARNING,
                 "control: a client is given up: too much waits for it");
        control_client_fail(client);
        return;
    }
    flush(client);
    rearm(client);
}

/* --- reading --------------------------------------------------------------------------------- */

static void handle_line(struct control_client *client, struct nectar_view line)
{
    struct json *json = NULL;
    int error = json_parse(&json, line, NULL);

    if (!error && json_type(json) != JSON_OBJECT)
        error = NECTAR_EFORMAT;
    if (error) {
        /* Whoever it is, it does not talk as we do. */
        control_refuse(client, NULL, error, "not a JSON object on a line");
        control_client_fail(client);
    } else {
        control_serve(client, &json, line.len);
    }
    json_free(json);
}

/* Handles the lines that are whole, while there is room for what comes of them. */
static void handle_lines(struct control_client *client)
{
    size_t begin = 0;

    while (!client->over && !is_full(client)) {
        const uint8_t *from = client->in.data + begin + client->scanned;
        size_t left = client->in.len - begin - client->scanned;
        const uint8_t *end = left ? memchr(from, '\n', left) : NULL;

        if (!end) {
            client->scanned += left;
            break;
        }
        client->began = net_loop_now(client->node->loop);
        client->scanned = 0;
        handle_line(client, (struct nectar_view){client->in.data + begin,
                                                 (size_t)(end - client->in.data) - begin});
        begin = (size_t)(end - client->in.data) + 1;
    }
    bytes_consume(&client->in, begin);
    if (client->in.len == 0 && client->in.cap > CONTROL_OUTPUT_FULL)
        bytes_free(&client->in);
}

/* Reads once; the rest is read when others have had their turn. */
static void read_some(struct control_client *client)
{
    size_t n;
    int error;

    if (client->in.len == 0)
        client->began = net_loop_now(client->node->loop);
    error = bytes_reserve(&client->in, CONTROL_READ);
    if (error || held(client->node->control) > CONTROL_TOTAL_MAX) {
        control_refuse(client, NULL, error ? error : NECTAR_EFULL, "the line is too long");
        control_client_fail(client);
        return;
    }
    error = net_stream_read(client->stream, client->in.data + client->in.len, CONTROL_READ, &n);
    client->in.len += n;
    if (error)
        client->ended = true;
}

static void on_ready(void *context, bool readable, bool writable)
{
    struct control_client *client = context;

    if (writable)
        flush(client);
    if (readable && !client->over && !client->ended && !is_full(client))
        read_some(client);
    if (!client->over)
        handle_lines(client);
    if (!client->over && client->ended && is_idle(client))
        control_client_fail(client);
    rearm(client);
}

void control_call_free(struct nectar_node *node, struct control_call *call)
{
    struct control_client *client = call->client;

    TAILQ_REMOVE(&node->control->calls, call, all);
    node->control->call_bytes -= call->bytes;
    if (client && !client->over) {
        client->calls--;
        client->call_bytes -= call->bytes;
        client->began = net_loop_now(node->loop);
        /* It may have lines that wait: they are handled in the loop, as all are. */
        net_stream_watch(client->stream, !client->ended, true);
    }
    control_message_free(&call->message);
    json_free(call->json);
    free(call);
}

/* --- life ------------------------------------------------------------------------------------ */

static int client_new(struct control_client **out, struct nectar_node *node,
                      struct net_stream *stream)
{
    struct control_client *client = calloc(1, sizeof *client);
    int error =
        client ? net_timer_new(&client->timer, node->loop, on_timer, client) : NECTAR_ENOMEM;

    if (error) {
        free(client);
        net_stream_free(stream);
        return error;
    }
    client->node = node;
    client->stream = stream;
    client->began = client->wrote = net_loop_now(node->loop);
    bytes_init(&client->in, CONTROL_LINE_MAX);
    bytes_init(&client->out, CONTROL_OUTPUT_MAX);
    TAILQ_INSERT_TAIL(&node->control->clients, client, all);
    node->control->count++;
    net_stream_attach(stream, on_ready, client);
    *out = client;
    return 0;
}

static void on_accepted(void *context, struct net_stream *stream)
{
    struct nectar_node *node = context;
    struct control_client *client;

    if (client_new(&client, node, stream))
        return;
    if (node->control->count > CONTROL_CLIENTS_MAX) {
        control_refuse(client, NULL, NECTAR_EBUSY, "too many clients");
        control_client_fail(client);
        return;
    }
    control_greet(client);
    rearm(client);
}

int nectar_node_control(struct nectar_node *node, const char *path, char *reason)
{
    char why[NET_REASON_SIZE] = "";
    struct node_control *control = calloc(1, sizeof *control);
    int error = control ? 0 : NECTAR_ENOMEM;

    if (!error) {
        TAILQ_INIT(&control->clients);
        TAILQ_INIT(&control->calls);
        error = net_control_new(&control->socket, node->loop, path, on_accepted, node, why);
    }
    if (error) {
        free(control);
        if (reason)
            snprintf(reason, NECTAR_REASON_MAX + 1, "%s", *why ? why : nectar_error_text(error));
        return error;
    }
    node->control = control;
    return 0;
}

void node_control_free(struct nectar_node *node)
{
    struct node_control *control = node->control;
    struct control_client *client;
    struct control_call *call;

    if (!control)
        return;
    while ((client = TAILQ_FIRST(&control->clients))) {
        control_client_fail(client);
        client_free(client);
    }
    while ((call = TAILQ_FIRST(&control->calls)))
        control_call_free(node, call);
    net_control_free(control->socket);
    free(control);
    node->control = NULL;
}
