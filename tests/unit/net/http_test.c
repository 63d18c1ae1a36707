/* HTTP by libcurl, against a small server in a thread: what is sent, several at once, deadlines,
 * what is kept from one exchange to the next, threads. */
#include "net/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <nectar/error.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "base/view.h"

enum { HEAD_MAX = 8192, REPLY_MAX = 1 << 16 };

static int listener;
static unsigned port;
static atomic_int connections;
static char head[HEAD_MAX]; /* of the last request */

/* One request, answered as its path says; false: there is none. */
static bool answer(int fd)
{
    char text[HEAD_MAX], reply[HEAD_MAX + 200];
    size_t have = 0;
    ssize_t n = 1;
    const char *body = NULL, *length;

    while (n > 0 && !body) {
        n = recv(fd, text + have, sizeof text - 1 - have, 0);
        have += n > 0 ? (size_t)n : 0;
        text[have] = '\0';
        if (text[0] != 'P')
            return false; /* no HTTP */
        body = strstr(text, "\r\n\r\n");
        length = strstr(text, "Content-Length: ");
        if (body && length && strlen(body + 4) < strtoul(length + 16, NULL, 10))
            body = NULL;
    }
    if (!body)
        return false;
    memcpy(head, text, have + 1);
    if (strncmp(text, "POST /hang", 10) == 0)
        return recv(fd, text, 1, 0) > 0;
    if (strncmp(text, "POST /late", 10) == 0)
        usleep(300000);
    snprintf(reply, sizeof reply, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n%s",
             strncmp(text, "POST /moved", 11) == 0 ? 307 : 200, strlen(body + 4),
             strncmp(text, "POST /moved", 11) == 0 ? "Location: /echo\r\n" : "", body + 4);
    return send(fd, reply, strlen(reply), MSG_NOSIGNAL) > 0 &&
           strncmp(text, "POST /close", 11) != 0;
}

static void *serve(void *context)
{
    int fd = *(int *)context;

    free(context);
    while (answer(fd))
        ;
    close(fd);
    return NULL;
}

static void *accept_all(void *unused)
{
    for (;;) {
        int *fd = malloc(sizeof *fd);
        pthread_t thread;

        *fd = accept(listener, NULL, NULL);
        if (*fd < 0)
            return free(fd), unused;
        connections++;
        pthread_create(&thread, NULL, serve, fd);
        pthread_detach(thread);
    }
}

static int begin(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    pthread_t thread;

    (void)state;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 64) ||
        getsockname(listener, (struct sockaddr *)&address, &size) ||
        pthread_create(&thread, NULL, accept_all, NULL))
        return -1;
    port = ntohs(address.sin_port);
    return pthread_detach(thread);
}

/* --- asking ---------------------------------------------------------------------------------- */

struct asked {
    char url[200];
    struct bytes reply;
};

static void prepare(struct net_http_exchange *exchange, struct asked *asked, const char *path)
{
    snprintf(asked->url, sizeof asked->url, "http://user:secret@127.0.0.1:%u%s", port, path);
    bytes_init(&asked->reply, REPLY_MAX);
    *exchange = (struct net_http_exchange){.url = asked->url,
                                           .request = view_of_text("{\"a\":1}"),
                                           .timeout = TIME_S(5),
                                           .reply = &asked->reply};
}

/* Asks once; the error. */
static int ask(struct net_http *http, const char *path, uint64_t timeout,
               struct net_http_exchange *exchange)
{
    struct asked asked;

    prepare(exchange, &asked, path);
    exchange->timeout = timeout;
    net_http_post(http, exchange, 1);
    if (!exchange->error)
        assert_true(view_equal_text(bytes_view(&asked.reply), "{\"a\":1}"));
    else
        assert_true(*exchange->reason && !strstr(exchange->reason, "secret"));
    bytes_free(&asked.reply);
    return exchange->error;
}

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return TIME_S((uint64_t)t.tv_sec) + (uint64_t)t.tv_nsec / 1000;
}

