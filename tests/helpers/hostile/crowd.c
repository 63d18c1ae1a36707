/* Many connections at once. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helpers/hostile/hostile.h"

enum { INPUT = 65536, TICK_MS = 50 };

struct crowd {
    const struct plan *plan;
    struct foe *foes;
    struct pollfd *fds;
    size_t begun, standing, most;
    size_t upgraded, opened, ended, reset;
    bool told;
    uint64_t start;
    uint8_t input[INPUT];
};

static void begin_foe(struct crowd *crowd, struct foe *foe)
{
    const struct plan *plan = crowd->plan;
    size_t i = crowd->begun++;

    *foe = (struct foe){.fd = wire_dial(plan, i)};
    foe->name = plan->key_count > 0 ? nectar_key_name(plan->keys[i % plan->key_count]) : NULL;
    script_begin(foe, plan, i);
    crowd->standing++;
    if (crowd->standing > crowd->most)
        crowd->most = crowd->standing;
}

static void end_foe(struct crowd *crowd, struct foe *foe)
{
    /* A stubborn one keeps its side of the connection until the program ends. */
    if (!crowd->plan->stubborn)
        close(foe->fd);
    nectar_link_free(foe->link);
    bytes_free(&foe->out);
    crowd->upgraded += memcmp(foe->status, "101", 3) == 0;
    crowd->opened += foe->opened;
    *foe = (struct foe){.fd = -1};
    crowd->standing--;
    crowd->ended++;
}

struct call {
    struct crowd *crowd;
    struct foe *foe;
};

static bool on_event(void *context, const struct nectar_link_event *event)
{
    struct call *call = context;

    return event->type != NECTAR_LINK_OPEN || script_opened(call->foe, call->crowd->plan) == 0;
}

/* The three digits after "HTTP/1.1 ". */
static void note_status(struct foe *foe, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len && foe->received < 12; i++, foe->received++)
        if (foe->received >= 9)
            foe->status[foe->received - 9] = data[i];
}

/* False once it is over. */
static bool read_foe(struct crowd *crowd, struct foe *foe)
{
    ssize_t n = read(foe->fd, crowd->input, sizeof crowd->input);

    if (n < 0 && errno == EAGAIN)
        return true;
    if (n <= 0) {
        crowd->reset += n < 0;
        return false;
    }
    note_status(foe, crowd->input, (size_t)n);
    return !foe->link || wire_feed(foe->link, crowd->plan->other, crowd->input, (size_t)n, on_event,
                                   &(struct call){crowd, foe}) == 0;
}

/* One byte of what it says, when it is time. */
static bool drip(struct foe *foe, uint64_t now)
{
    if (foe->out.len == 0 || now < foe->drip_at)
        return true;
    foe->drip_at = now + 1000000;
    if (write(foe->fd, foe->out.data, 1) != 1)
        return false;
    bytes_consume(&foe->out, 1);
    return true;
}

static bool write_foe(struct crowd *crowd, struct foe *foe, uint64_t now)
{
    bool well;

    if (foe->dripping) {
        foe->settled = true;
        return drip(foe, now);
    }
    if (foe->opened && foe->to_send > 0 && script_send(foe, crowd->plan))
        return false;
    well = !foe->link || wire_write_link(foe->link, foe->fd, &foe->allowance);
    if (well && (!foe->link || foe->opened))
        well = wire_write(&foe->out, foe->fd);
    foe->settled = (foe->opened || !foe->link) && foe->out.len == 0 && foe->to_send == 0;
    return well && !(foe->hang_up && foe->opened);
}

static bool wants_to_write(const struct foe *foe)
{
    struct nectar_view out = {NULL, 0};

    if (foe->link)
        nectar_link_output(foe->link, &out);
    return (out.len > 0 && foe->allowance > 0) || foe->to_send > 0 ||
           ((foe->opened || !foe->link) && foe->out.len > 0 && !foe->dripping);
}

/* A turn of every foe; true if all have said what they have to say. */
static bool turn(struct crowd *crowd)
{
    uint64_t now = now_us();
    bool all_settled = true;

    for (size_t i = 0; i < crowd->plan->window; i++) {
        struct foe *foe = &crowd->foes[i];

        if (foe->fd >= 0 &&
            ((crowd->fds[i].revents && !read_foe(crowd, foe)) || !write_foe(crowd, foe, now)))
            end_foe(crowd, foe);
        if (foe->fd < 0 && crowd->begun < crowd->plan->count)
            begin_foe(crowd, foe);
        crowd->fds[i] = (struct pollfd){.fd = foe->fd, .events = POLLIN};
        if (foe->fd >= 0 && wants_to_write(foe))
            crowd->fds[i].events |= POLLOUT;
        all_settled &= foe->fd < 0 || foe->settled;
    }
    return all_settled && crowd->begun == crowd->plan->count;
}

static void tell(const struct crowd *crowd, const char *type)
{
    size_t upgraded = crowd->upgraded, opened = crowd->opened;

    for (size_t i = 0; i < crowd->plan->window; i++) {
        const struct foe *foe = &crowd->foes[i];

        upgraded += foe->fd >= 0 && memcmp(foe->status, "101", 3) == 0;
        opened += foe->fd >= 0 && foe->opened;
    }
    printf("{\"type\":\"%s\",\"begun\":%zu,\"standing\":%zu,\"most\":%zu,\"upgraded\":%zu,"
           "\"opened\":%zu,\"ended\":%zu,\"reset\":%zu,\"seconds\":%.3f}\n",
           type, crowd->begun, crowd->standing, crowd->most, upgraded, opened, crowd->ended,
           crowd->reset, (double)(now_us() - crowd->start) / 1e6);
    fflush(stdout);
}

int crowd_run(const struct plan *plan)
{
    static struct crowd crowd;

    crowd.plan = plan;
    crowd.start = now_us();
    crowd.foes = calloc(plan->window, sizeof *crowd.foes);
    crowd.fds = calloc(plan->window, sizeof *crowd.fds);
    if (!crowd.foes || !crowd.fds)
        die("memory");
    for (size_t i = 0; i < plan->window; i++)
        crowd.foes[i].fd = -1;
    while (!stopped && now_us() < crowd.start + plan->seconds * 1000000) {
        bool settled = turn(&crowd);

        if (settled && !crowd.told)
            tell(&crowd, "standing");
        crowd.told |= settled;
        if (settled && crowd.standing == 0)
            break;
        if (poll(crowd.fds, plan->window, TICK_MS) < 0 && errno != EINTR)
            die("poll");
    }
    tell(&crowd, "done");
    return 0;
}
