/* Ends: by either side, in every phase, in good order and in bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/time.h"
#include "base/view.h"
#include "link/link.h"
#include "wire/shared/pair.h"
#include "wire/shared/puppet.h"

enum { FINAL_CLOSE = 0x88, FINAL_PING = 0x89 };

static const enum nectar_role ROLES[] = {NECTAR_INITIATOR, NECTAR_RESPONDER};

static struct nectar_message hello(void)
{
    return (struct nectar_message){.source = view_of_text(SIDE_ALICE "@cli:nectar-net:sys"),
                                   .target = view_of_text(SIDE_BOB "@net:distro:sys"),
                                   .body = view_of_text("hello")};
}

static void either_side_closes(void **state)
{
    (void)state;
    for (int who = 0; who < 2; who++) {
        struct pair pair;
        struct side *from = who ? &pair.alice : &pair.bob;
        struct side *to = who ? &pair.bob : &pair.alice;
        struct nectar_message late = hello();

        pair_open(&pair, NULL, NULL);
        assert_int_equal(nectar_link_close(from->link, 1001, "going"), 0);
        assert_int_equal(nectar_link_close(from->link, 1000, "twice"), 0);
        assert_false(nectar_link_is_open(from->link));
        assert_int_equal(side_send(from, &late), NECTAR_ECLOSED);
        pair_run(&pair, SIZE_MAX);
        assert_int_equal(side_note(to, NECTAR_LINK_CLOSE, 0)->code, 1001);
        assert_string_equal(side_note(to, NECTAR_LINK_CLOSE, 0)->text, "going");
        assert_int_equal(side_note(from, NECTAR_LINK_CLOSE, 0)->code, 1001);
        assert_int_equal(side_count(to, NECTAR_LINK_CLOSE), 1);
        assert_int_equal(side_count(from, NECTAR_LINK_CLOSE), 1);
        assert_int_equal(side_send(to, &late), NECTAR_ECLOSED);
        assert_true(nectar_link_deadline(from->link) == UINT64_MAX);
        assert_int_equal(side_tick(from, TIME_S(3600)), 0);
        assert_int_equal(nectar_link_end(from->link), 0);
        assert_int_equal(nectar_link_end(to->link), 0);
        pair_end(&pair);
    }
}

static void both_close_at_once(void **state)
{
    struct pair pair;

    (void)state;
    pair_open(&pair, NULL, NULL);
    assert_int_equal(nectar_link_close(pair.alice.link, 1000, ""), 0);
    assert_int_equal(nectar_link_close(pair.bob.link, 1001, ""), 0);
    pair_run(&pair, SIZE_MAX);
    assert_int_equal(side_note(&pair.alice, NECTAR_LINK_CLOSE, 0)->code, 1001);
    assert_int_equal(side_note(&pair.bob, NECTAR_LINK_CLOSE, 0)->code, 1000);
    assert_int_equal(nectar_link_end(pair.alice.link), 0);
    assert_int_equal(nectar_link_end(pair.bob.link), 0);
    pair_end(&pair);
}

/* A Close stands behind what was queued, and what the peer still sends is received. */
static void messages_before_the_close(void **state)
{
    struct nectar_message to_bob = hello(), to_alice = hello();
    struct pair pair;

    (void)state;
    to_alice.source = to_bob.target;
    to_alice.target = to_bob.source;
    pair_open(&pair, NULL, NULL);
    assert_int_equal(side_send(&pair.alice, &to_bob), 0);
    assert_int_equal(nectar_link_close(pair.alice.link, 1000, ""), 0);
    assert_int_equal(side_send(&pair.bob, &to_alice), 0);
    pair_run(&pair, SIZE_MAX);
    assert_int_equal(pair.alice.message_count, 1);
    assert_int_equal(pair.bob.message_count, 1);
    assert_int_equal(pair.alice.notes[pair.alice.note_count - 1].type, NECTAR_LINK_CLOSE);
    assert_int_equal(pair.bob.notes[pair.bob.note_count - 1].type, NECTAR_LINK_CLOSE);
    pair_end(&pair);
}

