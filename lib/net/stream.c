#include "net/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nectar/error.h>

#include "net/watch.h"

/* Since Linux 6.15; others refuse it, and recover as they always have. */
#ifndef TCP_RTO_MAX_MS
#define TCP_RTO_MAX_MS 44
#endif

enum {
    RETRANSMIT_MS = 5000, /* at least so often */
    UNSENT = 1 << 20,     /* bytes written ahead of what the peer has room for */
    /* Of one who only passes on; the system may allow less. */
    NARROW_UNSENT = 256 << 10,
    NARROW_UNREAD = 512 << 10,
};

struct net_stream {
    struct net_watch watch;
    net_stream_ready *ready;
    void *context;
};

static void on_events(struct net_watch *watch, uint32_t events)
{
    struct net_stream *stream = (struct net_stream *)watch; /* its first member */
    bool broken = events & EPOLLERR;

    /* It would be told of again and again. What came before the error is still to be read, and then
     * it; who wants to know more watches again. */
    if (broken)
        net_watch_set(watch, 0);
    if (stream->ready)
        stream->ready(stream->context, broken || (events & (EPOLLIN | EPOLLRDHUP)),
                      broken || (events & EPOLLOUT));
}

int net_stream_new(struct net_stream **out, struct net_loop *loop, int fd)
{
    struct net_stream *stream = calloc(1, sizeof *stream);

    if (!stream) {
        close(fd);
        return NECTAR_ENOMEM;
    }
    net_watch_init(&stream->watch, loop, fd, on_events);
    *out = stream;
    return 0;
}

void net_stream_tune(struct net_stream *stream)
{
    int one = 1, none = 0, most = RETRANSMIT_MS, unsent = UNSENT;
    int fd = stream->watch.fd;

    /* Messages are written whole: waiting for more to send only costs time. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* A line that heals is used again soon, and not after as long again as it was dead. */
    setsockopt(fd, IPPROTO_TCP, TCP_RTO_MAX_MS, &most, sizeof most);
    /* What has not been written when a connection is lost can be sent again, and nothing else. */
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    /* What is said first is answered at once, and the answer acknowledges it. */
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &none, sizeof none);
}

void net_stream_free(struct net_stream *stream)
{
    if (!stream)
        return;
    net_watch_end(&stream->watch);
    close(stream->watch.fd);
    free(stream);
}

void net_stream_attach(struct net_stream *stream, net_stream_ready *ready, void *context)
{
    stream->ready = ready;
    stream->context = context;
}

void net_stream_watch(struct net_stream *stream, bool readable, bool writable)
{
    net_watch_set(&stream->watch, (uint32_t)((readable ? EPOLLIN : 0) | (writable ? EPOLLOUT : 0)));
}

void net_stream_watch_end(struct net_stream *stream, bool writable)
{
    net_watch_set(&stream->watch, (uint32_t)(EPOLLRDHUP | (writable ? EPOLLOUT : 0)));
}

void net_stream_narrow(struct net_stream *stream)
{
    int unread = NARROW_UNREAD, unsent = NARROW_UNSENT;

    /* A clamp on the window would be forgotten as the system tunes the buffer. */
    setsockopt(stream->watch.fd, SOL_SOCKET, SO_RCVBUF, &unread, sizeof unread);
    setsockopt(stream->watch.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

int net_stream_read(struct net_stream *stream, uint8_t *data, size_t len, size_t *n)
{
    ssize_t got;

    do
        got = recv(stream->watch.fd, data, len, 0);
    while (got < 0 && errno == EINTR);
    *n = got > 0 ? (size_t)got : 0;
    if (got > 0)
        return 0;
    if (got == 0)
        return NECTAR_ECLOSED;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : NECTAR_EIO;
}

int net_stream_write(struct net_stream *stream, const uint8_t *data, size_t len, size_t *n)
{
    ssize_t put;

    do
        put = send(stream->watch.fd, data, len, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    *n = put > 0 ? (size_t)put : 0;
    if (put >= 0)
        return 0;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : NECTAR_EIO;
}

bool net_stream_taken(const struct net_stream *stream)
{
    int waiting = 0, error = 0;
    socklen_t len = sizeof error;

    return getsockopt(stream->watch.fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0 &&
           ioctl(stream->watch.fd, TIOCOUTQ, &waiting) == 0 && waiting == 0;
}

void net_stream_finish(struct net_stream *stream)
{
    shutdown(stream->watch.fd, SHUT_WR);
}

int net_stream_fd(const struct net_stream *stream)
{
    return stream->watch.fd;
}
