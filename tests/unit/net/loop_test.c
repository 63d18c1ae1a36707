/* The loop: every wait is bounded, and what a timer does is seen at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/timer.h"

static void test_runs_end(void **state)
{
    struct net_loop *loop;

    (void)state;
    assert_int_equal(net_loop_new(&loop), 0);
    for (unsigned i = 0; i < 2000; i++) {
        /* Waits around the loop's own millisecond, so that some end before they have begun. */
        uint64_t wanted = i % 3 * 400 + 1;
        uint64_t before = net_loop_now(loop);

        net_loop_run(loop, wanted);
        assert_in_range(net_loop_now(loop) - before, 0, TIME_S(5));
    }
    net_loop_free(loop);
}

static void count(void *context)
{
    ++*(unsigned *)context;
}

static void test_timer_ends_run(void **state)
{
    struct net_loop *loop;
    struct net_timer *timer;
    unsigned fired = 0;

    (void)state;
    assert_int_equal(net_loop_new(&loop), 0);
    assert_int_equal(net_timer_new(&timer, loop, count, &fired), 0);
    for (unsigned i = 1; i <= 50; i++) {
        uint64_t before = net_loop_now(loop);

        net_timer_set(timer, before);
        while (fired < i)
            net_loop_run(loop, TIME_S(30));
        assert_in_range(net_loop_now(loop) - before, 0, TIME_S(5));
    }
    net_timer_free(timer);
    net_loop_free(loop);
}

static void test_timer_earlier(void **state)
{
    struct net_loop *loop;
    struct net_timer *timer;
    unsigned fired = 0;
    uint64_t now;

    (void)state;
    assert_int_equal(net_loop_new(&loop), 0);
    assert_int_equal(net_timer_new(&timer, loop, count, &fired), 0);
    now = net_loop_now(loop);
    net_timer_set(timer, now + TIME_S(60));
    net_timer_set(timer, now + TIME_MS(20)); /* earlier counts at once */
    net_timer_set(timer, now + TIME_S(60));  /* later does not: it fires early */
    while (!fired)
        net_loop_run(loop, TIME_S(30));
    assert_in_range(net_loop_now(loop) - now, TIME_MS(20), TIME_S(5));
    net_timer_free(timer);
    net_loop_free(loop);
}

enum { MANY = 600 };

static struct clockwork {
    struct net_timer *timer;
    uint64_t at, again;
} clockworks[MANY];
static uint64_t last_fired;
static size_t fired_count;

/* In order of time; some are set again, some free another. */
static void on_clockwork(void *context)
{
    struct clockwork *clockwork = context, *other;
    size_t index = (size_t)(clockwork - clockworks);

    assert_true(clockwork->at >= last_fired);
    last_fired = clockwork->at;
    fired_count++;
    if (clockwork->again) {
        clockwork->at += clockwork->again;
        clockwork->again = 0;
        net_timer_set(clockwork->timer, clockwork->at);
    }
    other = &clockworks[(index * 7 + 1) % MANY];
    if (index % 5 == 0 && other != clockwork) {
        net_timer_free(other->timer);
        other->timer = NULL;
    }
}

static void test_many_timers(void **state)
{
    struct net_loop *loop;
    uint64_t start;
    unsigned seed = 7;

    (void)state;
    assert_int_equal(net_loop_new(&loop), 0);
    start = net_loop_now(loop);
    last_fired = fired_count = 0;
    for (size_t i = 0; i < MANY; i++) {
        struct clockwork *clockwork = &clockworks[i];

        assert_int_equal(net_timer_new(&clockwork->timer, loop, on_clockwork, clockwork), 0);
        clockwork->at = start + (uint64_t)rand_r(&seed) % TIME_MS(200);
        clockwork->again = i % 3 == 0 ? (uint64_t)rand_r(&seed) % TIME_MS(100) : 0;
        net_timer_set(clockwork->timer, clockwork->at + TIME_S(9));
        net_timer_set(clockwork->timer, clockwork->at);
    }
    while (net_loop_now(loop) < start + TIME_MS(400))
        net_loop_run(loop, TIME_MS(10));
    /* Most have: those that were freed first could not. */
    assert_in_range(fired_count, MANY / 2, 2 * MANY);
    for (size_t i = 0; i < MANY; i++)
        net_timer_free(clockworks[i].timer);
    net_loop_free(loop);
}

struct judged {
    struct net_loop *loop;
    bool told, fired_first;
};

static void on_input(void *context, bool readable, bool writable)
{
    struct judged *judged = context;

    (void)writable;
    judged->told |= readable;
}

static void on_limit(void *context)
{
    struct judged *judged = context;

    judged->fired_first = !judged->told;
    judged->told = true;
}

/* We were held up for longer than a limit, and the answer had come in time. */
static void test_silence_is_judged_after_a_look(void **state)
{
    struct judged judged = {NULL, false, false};
    struct net_stream *stream;
    struct net_timer *timer;
    int ends[2];

    (void)state;
    assert_int_equal(net_loop_new(&judged.loop), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(net_stream_new(&stream, judged.loop, ends[0]), 0);
    net_stream_attach(stream, on_input, &judged);
    net_stream_watch(stream, true, false);
    assert_int_equal(net_timer_new(&timer, judged.loop, on_limit, &judged), 0);
    net_loop_run(judged.loop, 0);
    net_timer_set(timer, net_loop_now(judged.loop) + TIME_MS(10));
    assert_int_equal(write(ends[1], "x", 1), 1);
    usleep(TIME_MS(30));
    while (!judged.told)
        net_loop_run(judged.loop, TIME_S(30));
    assert_false(judged.fired_first);
    net_timer_free(timer);
    net_stream_free(stream);
    close(ends[1]);
    net_loop_free(judged.loop);
}

static void test_wake(void **state)
{
    struct net_loop *loop;

    (void)state;
    assert_int_equal(net_loop_new(&loop), 0);
    assert_false(net_loop_woken(loop));
    net_loop_wake(loop);
    net_loop_run(loop, TIME_NEVER);
    assert_true(net_loop_woken(loop));
    assert_false(net_loop_woken(loop));
    net_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_end),      cmocka_unit_test(test_timer_ends_run),
        cmocka_unit_test(test_timer_earlier), cmocka_unit_test(test_silence_is_judged_after_a_look),
        cmocka_unit_test(test_many_timers),   cmocka_unit_test(test_wake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