/* What the peer's Close says, and what is answered. */
static void close_codes(void **state)
{
    static const struct {
        const char *payload;
        size_t len;
        uint16_t told, answered;
        const char *reason;
    } rows[] = {
        {"", 0, 1005, 1000, ""},
        {"\x03\xe8", 2, 1000, 1000, ""},
        {"\x03\xe9going away", 12, 1001, 1001, "going away"},
        {"\x0f\xa0\xc3\xa9", 4, 4000, 4000, "\xc3\xa9"},
        {"\x03\xf4restarting", 12, 1012, 1012, "restarting"},
    };
    static const char *const wrong[] = {"\x03\xed", "\x03\xee", "\x03\xf7",    "\x03\xec",
                                        "\x27\x10", "\x01\xf4", "\x03\xe8\xff"};

    (void)state;
    for (size_t r = 0; r < 2; r++) {
        struct puppet puppet;

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            struct ws_message heard;

            puppet_begin_open(&puppet, ROLES[r], NULL);
            puppet_frame(&puppet, FINAL_CLOSE, rows[i].payload, rows[i].len);
            puppet_frame(&puppet, FINAL_PING, "", 0); /* behind it: not looked at */
            puppet_frame(&puppet, 0x81, "text", 4);
            assert_int_equal(puppet_flush(&puppet), 0);
            assert_int_equal(puppet.side.note_count, 3);
            assert_int_equal(puppet.side.notes[2].code, rows[i].told);
            assert_string_equal(puppet.side.notes[2].text, rows[i].reason);
            heard = puppet_hear(&puppet);
            assert_int_equal(heard.opcode, WS_CLOSE);
            assert_int_equal(heard.code, rows[i].answered);
            assert_int_equal(puppet_hear(&puppet).opcode, WS_NONE);
            assert_int_equal(nectar_link_end(puppet.side.link), 0);
            puppet_end(&puppet);
        }
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            puppet_begin_open(&puppet, ROLES[r], NULL);
            puppet_frame(&puppet, FINAL_CLOSE, wrong[i], strlen(wrong[i]));
            puppet_assert_ends(&puppet, NECTAR_EFRAME, 1002);
            puppet_end(&puppet);
        }
    }
}

/* The peer closes while the connection is being opened, here and there. */
static void peer_closes_in_the_handshake(void **state)
{
    (void)state;
    for (size_t r = 0; r < 2; r++)
        for (int greeted = 0; greeted < 2; greeted++) {
            struct puppet puppet;
            struct ws_message heard;

            puppet_begin(&puppet, ROLES[r], NULL);
            puppet_upgrade(&puppet);
            if (greeted)
                puppet_greet(&puppet);
            puppet_frame(&puppet, FINAL_CLOSE, "\x03\xf5later", 7);
            assert_int_equal(puppet_flush(&puppet), 0);
            assert_int_equal(puppet.side.note_count, 1);
            assert_int_equal(puppet.side.notes[0].type, NECTAR_LINK_CLOSE);
            assert_int_equal(puppet.side.notes[0].code, 1013);
            do
                heard = puppet_hear(&puppet);
            while (heard.opcode == WS_BINARY);
            assert_int_equal(heard.opcode, WS_CLOSE);
            assert_int_equal(heard.code, 1013);
            assert_int_equal(side_tick(&puppet.side, TIME_S(60)), 0);
            assert_int_equal(nectar_link_end(puppet.side.link), 0);
            puppet_end(&puppet);
        }
}

/* The peer's Close waits behind its identity; an answer after it is of no consequence. */
static void peer_closes_while_asked(void **state)
{
    struct side_script silent = {.answer = SIDE_SILENT};
    struct pair pair;

    (void)state;
    pair_begin(&pair, NULL, &silent);
    pair_run(&pair, SIZE_MAX);
    assert_int_equal(nectar_link_close(pair.alice.link, 1000, ""), 0);
    pair_run(&pair, SIZE_MAX);
    assert_int_equal(side_count(&pair.bob, NECTAR_LINK_CLOSE), 0);
    assert_int_equal(side_answer(&pair.bob, SIDE_TRUE_KEY, false), 0);
    side_feed(&pair.bob, NULL, 0);
    pair_run(&pair, SIZE_MAX);
    assert_int_equal(side_count(&pair.bob, NECTAR_LINK_OPEN), 1);
    assert_int_equal(side_count(&pair.bob, NECTAR_LINK_CLOSE), 1);
    pair_end(&pair);
}

/* We close while the connection is being opened: no handshake message follows our Close, whatever
 * the peer and the owner say, and the peer's Close still comes. */
