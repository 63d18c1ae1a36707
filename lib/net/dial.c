#include "net/dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <nectar/error.h>

#include "net/lookup.h"
#include "net/timer.h"

struct net_dial {
    struct net_loop *loop;
    struct net_lookup *lookup;   /* of a host name */
    struct net_timer *start;     /* of a numeric address: done is never called too early */
    struct addrinfo *found;      /* to be freed */
    const struct addrinfo *next; /* to be tried */
    struct net_stream *stream;   /* under way */
    enum net_dial_phase phase;
    net_dial_done *done;
    void *context;
    struct net_dialled result;
};

static void finish(struct net_dial *dial, struct net_stream *stream)
{
    dial->result.stream = stream;
    dial->result.phase = dial->phase;
    dial->done(dial->context, &dial->result);
    net_dial_free(dial);
}

static void note(struct net_dial *dial, const char *reason)
{
    snprintf(dial->result.reason, sizeof dial->result.reason, "%s", reason);
}

static void connect_next(struct net_dial *dial);

static void on_ready(void *context, bool readable, bool writable)
{
    struct net_dial *dial = context;
    struct net_stream *stream = dial->stream;
    int status = 0;
    socklen_t size = sizeof status;

    (void)readable, (void)writable;
    dial->stream = NULL;
    net_stream_watch(stream, false, false);
    if (getsockopt(net_stream_fd(stream), SOL_SOCKET, SO_ERROR, &status, &size))
        status = errno;
    if (!status) {
        net_stream_attach(stream, NULL, NULL);
        finish(dial, stream);
        return;
    }
    note(dial, strerror(status));
    net_stream_free(stream);
    connect_next(dial);
}

/* Begins to connect to one address; false, with the reason noted, if that fails at once. */
static bool connect_one(struct net_dial *dial, const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        note(dial, strerror(errno));
        return false;
    }
    if (net_stream_new(&dial->stream, dial->loop, fd)) {
        note(dial, strerror(ENOMEM));
        return false;
    }
    net_stream_tune(dial->stream);
    if (connect(fd, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS) {
        note(dial, strerror(errno));
        net_stream_free(dial->stream);
        dial->stream = NULL;
        return false;
    }
    net_stream_attach(dial->stream, on_ready, dial);
    net_stream_watch(dial->stream, false, true);
    return true;
}

static void connect_next(struct net_dial *dial)
{
    while (dial->next) {
        const struct addrinfo *address = dial->next;

        dial->next = address->ai_next;
        if (connect_one(dial, address))
            return;
    }
    finish(dial, NULL);
}

static void on_looked_up(void *context, int status, struct addrinfo *found)
{
    struct net_dial *dial = context;

    dial->lookup = NULL;
    dial->found = found;
    if (status) {
        note(dial, status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
        finish(dial, NULL);
        return;
    }
    dial->phase = NET_DIAL_CONNECTING;
    dial->next = found;
    connect_next(dial);
}

static void on_start(void *context)
{
    connect_next(context);
}

/* Makes what will lead to the first connect: an address is there already, a name is looked up. */
static int begin(struct net_dial *dial, const struct nectar_address *address)
{
    int error;

    dial->found = net_lookup_numeric(address->host, address->port);
    if (!dial->found)
        return net_lookup_new(&dial->lookup, dial->loop, address->host, address->port, on_looked_up,
                              dial);
    dial->phase = NET_DIAL_CONNECTING;
    dial->next = dial->found;
    error = net_timer_new(&dial->start, dial->loop, on_start, dial);
    if (!error)
        net_timer_set(dial->start, 0);
    return error;
}

int net_dial_new(struct net_dial **out, struct net_loop *loop, const struct nectar_address *address,
                 net_dial_done *done, void *context)
{
    struct net_dial *dial = calloc(1, sizeof *dial);
    int error;

    if (!dial)
        return NECTAR_ENOMEM;
    dial->loop = loop;
    dial->done = done;
    dial->context = context;
    error = begin(dial, address);
    if (error) {
        net_dial_free(dial);
        return error;
    }
    *out = dial;
    return 0;
}

void net_dial_free(struct net_dial *dial)
{
    if (!dial)
        return;
    net_lookup_free(dial->lookup);
    net_timer_free(dial->start);
    net_stream_free(dial->stream);
    if (dial->found)
        freeaddrinfo(dial->found);
    free(dial);
}

enum net_dial_phase net_dial_at(const struct net_dial *dial)
{
    return dial->phase;
}
