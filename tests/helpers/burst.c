/*
 * How much one node can do in a second. Each verb prints one line of JSON.
 *
 *     burst listen NAME KEYFILE REGISTRY
 *         acks every request that wants an answer, on a free port of 127.0.0.1, which it prints. It
 *         ends with SIGTERM, or after an hour.
 *     burst messages NAME KEYFILE REGISTRY PEER BYTES COUNT WINDOW bin|array
 *         keeps WINDOW requests, all with one random body, in flight on one connection that already
 *         stands, until COUNT are answered.
 *     burst handshakes NAME KEYFILE REGISTRY PEER SECONDS [WINDOW]
 *         connection after connection: TCP, upgrade, XX, one message of a few bytes, Closes; WINDOW
 *         (1) at a time.
 *
 * Ends with 0 only if all was right: each request answered with "ack", each message read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <nectar/nectar.h>

enum { LISTEN_SECONDS = 3600, SEND_SECONDS = 900, SECOND = 1000000 };

#define PATIENCE   ((uint64_t)30 * SECOND) /* for one answer */
#define BYTES_MAX  10000000
#define COUNT_MAX  100000000
#define WINDOW_MAX 1024

struct burst {
    struct nectar_key *key;
    struct nectar_registry *registry;
    struct nectar_node *node;
    const char *peer;
    char sink[NECTAR_NAME_MAX + 32]; /* a process of the peer's that need not answer */
    uint8_t *body;
    size_t bytes, count, window;
    size_t sent, done;
};

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int failed(const char *what, int error)
{
    fprintf(stderr, "burst: %s: %s\n", what, nectar_error_text(error));
    return error;
}

/* A number from 1 to max, or 0 if text is none. */
static size_t number(const char *text, size_t max)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    return *text < '0' || *text > '9' || *end || value > max ? 0 : (size_t)value;
}

static int random_body(struct burst *burst)
{
    size_t have = 0;

    burst->body = malloc(burst->bytes);
    if (!burst->body)
        return NECTAR_ENOMEM;
    while (have < burst->bytes) {
        ssize_t got = getrandom(burst->body + have, burst->bytes - have, 0);

        if (got < 0)
            return NECTAR_EIO;
        have += (size_t)got;
    }
    return 0;
}

/* One event; what is not an answer is an error, and so is an answer that is not "ack". */
static int await_answer(struct burst *burst)
{
    struct nectar_node_event event;
    int error = nectar_node_next(burst->node, 2 * PATIENCE, &event);

    if (error)
        return failed("next", error);
    if (event.type == NECTAR_NODE_FAILED) {
        fprintf(stderr, "burst: %s\n", event.failure->reason);
        return failed("send", event.failure->error);
    }
    if (event.type == NECTAR_NODE_REPLY) {
        struct nectar_view body = event.message->body;

        if (body.len != 3 || memcmp(body.data, "ack", 3) != 0)
            return failed("a reply that is not ack", NECTAR_EREJECTED);
    } else if (event.type != NECTAR_NODE_DELIVERED) {
        return failed("no answer in time", NECTAR_ETIMEOUT);
    }
    burst->done++;
    return 0;
}

static int send_request(struct burst *burst, struct nectar_view body)
{
    struct nectar_message message = {.body = body};
    struct nectar_send send = {
        .peer = burst->peer, .message = &message, .reply_timeout = PATIENCE, .no_retry = true};
    uint64_t id;
    int error = nectar_node_send(burst->node, &send, &id);

    burst->sent++;
    return error ? failed("send", error) : 0;
}

static int send_alone(struct burst *burst)
{
    struct nectar_message message = {
        .target = {(const uint8_t *)burst->sink, strlen(burst->sink)},
        .body = {(const uint8_t *)"burst", 5},
    };
    struct nectar_send send = {
        .peer = burst->peer, .message = &message, .no_reply = true, .no_retry = true};
    uint64_t id;
    int error = nectar_node_send(burst->node, &send, &id);

    burst->sent++;
    return error ? failed("send", error) : 0;
}

/* The first request makes the connection and is not counted. */
static int connect_first(struct burst *burst)
{
    int error = send_request(burst, (struct nectar_view){(const uint8_t *)"first", 5});

    if (!error)
        error = await_answer(burst);
    burst->sent = burst->done = 0;
    return error;
}

