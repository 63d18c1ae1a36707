/* The other side of a control socket: the connection, and its lines. */
#include "node/control_client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/time.h"
#include "crypto/blake2s.h"

enum { PATH_HASH_BYTES = 16 };

int nectar_control_path(char out[NECTAR_CONTROL_PATH_SIZE], const char *folder, const char *name)
{
    uint8_t hash[BLAKE2S_HASH_BYTES];
    char hex[2 * PATH_HASH_BYTES + 1];

    if (snprintf(out, NECTAR_CONTROL_PATH_SIZE, "%s/%s.sock", folder, name) <
        NECTAR_CONTROL_PATH_SIZE)
        return 0;
    blake2s_hash(hash, name, strlen(name));
    nectar_hex_encode(hex, hash, PATH_HASH_BYTES);
    if (snprintf(out, NECTAR_CONTROL_PATH_SIZE, "%s/%s.sock", folder, hex) <
        NECTAR_CONTROL_PATH_SIZE)
        return 0;
    return NECTAR_ETOOBIG;
}

/* --- the connection -------------------------------------------------------------------------- */

static void flush(struct nectar_control *control)
{
    size_t n = 1;

    while (!control->closed && control->gone < control->out.len && n > 0) {
        if (net_stream_write(control->stream, control->out.data + control->gone,
                             control->out.len - control->gone, &n))
            return; /* the next read tells, behind what it still had to say */
        control->gone += n;
    }
    if (control->gone < control->out.len)
        return;
    control->gone = 0;
    if (control->out.cap > CLIENT_OUTPUT_FULL)
        bytes_free(&control->out);
    else
        bytes_clear(&control->out);
}

static void on_ready(void *context, bool readable, bool writable)
{
    struct nectar_control *control = context;
    size_t n;
    int error;

    /* What the system takes of itself shows nothing; that it takes more does: it is read. */
    if (writable && control->gone < control->out.len)
        control->heard = net_loop_now(control->loop);
    if (writable)
        flush(control);
    if (!readable || control->closed)
        return;
    error = bytes_reserve(&control->in, CONTROL_READ);
    if (error) {
        control->error = error == NECTAR_ETOOBIG ? NECTAR_EFORMAT : error;
        control->closed = true;
        return;
    }
    error = net_stream_read(control->stream, control->in.data + control->in.len, CONTROL_READ, &n);
    control->in.len += n;
    control->closed = error != 0;
    if (n > 0)
        control->heard = net_loop_now(control->loop);
}

/* The line at the front, if it is whole: *out NULL if not. */
int client_take_line(struct nectar_control *control, struct json **out)
{
    const uint8_t *data = control->in.data;
    const uint8_t *end = NULL;
    size_t len;
    int error;

    *out = NULL;
    if (control->in.len > control->scanned)
        end = memchr(data + control->scanned, '\n', control->in.len - control->scanned);
    control->scanned = control->in.len;
    if (!end)
        return 0;
    len = (size_t)(end - data);
    error = json_parse(out, (struct nectar_view){data, len}, NULL);
    bytes_consume(&control->in, len + 1);
    control->scanned = 0;
    if (control->in.len == 0 && control->in.cap > CLIENT_OUTPUT_FULL)
        bytes_free(&control->in);
    if (error) {
        control->closed = true;
        control->error = error == NECTAR_ENOMEM ? error : NECTAR_EFORMAT;
    }
    return error ? control->error : 0;
}

int client_queued(struct nectar_control *control, int error)
{
    if (!error)
        flush(control);
    return error;
}

/* Waits for the socket, at most until then. */
void client_await(struct nectar_control *control, uint64_t until)
{
    uint64_t now = net_loop_now(control->loop);

    flush(control);
    net_stream_watch(control->stream, !control->closed, control->out.len > 0);
    net_loop_run(control->loop, until == TIME_NEVER ? TIME_NEVER : until > now ? until - now : 0);
}

int client_line(struct nectar_control *control, struct json **out, uint64_t until)
{
    bool waited = false;

    for (;;) {
        int error = client_take_line(control, out);

        if (error || *out)
            return error;
        if (control->closed)
            return control->error ? control->error : NECTAR_ECLOSED;
        if (waited && net_loop_now(control->loop) >= until)
            return NECTAR_EDEADLINE;
        if (net_loop_woken(control->loop)) {
            net_loop_wake(control->loop); /* whoever waits next is to see it, too */
            return NECTAR_EDEADLINE;
        }
        client_await(control, until);
        waited = true;
    }
}

/* --- life ------------------------------------------------------------------------------------ */

static int greet(struct nectar_control *control, uint64_t timeout, char *reason)
{
    struct json *line;
    int error = client_line(control, &line, time_after(net_loop_now(control->loop), timeout));

    if (error == NECTAR_ECLOSED)
        error = NECTAR_EREJECTED; /* that is how those of other users are met */
    if (error) {
        snprintf(reason, NECTAR_REASON_MAX + 1, "%s",
                 error == NECTAR_EDEADLINE ? "it does not answer" : "it does not take us");
        return error;
    }
    return client_greeting(control, line, reason);
}

int nectar_control_open(struct nectar_control **out, const char *path, uint64_t timeout,
                        char *reason)
{
    struct nectar_control *control = calloc(1, sizeof *control);
    char unasked[NECTAR_REASON_MAX + 1];
    char *why = reason ? reason : unasked;
    int error = control ? net_loop_new(&control->loop) : NECTAR_ENOMEM;

    *why = '\0';
    if (control) {
        TAILQ_INIT(&control->calls);
        bytes_init(&control->in, CONTROL_LINE_MAX);
        bytes_init(&control->out, CLIENT_OUTPUT_MAX);
    }
    if (!error)
        error = net_control_dial(&control->stream, control->loop, path, why);
    if (!error) {
        net_stream_attach(control->stream, on_ready, control);
        control->heard = net_loop_now(control->loop);
        error = greet(control, timeout, why);
    }
    if (error && !*why)
        snprintf(why, NECTAR_REASON_MAX + 1, "%s", nectar_error_text(error));
    if (error)
        nectar_control_free(control);
    else
        *out = control;
    return error;
}

void client_forget(struct nectar_control *control)
{
    free(control->told);
    control->told = NULL;
    control_message_free(&control->message);
    json_free(control->shown);
    control->shown = NULL;
}

void nectar_control_free(struct nectar_control *control)
{
    struct client_call *call;

    if (!control)
        return;
    client_forget(control);
    while ((call = TAILQ_FIRST(&control->calls))) {
        TAILQ_REMOVE(&control->calls, call, all);
        free(call);
    }
    net_stream_free(control->stream);
    net_loop_free(control->loop);
    bytes_free(&control->in);
    bytes_free(&control->out);
    json_free(control->greeting);
    free(control->notes);
    free(control);
}

const struct nectar_control_host *nectar_control_host(const struct nectar_control *control)
{
    return &control->host;
}

void nectar_control_interrupt(struct nectar_control *control)
{
    net_loop_wake(control->loop);
}
