/* Threads that do what would block: when their owner lets go, they are told to stop, and awaited,
 * but for one that does not listen. */
#include "net/workers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

enum what { AT_ONCE, UNTIL_STOPPED, FOR_LONG };

struct task {
    struct net_work work;
    enum what what;
};

static atomic_int begun, done, dropped, ended, released;

/* --- the trade ------------------------------------------------------------------------------- */

static void *begin(void *shared, int stop)
{
    int *tools = malloc(sizeof *tools);

    (void)shared;
    *tools = stop;
    return tools;
}

static void run(void *tools, struct net_work *work)
{
    struct pollfd stop = {.fd = *(int *)tools, .events = POLLIN};
    enum what what = ((struct task *)work)->what;

    begun++;
    if (what == UNTIL_STOPPED)
        poll(&stop, 1, 20000);
    if (what == FOR_LONG)
        usleep(2000000);
}

static void end(void *tools)
{
    free(tools);
    ended++;
}

static void is_done(void *context, struct net_work *work)
{
    (void)context;
    free(work);
    done++;
}

static void drop(struct net_work *work)
{
    free(work);
    dropped++;
}

static void release(void *shared)
{
    (void)shared;
    released++;
}

static const struct net_trade TRADE = {
    .threads = 3,
    .kept = 1,
    .begin = begin,
    .run = run,
    .end = end,
    .done = is_done,
    .drop = drop,
    .release = release,
};

/* --- around it ------------------------------------------------------------------------------- */

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return TIME_S((uint64_t)t.tv_sec) + (uint64_t)t.tv_nsec / 1000;
}

static unsigned threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    unsigned count = 0;

    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void wait_until(const atomic_int *count, int least)
{
    for (int tries = 0; *count < least && tries < 2000; tries++)
        usleep(5000);
    assert_true(*count >= least);
}

static struct net_loop *loop;
static struct net_workers *workers;

static int set_up(void **state)
{
    (void)state;
    begun = done = dropped = ended = released = 0;
    return net_loop_new(&loop) || net_workers_new(&workers, loop, &TRADE, NULL, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    net_loop_free(loop);
    return 0;
}

static void give(enum what what)
{
    struct task *task = calloc(1, sizeof *task);

    task->what = what;
    assert_int_equal(net_workers_give(workers, &task->work), 0);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void test_unused(void **state)
{
    (void)state;
    net_workers_free(workers);
    assert_int_equal(released, 1);
}

static void test_idle_ones_are_awaited(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        give(AT_ONCE);
    while (done < 20)
        net_loop_run(loop, TIME_S(5));
    assert_true(threads() > 1);
    net_workers_free(workers);
    assert_int_equal(threads(), 1);
    assert_int_equal(released, 1);
    assert_int_equal(dropped, 0);
}

static void test_busy_ones_are_stopped(void **state)
{
    uint64_t start;

    (void)state;
    for (int i = 0; i < 5; i++)
        give(UNTIL_STOPPED);
    wait_until(&begun, 2); /* one thread is kept for what is urgent */
    start = now();
    net_workers_free(workers);
    assert_in_range(now() - start, 0, TIME_S(4));
    assert_int_equal(threads(), 1);
    assert_int_equal(begun, 2);
    assert_int_equal(dropped, 5);
    assert_int_equal(released, 1);
}

static void test_who_does_not_listen_is_left(void **state)
{
    uint64_t start;

    (void)state;
    give(FOR_LONG);
    wait_until(&begun, 1);
    start = now();
    net_workers_free(workers);
    assert_in_range(now() - start, TIME_MS(150), TIME_MS(1900));
    assert_int_equal(released, 0);
    wait_until(&released, 1);
    assert_int_equal(dropped, 1);
    assert_int_equal(ended, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_idle_ones_are_awaited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_busy_ones_are_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_does_not_listen_is_left, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
