/* nectar-net send: one message, and the body of its reply; or many, a line each. */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "shared/batch.h"
#include "shared/cli.h"
#include "shared/clock.h"
#include "shared/common.h"
#include "shared/control.h"
#include "shared/exit.h"
#include "shared/input.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/progress.h"
#include "shared/reply.h"
#include "shared/report.h"
#include "shared/session.h"
#include "shared/target.h"
#include "shared/taste.h"
#include "shared/text.h"

/* How long we wait, the reply in hand, for the peer's Close. */
#define CLOSE_TIME (CLOCK_SECOND / 4)

static const char *text;
static const char *file;
static const char *blob;
static const char *mime;
static bool no_reply;
static bool compat;
static bool no_retry;
static const char *process;
static const char *via;
static bool batch;
static uint64_t window = 64;

static const struct cli_option options[] = {
    {.name = "message",
     .letter = 'm',
     .kind = CLI_TEXT,
     .target = &text,
     .value = "TEXT",
     .help = "the body"},
    {.name = "file",
     .letter = 'f',
     .kind = CLI_TEXT,
     .target = &file,
     .value = "FILE",
     .help = "the body from a file; otherwise it is read from stdin"},
    {.name = "blob",
     .kind = CLI_TEXT,
     .target = &blob,
     .value = "FILE",
     .help = "bytes that go along with the message"},
    {.name = "mime",
     .kind = CLI_TEXT,
     .target = &mime,
     .value = "TYPE",
     .help = "their media type"},
    {.name = "no-reply",
     .kind = CLI_FLAG,
     .target = &no_reply,
     .help = "want none; end once the peer has surely read it"},
    {.name = "compat",
     .kind = CLI_FLAG,
     .target = &compat,
     .help = "encode bytes as peers from before April 2024 need it"},
    {.name = "no-retry",
     .kind = CLI_FLAG,
     .target = &no_retry,
     .help = "never send twice, however safe that is"},
    {.name = "source-process",
     .kind = CLI_TEXT,
     .target = &process,
     .value = "PROCESS",
     .help = "who sends (cli:nectar-net:sys)"},
    {.name = "via",
     .kind = CLI_TEXT,
     .target = &via,
     .value = "ROUTER",
     .help = "through this router, whatever the record says"},
    {.name = "batch",
     .kind = CLI_FLAG,
     .target = &batch,
     .help = "send each line of stdin: {\"to\",\"body\" or \"body_b64\",\"ref\"?}"},
    {.name = "window",
     .kind = CLI_NUMBER,
     .target = &window,
     .value = "N",
     .help = "with --batch, so many in flight at once (64)",
     .min = 1,
     .max = BATCH_WINDOW_MAX},
    CLI_END,
};

static const struct cli cli = {
    .verb = "send",
    .operands = "TARGET",
    .max_operands = 1,
    .groups = {options, control_options, session_options, keyarg_options, passphrase_options,
               pki_options},
};

/* What is sent, and to whom. */
struct parcel {
    struct session session;
    struct target target;
    char via[NECTAR_NAME_MAX + 1]; /* full; empty: by the record */
    struct input body;
    struct input blob;
    char *source;
};

static int check_batch(void)
{
    if (batch && (text || file || blob || no_reply))
        return cli_usage_error("--batch takes no -m, -f, --blob or --no-reply");
    if (!batch && cli_given(&window))
        return cli_usage_error("--window goes with --batch");
    return 0;
}

static int check_options(const char *to)
{
    if (!batch && !to)
        return cli_usage_error("missing operand: TARGET");
    if (text && file)
        return cli_usage_error("-m and -f exclude each other");
    if (mime && !blob)
        return cli_usage_error("--mime goes with --blob");
    if (mime && !nectar_utf8_valid(text_view(mime)))
        return cli_usage_error("--mime: not UTF-8");
    if (process && !target_is_process(process))
        return cli_usage_error("--source-process: not PROCESS:PACKAGE:PUBLISHER: %s", process);
    return check_batch();
}

static int print_sent(const struct nectar_node_event *event, const struct target *target)
{
    struct json json;
    if (!common.json)
        return 0;
    output_open(&json, "sent");
    json_id(&json, "id", event->id);
    json_text(&json, "to", target->address ? target->address : target->name);
    if (event->retried)
        json_bool(&json, "retried", true);
    output_close(&json);
    return 0;
}

