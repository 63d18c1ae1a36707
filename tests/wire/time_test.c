/* What happens when nothing comes: pings and deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/time.h"
#include "base/view.h"
#include "link/link.h"
#include "wire/shared/pair.h"
#include "wire/shared/puppet.h"

enum { AWAY = 1001, PROTOCOL = 1002, FINAL_PING = 0x89, FINAL_PONG = 0x8a, LARGE = 3 << 20 };

static const enum nectar_role ROLES[] = {NECTAR_INITIATOR, NECTAR_RESPONDER};

/* A link that is left alone pings after 30 s, and not before. */
static void pings(void **state)
{
    struct puppet puppet;
    struct ws_message heard;

    (void)state;
    for (size_t r = 0; r < 2; r++) {
        puppet_begin_open(&puppet, ROLES[r], NULL);
        for (int n = 0; n < 3; n++) {
            assert_int_equal(side_live(&puppet.side, LINK_PING_TIME - 1), 0);
            assert_int_equal(puppet_hear(&puppet).opcode, WS_NONE);
            assert_int_equal(side_live(&puppet.side, 1), 0);
            heard = puppet_hear(&puppet);
            assert_int_equal(heard.opcode, WS_PING);
            puppet_frame(&puppet, FINAL_PONG, heard.data, heard.len);
            assert_int_equal(puppet_flush(&puppet), 0);
        }
        /* Not answered. */
        assert_int_equal(side_live(&puppet.side, LINK_PING_TIME + LINK_PONG_TIME - 1), 0);
        assert_int_equal(puppet_hear(&puppet).opcode, WS_PING);
        assert_int_equal(side_live(&puppet.side, 1), NECTAR_EDEADLINE);
        puppet_assert_ends(&puppet, NECTAR_EDEADLINE, PROTOCOL);
        puppet_end(&puppet);
    }
}

/* Sending puts the ping off; receiving does not, but counts as an answer. */
static void pings_and_messages(void **state)
{
    struct puppet puppet;
    struct nectar_message hello, answer;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    hello = puppet_hello(&puppet);
    answer = hello;
    answer.source = hello.target;
    answer.target = hello.source;
    for (int n = 0; n < 3; n++) {
        assert_int_equal(side_live(&puppet.side, LINK_PING_TIME - 1), 0);
        assert_int_equal(side_send(&puppet.side, &answer), 0);
        side_drain(&puppet.side, SIZE_MAX);
        assert_int_equal(puppet_hear(&puppet).opcode, WS_BINARY);
    }
    assert_int_equal(side_live(&puppet.side, LINK_PING_TIME), 0);
    assert_int_equal(puppet_hear(&puppet).opcode, WS_PING);
    puppet_message(&puppet, &hello, 20);
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_int_equal(side_live(&puppet.side, LINK_PING_TIME - 1), 0);
    assert_int_equal(puppet_hear(&puppet).opcode, WS_NONE);
    puppet_end(&puppet);
}

static void answers_pings(void **state)
{
    uint8_t payload[125];

    (void)state;
    memset(payload, 0xfe, sizeof payload);
    for (size_t r = 0; r < 2; r++)
        for (size_t len = 0; len <= sizeof payload; len++) {
            struct puppet puppet;
            struct ws_message heard;

            if (len % 25 != 0)
                continue;
            puppet_begin(&puppet, ROLES[r], NULL);
            puppet_upgrade(&puppet);
            puppet_greet(&puppet);
            puppet_frame(&puppet, FINAL_PING, payload, len);
            assert_int_equal(puppet_flush(&puppet), 0);
            heard = puppet_hear(&puppet);
            assert_int_equal(heard.opcode, WS_PONG);
            assert_int_equal(heard.len, len);
            assert_memory_equal(heard.data, payload, len);
            puppet_end(&puppet);
        }
}

/* Two links left alone stay together, for as long as one likes. */
static void hours(void **state)
{
    struct pair pair;
    uint64_t used;

    (void)state;
    pair_open(&pair, NULL, NULL);
    used = nectar_link_last_used(pair.alice.link);
    pair_live(&pair, TIME_S(3600));
    assert_true(nectar_link_is_open(pair.alice.link));
    assert_true(nectar_link_is_open(pair.bob.link));
    assert_true(nectar_link_last_used(pair.alice.link) == used);
    pair_end(&pair);
}

