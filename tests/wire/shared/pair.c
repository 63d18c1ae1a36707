#include "wire/shared/pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/time.h"

#define PAIR_STEP TIME_MS(250)

void pair_begin(struct pair *pair, const struct side_script *alice, const struct side_script *bob)
{
    side_begin(&pair->alice, NECTAR_INITIATOR, alice);
    side_begin(&pair->bob, NECTAR_RESPONDER, bob);
}

void pair_end(struct pair *pair)
{
    side_end(&pair->alice);
    side_end(&pair->bob);
}

/* Did anything move? */
static bool deliver(const struct side *from, struct side *to, size_t step)
{
    size_t left = from->wrote.len - (size_t)to->received;
    uint64_t before = to->received;
    size_t notes = to->note_count;

    if (left == 0 || to->error)
        return false;
    side_feed(to, from->wrote.data + to->received, left < step ? left : step);
    return to->received != before || to->note_count != notes;
}

void pair_run(struct pair *pair, size_t step)
{
    bool moved;

    side_drain(&pair->alice, SIZE_MAX);
    side_drain(&pair->bob, SIZE_MAX);
    do {
        moved = deliver(&pair->alice, &pair->bob, step);
        moved |= deliver(&pair->bob, &pair->alice, step);
    } while (moved);
}

void pair_open(struct pair *pair, const struct side_script *alice, const struct side_script *bob)
{
    pair_begin(pair, alice, bob);
    pair_run(pair, SIZE_MAX);
    assert_true(nectar_link_is_open(pair->alice.link));
    assert_true(nectar_link_is_open(pair->bob.link));
}

void pair_live(struct pair *pair, uint64_t span)
{
    for (uint64_t t = 0; t < span; t += PAIR_STEP) {
        side_live(&pair->alice, PAIR_STEP);
        side_live(&pair->bob, PAIR_STEP);
        pair_run(pair, SIZE_MAX);
    }
}
