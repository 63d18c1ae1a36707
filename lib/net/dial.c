#include "net/dial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

#include <nectar/error.h>

struct net_dial {
    uv_getaddrinfo_t resolve;
    struct net_loop *loop;
    struct addrinfo *found;      /* to be freed */
    const struct addrinfo *next; /* to be tried */
    struct net_stream *stream;   /* under way */
    enum net_dial_phase phase;
    bool resolving; /* libuv still holds resolve */
    bool abandoned;
    net_dial_done *done;
    void *context;
    struct net_dialled result;
};

static void release(struct net_dial *dial)
{
    net_stream_free(dial->stream);
    uv_freeaddrinfo(dial->found);
    free(dial);
}

static void finish(struct net_dial *dial, struct net_stream *stream)
{
    dial->result.stream = stream;
    dial->result.phase = dial->phase;
    dial->done(dial->context, &dial->result);
    release(dial);
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

static void on_resolved(uv_getaddrinfo_t *resolve, int status, struct addrinfo *found)
{
    struct net_dial *dial = (struct net_dial *)resolve;

    dial->resolving = false;
    dial->found = found;
    if (dial->abandoned) {
        release(dial);
        return;
    }
    if (status) {
        note(dial, uv_strerror(status));
        finish(dial, NULL);
        return;
    }
    dial->phase = NET_DIAL_CONNECTING;
    dial->next = found;
    connect_next(dial);
}

int net_dial_new(struct net_dial **out, struct net_loop *loop, const struct nectar_address *address,
                 net_dial_done *done, void *context)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct net_dial *dial = calloc(1, sizeof *dial);
    char port[8];

    if (!dial)
        return NECTAR_ENOMEM;
    dial->loop = loop;
    dial->done = done;
    dial->context = context;
    snprintf(port, sizeof port, "%u", (unsigned)address->port);
    if (uv_getaddrinfo(net_loop_handle(loop), &dial->resolve, on_resolved, address->host, port,
                       &hints)) {
        free(dial);
        return NECTAR_ENOMEM;
    }
    dial->resolving = true;
    *out = dial;
    return 0;
}

void net_dial_free(struct net_dial *dial)
{
    if (!dial)
        return;
    if (!dial->resolving) {
        release(dial);
        return;
    }
    /* The lookup runs on another thread: on_resolved frees what is left when it comes back. */
    dial->abandoned = true;
    uv_cancel((uv_req_t *)&dial->resolve);
}

enum net_dial_phase net_dial_at(const struct net_dial *dial)
{
    return dial->phase;
}