/* 5 s for the upgrade from the beginning, 5 s for the handshake from the upgrade. */
static void opening_deadlines(void **state)
{
    (void)state;
    for (size_t r = 0; r < 2; r++) {
        struct puppet puppet;

        puppet_begin(&puppet, ROLES[r], NULL);
        assert_true(nectar_link_deadline(puppet.side.link) == SIDE_BEGIN + LINK_OPEN_TIME);
        assert_int_equal(side_live(&puppet.side, LINK_OPEN_TIME - 1), 0);
        assert_int_equal(side_live(&puppet.side, 1), NECTAR_EDEADLINE);
        assert_int_equal(nectar_link_stage(puppet.side.link), NECTAR_STAGE_UPGRADE);
        puppet_end(&puppet);

        puppet_begin(&puppet, ROLES[r], NULL);
        assert_int_equal(side_live(&puppet.side, LINK_OPEN_TIME - 1), 0);
        puppet_upgrade(&puppet);
        assert_int_equal(side_live(&puppet.side, LINK_OPEN_TIME / 2), 0);
        puppet_greet(&puppet);
        puppet_frame(&puppet, FINAL_PING, "", 0); /* which buys no time */
        assert_int_equal(puppet_flush(&puppet), 0);
        assert_int_equal(side_live(&puppet.side, LINK_OPEN_TIME / 2 - 1), 0);
        assert_int_equal(side_live(&puppet.side, 1), NECTAR_EDEADLINE);
        assert_int_equal(nectar_link_stage(puppet.side.link), NECTAR_STAGE_NOISE);
        puppet_assert_ends(&puppet, NECTAR_EDEADLINE, AWAY);
        puppet_end(&puppet);
    }
}

/* The owner's answer to IDENTIFY has to come within the same 5 s. */
static void identify_deadline(void **state)
{
    struct side_script silent = {.answer = SIDE_SILENT};
    struct pair pair;

    (void)state;
    pair_begin(&pair, NULL, &silent);
    pair_run(&pair, SIZE_MAX);
    assert_int_equal(side_live(&pair.bob, LINK_OPEN_TIME), NECTAR_EDEADLINE);
    assert_int_equal(nectar_link_stage(pair.bob.link), NECTAR_STAGE_AUTH);
    pair_end(&pair);
}

/* Bytes that trickle in, one each second: does the link end, and after how many seconds? */
static uint64_t trickle(struct puppet *puppet)
{
    uint64_t begin = puppet->side.now;

    for (size_t at = 0; at < puppet->said.len && !puppet->side.error; at++) {
        side_feed(&puppet->side, puppet->said.data + at, 1);
        if (!puppet->side.error)
            side_live(&puppet->side, TIME_MS(1001));
    }
    bytes_clear(&puppet->said);
    return puppet->side.now - begin;
}

static void slow_frames(void **state)
{
    static const uint8_t body[100];

    (void)state;
    for (size_t r = 0; r < 2; r++) {
        struct puppet puppet;
        struct nectar_message hello;

        puppet_begin_open(&puppet, ROLES[r], NULL);
        hello = puppet_hello(&puppet);
        hello.body = (struct nectar_view){body, sizeof body};
        puppet_message(&puppet, &hello, SIZE_MAX);
        assert_true(trickle(&puppet) < LINK_CHUNK_TIME + TIME_S(3));
        puppet_assert_ends(&puppet, NECTAR_EDEADLINE, PROTOCOL);
        puppet_end(&puppet);

        /* In an opening it is the opening's deadline that counts. */
        puppet_begin(&puppet, ROLES[r], NULL);
        puppet_upgrade(&puppet);
        puppet_frame(&puppet, 0x82, body, 32);
        assert_true(trickle(&puppet) < LINK_OPEN_TIME + TIME_S(3));
        assert_int_equal(puppet.side.error, NECTAR_EDEADLINE);
        puppet_end(&puppet);
    }
}

/* Empty fragments and empty chunks are progress of a kind, but not for ever. */
static void endless_messages(void **state)
{
    struct puppet puppet;
    uint64_t begin;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    begin = puppet.side.now;
    puppet_frame(&puppet, 0x02, "", 0);
    while (!puppet_flush(&puppet) && !side_live(&puppet.side, TIME_S(1)))
        puppet_frame(&puppet, 0x00, "", 0);
    assert_int_equal(puppet.side.error, NECTAR_EDEADLINE);
    assert_true(puppet.side.now - begin <= LINK_CHUNK_TIME + TIME_S(1));
    puppet_end(&puppet);

    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    begin = puppet.side.now;
    puppet_seal_whole(&puppet, 1000, "", 0);
    while (!puppet_flush(&puppet) && !side_live(&puppet.side, TIME_S(20)))
        puppet_seal(&puppet, "", 0);
    assert_int_equal(puppet.side.error, NECTAR_EDEADLINE);
    assert_true(puppet.side.now - begin <= LINK_MESSAGE_TIME + TIME_S(20));
    puppet_end(&puppet);

    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    puppet_seal_whole(&puppet, 1000, "", 0);
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_int_equal(side_live(&puppet.side, LINK_CHUNK_TIME - 1), 0);
    assert_int_equal(side_live(&puppet.side, 1), NECTAR_EDEADLINE);
    puppet_end(&puppet);
}

