/*
 * endpoint [-p PORT] [-n PORT] MODE [ARGUMENT]: an HTTP server on 127.0.0.1 that treats each POST
 * as the mode says. It prints its port, and then a line for each request: the number of its
 * connection, and the methods that were called. -n is the port of a node (anvil), which the modes
 * of the second list ask. MODE may be @FILE: its first line, "MODE ARGUMENT", is read anew for each
 * request.
 *
 *     refuse            nobody listens            reset             the connection is cut
 *     hang              no answer, ever           drip              a byte every 100 ms
 *     status CODE [T]   and T as the body         text T            as the body
 *     raw T             instead of HTTP           moved URL         a redirect
 *     huge              1 GiB, of unsaid length   huge-told         of a length that is told
 *
 *     pass              the node's reply          cut               half of it
 *     slow MS           later                     bytewise          a byte at a time
 *     mute              the node is asked, that is all
 *     reversed          in another order          wrong-id          to other calls
 *     twice             to one call               missing           one too few
 *     behind S          a newest block so much older
 *     lag N             and so many fewer
 *     lie HEX           records have this key     nobody            and no owner
 *     answer M=JSON     another result of a method
 *     error M=JSON      an error instead          narrow N          no logs of more blocks than N
 *     swallow           what is sent is lost      reject            or refused
 *
 *     after "N MODE"    N requests pass, and then it is that mode
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helpers/endpoint/endpoint.h"

enum { MODE_MAX = 1 << 16, BACKLOG = 64 };

static uint16_t node_port;
static atomic_ulong requests; /* so far */
static char *mode;            /* "MODE ARGUMENT", or "@FILE" */

char *ask_node(const char *body)
{
    int fd = call_port(node_port);
    char head[256];
    char *reply = NULL;

    snprintf(head, sizeof head,
             "POST / HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
             strlen(body));
    if (fd >= 0 && put_text(fd, head) && put_text(fd, body))
        reply = take_body(fd);
    if (fd >= 0)
        close(fd);
    return reply ? reply : must(strdup("no node answers"));
}

/* A new text. */
static char *mode_now(void)
{
    char *line = must(calloc(1, MODE_MAX));
    FILE *file;

    if (mode[0] != '@')
        return free(line), must(strdup(mode));
    file = must(fopen(mode + 1, "r"));
    if (!fgets(line, MODE_MAX, file))
        abort();
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return line;
}

/* The mode behind "after N", once it is its time. */
static void wait_its_time(char *now)
{
    static const char AFTER[] = "after ";
    unsigned long count = ++requests;
    char *then;

    if (strncmp(now, AFTER, sizeof AFTER - 1) != 0)
        return;
    if (count <= strtoul(now + sizeof AFTER - 1, &then, 10))
        memcpy(now, "pass", sizeof "pass");
    else
        memmove(now, then + 1, strlen(then));
}

static void tell(int number, const cJSON *calls)
{
    const cJSON *one = cJSON_IsArray(calls) ? calls->child : calls;

    flockfile(stdout);
    printf("%d", number);
    for (; one; one = one->next) {
        const char *method = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "method"));

        printf(" %s", method ? method : "?");
    }
    printf("\n");
    fflush(stdout);
    funlockfile(stdout);
}

/* One request; false: the last one of its connection. */
static bool serve(int fd, int number)
{
    struct visit visit = {.fd = fd};
    mode_serve *how;
    char *now;

    visit.body = take_body(fd);
    if (!visit.body)
        return false;
    visit.calls = cJSON_Parse(visit.body);
    tell(number, visit.calls);
    now = mode_now();
    wait_its_time(now);
    visit.argument = strchr(now, ' ');
    if (visit.argument)
        *visit.argument++ = '\0';
    else
        visit.argument = now + strlen(now);
    how = mode_alone(now);
    if (!how)
        how = mode_of_node(now);
    if (!how)
        abort();
    how(&visit);
    cJSON_Delete(visit.answers);
    cJSON_Delete(visit.calls);
    free(visit.body);
    free(now);
    return true;
}

struct connection {
    int fd;
    int number;
};

static void *run(void *context)
{
    struct connection connection = *(struct connection *)context;

    free(context);
    while (serve(connection.fd, connection.number))
        ;
    close(connection.fd);
    return NULL;
}

static void accept_all(int listener)
{
    int on = 1;

    for (int number = 1;; number++) {
        struct connection *connection = must(calloc(1, sizeof *connection));
        pthread_t thread;

        connection->number = number;
        connection->fd = accept(listener, NULL, NULL);
        setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connection->fd < 0 || pthread_create(&thread, NULL, run, connection) != 0)
            abort();
        pthread_detach(thread);
    }
}

/* A socket whose port nobody else gets; told when it can be called. */
static int take_port(uint16_t port, bool listens)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        perror("endpoint");
        exit(1);
    }
    if (listens && listen(fd, BACKLOG) != 0)
        exit(1);
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    uint16_t port = 0;
    int option;

    while ((option = getopt(argc, argv, "+p:n:")) != -1) {
        if (option == '?')
            return 2;
        *(option == 'p' ? &port : &node_port) = (uint16_t)strtoul(optarg, NULL, 10);
    }
    if (optind == argc || argc - optind > 2)
        return 2;
    mode = must(malloc(MODE_MAX));
    snprintf(mode, MODE_MAX, "%s%s%s", argv[optind], argc - optind > 1 ? " " : "",
             argc - optind > 1 ? argv[optind + 1] : "");
    if (strcmp(mode, "refuse") == 0) {
        take_port(port, false);
        pause();
        return 0;
    }
    accept_all(take_port(port, true));
}
