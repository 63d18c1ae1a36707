/* nectar-net bench: what this machine, or the way to a node, gives. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>

#include "shared/cli.h"
#include "shared/clock.h"
#include "shared/common.h"
#include "shared/exit.h"
#include "shared/keyarg.h"
#include "shared/output.h"
#include "shared/pair.h"
#include "shared/passphrase.h"
#include "shared/pki.h"
#include "shared/report.h"
#include "shared/session.h"
#include "shared/target.h"
#include "shared/taste.h"
#include "shared/text.h"

#define LARGE (1 << 20)

static uint64_t duration = CLOCK_SECOND;

static const struct cli_option options[] = {
    {.name = "duration",
     .letter = 'd',
     .kind = CLI_SECONDS,
     .target = &duration,
     .value = "SEC",
     .help = "measure each figure for so long (1)",
     .min = 1},
    CLI_END,
};

static const struct cli cli = {
    .verb = "bench",
    .operands = "TARGET",
    .max_operands = 1,
    .groups = {options, session_options, keyarg_options, passphrase_options, pki_options},
};

/* One measurement. */
struct trial {
    size_t bytes;    /* of each body */
    size_t window;   /* in flight at once */
    size_t most;     /* messages; more are not sent, however short it took */
    bool alone;      /* each on a connection of its own */
    uint64_t *times; /* NULL, or room for `most` round trips */
    size_t count;    /* done */
    uint64_t took;   /* us */
};

struct bench {
    struct session session;
    struct pair pair;
    struct target target;
    const uint8_t *body; /* LARGE bytes */
};

static int launch(struct bench *bench, const struct trial *trial)
{
    const struct nectar_message message = {.body = {bench->body, trial->bytes},
                                           .target = text_view(bench->target.address)};
    const struct nectar_send what = {
        .peer = bench->target.name,
        .message = &message,
        .reply_timeout = bench->session.timeout,
        .no_reply = trial->alone,
    };
    uint64_t id;
    int error = nectar_node_send(bench->session.node, &what, &id);
    return error ? report(&(struct report){.exit = exit_of_error(error),
                                           .peer = bench->target.name,
                                           .reason = nectar_error_text(error)})
                 : 0;
}

/* The end of one of those in flight. */
static int land(struct bench *bench, struct trial *trial)
{
    struct nectar_node_event event;
    for (;;) {
        int status = session_next(&bench->session, NECTAR_FOREVER, &event);
        if (status)
            return status;
        if (event.type == NECTAR_NODE_FAILED)
            return report_failure(event.peer, event.failure);
        if (event.type == NECTAR_NODE_REPLY && trial->times)
            trial->times[trial->count] = event.rtt;
        if (event.type == NECTAR_NODE_REPLY || event.type == NECTAR_NODE_DELIVERED)
            break;
        if (clock_left() == 0)
            return session_out_of_time(bench->target.name);
    }
    trial->count++;
    return 0;
}

/* Keeps the window full until the time is up, and waits for what is in flight then. */
static int measure(struct bench *bench, struct trial *trial)
{
    uint64_t start = clock_now(), now = start;
    size_t sent = 0;
    int status = 0;
    while (!status && (sent > trial->count || (now - start < duration && sent < trial->most))) {
        if (sent - trial->count < trial->window && sent < trial->most && now - start < duration) {
            status = launch(bench, trial);
            sent++;
        } else {
            status = land(bench, trial);
        }
        now = clock_now();
    }
    trial->took = now > start ? now - start : 1;
    return status;
}

static void print(const char *what, double value, const char *unit)
{
    struct json json;
    if (common.json) {
        output_open(&json, "bench");
        json_text(&json, "what", what);
        json_real(&json, "value", value);
        json_text(&json, "unit", unit);
        output_close(&json);
        return;
    }
    printf("%-20s %12.*f %s\n", what, value < 1000 ? 1 : 0, value, unit);
    output_flush();
}

static double per_second(const struct trial *trial)
{
    return (double)trial->count * CLOCK_SECOND / (double)trial->took;
}

static int bench_rate(struct bench *bench, struct trial trial, const char *what)
{
    int status = measure(bench, &trial);
    if (!status)
        print(what, per_second(&trial), "1/s");
    return status;
}