static int messages(struct burst *burst, char **options)
{
    bool array = strcmp(options[3], "array") == 0;
    double start, seconds;
    int error;

    burst->bytes = number(options[0], BYTES_MAX);
    burst->count = number(options[1], COUNT_MAX);
    burst->window = number(options[2], WINDOW_MAX);
    if (!burst->bytes || !burst->count || !burst->window ||
        (!array && strcmp(options[3], "bin") != 0))
        return failed("BYTES COUNT WINDOW bin|array", NECTAR_EFORMAT);
    error = random_body(burst);
    if (!error)
        error = nectar_node_learn(burst->node, burst->peer,
                                  array ? NECTAR_TASTE_ARRAY : NECTAR_TASTE_BIN);
    if (!error)
        error = connect_first(burst);
    start = now_s();
    while (!error && burst->done < burst->count) {
        if (burst->sent < burst->count && burst->sent - burst->done < burst->window)
            error = send_request(burst, (struct nectar_view){burst->body, burst->bytes});
        else
            error = await_answer(burst);
    }
    seconds = now_s() - start;
    if (!error)
        printf("{\"type\":\"bench\",\"what\":\"messages\",\"form\":\"%s\",\"body\":%zu,"
               "\"window\":%zu,\"count\":%zu,\"seconds\":%.6f,\"mb_per_s\":%.3f,"
               "\"messages_per_s\":%.3f}\n",
               options[3], burst->bytes, burst->window, burst->count, seconds,
               (double)burst->bytes * (double)burst->count / 1e6 / seconds,
               (double)burst->count / seconds);
    return error;
}

static int handshakes(struct burst *burst, char **options)
{
    size_t limit = number(options[0], SEND_SECONDS / 2);
    double start = now_s(), end = start + (double)limit, seconds;
    int error = 0;

    burst->window = options[1] ? number(options[1], WINDOW_MAX) : 1;
    if (!limit || !burst->window)
        return failed("SECONDS [WINDOW]", NECTAR_EFORMAT);
    snprintf(burst->sink, sizeof burst->sink, "%s@sink:burst:sys", burst->peer);
    while (!error && (now_s() < end || burst->done < burst->sent)) {
        if (burst->sent - burst->done < burst->window && now_s() < end)
            error = send_alone(burst);
        else
            error = await_answer(burst);
    }
    seconds = now_s() - start;
    if (!error)
        printf("{\"type\":\"bench\",\"what\":\"handshakes\",\"window\":%zu,\"count\":%zu,"
               "\"seconds\":%.6f,\"per_s\":%.3f}\n",
               burst->window, burst->done, seconds, (double)burst->done / seconds);
    return error;
}

static int listen_here(struct burst *burst)
{
    struct nectar_address address = {.host = "127.0.0.1"};
    struct nectar_node_event event;
    int error = nectar_node_listen(burst->node, &address, &address, NULL);

    if (error)
        return failed("listen", error);
    printf("{\"type\":\"ready\",\"addr\":\"%s:%u\"}\n", address.host, (unsigned)address.port);
    fflush(stdout);
    while (!(error = nectar_node_next(burst->node, NECTAR_FOREVER, &event))) {
        if (event.type != NECTAR_NODE_MESSAGE)
            continue;
        if (event.message->expects_response)
            error = nectar_node_reply(burst->node, event.connection, event.message,
                                      (struct nectar_view){(const uint8_t *)"ack", 3});
        else
            nectar_node_ignore(burst->node, event.connection);
        if (error)
            failed("reply", error);
    }
    return failed("next", error);
}

static int run(struct burst *burst, int argc, char **argv)
{
    if (strcmp(argv[1], "listen") == 0 && argc == 5) {
        alarm(LISTEN_SECONDS);
        return listen_here(burst);
    }
    alarm(SEND_SECONDS);
    burst->peer = argc > 5 ? argv[5] : "";
    if (strcmp(argv[1], "messages") == 0 && argc == 10)
        return messages(burst, argv + 6);
    if (strcmp(argv[1], "handshakes") == 0 && (argc == 7 || argc == 8))
        return handshakes(burst, argv + 6);
    return failed("listen, messages or handshakes", NECTAR_EFORMAT);
}

int main(int argc, char **argv)
{
    struct burst burst = {0};
    const char *uri;
    int error;

    if (argc < 5)
        return 2;
    uri = argv[4];
    error = nectar_registry_open(&burst.registry, &uri, 1, NULL, NULL);
    if (!error)
        error = nectar_key_load(&burst.key, argv[3], NULL);
    if (!error)
        error = nectar_node_new(&burst.node,
                                &(struct nectar_node_config){
                                    .name = argv[2], .key = burst.key, .registry = burst.registry});
    error = error ? failed("start", error) : run(&burst, argc, argv);
    if (!error)
        nectar_node_close(burst.node, (uint64_t)5 * SECOND);
    nectar_node_free(burst.node);
    nectar_key_free(burst.key);
    nectar_registry_free(burst.registry);
    free(burst.body);
    return error ? 1 : 0;
}