/* A large message through a slow line: it takes minutes to be written, and that is no silence. */
static void slow_output(void **state)
{
    enum { PORTION = 25000 };
    uint8_t *body = calloc(1, LARGE);
    struct puppet puppet;
    struct nectar_message hello, answer;
    struct nectar_view out;

    (void)state;
    assert_non_null(body);
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    hello = answer = puppet_hello(&puppet);
    answer.source = hello.target;
    answer.target = hello.source;
    answer.body = (struct nectar_view){body, LARGE};
    assert_int_equal(side_send(&puppet.side, &answer), 0);
    do {
        puppet.side.now += TIME_S(1);
        assert_int_equal(nectar_link_tick(puppet.side.link, puppet.side.now), 0);
        side_drain(&puppet.side, PORTION);
        nectar_link_output(puppet.side.link, &out);
    } while (out.len > 0);
    assert_true(puppet.side.now > TIME_S(120));
    puppet_end(&puppet);
    /* But a peer that takes a byte now and then is not waited for for ever. */
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    assert_int_equal(side_send(&puppet.side, &answer), 0);
    while (nectar_link_tick(puppet.side.link, puppet.side.now) == 0) {
        puppet.side.now += TIME_S(10);
        side_drain(&puppet.side, 1);
        assert_true(puppet.side.now < SIDE_BEGIN + LINK_PING_TIME + LINK_MESSAGE_TIME + TIME_S(20));
    }
    assert_true(puppet.side.now > SIDE_BEGIN + LINK_MESSAGE_TIME);
    free(body);
    puppet_end(&puppet);
}

/* Nothing goes any more: a ping behind what waits is not answered. */
static void stuck_output(void **state)
{
    struct puppet puppet;
    struct nectar_message hello, answer;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    hello = answer = puppet_hello(&puppet);
    answer.source = hello.target;
    answer.target = hello.source;
    assert_int_equal(side_send(&puppet.side, &answer), 0);
    puppet.side.now += LINK_PING_TIME;
    assert_int_equal(nectar_link_tick(puppet.side.link, puppet.side.now), 0);
    puppet.side.now += LINK_PONG_TIME;
    assert_int_equal(nectar_link_tick(puppet.side.link, puppet.side.now), NECTAR_EDEADLINE);
    puppet_end(&puppet);
}

/* Messages are use, either way; pings and refused messages are none. */
static void last_used(void **state)
{
    struct puppet puppet;
    struct nectar_message hello, answer;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    hello = answer = puppet_hello(&puppet);
    answer.source = hello.target;
    answer.target = hello.source;
    puppet.side.now += TIME_S(1);
    puppet_frame(&puppet, FINAL_PING, "", 0);
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_true(nectar_link_last_used(puppet.side.link) == SIDE_BEGIN);
    puppet_message(&puppet, &hello, SIZE_MAX);
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_true(nectar_link_last_used(puppet.side.link) == SIDE_BEGIN + TIME_S(1));
    puppet.side.now += TIME_S(1);
    assert_int_equal(side_send(&puppet.side, &answer), 0);
    assert_true(nectar_link_last_used(puppet.side.link) == SIDE_BEGIN + TIME_S(2));
    puppet.side.now += TIME_S(1);
    answer.body.len = NECTAR_MESSAGE_MAX + 1;
    assert_int_equal(side_send(&puppet.side, &answer), NECTAR_ETOOBIG);
    assert_true(nectar_link_last_used(puppet.side.link) == SIDE_BEGIN + TIME_S(2));
    puppet_end(&puppet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pings),
        cmocka_unit_test(pings_and_messages),
        cmocka_unit_test(answers_pings),
        cmocka_unit_test(hours),
        cmocka_unit_test(opening_deadlines),
        cmocka_unit_test(identify_deadline),
        cmocka_unit_test(slow_frames),
        cmocka_unit_test(endless_messages),
        cmocka_unit_test(slow_output),
        cmocka_unit_test(stuck_output),
        cmocka_unit_test(last_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