/* Waits for the one event that a send ends in. */
static int await(struct parcel *parcel)
{
    struct nectar_node_event event;
    uint64_t since = clock_now();
    for (;;) {
        int status = session_next(&parcel->session, progress_interval(), &event);
        if (status)
            return status;
        progress_clear();
        if (event.type == NECTAR_NODE_REPLY) {
            if (!compat)
                taste_note(&parcel->session, event.peer, event.taste);
            reply_print(&event);
            return 0;
        }
        if (event.type == NECTAR_NODE_DELIVERED)
            return print_sent(&event, &parcel->target);
        if (event.type == NECTAR_NODE_FAILED)
            return report_failure(event.peer, event.failure);
        if (clock_left() == 0)
            return session_out_of_time(parcel->target.name);
        progress_show(parcel->target.name, since);
    }
}

/* An empty file is a blob too, and none is none. */
static struct nectar_view blob_of(const struct parcel *parcel)
{
    if (blob && parcel->blob.len == 0)
        return text_view("");
    return (struct nectar_view){parcel->blob.data, parcel->blob.len};
}

static int send_parcel(struct parcel *parcel)
{
    const struct nectar_message message = {
        .source = text_view(parcel->source),
        .target = text_view(parcel->target.address),
        .body = text ? text_view(text) : (struct nectar_view){parcel->body.data, parcel->body.len},
        .blob = blob_of(parcel),
        .mime = text_view(mime),
    };
    int status = compat ? 0 : taste_teach(&parcel->session, parcel->target.name);
    if (status)
        return status;
    const struct nectar_send what = {
        .peer = parcel->target.name,
        .message = &message,
        .reply_timeout = parcel->session.timeout,
        .no_reply = no_reply,
        .no_retry = no_retry,
        .via = *parcel->via ? parcel->via : NULL,
    };
    uint64_t id;
    int error = session_send(&parcel->session, &what, &id);
    if (error)
        return report(&(struct report){.exit = exit_of_error(error),
                                       .peer = parcel->target.name,
                                       .reason = nectar_error_text(error)});
    return await(parcel);
}

static int send_batch(struct parcel *parcel, const char *to)
{
    return batch_run(&parcel->session, &(struct batch_config){
                                           .window = (size_t)window,
                                           .to = to,
                                           .source = parcel->source,
                                           .via = *parcel->via ? parcel->via : NULL,
                                           .no_retry = no_retry,
                                       });
}

static int read_inputs(struct parcel *parcel)
{
    int status = 0;
    if (!text)
        status = input_read(&parcel->body, file ? file : "-", NECTAR_MESSAGE_MAX);
    if (!status && blob)
        status = input_read(&parcel->blob, blob, NECTAR_MESSAGE_MAX);
    return status;
}

static int run(struct parcel *parcel, const char *to)
{
    int status = check_options(to);
    if (!status)
        status = session_begin(&parcel->session);
    if (!status && to)
        status = target_parse(&parcel->target, parcel->session.registry, to);
    if (!status && via)
        status = target_parse_via(parcel->via, &parcel->target, parcel->session.registry, via);
    if (!status)
        status = session_reach(&parcel->session, compat);
    if (!status && !batch)
        status = read_inputs(parcel);
    if (status)
        return status;
    if (process)
        parcel->source = text_format("%s@%s", parcel->session.name, process);
    session_catch_deadline(&parcel->session);
    status = batch ? send_batch(parcel, to) : send_parcel(parcel);
    /* A last word to the peer, so that it need not wonder. */
    if (!status || batch)
        session_finish(&parcel->session, CLOSE_TIME);
    return status;
}

int main(int argc, char **argv)
{
    static struct parcel parcel;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    /* What becomes of many lines is told in lines. */
    common.json |= batch;
    int status = run(&parcel, operands.count ? operands.items[0] : NULL);
    session_close(&parcel.session);
    target_wipe(&parcel.target);
    input_wipe(&parcel.body);
    input_wipe(&parcel.blob);
    free(parcel.source);
    return status;
}
