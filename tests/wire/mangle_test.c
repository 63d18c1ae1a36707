/*
 * Recorded conversations mangled at random, by a fixed seed: bytes turned, dropped, doubled and
 * moved. Whatever comes, a link delivers nothing but what was said, in order, from the beginning.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "crypto/random.h"
#include "wire/shared/take.h"

enum { ROUNDS = 1500, SPAN_MAX = 40, MANGLED_MAX = 1 << 16 };

static const enum nectar_role ROLES[] = {NECTAR_INITIATOR, NECTAR_RESPONDER};

static uint32_t any(struct random_stream *random, size_t below)
{
    uint32_t value;

    random_stream_take(random, &value, sizeof value);
    return value % (uint32_t)below;
}

/* Changes bytes in one of four ways. */
static void mangle(struct bytes *bytes, struct random_stream *random)
{
    size_t at = any(random, bytes->len);
    size_t span = 1 + any(random, SPAN_MAX);

    if (span > bytes->len - at)
        span = bytes->len - at;
    switch (any(random, 4)) {
    case 0:
        random_stream_take(random, bytes->data + at, span);
        break;
    case 1:
        memmove(bytes->data + at, bytes->data + at + span, bytes->len - at - span);
        bytes->len -= span;
        break;
    case 2:
        assert_int_equal(bytes_reserve(bytes, span), 0);
        memmove(bytes->data + at + span, bytes->data + at, bytes->len - at);
        bytes->len += span;
        break;
    default:
        bytes->data[at] = bytes->data[any(random, bytes->len)];
        break;
    }
}

/* Is what side was told the beginning of what it should have been told? */
static void check(const struct side *side, const struct side *honest)
{
    size_t closes = side_count(side, NECTAR_LINK_CLOSE);
    size_t told = side->note_count - closes; /* a Close anybody can forge */

    assert_true(told <= honest->note_count);
    for (size_t i = 0; i < told; i++) {
        assert_int_equal(side->notes[i].type, honest->notes[i].type);
        if (side->notes[i].type == NECTAR_LINK_MESSAGE)
            side_assert_same(&side->notes[i].message, &honest->notes[i].message);
    }
}

static void mangled(void **state)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = "mangle";
    struct nectar_message request = {.source = view_of_text(SIDE_ALICE "@cli:nectar-net:sys"),
                                     .target = view_of_text(SIDE_BOB "@net:distro:sys"),
                                     .body = view_of_text("hello")};
    struct random_stream random;
    struct bytes bytes;
    struct take take;

    (void)state;
    random_stream_init(&random, seed);
    bytes_init(&bytes, MANGLED_MAX);
    take_record(&take, &(struct side_script){.sends = {&request, &request}},
                &(struct side_script){.acks = true, .closes_after = 2});
    for (size_t r = 0; r < 2; r++) {
        const struct bytes *heard = &take_heard_by(&take, ROLES[r])->bytes;
        struct side honest;

        take_play(&take, &honest, ROLES[r]);
        assert_int_equal(side_feed(&honest, heard->data, heard->len), 0);
        for (int round = 0; round < ROUNDS; round++) {
            struct side side;

            bytes_clear(&bytes);
            assert_int_equal(bytes_append(&bytes, heard->data, heard->len), 0);
            for (uint32_t n = 1 + any(&random, 3); n > 0; n--)
                mangle(&bytes, &random);
            take_play(&take, &side, ROLES[r]);
            side_feed_slowly(&side, bytes.data, bytes.len, 1 + any(&random, bytes.len));
            check(&side, &honest);
            side_end(&side);
        }
        side_end(&honest);
    }
    bytes_free(&bytes);
    take_end(&take);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mangled)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
