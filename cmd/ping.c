/* nectar-net ping: hellos at an interval, like ping(8). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/cli.h"
#include "shared/clock.h"
#include "shared/common.h"
#include "shared/control.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/progress.h"
#include "shared/report.h"
#include "shared/rtt.h"
#include "shared/session.h"
#include "shared/target.h"
#include "shared/taste.h"

#define IN_FLIGHT_MAX 64

/* From a failure to the next try, at least: what fails at once must not be tried in a tight loop.
 */
#define RETRY_TIME (CLOCK_SECOND / 4)

static uint64_t count = UINT64_MAX;
static uint64_t interval = CLOCK_SECOND;
static uint64_t wait_limit;
static const char *via;

static const struct cli_option options[] = {
    {.name = "count",
     .letter = 'c',
     .kind = CLI_NUMBER,
     .target = &count,
     .value = "N",
     .help = "stop after N",
     .min = 1},
    {.name = "interval",
     .letter = 'i',
     .kind = CLI_SECONDS,
     .target = &interval,
     .value = "SEC",
     .help = "from one to the next (1)"},
    {.name = "wait",
     .kind = CLI_SECONDS,
     .target = &wait_limit,
     .value = "SEC",
     .help = "retry until the first reply, unknown names included"},
    {.name = "via",
     .kind = CLI_TEXT,
     .target = &via,
     .value = "ROUTER",
     .help = "through this router, whatever the record says"},
    CLI_END,
};

static const struct cli cli = {
    .verb = "ping",
    .operands = "TARGET",
    .min_operands = 1,
    .max_operands = 1,
    .groups = {options, control_options, session_options, keyarg_options, passphrase_options,
               pki_options},
};

struct flight {
    uint64_t id; /* 0: free */
    uint64_t seq;
};

struct run {
    struct session session;
    struct target target;
    char via[NECTAR_NAME_MAX + 1]; /* full; empty: by the record */
    struct flight flights[IN_FLIGHT_MAX];
    size_t in_flight;
    uint64_t next_seq;
    uint64_t next_at;
    bool over;           /* the time of --wait was up */
    uint64_t wait_until; /* 0 once the first reply is there, or without --wait */
    struct rtt rtt;
    struct nectar_failure failure; /* of the last that failed; error 0: none has */
    struct nectar_tried tried[NECTAR_ROUTERS_MAX];
};

static const struct nectar_view PING = {(const uint8_t *)"ping", 4};

static struct flight *find(struct run *run, uint64_t id)
{
    for (size_t i = 0; i < IN_FLIGHT_MAX; i++) {
        if (run->flights[i].id == id)
            return &run->flights[i];
    }
    return NULL;
}

static int launch(struct run *run)
{
    const struct nectar_message message = {
        .body = PING,
        .target = {(const uint8_t *)run->target.address,
                   run->target.address ? strlen(run->target.address) : 0},
    };
    const struct nectar_send what = {
        .peer = run->target.name,
        .message = &message,
        .reply_timeout = run->session.timeout,
        .via = *run->via ? run->via : NULL,
    };
    struct flight *flight = find(run, 0);
    uint64_t id;
    if (!flight)
        return 0; /* may_launch saw to it that one is free */
    int error = session_send(&run->session, &what, &id);
    if (error)
        return report(&(struct report){.exit = exit_of_error(error),
                                       .peer = run->target.name,
                                       .reason = nectar_error_text(error)});
    *flight = (struct flight){.id = id, .seq = run->next_seq++};
    run->in_flight++;
    run->next_at = clock_now() + interval;
    return 0;
}

static void land(struct run *run, struct flight *flight)
{
    flight->id = 0;
    run->in_flight--;
}

static void print_pong(const struct run *run, uint64_t seq, const struct nectar_node_event *event)
{
    struct json json;
    uint64_t rtt = event->rtt;
    if (common.json) {
        output_open(&json, "pong");
        json_integer(&json, "seq", (int64_t)seq);
        json_ms(&json, "rtt_ms", rtt);
        if (event->via)
            json_text(&json, "via", event->via);
        output_close(&json);
    } else {
        printf("reply from %s: seq=%" PRIu64 " time=%" PRIu64 ".%03" PRIu64 " ms, %s%s\n",
               run->target.name, seq, rtt / 1000, rtt % 1000, event->via ? "via " : "direct",
               event->via ? event->via : "");
        output_flush();
    }
}

