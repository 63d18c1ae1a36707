/*
 * Conversations played again to one side alone: a byte at a time, cut at every byte, with every bit
 * of the handshake and of messages turned, with frames said twice or left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "msg/split.h"
#include "wire/shared/take.h"

enum { TALKS = 6, NEAR = 24, BIG_BODY = 2 * MSG_CHUNK_MAX };

/* Frames of a stream, in order, from the first handshake message on. */
enum { ALICE_E, ALICE_S, ALICE_FIRST };
enum { BOB_E, BOB_FIRST };

static const enum nectar_role ROLES[] = {NECTAR_INITIATOR, NECTAR_RESPONDER};

static struct nectar_message request, notice, large;
static uint8_t large_body[BIG_BODY];

static int setup(void **state)
{
    (void)state;
    request = (struct nectar_message){.id = 9,
                                      .source = view_of_text(SIDE_ALICE "@cli:nectar-net:sys"),
                                      .target = view_of_text(SIDE_BOB "@net:distro:sys"),
                                      .expects_response = true,
                                      .expects_s = 5,
                                      .body = view_of_text("hello\x80")};
    notice = (struct nectar_message){.id = 10,
                                     .source = view_of_text(SIDE_BOB "@cli:nectar-net:sys"),
                                     .target = view_of_text(SIDE_ALICE "@net:distro:sys"),
                                     .body = view_of_text("")};
    memset(large_body, 0xd7, sizeof large_body);
    large = request;
    large.body = (struct nectar_view){large_body, sizeof large_body};
    return 0;
}

/* The small conversations; false behind the last. */
static bool talk(struct take *take, size_t n)
{
    const struct {
        struct side_script alice, bob;
    } talks[TALKS] = {
        {{0}, {0}},
        {{.sends = {&request, &request}}, {.acks = true, .sends = {&notice}}},
        {{.sends = {&request}, .closes_after = 1}, {.acks = true}},
        {{.sends = {&request}, .compat = true}, {.compat = true, .acks = true, .closes_after = 1}},
        {{.sends = {&request}, .proxy_request = true}, {.acks = true, .allow_proxy = true}},
        {{.signer = "mallory.nec"}, {0}},
    };

    if (n < TALKS)
        take_record(take, &talks[n].alice, &talks[n].bob);
    return n < TALKS;
}

static void assert_same_notes(const struct side *a, const struct side *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(a->notes[i].type, b->notes[i].type);
        assert_int_equal(a->notes[i].code, b->notes[i].code);
        assert_string_equal(a->notes[i].text, b->notes[i].text);
        if (a->notes[i].type == NECTAR_LINK_MESSAGE)
            side_assert_same(&a->notes[i].message, &b->notes[i].message);
    }
}

/* The same bytes in other portions: the same events, the same answers. */
static void any_portions(void **state)
{
    static const size_t steps[] = {1, 2, 3, 7, 64, 1000};
    struct take take;

    (void)state;
    for (size_t n = 0; talk(&take, n); n++) {
        for (size_t r = 0; r < 2; r++) {
            const struct take_stream *heard = take_heard_by(&take, ROLES[r]);
            const struct take_stream *said = take_said_by(&take, ROLES[r]);
            struct side whole;

            take_play(&take, &whole, ROLES[r]);
            side_feed(&whole, heard->bytes.data, heard->bytes.len);
            assert_true(view_equal(bytes_view(&whole.wrote), bytes_view(&said->bytes)));
            for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
                struct side side;

                take_play(&take, &side, ROLES[r]);
                side_feed_slowly(&side, heard->bytes.data, heard->bytes.len, steps[i]);
                assert_int_equal(side.note_count, whole.note_count);
                assert_same_notes(&side, &whole, whole.note_count);
                assert_int_equal(side.error, whole.error);
                assert_true(view_equal(bytes_view(&side.wrote), bytes_view(&said->bytes)));
                side_end(&side);
            }
            side_end(&whole);
        }
        take_end(&take);
    }
}

/* Is byte at cut within a frame; and has a Close stood before it? */
static bool in_frame(const struct take_stream *stream, size_t cut)
{
    for (size_t i = 0; i < stream->frame_count; i++)
        if (cut > stream->frames[i].begin && cut < stream->frames[i].end)
            return true;
    return false;
}

static bool after_close(const struct take_stream *stream, size_t cut)
{
    for (size_t i = 0; i < stream->frame_count; i++)
        if (stream->frames[i].opcode == 8 && stream->frames[i].end <= cut)
            return true;
    return false;
}