static void what_is_sent(void **state)
{
    struct net_http_exchange exchange;
    struct net_http *http;

    (void)state;
    /* Nobody listens there: a proxy that is used would show. */
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    assert_int_equal(net_http_new(&http, -1), 0);
    assert_int_equal(ask(http, "/path?query", TIME_NEVER, &exchange), 0);
    assert_int_equal(exchange.status, 200);
    assert_string_equal(exchange.reason, "");
    assert_in_range(exchange.ended / 1000000, (uint64_t)time(NULL) - 5, (uint64_t)time(NULL) + 5);
    assert_memory_equal(head, "POST /path?query HTTP/1.1\r\n", 27);
    assert_non_null(strstr(head, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(head, "\r\nAuthorization: Basic dXNlcjpzZWNyZXQ=\r\n"));
    assert_non_null(strstr(head, "\r\nUser-Agent: nectar-net/"));
    assert_null(strstr(head, "Expect"));
    assert_null(strstr(head, "Cookie"));
    net_http_free(http);
    net_http_free(NULL);
}

static void a_connection_is_kept(void **state)
{
    struct net_http_exchange exchange;
    struct net_http *http;
    int before = connections;

    (void)state;
    assert_int_equal(net_http_new(&http, -1), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(ask(http, "/echo", TIME_S(5), &exchange), 0);
    assert_int_equal(connections - before, 1);
    /* One that the server has closed is replaced. */
    assert_int_equal(ask(http, "/close", TIME_S(5), &exchange), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ask(http, "/echo", TIME_S(5), &exchange), 0);
    assert_int_equal(connections - before, 2);
    net_http_free(http);
}

static void no_redirect_is_followed(void **state)
{
    struct net_http_exchange exchange;
    struct net_http *http;

    (void)state;
    assert_int_equal(net_http_new(&http, -1), 0);
    assert_int_equal(ask(http, "/moved", TIME_S(5), &exchange), 0);
    assert_int_equal(exchange.status, 307);
    assert_memory_equal(head, "POST /moved", 11);
    net_http_free(http);
}

static void deadlines(void **state)
{
    struct net_http_exchange exchange;
    struct net_http *http;
    uint64_t start = now();

    (void)state;
    assert_int_equal(net_http_new(&http, -1), 0);
    assert_int_equal(ask(http, "/hang", TIME_MS(200), &exchange), NECTAR_EDEADLINE);
    assert_in_range(now() - start, TIME_MS(190), TIME_S(4));
    /* And then it can be used on. */
    assert_int_equal(ask(http, "/echo", TIME_S(5), &exchange), 0);
    net_http_free(http);
}

static void several_at_once(void **state)
{
    enum { COUNT = 6 };
    static const char *const paths[COUNT] = {"/late", "/late", "/hang", "/late", "/echo", "/late"};
    struct net_http_exchange exchanges[COUNT];
    struct asked asked[COUNT];
    struct net_http *http;
    uint64_t start;

    (void)state;
    assert_int_equal(net_http_new(&http, -1), 0);
    for (int i = 0; i < COUNT; i++)
        prepare(&exchanges[i], &asked[i], paths[i]);
    exchanges[2].timeout = TIME_MS(400);
    start = now();
    net_http_post(http, exchanges, COUNT);
    /* One after the other they would take 1.6 s. */
    assert_in_range(now() - start, TIME_MS(390), TIME_MS(1500));
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(exchanges[i].error, i == 2 ? NECTAR_EDEADLINE : 0);
        assert_int_equal(asked[i].reply.len, i == 2 ? 0 : 7);
        bytes_free(&asked[i].reply);
    }
    assert_true(exchanges[4].ended < exchanges[0].ended);
    net_http_free(http);
}

static void a_reply_that_is_too_large(void **state)
{
    struct net_http_exchange exchange;
    struct asked asked;
    struct net_http *http;

    (void)state;
    assert_int_equal(net_http_new(&http, -1), 0);
    for (size_t room = 0; room < 9; room++) {
        prepare(&exchange, &asked, "/echo");
        bytes_init(&asked.reply, room);
        net_http_post(http, &exchange, 1);
        assert_int_equal(exchange.error, room < 7 ? NECTAR_ETOOBIG : 0);
        assert_true(asked.reply.len <= room);
        bytes_free(&asked.reply);
    }
    net_http_free(http);
}

static void errors(void **state)
{
    static const struct {
        const char *url;
        const char *says;
    } rows[] = {
        {"http://user:secret@127.0.0.1:1/secret", "Connection refused"},
        {"http://secret.invalid/secret?secret", "resolve"},
        {"", "SSL"}, /* https to our server */
        {"file:///etc/secret", "rotocol"},
        {"ftp://127.0.0.1/secret", "rotocol"},
        {"telnet://127.0.0.1/secret", "rotocol"},
    };
    struct net_http *http;

    (void)state;
    assert_int_equal(net_http_new(&http, -1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_http_exchange exchange;
        struct asked asked;

        prepare(&exchange, &asked, "");
        snprintf(asked.url, sizeof asked.url, "%s", rows[i].url);
        if (!rows[i].url[0])
            snprintf(asked.url, sizeof asked.url, "https://u:secret@127.0.0.1:%u/secret", port);
        net_http_post(http, &exchange, 1);
        if (exchange.error != NECTAR_EOFFLINE || !strstr(exchange.reason, rows[i].says))
            fail_msg("%s: %d: %s", rows[i].url, exchange.error, exchange.reason);
        assert_true(!strstr(exchange.reason, "secret") || strstr(rows[i].url, "secret.invalid"));
        assert_int_equal(exchange.status, 0);
        bytes_free(&asked.reply);
    }
    net_http_free(http);
}

static void *ask_often(void *result)
{
    struct net_http *http;
    int *error = result;

    *error = net_http_new(&http, -1);
    for (int i = 0; i < 20 && !*error; i++) {
        struct net_http_exchange exchange;
        struct asked asked;

        prepare(&exchange, &asked, "/echo");
        net_http_post(http, &exchange, 1);
        *error = exchange.error;
        bytes_free(&asked.reply);
    }
    if (*error != NECTAR_ENOMEM)
        net_http_free(http);
    return NULL;
}

static void many_threads(void **state)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    int results[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &results[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(results[i], 0);
    }
}

static void *say_stop(void *context)
{
    uint64_t one = 1;

    usleep(100000);
    assert_int_equal(write(*(int *)context, &one, sizeof one), sizeof one);
    return NULL;
}

/* Whatever is under way ends when that is said, and nothing begins any more. */
static void stopped(void **state)
{
    int stop = eventfd(0, EFD_CLOEXEC);
    struct net_http_exchange exchange;
    struct net_http *http;
    pthread_t thread;
    uint64_t start;
    int before;

    (void)state;
    assert_int_equal(net_http_new(&http, stop), 0);
    assert_int_equal(ask(http, "/echo", TIME_S(5), &exchange), 0);
    assert_false(exchange.stopped);
    start = net_http_now();
    assert_int_equal(pthread_create(&thread, NULL, say_stop, &stop), 0);
    assert_int_equal(ask(http, "/hang", TIME_S(20), &exchange), NECTAR_EOFFLINE);
    assert_true(exchange.stopped);
    assert_in_range(net_http_now() - start, TIME_MS(50), TIME_S(2));
    assert_int_equal(pthread_join(thread, NULL), 0);
    before = connections;
    assert_int_equal(ask(http, "/echo", TIME_S(5), &exchange), NECTAR_EOFFLINE);
    assert_true(exchange.stopped);
    assert_int_equal(connections, before);
    net_http_free(http);
    close(stop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_threads), /* first: they open libcurl */
        cmocka_unit_test(what_is_sent),
        cmocka_unit_test(a_connection_is_kept),
        cmocka_unit_test(no_redirect_is_followed),
        cmocka_unit_test(deadlines),
        cmocka_unit_test(several_at_once),
        cmocka_unit_test(a_reply_that_is_too_large),
        cmocka_unit_test(errors),
        cmocka_unit_test(stopped),
    };

    return cmocka_run_group_tests(tests, begin, NULL);
}
