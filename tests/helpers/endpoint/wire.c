#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helpers/endpoint/endpoint.h"

enum { HEAD_MAX = 64 << 10, BODY_MAX = 32 << 20 };

void *must(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

bool put(int fd, const void *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        data = (const char *)data + n;
        len -= (size_t)n;
    }
    return true;
}

bool put_text(int fd, const char *text)
{
    return put(fd, text, strlen(text));
}

bool put_head(int fd, int status, long long len, const char *more)
{
    char head[1024], told[64] = "";

    if (len >= 0)
        snprintf(told, sizeof told, "Content-Length: %lld\r\n", len);
    snprintf(head, sizeof head,
             "HTTP/1.1 %d In words\r\nContent-Type: application/json\r\n%s%s\r\n", status, told,
             more);
    return put_text(fd, head);
}

bool put_body(int fd, const char *body)
{
    return put_head(fd, 200, (long long)strlen(body), "") && put_text(fd, body);
}

/* As much as len, or all until the end, of which some is there already. */
static char *take_rest(int fd, const char *some, size_t have, size_t len)
{
    char *body = must(malloc(len + 1));
    ssize_t n;

    if (have > len)
        have = len;
    memcpy(body, some, have);
    while (have < len && (n = recv(fd, body + have, len - have, 0)) > 0)
        have += (size_t)n;
    body[have] = '\0';
    return body;
}

char *take_body(int fd)
{
    char *head = must(malloc(HEAD_MAX + 1));
    char *end = NULL, *body = NULL, *told;
    size_t have = 0, len = BODY_MAX;
    ssize_t n;

    while (!end && have < HEAD_MAX && (n = recv(fd, head + have, HEAD_MAX - have, 0)) > 0) {
        have += (size_t)n;
        head[have] = '\0';
        end = strstr(head, "\r\n\r\n");
    }
    if (end) {
        *end = '\0';
        told = strcasestr(head, "\r\ncontent-length:");
        if (told && strtoul(told + 17, NULL, 10) < len)
            len = strtoul(told + 17, NULL, 10);
        body = take_rest(fd, end + 4, have - (size_t)(end + 4 - head), len);
    }
    free(head);
    return body;
}

int call_port(uint16_t port)
{
    int on = 1;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

void wait_for_end(int fd)
{
    char some[256];

    while (recv(fd, some, sizeof some, 0) > 0)
        ;
}
