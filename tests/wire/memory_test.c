/*
 * Memory that is refused: whichever allocation of a conversation fails, the call says ENOMEM (or,
 * with memory that it can do without, goes on), nothing false is delivered, and all is given back.
 * And memory that was large is given back by a link that stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/time.h"
#include "base/view.h"
#include "link/link.h"
#include "unit/shared/scarce.h"
#include "wire/shared/take.h"

enum { BIG = 3 << 20, BODY = 200000, ATTEMPTS_MAX = 500 };

static uint8_t body[BODY];

/* Feeds a link with what its side of the conversation heard; answers and acks as a script would,
 * without the scripts' own use of memory. Returns the first error. */
static int converse(struct nectar_link *link, const struct bytes *heard, const uint8_t *key,
                    const struct nectar_message *answer, size_t *messages)
{
    struct nectar_link_event event;
    size_t at = 0, used;
    int error;

    do {
        error =
            nectar_link_receive(link, heard->data + at, heard->len - at, &used, &event, SIDE_BEGIN);
        at += used;
        if (!error && event.type == NECTAR_LINK_IDENTIFY)
            error = nectar_link_authenticate(link, key, false, SIDE_BEGIN);
        if (!error && event.type == NECTAR_LINK_MESSAGE) {
            assert_int_equal(event.message->body.len, BODY);
            ++*messages;
            error = nectar_link_send(link, answer, NULL, SIDE_BEGIN);
        }
    } while (!error && event.type != NECTAR_LINK_NONE);
    return error;
}

/* Plays one side with the nth allocation refused. Returns the error. */
static int play(const struct take *take, enum nectar_role role, long nth, size_t *messages)
{
    bool initiator = role == NECTAR_INITIATOR;
    struct nectar_key *ours = side_key(initiator ? SIDE_ALICE : SIDE_BOB);
    struct nectar_key *theirs = side_key(initiator ? SIDE_BOB : SIDE_ALICE);
    uint8_t seed[NECTAR_LINK_SEED_BYTES];
    struct nectar_link_config config = {.role = role,
                                        .name = initiator ? SIDE_ALICE : SIDE_BOB,
                                        .key = ours,
                                        .peer = SIDE_BOB,
                                        .host = "127.0.0.1:9000",
                                        .seed = seed};
    struct nectar_message answer = {
        .source = view_of_text(initiator ? SIDE_ALICE "@a:b:c" : SIDE_BOB "@a:b:c"),
        .target = view_of_text(initiator ? SIDE_BOB "@a:b:c" : SIDE_ALICE "@a:b:c"),
        .body = {body, sizeof body}};
    struct nectar_link *link = NULL;
    int error;

    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = initiator ? 0xa1 : 0xb0;
    scarce_begin(nth);
    error = nectar_link_new(&link, &config, SIDE_BEGIN);
    if (!error)
        error = converse(link, &take_heard_by(take, role)->bytes, nectar_key_public(theirs),
                         &answer, messages);
    nectar_link_free(link);
    scarce_end();
    nectar_key_free(ours);
    nectar_key_free(theirs);
    return error;
}

static void any_allocation_fails(void **state)
{
    static const enum nectar_role roles[] = {NECTAR_INITIATOR, NECTAR_RESPONDER};
    struct nectar_message to_bob = {.source = view_of_text(SIDE_ALICE "@a:b:c"),
                                    .target = view_of_text(SIDE_BOB "@a:b:c"),
                                    .body = {body, sizeof body}};
    struct nectar_message to_alice = to_bob;
    struct take take;

    (void)state;
    if (!SCARCE)
        return;
    to_alice.source = to_bob.target;
    to_alice.target = to_bob.source;
    take_record(&take, &(struct side_script){.sends = {&to_bob}},
                &(struct side_script){.sends = {&to_alice}});
    for (size_t r = 0; r < 2; r++) {
        size_t messages = 0;
        long nth, failed = 0;

        assert_int_equal(play(&take, roles[r], 0, &messages), 0); /* warms the libraries up */
        assert_int_equal(messages, 1);
        assert_int_equal(play(&take, roles[r], 0, &messages), 0);
        assert_int_equal(scarce.balance, 0);
        for (nth = 1; nth < ATTEMPTS_MAX; nth++) {
            int error;

            messages = 0;
            error = play(&take, roles[r], nth, &messages);
            assert_int_equal(scarce.balance, 0);
            if (scarce.fails_at > 0)
                break; /* there was no nth */
            assert_true(error == NECTAR_ENOMEM || (error == 0 && messages == 1));
            failed += error == NECTAR_ENOMEM;
        }
        assert_true(nth < ATTEMPTS_MAX);
        assert_true(failed > 5);
    }
    take_end(&take);
}

