#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nectar/error.h>

#include "base/text.h"
#include "base/time.h"
#include "net/dial.h"
#include "net/timer.h"

enum { LISTEN_BATCH = 64 }; /* connections taken before others get their turn */

/* Out of descriptors, the queue is left alone for so long. */
#define LISTEN_REST TIME_MS(100)

struct net_listen {
    struct net_loop *loop;
    struct net_stream *socket;
    struct net_timer *rest;
    net_listen_accepted *accepted;
    void *context;
};

static void describe(char *text, size_t size, struct nectar_address *address,
                     const struct sockaddr_storage *from)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)from;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
    bool is_four = from->ss_family == AF_INET;

    if (!inet_ntop(from->ss_family, is_four ? (const void *)&four->sin_addr : &six->sin6_addr,
                   address->host, sizeof address->host))
        text_copy(address->host, sizeof address->host, "?");
    address->port = ntohs(is_four ? four->sin_port : six->sin6_port);
    if (text)
        nectar_address_format(text, size, address);
}

static uint64_t block_of(const struct sockaddr_storage *from)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
    const uint8_t *bytes = six->sin6_addr.s6_addr;
    size_t count = 8;
    uint64_t block = 0;

    if (from->ss_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)from)->sin_addr.s_addr);
    if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
        bytes += 12;
        count = 4;
    }
    for (size_t i = 0; i < count; i++)
        block = block << 8 | bytes[i];
    return block;
}

/* Takes one connection; false if there is none left, or none can be taken now. */
static bool take(struct net_listen *listen)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    struct nectar_address address;
    char text[NECTAR_ADDRESS_TEXT_SIZE];
    struct net_stream *stream;
    int fd = accept4(net_stream_fd(listen->socket), (struct sockaddr *)&from, &len,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            net_stream_watch(listen->socket, false, false);
            net_timer_set(listen->rest, time_after(net_loop_now(listen->loop), LISTEN_REST));
        }
        /* A connection that died in the queue is no reason to stop. */
        return errno == ECONNABORTED || errno == EINTR;
    }
    describe(text, sizeof text, &address, &from);
    if (!net_stream_new(&stream, listen->loop, fd))
        listen->accepted(listen->context, stream,
                         &(struct net_origin){.address = text, .block = block_of(&from)});
    return true;
}

static void on_ready(void *context, bool readable, bool writable)
{
    struct net_listen *listen = context;

    (void)readable, (void)writable;
    for (int i = 0; i < LISTEN_BATCH && take(listen); i++)
        ;
}

static void on_rest(void *context)
{
    struct net_listen *listen = context;

    net_stream_watch(listen->socket, true, false);
}

static int open_socket(const struct nectar_address *address, int *fd)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char port[8];
    int one = 1;
    int failed;

    snprintf(port, sizeof port, "%u", (unsigned)address->port);
    if (getaddrinfo(address->host, port, &hints, &found)) {
        errno = EADDRNOTAVAIL;
        return -1;
    }
    *fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    failed = *fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
             bind(*fd, found->ai_addr, found->ai_addrlen) || listen(*fd, SOMAXCONN);
    freeaddrinfo(found);
    return failed ? -1 : 0;
}

static int classify(int number)
{
    if (number == EADDRINUSE)
        return NECTAR_EBUSY;
    return number == EADDRNOTAVAIL ? NECTAR_EADDRESS : NECTAR_EIO;
}

int net_listen_new(struct net_listen **out, struct net_loop *loop,
                   const struct nectar_address *address, struct nectar_address *bound,
                   net_listen_accepted *accepted, void *context, char *reason)
{
    struct net_listen *listen = calloc(1, sizeof *listen);
    struct sockaddr_storage local;
    socklen_t len = sizeof local;
    int fd = -1, error;

    if (!listen)
        return NECTAR_ENOMEM;
    *listen = (struct net_listen){.loop = loop, .accepted = accepted, .context = context};
    if (open_socket(address, &fd)) {
        snprintf(reason, NET_REASON_SIZE, "%s", strerror(errno));
        error = classify(errno);
        if (fd >= 0)
            close(fd);
        free(listen);
        return error;
    }
    if (bound && getsockname(fd, (struct sockaddr *)&local, &len) == 0)
        describe(NULL, 0, bound, &local);
    error = net_stream_new(&listen->socket, loop, fd);
    if (!error)
        error = net_timer_new(&listen->rest, loop, on_rest, listen);
    if (error) {
        net_listen_free(listen);
        return error;
    }
    net_stream_tune(listen->socket);
    net_stream_attach(listen->socket, on_ready, listen);
    net_stream_watch(listen->socket, true, false);
    *out = listen;
    return 0;
}

void net_listen_free(struct net_listen *listen)
{
    if (!listen)
        return;
    net_stream_free(listen->socket);
    net_timer_free(listen->rest);
    free(listen);
}
