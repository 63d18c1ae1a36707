/*
 * The ends of a way through a router: how each asks for it, what they say to each other on it, what
 * the router sees of that, and how it ends; and the router's own dialling.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/time.h"
#include "base/view.h"
#include "wire/shared/pair.h"
#include "wire/shared/puppet.h"
#include "wire/shared/request.h"
#include "wire/shared/through.h"
#include "ws/upgrade.h"

enum { LARGE = 200 << 10 };

#define MALLORY "mallory.nec"
#define SECRET  "attack at dawn; "

static const struct side_script ALICE = {.via = REQUEST_ROUTER},
                                BOB = {.via = REQUEST_ROUTER, .dials = SIDE_ALICE};

static void asks_then_begins(void **state)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    struct msg_handshake identity;
    struct msg_routing said;
    struct ws_message message;
    struct puppet puppet;

    (void)state;
    puppet_begin(&puppet, NECTAR_RESPONDER, &(struct side_script){.via = REQUEST_ROUTER});
    puppet_upgrade(&puppet);
    message = puppet_hear(&puppet);
    assert_int_equal(message.opcode, WS_BINARY);
    assert_int_equal(msg_routing_decode(&said, message.data, message.len), 0);
    assert_int_equal(said.version, 1);
    assert_true(view_equal_text(said.source, SIDE_ALICE));
    assert_true(view_equal_text(said.target, SIDE_BOB));
    assert_int_equal(said.signature.len, NECTAR_SIGNATURE_BYTES);
    assert_true(request_signed_by(said.signature.data, SIDE_ALICE, SIDE_BOB));
    assert_false(request_signed_by(said.signature.data, SIDE_ALICE, SIDE_ALICE));
    puppet_greet(&puppet); /* an e it must be */
    assert_int_equal(puppet_hear(&puppet).opcode, WS_NONE);
    identity = puppet_identity(&puppet, signature);
    identity.proxy_request = true; /* means nothing from a responder */
    puppet_present_as(&puppet, &identity);
    assert_true(nectar_link_is_open(puppet.side.link));
    assert_false(side_note(&puppet.side, NECTAR_LINK_OPEN, 0)->proxy_request);
    puppet_end(&puppet);
}

static void no_answer(void **state)
{
    struct puppet puppet;

    (void)state;
    puppet_begin(&puppet, NECTAR_RESPONDER, &(struct side_script){.via = REQUEST_ROUTER});
    assert_int_equal(side_live(&puppet.side, TIME_S(3)), 0);
    puppet_upgrade(&puppet);
    assert_int_equal(side_live(&puppet.side, TIME_S(5) - 1), 0);
    assert_int_equal(side_live(&puppet.side, 1), NECTAR_EDEADLINE);
    puppet_end(&puppet);
}

/* It is a responder, but has dialled: it asks for a way, and is asked for none. */
static void called_back(void **state)
{
    struct bytes request = request_honest();
    struct side_script script = BOB;
    const struct side_note *note;
    struct through through;
    uint8_t header[2] = {0x82, (uint8_t)request.len};

    (void)state;
    script.allow_routing = true;
    through_begin(&through, &ALICE, &script, NECTAR_RESPONDER);
    through_meet(&through, 1);
    note = side_note(&through.legs[1], NECTAR_LINK_ROUTE, 0);
    assert_string_equal(note->text, SIDE_BOB);
    assert_string_equal(note->target, SIDE_ALICE);
    assert_true(request_signed_by(note->signature, SIDE_BOB, SIDE_ALICE));
    assert_int_equal(through.legs[1].received, through.ends[1].wrote.len);
    assert_in_range(request.len, 33, 125);
    assert_int_equal(side_feed(&through.ends[1], header, sizeof header), 0);
    assert_int_equal(side_feed(&through.ends[1], request.data, request.len), NECTAR_EHANDSHAKE);
    assert_int_equal(through.ends[1].note_count, 0);
    through_end(&through);
    bytes_free(&request);
}

static void nobody_comes(void **state)
{
    struct through through;

    (void)state;
    through_begin(&through, &ALICE, &BOB, NECTAR_RESPONDER);
    through_meet(&through, SIZE_MAX);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(side_live(&through.ends[i], TIME_S(5) - 1), 0);
        assert_int_equal(side_live(&through.ends[i], 1), NECTAR_EDEADLINE);
    }
    through_end(&through);
}

