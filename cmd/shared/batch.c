#include "shared/batch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/batch_input.h"
#include "shared/clock.h"
#include "shared/exit.h"
#include "shared/output.h"
#include "shared/reply.h"
#include "shared/report.h"
#include "shared/rtt.h"
#include "shared/tally.h"
#include "shared/target.h"
#include "shared/taste.h"
#include "shared/text.h"

/* Of the lines in flight; one is always let go. */
#define BYTES_MAX ((size_t)64 << 20)

/* What cannot be taken now is tried again after so long. */
#define AGAIN_TIME (CLOCK_SECOND / 100)

/* Peers whose taste is remembered; what falls on the same place is looked up again. */
#define PEERS 256

struct peer {
    char name[NECTAR_NAME_MAX + 1];
    enum nectar_taste taste;
};

struct batch {
    struct session *session;
    const struct batch_config *config;
    struct batch_input *input;
    bool input_over;
    int input_error;
    struct batch_lines waiting;
    struct batch_lines flying; /* in the order in which they were sent */
    size_t flying_count, flying_bytes;
    bool is_blocked; /* the next has to wait a little */
    bool is_unflushed;
    struct tally tally;
    struct rtt rtt;
    struct peer peers[PEERS];
};

/* May be called from the thread that reads. */
static void notify(void *context)
{
    struct session *session = context;
    if (session->control)
        nectar_control_interrupt(session->control);
    else
        nectar_node_interrupt(session->node);
}

/* One that has come to nothing. */
static void fail(struct batch *batch, struct batch_line *line, struct report what)
{
    what.line = line->number;
    what.ref = line->ref;
    tally_add(&batch->tally, report(&what));
    batch->is_unflushed = false;
    batch_line_free(line);
}

/* A target that is none is a fault of the line; an error is that of a registry which does not say
 * what bare names take. */
static int find_target(struct batch *batch, struct batch_line *line)
{
    static const char fault[] = "to: not NAME or NAME@PROCESS:PACKAGE:PUBLISHER";
    const char *to = line->to ? line->to : batch->config->to;
    line->fault = to ? NULL : "to is missing";
    if (!to)
        return 0;
    const char *at = strchr(to, '@');
    size_t len = at ? (size_t)(at - to) : strlen(to);
    char name[NECTAR_NAME_MAX + 1];
    line->fault = fault;
    if (len > NECTAR_NAME_MAX || (at && !target_is_process(at + 1)))
        return 0;
    memcpy(name, to, len);
    name[len] = '\0';
    int error = nectar_registry_full_name(line->peer, batch->session->registry, name, NULL);
    if (error == NECTAR_ENAME)
        return 0;
    line->fault = NULL;
    if (!error && at)
        line->address = text_format("%s@%s", line->peer, at + 1);
    return error;
}

static struct peer *place_of(struct batch *batch, const char *name)
{
    size_t hash = 5381;
    for (const char *p = name; *p; p++)
        hash = hash * 33 + (unsigned char)*p;
    return &batch->peers[hash % PEERS];
}

/* What is known of its taste is told to the node once. */
static int teach(struct batch *batch, const char *name)
{
    struct peer *peer = place_of(batch, name);
    if (batch->session->compat || strcmp(peer->name, name) == 0)
        return 0;
    int status = taste_teach(batch->session, name);
    snprintf(peer->name, sizeof peer->name, "%s", name);
    peer->taste = batch->session->taste;
    return status;
}

static void note(struct batch *batch, const struct nectar_node_event *event)
{
    struct peer *peer = place_of(batch, event->peer);
    if (batch->session->compat || strcmp(peer->name, event->peer) != 0)
        return;
    batch->session->taste = peer->taste;
    taste_note(batch->session, event->peer, event->taste);
    peer->taste = batch->session->taste;
}

static int send_line(struct batch *batch, struct batch_line *line)
{
    const struct nectar_message message = {
        .source = text_view(batch->config->source),
        .target = text_view(line->address),
        .body = line->body,
        .blob = line->blob,
        .mime = line->mime,
    };
    const struct nectar_send what = {
        .peer = line->peer,
        .message = &message,
        .reply_timeout = batch->session->timeout,
        .no_retry = batch->config->no_retry,
        .via = batch->config->via,
    };
    return session_send(batch->session, &what, &line->id);
}

/* The first that waits is sent, or has failed. */
static int launch(struct batch *batch)
{
    struct batch_line *line = TAILQ_FIRST(&batch->waiting);
    int error = line->fault || *line->peer ? 0 : find_target(batch, line);
    int status = line->fault || error ? 0 : teach(batch, line->peer);
    if (status)
        return status;
    if (!line->fault && !error)
        error = send_line(batch, line);
    batch->is_blocked = error == NECTAR_EFULL;
    if (batch->is_blocked)
        return 0;
    TAILQ_REMOVE(&batch->waiting, line, all);
    if (line->fault || error) {
        fail(batch, line,
             (struct report){.exit = line->fault ? EXIT_INPUT : exit_of_error(error),
                             .peer = line->peer,
                             .reason = line->fault ? line->fault : nectar_error_text(error)});
        return 0;
    }
    TAILQ_INSERT_TAIL(&batch->flying, line, all);
    batch->flying_count++;
    batch->flying_bytes += line->len;
    return 0;
}

