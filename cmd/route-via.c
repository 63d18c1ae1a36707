/* nectar-net route-via: sends through one router, and tells how far each leg of the way came. */
#include <inttypes.h>
#include <stdio.h>

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
#include "shared/reply.h"
#include "shared/report.h"
#include "shared/session.h"
#include "shared/target.h"
#include "shared/taste.h"
#include "shared/text.h"

/* How long we wait, the reply in hand, for the peers' Close. */
#define CLOSE_TIME (CLOCK_SECOND / 4)

static const char *text = "hello";

static const struct cli_option options[] = {
    {.name = "message",
     .letter = 'm',
     .kind = CLI_TEXT,
     .target = &text,
     .value = "TEXT",
     .help = "the body (hello)"},
    CLI_END,
};

static const struct cli cli = {
    .verb = "route-via",
    .operands = "ROUTER TARGET",
    .min_operands = 2,
    .max_operands = 2,
    .groups = {options, control_options, session_options, keyarg_options, passphrase_options,
               pki_options},
};

struct trip {
    struct session session;
    char router[NECTAR_NAME_MAX + 1]; /* full */
    char addr[NECTAR_ADDRESS_TEXT_SIZE];
    struct target target;
};

/* A request on the way, and the legs that it shows. */
struct request {
    int number;        /* of the first of them */
    const char *taken; /* the way to who is to answer; NULL: not told apart */
    const char *answered;
    const char *peer;    /* who is to answer */
    const char *process; /* its address; NULL: the operator */
    const char *via;     /* NULL: by the record */
    const char *body;
    uint64_t since;
};

struct leg {
    int number;
    const char *what;
    const char *via; /* NULL: none, at addr */
    const char *addr;
    uint64_t time;      /* us */
    const char *reason; /* NULL: it went well */
};

static void print_leg(const struct leg *leg)
{
    struct json json;
    if (common.json) {
        output_open(&json, "leg");
        json_integer(&json, "n", leg->number);
        json_text(&json, "what", leg->what);
        json_text(&json, "addr", leg->addr);
        json_bool(&json, "ok", !leg->reason);
        json_ms(&json, "ms", leg->time);
        if (leg->reason)
            json_text(&json, "reason", leg->reason);
        output_close(&json);
    } else if (!common.quiet) {
        printf("%d %s %s %s: %s%s%" PRIu64 ".%03" PRIu64 " ms\n", leg->number, leg->what,
               leg->via ? "through" : "at", leg->via ? leg->via : leg->addr,
               leg->reason ? "failed, " : "", leg->reason ? "after " : "", leg->time / 1000,
               leg->time % 1000);
        output_flush();
    }
}

/* Prints the legs of a request that has ended, the last of which took so long, or failed: it is the
 * only one if the way never stood. */
static void print_legs(const struct request *request, const char *addr, uint64_t last, bool stood,
                       const char *reason)
{
    uint64_t all = clock_now() - request->since;
    struct leg leg = {.number = request->number, .via = request->via, .addr = addr};
    if (!request->taken || !stood)
        last = all;
    if (request->taken) {
        leg.what = request->taken;
        leg.time = stood && all > last ? all - last : stood ? 0 : all;
        leg.reason = stood ? NULL : reason;
        print_leg(&leg);
        leg.number++;
        if (!stood)
            return;
    }
    leg.what = request->answered;
    leg.time = last;
    leg.reason = reason;
    print_leg(&leg);
}

static int on_failure(const struct trip *trip, const struct request *request,
                      const struct nectar_failure *failure)
{
    const char *reason = *failure->reason ? failure->reason : nectar_error_text(failure->error);
    /* What was dialled, or else the address that the router publishes. */
    const char *addr = *failure->addr ? failure->addr : trip->addr;
    print_legs(request, addr, failure->waited, failure->stage >= NECTAR_STAGE_FRAME, reason);
    return report_failure(request->peer, failure);
}

static int await(struct trip *trip, const struct request *request)
{
    struct nectar_node_event event;
    for (;;) {
        int status = session_next(&trip->session, progress_interval(), &event);
        if (status)
            return status;
        progress_clear();
        if (event.type == NECTAR_NODE_FAILED)
            return on_failure(trip, request, event.failure);
        if (event.type == NECTAR_NODE_REPLY) {
            print_legs(request, trip->addr, event.rtt, true, NULL);
            taste_note(&trip->session, event.peer, event.taste);
            if (request->via)
                reply_print(&event);
            return 0;
        }
        if (clock_left() == 0)
            return session_out_of_time(request->peer);
        progress_show(request->peer, request->since);
    }
}

static int take(struct trip *trip, struct request request)
{
    const struct nectar_message message = {.target = text_view(request.process),
                                           .body = text_view(request.body)};
    const struct nectar_send what = {.peer = request.peer,
                                     .message = &message,
                                     .reply_timeout = trip->session.timeout,
                                     .via = request.via};
    uint64_t id;
    int status = taste_teach(&trip->session, request.peer);
    if (status)
        return status;
    request.since = clock_now();
    int error = session_send(&trip->session, &what, &id);
    if (error)
        return report(&(struct report){.exit = exit_of_error(error),
                                       .peer = request.peer,
                                       .reason = nectar_error_text(error)});
    return await(trip, &request);
}

/* Where the router is: known before it is dialled, since an answer does not say. */
static int find_router(struct trip *trip)
{
    struct nectar_record record;
    struct nectar_answer answer = {.source = ""};
    int error =
        nectar_registry_lookup(trip->session.registry, trip->router, false, &record, &answer);
    if (error)
        return pki_report(error, trip->router, &answer, NULL);
    if (record.ws.port == 0)
        return report(&(struct report){.exit = EXIT_UNKNOWN_NAME,
                                       .peer = trip->router,
                                       .stage = nectar_stage_name(NECTAR_STAGE_REGISTRY),
                                       .reason = "it publishes no WebSocket address"});
    nectar_address_format(trip->addr, sizeof trip->addr, &record.ws);
    return 0;
}

static int run(struct trip *trip, const char *router, const char *to)
{
    int status = session_begin(&trip->session);
    if (!status)
        status = target_parse(&trip->target, trip->session.registry, to);
    if (!status)
        status = target_parse_via(trip->router, &trip->target, trip->session.registry, router);
    if (!status)
        status = find_router(trip);
    if (!status)
        status = session_reach(&trip->session, false);
    if (status)
        return status;
    session_catch_deadline(&trip->session);
    status =
        take(trip,
             (struct request){
                 .number = 1, .answered = "router reached", .peer = trip->router, .body = "hello"});
    if (!status)
        status = take(trip, (struct request){.number = 2,
                                             .taken = "request taken",
                                             .answered = "target answered",
                                             .peer = trip->target.name,
                                             .process = trip->target.address,
                                             .via = trip->router,
                                             .body = text});
    if (!status)
        session_finish(&trip->session, CLOSE_TIME);
    return status;
}

int main(int argc, char **argv)
{
    static struct trip trip;
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    int status = run(&trip, operands.items[0], operands.items[1]);
    session_close(&trip.session);
    target_wipe(&trip.target);
    return status;
}
