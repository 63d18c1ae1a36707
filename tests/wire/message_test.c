/* Messages arrive as they were sent, whatever their fields and their size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "msg/kernel.h"
#include "msg/split.h"
#include "wire/shared/pair.h"

enum { BIG = 5 << 20, CHUNKS_MAX = 3, AROUND = 5 };

static struct nectar_message hello(struct nectar_view body)
{
    return (struct nectar_message){.id = 77,
                                   .source = view_of_text(SIDE_ALICE "@cli:nectar-net:sys"),
                                   .target = view_of_text(SIDE_BOB "@net:distro:sys"),
                                   .body = body};
}

static struct nectar_message answer(struct nectar_view body)
{
    return (struct nectar_message){.id = 77,
                                   .kind = NECTAR_RESPONSE,
                                   .source = view_of_text(SIDE_BOB "@net:distro:sys"),
                                   .target = view_of_text(SIDE_ALICE "@cli:nectar-net:sys"),
                                   .body = body};
}

/* Every byte value, in no simple order. */
static uint8_t *pattern(size_t len)
{
    uint8_t *data = malloc(len + 1);
    uint32_t state = 12345;

    assert_non_null(data);
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525 + 1013904223;
        data[i] = (uint8_t)(state >> 24);
    }
    return data;
}

static void assert_arrives(struct pair *pair, bool to_bob, const struct nectar_message *message)
{
    struct side *from = to_bob ? &pair->alice : &pair->bob;
    struct side *to = to_bob ? &pair->bob : &pair->alice;
    size_t before = side_count(to, NECTAR_LINK_MESSAGE);

    assert_int_equal(side_send(from, message), 0);
    pair_run(pair, SIZE_MAX);
    assert_int_equal(side_count(to, NECTAR_LINK_MESSAGE), before + 1);
    side_assert_same(&side_note(to, NECTAR_LINK_MESSAGE, before)->message, message);
    assert_false(nectar_link_is_receiving(to->link));
}

static void both_forms_open(struct pair pairs[2])
{
    pair_open(&pairs[0], NULL, NULL);
    pair_open(&pairs[1], &(struct side_script){.compat = true},
              &(struct side_script){.compat = true});
}

static void pairs_end(struct pair pairs[2])
{
    pair_end(&pairs[0]);
    pair_end(&pairs[1]);
}

static void request_fields(void **state)
{
    static const uint8_t capabilities[] = "\x91\x92\x92\xa7"
                                          "a@b:c:d"
                                          "\xa1p\xc4\x02xy";
    struct pair pairs[2];
    struct nectar_message message;

    (void)state;
    both_forms_open(pairs);
    for (int i = 0; i < 2; i++) {
        message = hello(view_of_text("body"));
        message.id = UINT64_MAX;
        message.inherit = true;
        message.expects_response = true;
        message.expects_s = UINT64_MAX;
        message.rsvp = view_of_text("carol.nec@x:y:z");
        message.metadata = view_of_text("{\"a\":1}");
        message.capabilities = (struct nectar_view){capabilities, sizeof capabilities - 1};
        message.blob = view_of_text("\x80\xff blob");
        message.mime = view_of_text("text/plain");
        assert_arrives(&pairs[i], true, &message);
        message.mime = (struct nectar_view){0};
        message.metadata = view_of_text("");
        message.expects_s = 0;
        assert_arrives(&pairs[i], true, &message);
        message = hello(view_of_text(""));
        message.blob = view_of_text("");
        assert_arrives(&pairs[i], true, &message);
    }
    pairs_end(pairs);
}

static void response_fields(void **state)
{
    struct pair pairs[2];
    struct nectar_message message;

    (void)state;
    both_forms_open(pairs);
    for (int i = 0; i < 2; i++) {
        message = answer(view_of_text("body"));
        message.id = 0;
        message.inherit = true;
        message.metadata = (struct nectar_view){(const uint8_t *)"a\0b", 3};
        message.context = view_of_text("\xff\xfe context");
        message.blob = view_of_text("blob");
        message.mime = view_of_text("");
        assert_arrives(&pairs[i], false, &message);
        message = answer((struct nectar_view){0});
        message.context = view_of_text("");
        assert_arrives(&pairs[i], false, &message);
    }
    pairs_end(pairs);
}

/* The length of a body that makes the message so long, in the form that compat tells; 0 if none
 * does. */
static size_t body_for(size_t size, const uint8_t *data, bool compat)
{
    struct msg_encoded encoded;
    struct nectar_message message = hello((struct nectar_view){data, 0});
    size_t low = 0, high = size;

    msg_encoded_init(&encoded);
    while (low < high) {
        size_t middle = (low + high) / 2;

        message.body.len = middle;
        if (msg_encode(&encoded, &message, compat) == 0 && encoded.size < size)
            low = middle + 1;
        else
            high = middle;
    }
    message.body.len = low;
    if (msg_encode(&encoded, &message, compat) != 0 || encoded.size != size)
        low = 0;
    msg_encoded_free(&encoded);
    return low;
}