static void on_reply(struct run *run, const struct nectar_node_event *event)
{
    struct flight *flight = find(run, event->id);
    if (!flight)
        return;
    run->wait_until = 0;
    rtt_add(&run->rtt, event->rtt);
    taste_note(&run->session, event->peer, event->taste);
    if (!common.quiet)
        print_pong(run, flight->seq, event);
    land(run, flight);
}

/* Keeps a failure beyond the event that told it. */
static void keep(struct run *run, const struct nectar_failure *failure)
{
    run->failure = *failure;
    if (run->failure.tried_count > NECTAR_ROUTERS_MAX)
        run->failure.tried_count = NECTAR_ROUTERS_MAX;
    for (size_t i = 0; i < run->failure.tried_count; i++)
        run->tried[i] = failure->tried[i];
    run->failure.tried = run->tried;
}

static void give_up(struct run *run, const struct nectar_failure *failure)
{
    run->wait_until = 0;
    run->rtt.lost++;
    if (!common.quiet || run->rtt.lost + run->rtt.received == 1)
        report_failure(run->target.name, failure);
}

/* While --wait runs, a failure is nothing but a reason to try again, and is not counted. */
static void on_failure(struct run *run, const struct nectar_node_event *event)
{
    struct flight *flight = find(run, event->id);
    uint64_t now = clock_now();
    if (!flight)
        return;
    keep(run, event->failure);
    land(run, flight);
    if (run->next_at < now + RETRY_TIME && (interval < RETRY_TIME || run->wait_until))
        run->next_at = now + RETRY_TIME;
    if (run->wait_until > now)
        run->next_seq--;
    else
        give_up(run, event->failure);
}

/* The time of --wait is up while another try is under way: the last failure stands for it. */
static void end_wait(struct run *run)
{
    if (run->wait_until == 0 || clock_now() < run->wait_until || !run->failure.error)
        return;
    run->in_flight = 0;
    run->over = true;
    give_up(run, &run->failure);
}

/* Is another to be sent, and when? While --wait runs, one at a time. */
static bool may_launch(const struct run *run)
{
    if (run->next_seq > count || run->in_flight >= IN_FLIGHT_MAX)
        return false;
    return run->in_flight == 0 || (!run->wait_until && interval > 0);
}

static bool is_over(const struct run *run)
{
    if (run->over || session_signal() || clock_left() == 0)
        return true;
    return run->next_seq > count && run->in_flight == 0;
}

static int step(struct run *run)
{
    struct nectar_node_event event;
    uint64_t now = clock_now();
    uint64_t wait = progress_interval();
    if (may_launch(run)) {
        if (now >= run->next_at)
            return launch(run);
        if (run->next_at - now < wait)
            wait = run->next_at - now;
    }
    if (run->wait_until && wait > RETRY_TIME)
        wait = RETRY_TIME;
    int status = session_next(&run->session, wait, &event);
    if (status)
        return status;
    if (event.type == NECTAR_NODE_REPLY)
        on_reply(run, &event);
    else if (event.type == NECTAR_NODE_FAILED)
        on_failure(run, &event);
    else if (run->wait_until)
        progress_show(run->target.name, clock_now() - clock_elapsed());
    end_wait(run);
    return 0;
}

/* 0 if any reply came, else the last error; what was still in flight when time ran out has failed
 * with that. */
static int conclude(struct run *run)
{
    progress_clear();
    run->rtt.lost += run->in_flight;
    rtt_print(&run->rtt, run->target.name);
    if (run->rtt.received)
        return EXIT_OK;
    if (run->failure.error)
        return exit_of_error(run->failure.error);
    return session_signal() ? EXIT_TIMEOUT : session_out_of_time(run->target.name);
}

static int prepare(struct run *run, const char *to)
{
    run->next_seq = 1;
    int status = session_begin(&run->session);
    if (!status)
        status = target_parse(&run->target, run->session.registry, to);
    if (!status)
        status = target_parse_via(run->via, &run->target, run->session.registry, via);
    if (!status)
        status = session_reach(&run->session, false);
    if (!status)
        status = taste_teach(&run->session, run->target.name);
    return status;
}

int main(int argc, char **argv)
{
    static struct run run;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    int status = prepare(&run, operands.items[0]);
    if (!status) {
        session_catch_signals(&run.session);
        run.wait_until = wait_limit ? clock_now() + wait_limit : 0;
        while (!status && !is_over(&run))
            status = step(&run);
        if (!status)
            status = conclude(&run);
    }
    session_close(&run.session);
    target_wipe(&run.target);
    return status;
}
