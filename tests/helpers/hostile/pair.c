/* Two who meet through a router, and behave badly once they have. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helpers/hostile/hostile.h"

enum { PATIENCE_MS = 10000, STUCK_MS = 1500, BLOCK = 60000, SMALL_BUFFER = 65536 };

struct pair {
    const struct plan *plan;
    int control; /* the registration of the second with the router */
    struct nectar_link *link;
    bool opened;
    bool called; /* the router has said that the first waits */
    int legs[2];
    uint8_t input[65536];
};

static bool on_event(void *context, const struct nectar_link_event *event)
{
    struct pair *pair = context;

    pair->opened |= event->type == NECTAR_LINK_OPEN;
    pair->called |= event->type == NECTAR_LINK_MESSAGE;
    return true;
}

static bool ready(int fd, short events, int ms)
{
    struct pollfd wait = {.fd = fd, .events = events};

    return poll(&wait, 1, ms) == 1;
}

/* Goes on with the registration until *reached. */
static void go_on(struct pair *pair, const bool *reached)
{
    while (!*reached) {
        ssize_t n;

        if (!wire_write_link(pair->link, pair->control, NULL))
            die("write");
        if (!ready(pair->control, POLLIN, PATIENCE_MS)) {
            errno = ETIMEDOUT;
            die("router");
        }
        n = read(pair->control, pair->input, sizeof pair->input);
        if (n <= 0 ||
            wire_feed(pair->link, pair->plan->other, pair->input, (size_t)n, on_event, pair)) {
            errno = ECONNRESET;
            die("registration");
        }
    }
    wire_write_link(pair->link, pair->control, NULL);
}

/* Asks the router for a way from one to the other. */
static int ask(struct pair *pair, int which)
{
    const struct plan *plan = pair->plan;
    struct bytes out;
    int fd = wire_dial(plan, (size_t)which);

    bytes_init(&out, OUTPUT_MAX);
    script_head(&out);
    script_route(&out, plan, plan->keys[which], nectar_key_name(plan->keys[!which]));
    if (!wire_write(&out, fd) || out.len > 0)
        die("request");
    bytes_free(&out);
    return fd;
}

/* What the first says, once they have met, is the first that the second hears after the head of
 * the answer to its upgrade. */
static void greet(struct pair *pair)
{
    static const uint8_t greeting[] = {0x82, 0x80 | 1, 0, 0, 0, 0, '!'};
    size_t len = 0;

    if (write(pair->legs[0], greeting, sizeof greeting) != (ssize_t)sizeof greeting)
        die("greeting");
    while (len == 0 || pair->input[len - 1] != '!') {
        ssize_t n = -1;

        if (len < sizeof pair->input && ready(pair->legs[1], POLLIN, PATIENCE_MS))
            n = read(pair->legs[1], pair->input + len, sizeof pair->input - len);
        if (n <= 0) {
            errno = ETIMEDOUT;
            die("the two have not met");
        }
        len += (size_t)n;
    }
}

static void meet(struct pair *pair)
{
    pair->called = false;
    pair->legs[0] = ask(pair, 0);
    go_on(pair, &pair->called);
    pair->legs[1] = ask(pair, 1);
    greet(pair);
}

/* The first writes until nothing has moved for a while; the second never reads. */
static void stuff(struct pair *pair)
{
    uint8_t block[8 + BLOCK] = {0x82, 0xfe, BLOCK >> 8, BLOCK & 0xff};
    size_t offset = 0, written = 0;
    int small = SMALL_BUFFER;

    setsockopt(pair->legs[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    setsockopt(pair->legs[1], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    while (!stopped && ready(pair->legs[0], POLLOUT, STUCK_MS)) {
        ssize_t n = write(pair->legs[0], block + offset, sizeof block - offset);

        if (n < 0)
            break;
        offset = (offset + (size_t)n) % sizeof block;
        written += (size_t)n;
    }
    printf("{\"type\":\"standing\",\"written\":%zu}\n", written);
    fflush(stdout);
    while (!stopped && ready(pair->legs[0], 0, 200) == 0)
        ;
}

/* Waits for the end of a leg; false if it does not come. */
static bool await_end(struct pair *pair, int which)
{
    uint64_t until = now_us() + (uint64_t)PATIENCE_MS * 1000;

    while (now_us() < until) {
        ssize_t n = -1;

        if (ready(pair->legs[which], POLLIN, 100))
            n = read(pair->legs[which], pair->input, sizeof pair->input);
        else
            continue;
        if (n <= 0)
            return true;
    }
    return false;
}

/* One of the two says what it should not; the router ends both. */
static bool spoil(struct pair *pair, int which)
{
    const char *kind = pair->plan->kind;
    struct bytes out;
    bool ended;

    bytes_init(&out, OUTPUT_MAX);
    script_garbage(&out, kind);
    if (!wire_write(&out, pair->legs[which]))
        die("garbage");
    if (strcmp(kind, "truncated") == 0)
        shutdown(pair->legs[which], SHUT_WR);
    bytes_free(&out);
    ended = await_end(pair, 0);
    ended &= await_end(pair, 1);
    for (int i = 0; i < 2; i++)
        close(pair->legs[i]);
    return ended;
}

int pair_run(const struct plan *plan)
{
    static struct pair pair;
    size_t ended = 0;

    if (plan->key_count != 2 || !plan->other) {
        fprintf(stderr, "hostile: two key files and -k\n");
        return 2;
    }
    pair.plan = plan;
    pair.control = wire_dial(plan, 1);
    pair.link = wire_link(plan, plan->keys[1], true, true);
    go_on(&pair, &pair.opened);
    if (strcmp(plan->attack, "stuff") == 0) {
        meet(&pair);
        stuff(&pair);
        return 0;
    }
    for (size_t i = 0; i < plan->count && !stopped; i++) {
        meet(&pair);
        ended += spoil(&pair, (int)(i % 2));
    }
    printf("{\"type\":\"done\",\"met\":%zu,\"ended\":%zu}\n", plan->count, ended);
    return ended == plan->count ? 0 : 1;
}
