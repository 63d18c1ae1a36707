#include "wire/shared/through.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/time.h"
#include "wire/shared/request.h"

enum { PASSED_MAX = 64 << 20 };

#define THROUGH_STEP TIME_MS(250)

static bool dialled_by_router(const struct through *through)
{
    return through->legs[1].role == NECTAR_INITIATOR;
}

void through_begin(struct through *through, const struct side_script *alice,
                   const struct side_script *bob, enum nectar_role second)
{
    static const struct side_script asked = {.name = REQUEST_ROUTER, .allow_routing = true},
                                    dials = {.name = REQUEST_ROUTER, .relay = true};
    static const uint8_t seed[RANDOM_SEED_BYTES] = {3};
    bool direct = !bob || !bob->via;

    *through = (struct through){.joined = false};
    side_begin(&through->ends[0], NECTAR_INITIATOR, alice);
    side_begin(&through->ends[1], second, bob);
    side_begin(&through->legs[0], NECTAR_RESPONDER, &asked);
    side_begin(&through->legs[1], direct ? NECTAR_INITIATOR : NECTAR_RESPONDER,
               direct ? &dials : &asked);
    random_stream_init(&through->masks, seed);
    for (int i = 0; i < 2; i++)
        bytes_init(&through->passed[i], PASSED_MAX);
}

void through_end(struct through *through)
{
    for (int i = 0; i < 2; i++) {
        side_end(&through->ends[i]);
        side_end(&through->legs[i]);
        bytes_free(&through->passed[i]);
    }
    *through = (struct through){.joined = false};
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool hand(const struct bytes *from, size_t at, struct side *to, size_t step)
{
    uint64_t before = to->received;

    if (at == from->len || to->error)
        return false;
    side_feed(to, from->data + at, least(from->len - at, step));
    return to->received != before;
}

bool through_is_broken(const struct through *through)
{
    for (int i = 0; i < 2; i++)
        if (through->ends[i].error || through->legs[i].error)
            return true;
    return false;
}

void through_meet(struct through *through, size_t step)
{
    bool moved;

    do {
        moved = false;
        for (int i = 0; i < 2; i++) {
            struct side *end = &through->ends[i], *leg = &through->legs[i];

            moved |= hand(&end->wrote, (size_t)leg->received, leg, step);
            moved |= hand(&leg->wrote, (size_t)end->received, end, step);
        }
    } while (moved);
    if (through_is_broken(through))
        return;
    assert_int_equal(side_count(&through->legs[0], NECTAR_LINK_ROUTE), 1);
    assert_int_equal(side_count(&through->legs[1],
                                dialled_by_router(through) ? NECTAR_LINK_RELAY : NECTAR_LINK_ROUTE),
                     1);
}

static void join(struct through *through)
{
    bool dialled = dialled_by_router(through);

    for (int i = 0; i < 2; i++) {
        through->taken[i] = (size_t)through->legs[i].received;
        through->before[i] = through->ends[i].received;
        assert_int_equal(through->before[i], through->legs[i].wrote.len);
    }
    ws_forward_init(&through->forward[0], true, dialled, &through->masks);
    ws_forward_init(&through->forward[1], !dialled, false, &through->masks);
    through->joined = true;
}

/* The router reads what an end wrote. Did anything move? */
static bool take(struct through *through, int i, size_t step)
{
    const struct bytes *wrote = &through->ends[i].wrote;
    size_t used, room = step < WS_FORWARD_ROOM ? WS_FORWARD_ROOM : step;
    struct ws_message frame;

    if (through->taken[i] == wrote->len || through->ended)
        return false;
    assert_int_equal(ws_forward(&through->forward[i], wrote->data + through->taken[i],
                                least(wrote->len - through->taken[i], step), &used,
                                &through->passed[!i], room, &frame),
                     0);
    through->taken[i] += used;
    through->ended = frame.opcode == WS_CLOSE;
    if (frame.opcode == WS_PING) {
        through->pings[i]++;
        if (!through->mute)
            assert_int_equal(ws_forward_control(&through->forward[!i], &through->passed[i], WS_PONG,
                                                frame.data, frame.len),
                             0);
    }
    return used > 0;
}

void through_run(struct through *through, size_t step)
{
    bool moved;

    if (!through->joined)
        join(through);
    do {
        moved = false;
        for (int i = 0; i < 2; i++) {
            struct side *end = &through->ends[i];

            side_drain(end, SIZE_MAX);
            moved |= take(through, i, step);
            moved |=
                hand(&through->passed[i], (size_t)(end->received - through->before[i]), end, step);
        }
    } while (moved);
}

void through_open(struct through *through, const struct side_script *alice,
                  const struct side_script *bob, size_t step)
{
    through_begin(through, alice, bob, NECTAR_RESPONDER);
    through_meet(through, step);
    through_run(through, step);
    assert_true(nectar_link_is_open(through->ends[0].link));
    assert_true(nectar_link_is_open(through->ends[1].link));
}

void through_live(struct through *through, uint64_t span)
{
    for (uint64_t t = 0; t < span; t += THROUGH_STEP) {
        side_live(&through->ends[0], THROUGH_STEP);
        side_live(&through->ends[1], THROUGH_STEP);
        through_run(through, SIZE_MAX);
    }
}