static void check_cut(const struct take *take, enum nectar_role role, const struct side *whole,
                      size_t cut, bool in_message)
{
    const struct take_stream *heard = take_heard_by(take, role);
    struct side side;
    size_t expected = 0;
    int error;

    take_play(take, &side, role);
    error = side_feed(&side, heard->bytes.data, cut);
    while (expected < whole->note_count && whole->notes[expected].received <= cut)
        expected++;
    assert_int_equal(side.note_count, expected);
    assert_same_notes(&side, whole, expected);
    if (!error) {
        bool closing = side.script.closes_after && side.message_count == side.script.closes_after;

        error = nectar_link_end(side.link);
        if (after_close(heard, cut))
            assert_int_equal(error, 0);
        else if (in_message || in_frame(heard, cut))
            assert_int_equal(error, NECTAR_ECUT);
        else
            assert_int_equal(error, closing ? 0 : NECTAR_ECLOSED);
        assert_int_equal(nectar_link_end(side.link), error);
        assert_int_equal(nectar_link_error(side.link), error);
    } else {
        assert_int_equal(error, whole->error);
    }
    side_end(&side);
}

/* Fed a byte at a time, so that its notes tell at which byte each event came. */
static void play_slowly(const struct take *take, struct side *side, enum nectar_role role)
{
    const struct take_stream *heard = take_heard_by(take, role);

    take_play(take, side, role);
    side_feed_slowly(side, heard->bytes.data, heard->bytes.len, 1);
    for (size_t i = 0; i < side->note_count; i++)
        assert_false(in_frame(heard, side->notes[i].received));
}

static void every_cut(void **state)
{
    struct take take;

    (void)state;
    for (size_t n = 0; talk(&take, n); n++) {
        for (size_t r = 0; r < 2; r++) {
            struct side whole;

            play_slowly(&take, &whole, ROLES[r]);
            for (size_t cut = 0; cut <= take_heard_by(&take, ROLES[r])->bytes.len; cut++)
                check_cut(&take, ROLES[r], &whole, cut, false);
            side_end(&whole);
        }
        take_end(&take);
    }
}

/* A message of three chunks, cut around each of them. */
static void cuts_of_a_large_message(void **state)
{
    const struct take_stream *heard;
    struct side whole;
    struct take take;

    (void)state;
    take_record(&take, &(struct side_script){.sends = {&large, &request}}, NULL);
    heard = &take.from_alice;
    assert_int_equal(heard->frame_count, ALICE_FIRST + 3 + 1);
    play_slowly(&take, &whole, NECTAR_RESPONDER);
    for (size_t i = 0; i < 3; i++) {
        size_t end = heard->frames[ALICE_FIRST + i].end;

        for (size_t cut = end - NEAR; cut <= end + NEAR; cut++)
            check_cut(&take, NECTAR_RESPONDER, &whole, cut,
                      cut > heard->frames[ALICE_FIRST].begin &&
                          cut < heard->frames[ALICE_FIRST + 2].end);
    }
    side_end(&whole);
    take_end(&take);
}

/* Plays heard with one bit turned. Returns the error; *side stays for looking at. */
static int play_turned(const struct take *take, struct side *side, enum nectar_role role, size_t at,
                       int bit)
{
    struct bytes *heard = (struct bytes *)(uintptr_t)&take_heard_by(take, role)->bytes;
    int error;

    take_play(take, side, role);
    heard->data[at] ^= (uint8_t)(1 << bit);
    error = side_feed(side, heard->data, heard->len);
    heard->data[at] ^= (uint8_t)(1 << bit);
    return error;
}

/* Turns every bit of one frame. Its header may make it any kind of nonsense or longer than what is
 * there; its payload does not decrypt. Nothing from it on is believed. */
static void turn_frame(const struct take *take, enum nectar_role role, size_t frame_index,
                       size_t notes_before)
{
    const struct take_frame *frame = &take_heard_by(take, role)->frames[frame_index];
    size_t mask = role == NECTAR_RESPONDER ? 4 : 0;

    for (size_t at = frame->begin; at < frame->end; at++)
        for (int bit = 0; bit < 8; bit++) {
            struct side side;
            int error = play_turned(take, &side, role, at, bit);

            if (at >= frame->payload - mask)
                assert_int_equal(error, NECTAR_EDECRYPT);
            assert_int_equal(side.note_count, notes_before);
            side_end(&side);
        }
}

