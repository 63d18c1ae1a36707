#include "unit/shared/liar.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct sockaddr_in local(in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void liar_room(struct liar *liar, int room)
{
    assert_int_equal(setsockopt(liar->listener, SOL_SOCKET, SO_RCVBUF, &room, sizeof room), 0);
}

void liar_begin(struct liar *liar, struct town *town, const char *name)
{
    struct sockaddr_in address = local(0);
    socklen_t len = sizeof address;

    memset(liar, 0, sizeof *liar);
    liar->town = town;
    liar->who = town_add(town, name, false);
    liar->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(liar->listener >= 0);
    assert_int_equal(bind(liar->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(liar->listener, 16), 0);
    assert_int_equal(getsockname(liar->listener, (struct sockaddr *)&address, &len), 0);
    town_publish(town, liar->who, "127.0.0.1", ntohs(address.sin_port));
}

void liar_cut(struct liar_conn *conn)
{
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
    nectar_link_free(conn->link);
    conn->link = NULL;
}

void liar_reset(struct liar_conn *conn)
{
    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    liar_cut(conn);
}

void liar_end_stream(struct liar_conn *conn)
{
    assert_int_equal(shutdown(conn->fd, SHUT_WR), 0);
}

void liar_end(struct liar *liar)
{
    for (size_t i = 0; i < liar->count; i++)
        liar_cut(&liar->conns[i]);
    close(liar->listener);
}

static struct liar_conn *begin_conn(struct liar *liar, int fd, const char *peer, const char *host)
{
    struct liar_conn *conn = &liar->conns[liar->count++];
    uint8_t seed[NECTAR_LINK_SEED_BYTES];

    assert_true(liar->count <= LIAR_CONNS);
    assert_int_equal(getrandom(seed, sizeof seed, 0), sizeof seed);
    *conn = (struct liar_conn){.fd = fd, .deaf_early = liar->deaf_early};
    assert_int_equal(nectar_link_new(&conn->link,
                                     &(struct nectar_link_config){
                                         .role = peer ? NECTAR_INITIATOR : NECTAR_RESPONDER,
                                         .name = liar->town->names[liar->who],
                                         .key = liar->town->keys[liar->who],
                                         .peer = peer,
                                         .host = host,
                                         .seed = seed,
                                     },
                                     now_us()),
                     0);
    return conn;
}

struct liar_conn *liar_dial(struct liar *liar, size_t who, in_port_t port)
{
    struct sockaddr_in address = local(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return begin_conn(liar, fd, liar->town->names[who], "127.0.0.1");
}

static void write_output(struct liar_conn *conn)
{
    struct nectar_view out;
    ssize_t n = 0;

    if (conn->fd < 0)
        return;
    for (;;) {
        nectar_link_output(conn->link, &out);
        if (out.len > 0)
            n = send(conn->fd, out.data, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (out.len == 0 || n <= 0)
            return;
        nectar_link_written(conn->link, (size_t)n, now_us());
    }
}

static void copy_text(char *out, size_t size, struct nectar_view text)
{
    assert_true(text.len < size);
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

static void note_request(struct liar *liar, struct liar_conn *conn,
                         const struct nectar_message *message)
{
    struct liar_request *request = &liar->requests[liar->request_count++];

    assert_true(liar->request_count <= LIAR_REQUESTS);
    request->conn = conn;
    request->id = message->id;
    request->form = message->form;
    copy_text(request->source, sizeof request->source, message->source);
    copy_text(request->target, sizeof request->target, message->target);
}

static void handle(struct liar *liar, struct liar_conn *conn, const struct nectar_link_event *event)
{
    struct nectar_record record;

    if (event->type == NECTAR_LINK_IDENTIFY) {
        assert_int_equal(
            nectar_registry_lookup(liar->town->registry, event->peer, true, &record, NULL), 0);
        nectar_link_authenticate(conn->link, record.key, false, now_us());
    } else if (event->type == NECTAR_LINK_OPEN) {
        conn->open = true;
        conn->deaf = conn->deaf_early;
    } else if (event->type == NECTAR_LINK_MESSAGE && event->message->kind == NECTAR_REQUEST) {
        note_request(liar, conn, event->message);
        conn->deaf = liar->deaf_at_request;
    } else if (event->type == NECTAR_LINK_CLOSE) {
        conn->close = event->code;
    }
}

/* Looks at what was read. */
static void feed(struct liar *liar, struct liar_conn *conn)
{
    struct nectar_link_event event;
    size_t at = 0, used;
    int error;

    do {
        error = nectar_link_receive(conn->link, conn->input + at, conn->pending - at, &used, &event,
                                    now_us());
        at += used;
        if (!error)
            handle(liar, conn, &event);
    } while (!error && event.type != NECTAR_LINK_NONE && !conn->deaf);
    conn->pending -= at;
    memmove(conn->input, conn->input + at, conn->pending);
}

static void read_input(struct liar *liar, struct liar_conn *conn)
{
    ssize_t n =
        recv(conn->fd, conn->input + conn->pending, LIAR_INPUT - conn->pending, MSG_DONTWAIT);

    if (n > 0)
        conn->pending += (size_t)n;
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        liar_cut(conn);
        return;
    }
    feed(liar, conn);
}

void liar_turn(struct liar *liar)
{
    int fd = accept4(liar->listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd >= 0)
        begin_conn(liar, fd, NULL, NULL);
    for (size_t i = 0; i < liar->count; i++) {
        struct liar_conn *conn = &liar->conns[i];

        if (conn->fd >= 0 && !conn->deaf)
            read_input(liar, conn);
        write_output(conn);
    }
}

void liar_answer(struct liar *liar, const struct liar_request *request, struct liar_conn *by)
{
    struct nectar_message response = {
        .id = request->id,
        .kind = NECTAR_RESPONSE,
        .source = {(const uint8_t *)request->target, strlen(request->target)},
        .target = {(const uint8_t *)request->source, strlen(request->source)},
        .body = {(const uint8_t *)"ack", 3},
    };

    (void)liar;
    assert_int_equal(nectar_link_send(by->link, &response, NULL, now_us()), 0);
    write_output(by);
}

void liar_ask(struct liar *liar, struct liar_conn *conn, size_t who, uint64_t id, bool expects)
{
    char source[NECTAR_NAME_MAX + 64], target[NECTAR_NAME_MAX + 64];
    struct nectar_message request = {
        .id = id, .expects_response = expects, .expects_s = 5, .body = {(const uint8_t *)"x", 1}};

    snprintf(source, sizeof source, "%s@liar:tests:sys", liar->town->names[liar->who]);
    snprintf(target, sizeof target, "%s@some:tests:sys", liar->town->names[who]);
    request.source = (struct nectar_view){(const uint8_t *)source, strlen(source)};
    request.target = (struct nectar_view){(const uint8_t *)target, strlen(target)};
    assert_int_equal(nectar_link_send(conn->link, &request, NULL, now_us()), 0);
    write_output(conn);
}

void liar_close(struct liar_conn *conn, uint16_t code)
{
    assert_int_equal(nectar_link_close(conn->link, code, ""), 0);
    write_output(conn);
}

bool liar_is_told(const struct liar_conn *conn)
{
    struct pollfd poller = {.fd = conn->fd, .events = POLLIN};

    return conn->pending > 0 || poll(&poller, 1, 0) > 0;
}