/* The router's refusal is the last that is heard; what we have said to our peer is in vain. */
static void refused_by_the_router(void **state)
{
    struct through through;

    (void)state;
    through_begin(&through, &ALICE, &BOB, NECTAR_RESPONDER);
    through_meet(&through, SIZE_MAX);
    for (int i = 0; i < 2; i++) {
        struct side *end = &through.ends[i], *leg = &through.legs[i];

        assert_int_equal(nectar_link_refuse(leg->link, NECTAR_EUNREACHABLE), NECTAR_EUNREACHABLE);
        side_drain(leg, SIZE_MAX);
        assert_int_equal(
            side_feed(end, leg->wrote.data + end->received, leg->wrote.len - (size_t)end->received),
            0);
        assert_int_equal(side_note(end, NECTAR_LINK_CLOSE, 0)->code, WS_CLOSE_TRY_LATER);
        assert_int_equal(end->note_count, 1);
        assert_int_equal(nectar_link_end(end->link), 0);
    }
    through_end(&through);
}

static void relays(void **state)
{
    (void)state;
    for (size_t step = 1; step < 400; step += step < 200 ? 1 : 60) {
        const struct side_script script = {.name = REQUEST_ROUTER, .relay = true};
        char reason[WS_REASON_SIZE];
        struct puppet puppet;
        struct bytes head;
        size_t used, len, wrote;
        bool done = false;

        puppet_begin(&puppet, NECTAR_RESPONDER, &script);
        wrote = puppet.side.wrote.len;
        bytes_init(&head, WS_UPGRADE_MAX);
        assert_int_equal(ws_upgrade_accept(&head, puppet.side.wrote.data, wrote, &used, &done,
                                           &puppet.said, reason),
                         0);
        assert_true(done && used == wrote); /* the upgrade is all that it says */
        len = puppet.said.len;
        puppet_frame(&puppet, 0x82, "first", 5);
        puppet_frame(&puppet, 0x89, "", 0);
        assert_int_equal(side_feed_slowly(&puppet.side, puppet.said.data, puppet.said.len, step),
                         0);
        assert_int_equal(puppet.side.received, len);
        assert_int_equal(puppet.side.note_count, 1);
        assert_int_equal(side_note(&puppet.side, NECTAR_LINK_RELAY, 0)->received, len);
        assert_int_equal(puppet.side.wrote.len, wrote);
        assert_true(nectar_link_deadline(puppet.side.link) == UINT64_MAX);
        bytes_free(&head);
        puppet_end(&puppet);
    }
}

static void assert_unseen(const struct bytes *passed, const char *text)
{
    assert_null(memmem(passed->data, passed->len, text, strlen(text)));
}

/* Bob is called back or dialled; the bytes come in portions of every kind. */
static void talk(const struct side_script *second, size_t step)
{
    static char large[LARGE];
    struct nectar_message there = {.id = 1,
                                   .source = view_of_text(SIDE_ALICE "@cli:nectar-net:sys"),
                                   .target = view_of_text(SIDE_BOB "@net:distro:sys"),
                                   .body = view_of_text(SECRET)},
                          back = {.id = 2,
                                  .source = view_of_text(SIDE_BOB "@cli:nectar-net:sys"),
                                  .target = view_of_text(SIDE_ALICE "@net:distro:sys"),
                                  .body = view_of_text(SECRET)},
                          large_there = there, large_back = back;
    struct side_script alice = ALICE, bob = *second;
    struct through through;

    for (size_t i = 0; i < sizeof large; i++)
        large[i] = SECRET[i % strlen(SECRET)];
    large_there.body = large_back.body = (struct nectar_view){(const uint8_t *)large, sizeof large};
    alice.sends[0] = &there, alice.sends[1] = &large_there;
    bob.sends[0] = &large_back, bob.sends[1] = &back;
    alice.acks = bob.acks = true;
    through_open(&through, &alice, &bob, step);
    assert_string_equal(side_note(&through.ends[0], NECTAR_LINK_OPEN, 0)->text, SIDE_BOB);
    assert_string_equal(side_note(&through.ends[1], NECTAR_LINK_OPEN, 0)->text, SIDE_ALICE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(side_count(&through.ends[i], NECTAR_LINK_MESSAGE), 4);
        assert_in_range(through.passed[i].len, LARGE, LARGE + LARGE / 50);
    }
    side_assert_same(&side_note(&through.ends[1], NECTAR_LINK_MESSAGE, 0)->message, &there);
    side_assert_same(&side_note(&through.ends[1], NECTAR_LINK_MESSAGE, 1)->message, &large_there);
    side_assert_same(&side_note(&through.ends[0], NECTAR_LINK_MESSAGE, 0)->message, &large_back);
    /* What leaves masked would show nothing in any case. */
    for (int i = 0; i < (second->via ? 2 : 1); i++) {
        assert_unseen(&through.passed[i], SECRET);
        assert_unseen(&through.passed[i], SIDE_ALICE);
        assert_unseen(&through.passed[i], SIDE_BOB);
    }
    through_end(&through);
}

