/* Output that nobody takes: it is bounded, says so, and goes on when it is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "link/link.h"
#include "wire/shared/pair.h"
#include "wire/shared/puppet.h"

enum { FINAL_PING = 0x89, BODY = 100 << 10, FLOOD = 20000, SMALL_LEFT = 40 };

static struct nectar_message hello_with(const uint8_t *body, size_t len)
{
    return (struct nectar_message){.source = view_of_text(SIDE_ALICE "@cli:nectar-net:sys"),
                                   .target = view_of_text(SIDE_BOB "@net:distro:sys"),
                                   .body = {body, len}};
}

static size_t pending(const struct nectar_link *link)
{
    struct nectar_view out;

    nectar_link_output(link, &out);
    return out.len;
}

/* Sends until no more is taken. Returns how many were. */
static size_t fill(struct side *side, const struct nectar_message *message)
{
    size_t sent = 0;
    int error;

    while ((error = side_send(side, message)) == 0)
        sent++;
    assert_int_equal(error, NECTAR_EFULL);
    return sent;
}

static void full_and_not_any_more(void **state)
{
    uint8_t *body = calloc(1, BODY);
    struct nectar_message hello = hello_with(body, BODY);
    struct pair pair;
    size_t sent = 0;

    (void)state;
    assert_non_null(body);
    pair_open(&pair, NULL, NULL);
    for (int round = 0; round < 3; round++) {
        sent += fill(&pair.alice, &hello);
        assert_true(pending(pair.alice.link) > LINK_OUTPUT_FULL);
        assert_true(pending(pair.alice.link) < LINK_OUTPUT_FULL + 2 * BODY);
        assert_true(nectar_link_is_open(pair.alice.link));
        assert_int_equal(nectar_link_error(pair.alice.link), 0);
        /* A little room is enough for one more. */
        side_drain(&pair.alice, pending(pair.alice.link) - LINK_OUTPUT_FULL);
        assert_int_equal(side_send(&pair.alice, &hello), 0);
        assert_int_equal(side_send(&pair.alice, &hello), NECTAR_EFULL);
        sent++;
        pair_run(&pair, SIZE_MAX);
        assert_int_equal(pair.bob.message_count, sent);
    }
    pair_end(&pair);
    free(body);
}

/* The largest message fits behind as much as may wait. */
static void largest_behind_full(void **state)
{
    uint8_t *body = calloc(1, NECTAR_MESSAGE_MAX);
    struct nectar_message hello = hello_with(body, BODY);
    struct pair pair;
    size_t sent = 1;

    (void)state;
    assert_non_null(body);
    pair_open(&pair, NULL, NULL);
    for (; pending(pair.alice.link) <= LINK_OUTPUT_FULL - 2 * BODY; sent++)
        assert_int_equal(side_send(&pair.alice, &hello), 0);
    hello.body.len = LINK_OUTPUT_FULL - pending(pair.alice.link) - 300;
    assert_int_equal(side_send(&pair.alice, &hello), 0);
    assert_true(pending(pair.alice.link) <= LINK_OUTPUT_FULL);
    hello.body.len = NECTAR_MESSAGE_MAX - 150;
    assert_int_equal(side_send(&pair.alice, &hello), 0);
    assert_int_equal(side_send(&pair.alice, &hello), NECTAR_EFULL);
    pair_run(&pair, SIZE_MAX);
    assert_int_equal(pair.bob.message_count, sent + 1);
    pair_end(&pair);
    free(body);
}

/* Marks say which bytes a message ends with, drained or not. */
static void marks(void **state)
{
    uint8_t body[3000] = {0};
    struct nectar_message hello = hello_with(body, sizeof body);
    struct pair pair;
    uint64_t mark[3];

    (void)state;
    pair_open(&pair, NULL, NULL);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(nectar_link_send(pair.alice.link, &hello, &mark[i], pair.alice.now), 0);
        side_drain(&pair.alice, 100);
    }
    assert_true(mark[0] < mark[1] && mark[1] < mark[2]);
    assert_true(nectar_link_written_total(pair.alice.link) + pending(pair.alice.link) == mark[2]);
    for (size_t i = 0; i < 3; i++) {
        side_drain(&pair.alice, (size_t)(mark[i] - nectar_link_written_total(pair.alice.link)));
        side_feed(&pair.bob, pair.alice.wrote.data + pair.bob.received,
                  pair.alice.wrote.len - (size_t)pair.bob.received - 1);
        assert_int_equal(pair.bob.message_count, i);
        side_feed(&pair.bob, pair.alice.wrote.data + pair.bob.received, 1);
        assert_int_equal(pair.bob.message_count, i + 1);
    }
    pair_end(&pair);
}