static void we_close_in_the_handshake(void **state)
{
    struct side_script silent = {.answer = SIDE_SILENT};

    (void)state;
    for (size_t r = 0; r < 2; r++)
        for (int asked = 0; asked < 2; asked++) {
            uint8_t signature[NECTAR_SIGNATURE_BYTES];
            struct msg_handshake identity;
            struct puppet puppet;
            struct ws_message heard;

            puppet_begin(&puppet, ROLES[r], &silent);
            assert_int_equal(nectar_link_close(puppet.side.link, 1000, ""), NECTAR_ECLOSED);
            puppet_upgrade(&puppet);
            puppet_greet(&puppet);
            identity = puppet_identity(&puppet, signature);
            if (asked)
                puppet_present_as(&puppet, &identity);
            assert_int_equal(nectar_link_close(puppet.side.link, 1000, "enough"), 0);
            if (!asked)
                puppet_present_as(&puppet, &identity);
            assert_int_equal(side_count(&puppet.side, NECTAR_LINK_IDENTIFY), (size_t)asked);
            if (asked)
                assert_int_equal(side_answer(&puppet.side, SIDE_TRUE_KEY, false), 0);
            puppet_frame(&puppet, FINAL_CLOSE, "\x03\xe8", 2);
            assert_int_equal(puppet_flush(&puppet), 0);
            side_drain(&puppet.side, SIZE_MAX);
            heard = puppet_hear(&puppet);
            assert_int_equal(heard.opcode, WS_CLOSE);
            assert_int_equal(heard.code, 1000);
            assert_int_equal(puppet_hear(&puppet).opcode, WS_NONE);
            assert_int_equal(side_count(&puppet.side, NECTAR_LINK_OPEN), 0);
            assert_int_equal(side_count(&puppet.side, NECTAR_LINK_CLOSE), 1);
            assert_int_equal(nectar_link_end(puppet.side.link), 0);
            puppet_end(&puppet);
        }
}

/* And should the peer's Close not come, the handshake's deadline ends it. */
static void close_unanswered_in_the_handshake(void **state)
{
    struct puppet puppet;

    (void)state;
    puppet_begin(&puppet, NECTAR_INITIATOR, NULL);
    puppet_upgrade(&puppet);
    assert_int_equal(nectar_link_close(puppet.side.link, 1000, ""), 0);
    assert_int_equal(side_tick(&puppet.side, LINK_OPEN_TIME - 1), 0);
    assert_int_equal(side_tick(&puppet.side, 1), NECTAR_EDEADLINE);
    puppet_end(&puppet);
}

/* Nothing follows a Close: no ping after half a minute, no pong. */
static void silent_after_the_close(void **state)
{
    struct puppet puppet;
    size_t wrote;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    wrote = puppet.side.wrote.len;
    assert_int_equal(nectar_link_close(puppet.side.link, 1000, ""), 0);
    puppet_frame(&puppet, FINAL_PING, "", 0);
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_int_equal(side_tick(&puppet.side, TIME_S(40)), 0);
    assert_int_equal(puppet.side.wrote.len, wrote + 4);
    assert_int_equal(puppet_hear(&puppet).opcode, WS_CLOSE);
    puppet_end(&puppet);
}

/* The stream ends without a word, as running nodes do it. */
static void stream_ends(void **state)
{
    struct pair pair;
    struct side bob;

    (void)state;
    pair_open(&pair, NULL, NULL);
    assert_int_equal(nectar_link_end(pair.alice.link), NECTAR_ECLOSED);
    assert_int_equal(nectar_link_end(pair.alice.link), NECTAR_ECLOSED);
    assert_int_equal(nectar_link_close(pair.bob.link, 1000, ""), 0);
    assert_int_equal(nectar_link_end(pair.bob.link), 0);
    pair_end(&pair);
    side_begin(&bob, NECTAR_RESPONDER, NULL);
    assert_int_equal(nectar_link_end(bob.link), NECTAR_ECLOSED);
    side_end(&bob);
}

static void stages_have_names(void **state)
{
    (void)state;
    assert_string_equal(nectar_stage_name(NECTAR_STAGE_REGISTRY), "registry");
    assert_string_equal(nectar_stage_name(NECTAR_STAGE_REPLY), "reply");
    nectar_link_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(either_side_closes),
        cmocka_unit_test(both_close_at_once),
        cmocka_unit_test(messages_before_the_close),
        cmocka_unit_test(close_codes),
        cmocka_unit_test(peer_closes_in_the_handshake),
        cmocka_unit_test(peer_closes_while_asked),
        cmocka_unit_test(we_close_in_the_handshake),
        cmocka_unit_test(close_unanswered_in_the_handshake),
        cmocka_unit_test(silent_after_the_close),
        cmocka_unit_test(stream_ends),
        cmocka_unit_test(stages_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
