/* A router that its client should not have trusted. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/view.h"
#include "helpers/hostile/hostile.h"

enum { VISITORS_MAX = 4096, TICK_MS = 50 };

struct evil {
    const struct plan *plan;
    struct foe client;                   /* its registration */
    struct pollfd fds[2 + VISITORS_MAX]; /* the listening one, the client's, and who dials back */
    nfds_t count;
    size_t visits, standing, most;
    bool told;
    uint8_t input[65536];
};

static int stand(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) < 0)
        die("listen");
    *port = ntohs(address.sin_port);
    return fd;
}

/* Answers a hello, which is how the client sees that it is registered, and then lets go. */
static void acknowledge(struct evil *evil, const struct nectar_message *hello)
{
    struct nectar_message ack = {
        .id = hello->id,
        .kind = NECTAR_RESPONSE,
        .source = hello->target,
        .target = hello->source,
        .body = view_of_text("ack"),
    };
    if (hello->kind != NECTAR_REQUEST)
        return;
    nectar_link_send(evil->client.link, &ack, NULL, 0);
    if (!evil->client.opened)
        evil->client.to_send = evil->plan->messages;
    evil->client.opened = true;
}

static bool on_event(void *context, const struct nectar_link_event *event)
{
    struct evil *evil = context;

    if (event->type == NECTAR_LINK_MESSAGE)
        acknowledge(evil, event->message);
    return true;
}

/* The first who comes is the client; the others come because of what it is told. */
static void take(struct evil *evil)
{
    int fd = accept4(evil->fds[0].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0 || evil->count == 2 + VISITORS_MAX)
        return;
    evil->fds[evil->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    if (evil->count == 2) {
        evil->client.fd = fd;
        evil->client.name = nectar_key_name(evil->plan->keys[0]);
        evil->client.link = wire_link(evil->plan, evil->plan->keys[0], false, false);
        return;
    }
    evil->visits++;
    if (++evil->standing > evil->most)
        evil->most = evil->standing;
}

/* False once the client is lost. */
static bool serve_client(struct evil *evil)
{
    struct foe *client = &evil->client;
    ssize_t n;

    if (evil->count < 2)
        return true;
    if (evil->fds[1].revents & (POLLIN | POLLHUP | POLLERR)) {
        n = read(client->fd, evil->input, sizeof evil->input);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            return false;
        if (n > 0 &&
            wire_feed(client->link, evil->plan->other, evil->input, (size_t)n, on_event, evil))
            return false;
    }
    if (client->to_send > 0 && script_send(client, evil->plan))
        return false;
    evil->fds[1].events = POLLIN | (client->to_send > 0 ? POLLOUT : 0);
    return wire_write_link(client->link, client->fd, NULL);
}

/* Whoever dials back is left to wait, until it gives up. */
static void serve_visitors(struct evil *evil)
{
    for (nfds_t i = 2; i < evil->count;) {
        if (evil->fds[i].revents && read(evil->fds[i].fd, evil->input, sizeof evil->input) <= 0) {
            close(evil->fds[i].fd);
            evil->fds[i] = evil->fds[--evil->count];
            evil->standing--;
        } else {
            i++;
        }
    }
}

static void tell(const struct evil *evil, const char *type)
{
    printf("{\"type\":\"%s\",\"visits\":%zu,\"standing\":%zu,\"most\":%zu,\"unsent\":%zu}\n", type,
           evil->visits, evil->standing, evil->most, evil->client.to_send);
    fflush(stdout);
}

int router_run(const struct plan *plan)
{
    static struct evil evil;
    uint16_t port = plan->port;
    uint64_t start = now_us();

    evil.plan = plan;
    evil.fds[0] = (struct pollfd){.fd = stand(&port), .events = POLLIN};
    evil.count = 1;
    printf("{\"type\":\"ready\",\"addr\":\"127.0.0.1:%u\"}\n", (unsigned)port);
    fflush(stdout);
    while (!stopped && now_us() < start + plan->seconds * 1000000) {
        if (poll(evil.fds, evil.count, TICK_MS) < 0 && errno != EINTR)
            die("poll");
        if (!serve_client(&evil))
            break;
        serve_visitors(&evil);
        if (evil.fds[0].revents)
            take(&evil);
        if (evil.client.opened && evil.client.to_send == 0 && !evil.told) {
            evil.told = true;
            tell(&evil, "standing");
        }
    }
    tell(&evil, "done");
    return 0;
}