/* Pings from a peer that does not read: answered up to a bound, and then no more. */
static void ping_flood(void **state)
{
    static const uint8_t payload[WS_CONTROL_MAX];
    struct nectar_link_event event;
    struct puppet puppet;
    struct bytes *said = &puppet.said;
    size_t used, at = 0;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    for (int i = 0; i < FLOOD; i++)
        puppet_frame(&puppet, FINAL_PING, payload, sizeof payload);
    assert_true(said->len > 2 * LINK_OUTPUT_FULL);
    do {
        assert_int_equal(nectar_link_receive(puppet.side.link, said->data + at, said->len - at,
                                             &used, &event, SIDE_BEGIN),
                         0);
        at += used;
    } while (used > 0);
    assert_int_equal(at, said->len);
    assert_true(pending(puppet.side.link) < LINK_OUTPUT_FULL + 2 * WS_CONTROL_MAX);
    assert_true(puppet.side.link->output.cap <= 2 * LINK_OUTPUT_FULL);
    bytes_clear(said);
    side_drain(&puppet.side, SIZE_MAX);
    while (puppet_hear(&puppet).opcode == WS_PONG)
        ;
    puppet_frame(&puppet, FINAL_PING, "now", 3);
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_int_equal(puppet_hear(&puppet).opcode, WS_PONG);
    puppet_end(&puppet);
}

/* A peer that reads all but the last bytes, always: the buffer does not creep. */
static void output_never_empty(void **state)
{
    static const uint8_t payload[WS_CONTROL_MAX];
    struct nectar_link_event event;
    struct puppet puppet;
    size_t used;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    puppet_frame(&puppet, FINAL_PING, payload, sizeof payload);
    for (int i = 0; i < 5 * FLOOD; i++) {
        size_t waits = pending(puppet.side.link);

        assert_int_equal(nectar_link_receive(puppet.side.link, puppet.said.data, puppet.said.len,
                                             &used, &event, SIDE_BEGIN),
                         0);
        assert_true(pending(puppet.side.link) > waits);
        nectar_link_written(puppet.side.link, pending(puppet.side.link) - SMALL_LEFT, SIDE_BEGIN);
    }
    assert_true(puppet.side.link->output.cap <= 4 * LINK_KEEP);
    puppet_end(&puppet);
}

/* Drained by any portions, the bytes are the same. */
static void drained_in_portions(void **state)
{
    static const size_t portions[] = {1, 7, 4096, 4097, 65535};
    uint8_t *body = calloc(1, BODY);
    struct nectar_message hello = hello_with(body, BODY);
    struct bytes whole;

    (void)state;
    assert_non_null(body);
    bytes_init(&whole, 8 << 20);
    for (size_t i = 0; i <= sizeof portions / sizeof portions[0]; i++) {
        struct pair pair;

        pair_open(&pair, NULL, NULL);
        for (int n = 0; n < 3; n++) {
            assert_int_equal(side_send(&pair.alice, &hello), 0);
            if (i > 0)
                side_drain(&pair.alice, portions[i - 1]);
        }
        while (pending(pair.alice.link) > 0)
            side_drain(&pair.alice, i > 0 ? portions[i - 1] : SIZE_MAX);
        if (i == 0)
            assert_int_equal(bytes_append(&whole, pair.alice.wrote.data, pair.alice.wrote.len), 0);
        assert_true(view_equal(bytes_view(&whole), bytes_view(&pair.alice.wrote)));
        pair_run(&pair, SIZE_MAX);
        assert_int_equal(pair.bob.message_count, 3);
        pair_end(&pair);
    }
    bytes_free(&whole);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_and_not_any_more),
        cmocka_unit_test(largest_behind_full),
        cmocka_unit_test(marks),
        cmocka_unit_test(ping_flood),
        cmocka_unit_test(output_never_empty),
        cmocka_unit_test(drained_in_portions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