/* The lengths around which one more chunk is needed; with the 4 bytes of the length and without. */
static void chunk_boundaries(void **state)
{
    uint8_t *data = pattern((CHUNKS_MAX + 1) * MSG_CHUNK_MAX);
    size_t sent = 0;

    (void)state;
    for (int compat = 0; compat < 2; compat++)
        for (size_t k = 1; k <= CHUNKS_MAX; k++) {
            struct pair pair;

            pair_open(&pair, &(struct side_script){.compat = compat}, NULL);
            for (size_t size = k * MSG_CHUNK_MAX - AROUND - 4; size <= k * MSG_CHUNK_MAX + AROUND;
                 size++) {
                size_t len = body_for(size, data, compat);
                struct nectar_message message = hello((struct nectar_view){data, len});

                if (len == 0)
                    continue; /* a byte of an array may take two */
                assert_arrives(&pair, true, &message);
                sent++;
            }
            pair_end(&pair);
        }
    assert_true(sent > 2 * CHUNKS_MAX * AROUND * 2);
    free(data);
}

static void body_sizes(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 255, 256, 65535, 65536, BIG};
    uint8_t *data = pattern(BIG);
    struct pair pairs[2];

    (void)state;
    both_forms_open(pairs);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int form = 0; form < 2; form++) {
            struct nectar_view body = {data, sizes[i]};
            struct nectar_message request = hello(body), response = answer(body);

            assert_arrives(&pairs[form], true, &request);
            assert_arrives(&pairs[form], false, &response);
        }
    pairs_end(pairs);
    free(data);
}

/* The largest message passes; one byte more is refused here, and the link goes on. */
static void largest(void **state)
{
    uint8_t *data = pattern(NECTAR_MESSAGE_MAX + 1);
    size_t len = body_for(NECTAR_MESSAGE_MAX, data, false);
    struct nectar_message request = hello((struct nectar_view){data, len});
    struct nectar_message response;
    struct pair pair;

    (void)state;
    assert_true(len > 0);
    pair_open(&pair, NULL, NULL);
    for (int round = 0; round < 2; round++) {
        request.body.len = len + 1;
        assert_int_equal(side_send(&pair.alice, &request), NECTAR_ETOOBIG);
        assert_true(nectar_link_is_open(pair.alice.link));
        assert_int_equal(nectar_link_error(pair.alice.link), 0);
        request.body.len = NECTAR_MESSAGE_MAX + 1;
        assert_int_equal(side_send(&pair.alice, &request), NECTAR_ETOOBIG);
        request.body.len = len;
        assert_arrives(&pair, true, &request);
    }
    response = answer((struct nectar_view){data, len + 1});
    while (side_send(&pair.bob, &response) == NECTAR_ETOOBIG)
        response.body.len--;
    pair_run(&pair, SIZE_MAX);
    side_assert_same(&side_note(&pair.alice, NECTAR_LINK_MESSAGE, 0)->message, &response);
    pair_end(&pair);
    free(data);
}

/* The array form of high bytes is twice as long: refused by what it would take, not by its body. */
static void largest_compat(void **state)
{
    uint8_t *data = malloc(NECTAR_MESSAGE_MAX);
    struct nectar_message request = hello((struct nectar_view){data, NECTAR_MESSAGE_MAX / 2});
    struct pair pair;

    (void)state;
    assert_non_null(data);
    memset(data, 0xff, NECTAR_MESSAGE_MAX);
    pair_open(&pair, &(struct side_script){.compat = true}, NULL);
    assert_int_equal(side_send(&pair.alice, &request), NECTAR_ETOOBIG);
    request.body.len -= 100;
    assert_arrives(&pair, true, &request);
    pair_end(&pair);
    free(data);
}

static void many_in_both_directions(void **state)
{
    struct nectar_message one = hello(view_of_text("1")), two = hello(view_of_text("2"));
    struct nectar_message three = hello(view_of_text("3"));
    struct side_script alice = {.sends = {&one, &two, &three}};
    struct side_script bob = {.acks = true};
    struct pair pair;

    (void)state;
    pair_begin(&pair, &alice, &bob);
    pair_run(&pair, 1);
    for (size_t i = 0; i < 3; i++) {
        side_assert_same(&side_note(&pair.bob, NECTAR_LINK_MESSAGE, i)->message, alice.sends[i]);
        side_assert_same(&side_note(&pair.alice, NECTAR_LINK_MESSAGE, i)->message,
                         &(struct nectar_message){.id = 77,
                                                  .kind = NECTAR_RESPONSE,
                                                  .source = alice.sends[i]->target,
                                                  .target = alice.sends[i]->source,
                                                  .body = view_of_text("ack")});
    }
    assert_int_equal(pair.alice.note_count, 1 + 1 + 3);
    assert_int_equal(pair.bob.note_count, 1 + 1 + 3);
    pair_end(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_fields),
        cmocka_unit_test(response_fields),
        cmocka_unit_test(chunk_boundaries),
        cmocka_unit_test(body_sizes),
        cmocka_unit_test(largest),
        cmocka_unit_test(largest_compat),
        cmocka_unit_test(many_in_both_directions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
