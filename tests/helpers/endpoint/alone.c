/* Modes that need no node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helpers/endpoint/endpoint.h"

enum { BLOCK = 64 << 10, DRIP_US = 100000 };
#define HUGE_BYTES (1LL << 30)

static void reset(struct visit *visit)
{
    struct linger now = {1, 0};

    setsockopt(visit->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    shutdown(visit->fd, SHUT_RD);
}

static void hang(struct visit *visit)
{
    wait_for_end(visit->fd);
}

static void drip(struct visit *visit)
{
    bool there = put_head(visit->fd, 200, 1 << 20, "");

    while (there && put_text(visit->fd, " "))
        usleep(DRIP_US);
}

static void status(struct visit *visit)
{
    char *words = strchr(visit->argument, ' ');
    const char *body = words ? words + 1 : "";

    if (put_head(visit->fd, (int)strtol(visit->argument, NULL, 10), (long long)strlen(body), ""))
        put_text(visit->fd, body);
}

static void text(struct visit *visit)
{
    put_body(visit->fd, visit->argument);
}

static void raw(struct visit *visit)
{
    put_text(visit->fd, visit->argument);
    shutdown(visit->fd, SHUT_WR);
}

static void moved(struct visit *visit)
{
    char more[512];

    snprintf(more, sizeof more, "Location: %.400s\r\n", visit->argument);
    put_head(visit->fd, 307, 0, more);
}

static void send_huge(struct visit *visit, long long told)
{
    char *block = must(malloc(BLOCK));
    bool there = put_head(visit->fd, 200, told, "Connection: close\r\n");

    memset(block, ' ', BLOCK);
    for (long long sent = 0; there && sent < HUGE_BYTES; sent += BLOCK)
        there = put(visit->fd, block, BLOCK);
    free(block);
    shutdown(visit->fd, SHUT_WR);
}

static void huge(struct visit *visit)
{
    send_huge(visit, -1);
}

static void huge_told(struct visit *visit)
{
    send_huge(visit, HUGE_BYTES);
}

static const struct {
    const char *name;
    mode_serve *serve;
} MODES[] = {
    {"reset", reset}, {"hang", hang},   {"drip", drip}, {"status", status},       {"text", text},
    {"raw", raw},     {"moved", moved}, {"huge", huge}, {"huge-told", huge_told},
};

mode_serve *mode_alone(const char *name)
{
    for (size_t i = 0; i < sizeof MODES / sizeof MODES[0]; i++)
        if (strcmp(MODES[i].name, name) == 0)
            return MODES[i].serve;
    return NULL;
}
