/* Streams: what has come is read before the connection's end, and the end is seen. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <nectar/error.h>

#include "base/time.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reset_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
