/* Sockets on 127/8, and links on them. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crypto/random.h"
#include "helpers/hostile/hostile.h"

void die(const char *what)
{
    fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
    exit(1);
}

uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int wire_dial(const struct plan *plan, size_t i)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(plan->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;

    if (fd < 0)
        die("socket");
    if (inet_pton(AF_INET, plan->address, &from.sin_addr) != 1)
        die(plan->address);
    from.sin_addr.s_addr = htonl(ntohl(from.sin_addr.s_addr) + (uint32_t)(i % plan->addresses));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* It leaves nothing behind: a port of the other side's that waits would be one less for us. */
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
    if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
        die("bind");
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        die("fcntl");
    return fd;
}

struct nectar_link *wire_link(const struct plan *plan, const struct nectar_key *key, bool dialled,
                              bool proxy_request)
{
    struct nectar_link *link;
    uint8_t seed[NECTAR_LINK_SEED_BYTES];
    const char *name = plan->name ? plan->name : nectar_key_name(key);

    random_bytes(seed, sizeof seed);
    if (nectar_link_new(&link,
                        &(struct nectar_link_config){
                            .role = dialled ? NECTAR_INITIATOR : NECTAR_RESPONDER,
                            .name = name,
                            .key = key,
                            .peer = dialled ? nectar_key_name(plan->other) : NULL,
                            .host = "127.0.0.1",
                            .proxy_request = proxy_request,
                            .allow_proxy = !dialled,
                            .seed = seed,
                        },
                        0)) {
        errno = ENOMEM;
        die("link");
    }
    return link;
}

bool wire_write_link(struct nectar_link *link, int fd, size_t *allowance)
{
    struct nectar_view out;

    for (;;) {
        ssize_t n;

        nectar_link_output(link, &out);
        if (allowance && out.len > *allowance)
            out.len = *allowance;
        if (out.len == 0)
            return true;
        n = write(fd, out.data, out.len);
        if (n < 0)
            return errno == EAGAIN;
        nectar_link_written(link, (size_t)n, 0);
        if (allowance && *allowance != SIZE_MAX)
            *allowance -= (size_t)n;
    }
}

bool wire_write(struct bytes *out, int fd)
{
    while (out->len > 0) {
        ssize_t n = write(fd, out->data, out->len);

        if (n < 0)
            return errno == EAGAIN;
        bytes_consume(out, (size_t)n);
    }
    return true;
}

int wire_feed(struct nectar_link *link, const struct nectar_key *peer, const uint8_t *data,
              size_t len, bool (*on_event)(void *, const struct nectar_link_event *), void *context)
{
    struct nectar_link_event event;
    size_t used;

    for (;;) {
        int error = nectar_link_receive(link, data, len, &used, &event, 0);

        if (error)
            return error;
        data += used;
        len -= used;
        if (event.type == NECTAR_LINK_NONE)
            return 0;
        if (event.type == NECTAR_LINK_IDENTIFY)
            error = nectar_link_authenticate(link, peer ? nectar_key_public(peer) : NULL, false, 0);
        else if (!on_event(context, &event))
            return NECTAR_ECLOSED;
        if (error)
            return error;
    }
}
