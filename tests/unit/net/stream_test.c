/* Streams: what has come is read before the connection's end, and the end is seen. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/time.h"
#include "net/dial.h"
#include "net/listen.h"
#include "net/loop.h"
#include "net/stream.h"

/* Two ends of a TCP connection. */
static void connect_pair(int ends[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int queue = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(queue, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(queue, 1), 0);
    assert_int_equal(getsockname(queue, (struct sockaddr *)&address, &len), 0);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(ends[0], (struct sockaddr *)&address, len), 0);
    ends[1] = accept4(queue, NULL, NULL, SOCK_NONBLOCK);
    assert_true(ends[1] >= 0);
    close(queue);
}

static void count(void *context, bool readable, bool writable)
{
    (void)writable;
    *(unsigned *)context += readable;
}

static void await_more(struct net_loop *loop, const unsigned *readable)
{
    uint64_t until = net_loop_now(loop) + TIME_S(5);
    unsigned before = *readable;

    while (*readable == before && net_loop_now(loop) < until)
        net_loop_run(loop, TIME_S(1));
    assert_int_equal(*readable, before + 1);
}

/* A connection that was reset right behind its last bytes. */
static void test_reset_is_seen(void **state)
{
    struct net_loop *loop;
    struct net_stream *stream;
    uint8_t data[8];
    unsigned readable = 0;
    size_t n;
    int ends[2];

    (void)state;
    assert_int_equal(net_loop_new(&loop), 0);
    connect_pair(ends);
    assert_int_equal(net_stream_new(&stream, loop, ends[1]), 0);
    net_stream_attach(stream, count, &readable);
    net_stream_watch(stream, true, false);
    assert_int_equal(write(ends[0], "last", 4), 4);
    setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1},
               sizeof(struct linger));
    close(ends[0]);

    await_more(loop, &readable);
    assert_int_equal(net_stream_read(stream, data, sizeof data, &n), 0);
    assert_int_equal(n, 4);
    net_stream_watch(stream, true, false);
    await_more(loop, &readable);
    assert_int_equal(net_stream_read(stream, data, sizeof data, &n), NECTAR_EIO);

    net_stream_free(stream);
    net_loop_free(loop);
}

struct told {
    struct net_stream *stream[2];
    unsigned count;
};

static void free_both(void *context, bool readable, bool writable)
{
    struct told *told = context;

    (void)readable, (void)writable;
    told->count++;
    net_stream_free(told->stream[0]);
    net_stream_free(told->stream[1]);
}

/* Both have something to be told of in one run, and the first to hear of it frees them. */
static void test_freed_while_told(void **state)
{
    struct net_loop *loop;
    struct told told = {.count = 0};
    int ends[2][2];

    (void)state;
    assert_int_equal(net_loop_new(&loop), 0);
    for (int i = 0; i < 2; i++) {
        connect_pair(ends[i]);
        assert_int_equal(net_stream_new(&told.stream[i], loop, ends[i][1]), 0);
        net_stream_attach(told.stream[i], free_both, &told);
        net_stream_watch(told.stream[i], true, false);
        assert_int_equal(write(ends[i][0], "x", 1), 1);
    }
    for (int i = 0; i < 3; i++)
        net_loop_run(loop, TIME_MS(1));
    assert_int_equal(told.count, 1);
    close(ends[0][0]);
    close(ends[1][0]);
    net_loop_free(loop);
}

/* What is no longer watched is not told of; nor is what ends at a peer that is still to be written
 * to. */
static void test_unwatched_is_not_told(void **state)
{
    struct net_loop *loop;
    struct net_stream *stream;
    unsigned readable = 0;
    int ends[2];

    (void)state;
    assert_int_equal(net_loop_new(&loop), 0);
    connect_pair(ends);
    assert_int_equal(net_stream_new(&stream, loop, ends[1]), 0);
    net_stream_attach(stream, count, &readable);
    net_stream_watch(stream, true, false);
    net_loop_run(loop, 0);
    net_stream_watch(stream, false, false);
    assert_int_equal(write(ends[0], "x", 1), 1);
    net_loop_run(loop, TIME_MS(5));
    assert_int_equal(readable, 0);
    net_stream_watch_end(stream, false);
    net_loop_run(loop, TIME_MS(5));
    assert_int_equal(readable, 0);
    close(ends[0]);
    await_more(loop, &readable);
    net_stream_watch(stream, false, false);
    for (int i = 0; i < 3; i++)
        net_loop_run(loop, TIME_MS(1));
    assert_int_equal(readable, 1);
    net_stream_free(stream);
    net_loop_free(loop);
}

static int option(int fd, int name)
{
    int value = -1;
    socklen_t len = sizeof value;

    return getsockopt(fd, IPPROTO_TCP, name, &value, &len) ? -1 : value;
}

static void on_accepted(void *context, struct net_stream *stream, const struct net_origin *from)
{
    (void)from;
    *(struct net_stream **)context = stream;
}

/* The system hands them on from the socket that listens. */
static void test_accepted_are_tuned(void **state)
{
    struct nectar_address bound, here = {.host = "127.0.0.1"};
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct net_stream *accepted = NULL;
    struct net_listen *queue;
    struct net_loop *loop;
    char reason[NET_REASON_SIZE];
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(net_loop_new(&loop), 0);
    assert_int_equal(net_listen_new(&queue, loop, &here, &bound, on_accepted, &accepted, reason),
                     0);
    assert_string_equal(bound.host, "127.0.0.1");
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(bound.port);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    for (int i = 0; i < 100 && !accepted; i++)
        net_loop_run(loop, TIME_MS(50));
    assert_non_null(accepted);
    assert_int_equal(option(net_stream_fd(accepted), TCP_NODELAY), 1);
    assert_int_equal(option(net_stream_fd(accepted), TCP_NOTSENT_LOWAT), 1 << 20);
    assert_int_equal(option(net_stream_fd(accepted), TCP_QUICKACK), 0);
    /* TCP_RTO_MAX_MS, which older systems do not know. */
    assert_true(option(net_stream_fd(accepted), 44) == 5000 ||
                option(net_stream_fd(accepted), 44) == -1);
    close(fd);
    net_stream_free(accepted);
    net_listen_free(queue);
    net_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reset_is_seen),
        cmocka_unit_test(test_freed_while_told),
        cmocka_unit_test(test_unwatched_is_not_told),
        cmocka_unit_test(test_accepted_are_tuned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
