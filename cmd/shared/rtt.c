#include "shared/rtt.h"

#include <inttypes.h>
#include <stdio.h>

#include "shared/clock.h"
#include "shared/common.h"
#include "shared/output.h"

void rtt_add(struct rtt *rtt, uint64_t us)
{
    double value = (double)us;
    if (rtt->received == 0 || us < rtt->least)
        rtt->least = us;
    if (us > rtt->most)
        rtt->most = us;
    rtt->sum += value;
    rtt->sum_of_squares += value * value;
    rtt->received++;
}

/* By Newton's method, which spares every verb the mathematics library. */
static double square_root(double square)
{
    double root = square > 1 ? square : 1;
    for (int i = 0; square > 0 && i < 64; i++)
        root = (root + square / root) / 2;
    return square > 0 ? root : 0;
}

static void print_json(const struct rtt *rtt, uint64_t average, uint64_t deviation)
{
    struct json json;
    uint64_t sent = rtt->received + rtt->lost;
    bool any = rtt->received > 0;
    output_open(&json, "summary");
    json_integer(&json, "sent", (int64_t)sent);
    json_integer(&json, "received", (int64_t)rtt->received);
    json_real(&json, "loss", sent ? (double)rtt->lost / (double)sent : 0);
    json_ms(&json, "min_ms", any ? rtt->least : CLOCK_NEVER);
    json_ms(&json, "avg_ms", any ? average : CLOCK_NEVER);
    json_ms(&json, "max_ms", any ? rtt->most : CLOCK_NEVER);
    json_ms(&json, "mdev_ms", any ? deviation : CLOCK_NEVER);
    output_close(&json);
}

static void print_text(const struct rtt *rtt, const char *peer, uint64_t average,
                       uint64_t deviation)
{
    uint64_t sent = rtt->received + rtt->lost;
    printf("--- %s ---\n%" PRIu64 " sent, %" PRIu64 " received, %.4g%% loss\n", peer, sent,
           rtt->received, sent ? 100 * (double)rtt->lost / (double)sent : 0);
    if (rtt->received > 0)
        printf("min/avg/max/mdev %.3f/%.3f/%.3f/%.3f ms\n", (double)rtt->least / 1000,
               (double)average / 1000, (double)rtt->most / 1000, (double)deviation / 1000);
    output_flush();
}

void rtt_print(const struct rtt *rtt, const char *peer)
{
    double n = rtt->received ? (double)rtt->received : 1;
    double mean = rtt->sum / n;
    uint64_t deviation = (uint64_t)square_root(rtt->sum_of_squares / n - mean * mean);
    if (common.json)
        print_json(rtt, (uint64_t)mean, deviation);
    else
        print_text(rtt, peer, (uint64_t)mean, deviation);
}
