/*
 * A message that there is no memory for is not sent, and memory that was large is given back by a
 * link that stays. (scarce_test refuses each allocation, in every conversation.)
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
#include "wire/shared/pair.h"

enum { BIG = 3 << 20, BODY = 200000 };

static uint8_t body[BODY];

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
        cmocka_unit_test(send_without_memory),
        cmocka_unit_test(memory_goes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