/* A message that there is no memory for is not sent; the link is as it was. */
static void send_without_memory(void **state)
{
    struct nectar_message hello = {.source = view_of_text(SIDE_ALICE "@a:b:c"),
                                   .target = view_of_text(SIDE_BOB "@a:b:c"),
                                   .body = {body, sizeof body}};
    struct pair pair;

    (void)state;
    if (!SCARCE)
        return;
    pair_open(&pair, NULL, NULL);
    for (long nth = 1; nth <= 2; nth++) {
        scarce_begin(nth);
        assert_int_equal(side_send(&pair.alice, &hello), NECTAR_ENOMEM);
        scarce_end();
        assert_true(nectar_link_is_open(pair.alice.link));
    }
    assert_int_equal(side_send(&pair.alice, &hello), 0);
    pair_run(&pair, SIZE_MAX);
    side_assert_same(&side_note(&pair.bob, NECTAR_LINK_MESSAGE, 0)->message, &hello);
    pair_end(&pair);
}

static size_t memory_of(const struct nectar_link *link)
{
    return link->output.cap + link->join.partial.cap + link->encoded.scratch.cap;
}

/* After large messages both ways, idle for a second, buffers are gone again. */
static void memory_goes_back(void **state)
{
    uint8_t *large = malloc(BIG);
    struct nectar_message hello = {.source = view_of_text(SIDE_ALICE "@cli:nectar-net:sys"),
                                   .target = view_of_text(SIDE_BOB "@net:distro:sys")};
    struct pair pair;

    (void)state;
    assert_non_null(large);
    memset(large, 0xee, BIG);
    hello.body = (struct nectar_view){large, BIG};
    pair_open(&pair, &(struct side_script){.compat = true}, NULL);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(side_send(&pair.alice, &hello), 0);
        pair_run(&pair, SIZE_MAX);
        assert_int_equal(side_count(&pair.bob, NECTAR_LINK_MESSAGE), (size_t)round + 1);
        assert_true(memory_of(pair.alice.link) > BIG);
        assert_true(memory_of(pair.bob.link) > BIG);
        pair_live(&pair, LINK_RELEASE_TIME + TIME_MS(500));
        assert_true(memory_of(pair.alice.link) <= LINK_KEEP);
        assert_true(memory_of(pair.bob.link) <= LINK_KEEP);
    }
    /* A message that turned out too large; */
    hello.body.len = BIG;
    for (int i = 0; i < 2; i++) {
        hello.blob = hello.context = hello.body;
        assert_int_equal(side_send(&pair.alice, &hello), NECTAR_ETOOBIG);
    }
    pair_live(&pair, LINK_RELEASE_TIME + TIME_MS(500));
    assert_true(memory_of(pair.alice.link) <= LINK_KEEP);
    /* and one that was written late. */
    hello.blob = hello.context = (struct nectar_view){0};
    assert_int_equal(side_send(&pair.alice, &hello), 0);
    pair.alice.now += LINK_RELEASE_TIME;
    assert_int_equal(nectar_link_tick(pair.alice.link, pair.alice.now), 0);
    pair_run(&pair, SIZE_MAX);
    pair_live(&pair, LINK_RELEASE_TIME + TIME_MS(500));
    assert_true(memory_of(pair.alice.link) <= LINK_KEEP);
    pair_end(&pair);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_fails),
        cmocka_unit_test(send_without_memory),
        cmocka_unit_test(memory_goes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