static void talk_both_ways(void **state)
{
    static const struct side_script dialled = {.acks = true};
    static const size_t steps[] = {1, 13, 1000, 65536, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        talk(&BOB, steps[i]);
        talk(&dialled, steps[i]);
    }
}

static void meet_another(const struct side_script *alice, const struct side_script *bob,
                         enum nectar_role second, const int errors[2])
{
    struct through through;

    through_begin(&through, alice, bob, second);
    through_meet(&through, SIZE_MAX);
    through_run(&through, SIZE_MAX);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(through.ends[i].error, errors[i]);
        assert_int_equal(side_count(&through.ends[i], NECTAR_LINK_MESSAGE), 0);
    }
    through_end(&through);
}

/* The router may join us with whom it likes: only the one we asked for will do. */
static void another_than_asked_for(void **state)
{
    struct side_script other = ALICE;

    (void)state;
    other.name = MALLORY;
    meet_another(&other, &BOB, NECTAR_RESPONDER, (int[]){0, NECTAR_EIDENTITY});
    other = ALICE;
    other.signer = MALLORY;
    meet_another(&other, &BOB, NECTAR_RESPONDER, (int[]){0, NECTAR_ESIGNATURE});
    other = ALICE;
    other.proxy_request = true;
    meet_another(&other, &BOB, NECTAR_RESPONDER, (int[]){0, NECTAR_EPROXY});
    other = BOB;
    other.name = MALLORY;
    meet_another(&ALICE, &other, NECTAR_RESPONDER, (int[]){NECTAR_EIDENTITY, 0});
    other = BOB;
    other.signer = MALLORY;
    meet_another(&ALICE, &other, NECTAR_RESPONDER, (int[]){NECTAR_ESIGNATURE, 0});
}

static void two_initiators(void **state)
{
    struct side_script bob = BOB;

    (void)state;
    bob.name = SIDE_BOB;
    for (size_t step = 1; step < 40; step += 38) {
        struct through through;

        through_begin(&through, &ALICE, &bob, NECTAR_INITIATOR);
        through_meet(&through, step);
        through_run(&through, step);
        /* Each is given the other's e for an answer. */
        for (int i = 0; i < 2; i++)
            assert_int_equal(through.ends[i].error, NECTAR_EHANDSHAKE);
        through_end(&through);
    }
}

static void a_close_does_not_pass(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct through through;

        through_open(&through, &ALICE, &BOB, SIZE_MAX);
        assert_int_equal(nectar_link_close(through.ends[i].link, 1000, "done"), 0);
        through_run(&through, SIZE_MAX);
        assert_true(through.ended);
        assert_int_equal(side_count(&through.ends[!i], NECTAR_LINK_CLOSE), 0);
        assert_true(nectar_link_is_open(through.ends[!i].link));
        assert_int_equal(nectar_link_end(through.ends[i].link), 0);
        assert_int_equal(nectar_link_end(through.ends[!i].link), NECTAR_ECLOSED);
        through_end(&through);
    }
}

static void pings_are_the_routers(void **state)
{
    struct through through;

    (void)state;
    through_open(&through, &ALICE, &BOB, SIZE_MAX);
    through_live(&through, TIME_S(125));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(through.ends[i].error, 0);
        assert_int_equal(through.pings[i], 4);
        assert_true(nectar_link_is_open(through.ends[i].link));
    }
    through.mute = true;
    through_live(&through, TIME_S(60));
    for (int i = 0; i < 2; i++)
        assert_int_equal(through.ends[i].error, NECTAR_EDEADLINE);
    through_end(&through);
}

/* OPEN says what an initiator asks, and only that. */
static void proxy_requests(void **state)
{
    (void)state;
    for (int asks = 0; asks < 2; asks++) {
        struct pair pair;

        pair_open(&pair, &(struct side_script){.proxy_request = asks},
                  &(struct side_script){.allow_proxy = true});
        assert_int_equal(side_note(&pair.bob, NECTAR_LINK_OPEN, 0)->proxy_request, asks);
        assert_false(side_note(&pair.alice, NECTAR_LINK_OPEN, 0)->proxy_request);
        pair_end(&pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_then_begins),      cmocka_unit_test(no_answer),
        cmocka_unit_test(called_back),           cmocka_unit_test(nobody_comes),
        cmocka_unit_test(refused_by_the_router), cmocka_unit_test(relays),
        cmocka_unit_test(talk_both_ways),        cmocka_unit_test(another_than_asked_for),
        cmocka_unit_test(two_initiators),        cmocka_unit_test(a_close_does_not_pass),
        cmocka_unit_test(pings_are_the_routers), cmocka_unit_test(proxy_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