static void turned_bits_in_handshake(void **state)
{
    struct take take;

    (void)state;
    assert_true(talk(&take, 1));
    turn_frame(&take, NECTAR_RESPONDER, ALICE_E, 0);
    turn_frame(&take, NECTAR_INITIATOR, BOB_E, 0);
    turn_frame(&take, NECTAR_RESPONDER, ALICE_S, 0);
    take_end(&take);
}

static void turned_bits_in_messages(void **state)
{
    struct take take;

    (void)state;
    assert_true(talk(&take, 1));
    turn_frame(&take, NECTAR_RESPONDER, ALICE_FIRST, 2);
    turn_frame(&take, NECTAR_RESPONDER, ALICE_FIRST + 1, 3);
    turn_frame(&take, NECTAR_INITIATOR, BOB_FIRST, 2);
    take_end(&take);
}

static void turned_bits_in_a_large_message(void **state)
{
    const struct take_stream *heard;
    struct take take;

    (void)state;
    take_record(&take, &(struct side_script){.sends = {&large}}, NULL);
    heard = &take.from_alice;
    for (size_t i = ALICE_FIRST; i < heard->frame_count; i++) {
        const struct take_frame *frame = &heard->frames[i];
        size_t step = (frame->end - frame->payload) / NEAR + 1;

        for (size_t at = frame->payload; at < frame->end; at += step) {
            struct side side;

            assert_int_equal(play_turned(&take, &side, NECTAR_RESPONDER, at, 3), NECTAR_EDECRYPT);
            assert_int_equal(side_count(&side, NECTAR_LINK_MESSAGE), 0);
            side_end(&side);
        }
    }
    take_end(&take);
}

/* The frames of a stream in another order: up to three of them behind the handshake. */
static int play_order(const struct take *take, enum nectar_role role, const size_t order[3],
                      size_t *messages)
{
    const struct take_stream *heard = take_heard_by(take, role);
    size_t first = role == NECTAR_RESPONDER ? ALICE_FIRST : BOB_FIRST;
    struct side side;
    int error;

    take_play(take, &side, role);
    error = side_feed(&side, heard->bytes.data, heard->frames[first].begin);
    for (size_t i = 0; !error && i < 3; i++) {
        const struct take_frame *frame = &heard->frames[first + order[i]];

        error = side_feed(&side, heard->bytes.data + frame->begin, frame->end - frame->begin);
    }
    *messages = side_count(&side, NECTAR_LINK_MESSAGE);
    side_end(&side);
    return error;
}

static void frames_twice_or_missing(void **state)
{
    struct take take;
    size_t messages;

    (void)state;
    take_record(&take, &(struct side_script){.sends = {&request, &request, &request}},
                &(struct side_script){.acks = true});
    for (size_t r = 0; r < 2; r++) {
        assert_int_equal(play_order(&take, ROLES[r], (size_t[]){0, 1, 2}, &messages), 0);
        assert_int_equal(messages, 3);
        assert_int_equal(play_order(&take, ROLES[r], (size_t[]){0, 0, 1}, &messages),
                         NECTAR_EDECRYPT);
        assert_int_equal(messages, 1);
        assert_int_equal(play_order(&take, ROLES[r], (size_t[]){0, 1, 0}, &messages),
                         NECTAR_EDECRYPT);
        assert_int_equal(messages, 2);
        assert_int_equal(play_order(&take, ROLES[r], (size_t[]){1, 0, 2}, &messages),
                         NECTAR_EDECRYPT);
        assert_int_equal(messages, 0);
        assert_int_equal(play_order(&take, ROLES[r], (size_t[]){0, 2, 1}, &messages),
                         NECTAR_EDECRYPT);
        assert_int_equal(messages, 1);
    }
    take_end(&take);
}

/* What was said to one link means nothing to another with other keys. */
static void replay_to_another(void **state)
{
    struct side_script carol = {.name = "carol.nec"};
    struct take take;
    struct side side;

    (void)state;
    assert_true(talk(&take, 1));
    side_begin(&side, NECTAR_RESPONDER, &carol);
    /* The same seed makes the same ephemeral key, but the name is in what is hashed. */
    assert_int_equal(side_feed(&side, take.from_alice.bytes.data, take.from_alice.bytes.len),
                     NECTAR_EDECRYPT);
    assert_int_equal(side.note_count, 0);
    side_end(&side);
    take_end(&take);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_portions),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(cuts_of_a_large_message),
        cmocka_unit_test(turned_bits_in_handshake),
        cmocka_unit_test(turned_bits_in_messages),
        cmocka_unit_test(turned_bits_in_a_large_message),
        cmocka_unit_test(frames_twice_or_missing),
        cmocka_unit_test(replay_to_another),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