static int bench_goodput(struct bench *bench, struct trial trial, const char *what)
{
    int status = measure(bench, &trial);
    if (!status)
        print(what, per_second(&trial) * (double)trial.bytes / 1e6, "MB/s");
    return status;
}

static int compare(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static int bench_round_trip(struct bench *bench, struct trial trial)
{
    trial.times = text_resize(NULL, trial.most * sizeof *trial.times);
    int status = measure(bench, &trial);
    if (!status) {
        qsort(trial.times, trial.count, sizeof *trial.times, compare);
        print("round_trip_min", (double)trial.times[0], "us");
        print("round_trip_median", (double)trial.times[trial.count / 2], "us");
        print("round_trip_p99", (double)trial.times[trial.count * 99 / 100], "us");
    }
    free(trial.times);
    return status;
}

/* The first message makes the connection, and shows what the peer takes; it counts for nothing. */
static int connect_first(struct bench *bench)
{
    struct trial first = {.bytes = 5, .window = 1, .most = 1};
    return measure(bench, &first);
}

/* As fast as it goes. */
static int bench_pair(struct bench *bench)
{
    enum { ANY = 100000000, TIMES = 1 << 20 };
    const struct trial large = {.bytes = LARGE, .window = 8, .most = ANY};
    int status = connect_first(bench);
    if (!status)
        status =
            bench_rate(bench, (struct trial){.bytes = 5, .window = 8, .most = ANY, .alone = true},
                       "handshakes");
    if (!status)
        status = connect_first(bench);
    if (!status)
        status = bench_round_trip(bench, (struct trial){.bytes = 5, .window = 1, .most = TIMES});
    if (!status)
        status =
            bench_rate(bench, (struct trial){.bytes = 64, .window = 256, .most = ANY}, "messages");
    if (!status)
        status = bench_goodput(bench, large, "goodput_bin");
    if (!status && nectar_node_learn(bench->session.node, PAIR_PEER, NECTAR_TASTE_ARRAY))
        status = EXIT_INTERNAL;
    if (!status)
        status = bench_goodput(bench, large, "goodput_array");
    return status;
}

/* Gently: what is somebody's is not to be flooded, however long it may be measured. */
static int bench_target(struct bench *bench)
{
    int status = connect_first(bench);
    if (!status)
        status =
            bench_rate(bench, (struct trial){.bytes = 5, .window = 1, .most = 200, .alone = true},
                       "handshakes");
    if (!status)
        status = connect_first(bench);
    if (!status)
        status = bench_round_trip(bench, (struct trial){.bytes = 5, .window = 1, .most = 1000});
    if (!status)
        status =
            bench_rate(bench, (struct trial){.bytes = 64, .window = 16, .most = 5000}, "messages");
    return status;
}

static int reach(struct bench *bench, const char *to)
{
    int status = session_begin(&bench->session);
    if (!status)
        status = target_parse(&bench->target, bench->session.registry, to);
    if (!status)
        status = session_open(&bench->session, false, false);
    if (!status)
        status = taste_teach(&bench->session, bench->target.name);
    return status;
}

static int run(struct bench *bench, const char *to)
{
    int status = to ? reach(bench, to) : pair_open(&bench->pair, &bench->session);
    if (status)
        return status;
    if (!to)
        snprintf(bench->target.name, sizeof bench->target.name, "%s", PAIR_PEER);
    session_catch_deadline(&bench->session);
    return to ? bench_target(bench) : bench_pair(bench);
}

/* Bytes without a pattern, the same each time: some forms of a message take more room for those. */
static uint8_t *make_body(void)
{
    uint8_t *body = text_resize(NULL, LARGE);
    uint64_t state = 1;
    memcpy(body, "bench", 5);
    for (size_t i = 5; i < LARGE; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        body[i] = (uint8_t)(state >> 56);
    }
    return body;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.pair = {.registry = -1}};
    static struct text_list operands;
    cli_start(&cli, argc, argv, &operands);
    uint8_t *body = make_body();
    bench.body = body;
    int status = run(&bench, operands.count ? operands.items[0] : NULL);
    session_close(&bench.session);
    pair_close(&bench.pair);
    target_wipe(&bench.target);
    free(body);
    return status;
}