static bool may_launch(struct batch *batch)
{
    if (TAILQ_EMPTY(&batch->waiting) && !batch->input_over)
        batch->input_over = batch_input_take(batch->input, &batch->waiting, &batch->input_error);
    const struct batch_line *line = TAILQ_FIRST(&batch->waiting);
    if (!line || batch->is_blocked || batch->flying_count >= batch->config->window)
        return false;
    return batch->flying_count == 0 || line->len <= BYTES_MAX - batch->flying_bytes;
}

static struct batch_line *land(struct batch *batch, uint64_t id)
{
    struct batch_line *line;
    TAILQ_FOREACH (line, &batch->flying, all) {
        if (line->id == id)
            break;
    }
    if (!line)
        return NULL;
    TAILQ_REMOVE(&batch->flying, line, all);
    batch->flying_count--;
    batch->flying_bytes -= line->len;
    return line;
}

/* Flushed before the next wait: see step. */
static void on_reply(struct batch *batch, const struct nectar_node_event *event)
{
    struct batch_line *line = land(batch, event->id);
    struct json json;
    if (!line)
        return;
    note(batch, event);
    rtt_add(&batch->rtt, event->rtt);
    tally_add(&batch->tally, EXIT_OK);
    output_open(&json, "reply");
    reply_fields(&json, event);
    json_integer(&json, "line", (int64_t)line->number);
    if (line->ref)
        json_raw(&json, "ref", line->ref);
    json_close(&json);
    batch->is_unflushed = true;
    batch_line_free(line);
}

static void on_failure(struct batch *batch, const struct nectar_node_event *event)
{
    struct batch_line *line = land(batch, event->id);
    if (!line)
        return;
    batch->rtt.lost++;
    fail(batch, line, report_of_failure(line->peer, event->failure));
}

/* One event. While events are at hand replies are only collected; before a wait they are shown. */
static int step(struct batch *batch)
{
    struct nectar_node_event event;
    uint64_t wait = batch->is_unflushed ? 0 : batch->is_blocked ? AGAIN_TIME : NECTAR_FOREVER;
    int status = session_next(batch->session, wait, &event);
    if (status)
        return status;
    batch->is_blocked = false;
    if (event.type == NECTAR_NODE_REPLY) {
        on_reply(batch, &event);
    } else if (event.type == NECTAR_NODE_FAILED) {
        on_failure(batch, &event);
    } else if (batch->is_unflushed) {
        output_flush();
        batch->is_unflushed = false;
    }
    return 0;
}

/* The time of -w is up: what is in flight has failed, and what is not yet read is left. */
static void run_out(struct batch *batch)
{
    static const char reason[] = "the time given with -w is up";
    struct batch_line *line;
    if (TAILQ_EMPTY(&batch->flying))
        tally_add(&batch->tally, session_out_of_time(NULL));
    while ((line = TAILQ_FIRST(&batch->flying)) != NULL) {
        TAILQ_REMOVE(&batch->flying, line, all);
        batch->rtt.lost++;
        fail(batch, line,
             (struct report){.exit = EXIT_TIMEOUT, .peer = line->peer, .reason = reason});
    }
}

static void forget(struct batch_lines *lines)
{
    struct batch_line *line;
    while ((line = TAILQ_FIRST(lines)) != NULL) {
        TAILQ_REMOVE(lines, line, all);
        batch_line_free(line);
    }
}

static int send_all(struct batch *batch)
{
    int status = 0;
    while (!status) {
        while (!status && clock_left() > 0 && may_launch(batch))
            status = launch(batch);
        if (batch->input_over && TAILQ_EMPTY(&batch->waiting) && batch->flying_count == 0)
            break;
        if (clock_left() == 0) {
            run_out(batch);
            break;
        }
        if (!status)
            status = step(batch);
    }
    return status;
}

int batch_run(struct session *session, const struct batch_config *config)
{
    static struct batch only; /* there is one in a process */
    struct batch *batch = &only;
    batch->session = session;
    batch->config = config;
    TAILQ_INIT(&batch->waiting);
    TAILQ_INIT(&batch->flying);
    int error = batch_input_start(&batch->input, notify, session);
    int status = error ? report_local(EXIT_INTERNAL, NULL, NULL, "%s", strerror(error)) : 0;
    if (!status)
        status = send_all(batch);
    if (!status) {
        if (batch->input_error)
            tally_add(&batch->tally, report_local(EXIT_INPUT, "standard input", NULL, "%s",
                                                  strerror(batch->input_error)));
        rtt_print(&batch->rtt, NULL);
        status = tally_status(&batch->tally);
    }
    batch_input_end(batch->input);
    forget(&batch->waiting);
    forget(&batch->flying);
    return status;
}
