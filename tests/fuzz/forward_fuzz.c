/*
 * A router's passthrough. Input: the legs and who sends control frames, way of cutting and room in
 * a byte each, then the stream. What passes means to ws_decode what the stream meant, but for
 * control frames, which come out as events; and ours lie between frames.
 */
#include <stdlib.h>

#include <nectar/error.h>

#include "fuzz/shared/frames.h"
#include "ws/forward.h"

enum { OUT_MAX = 1 << 20, FROM_CLIENT = 1, TO_SERVER = 2, OURS = 4, TIGHT = 8, OURS_TOTAL = 50 };

struct leg {
    struct ws_forward forward;
    struct bytes out;
    struct told told; /* controls */
    uint8_t flags;
    uint8_t room;
    size_t ours, due; /* control frames of our own: said, and to have passed */
    bool waits;       /* one for the end of a frame */
    bool closed;
};

static void say_ours(struct leg *leg)
{
    size_t before = leg->out.len;
    bool waits = ws_forward_in_frame(&leg->forward);

    if (!(leg->flags & OURS) || leg->ours == OURS_TOTAL)
        return;
    leg->ours++;
    fuzz_assert(ws_forward_control(&leg->forward, &leg->out, WS_PING, "ours", 4) == 0);
    fuzz_assert(waits == (leg->out.len == before));
    leg->due += !waits;
    leg->waits = waits; /* in the place of an earlier one */
}

/* One call; *used may be 0 only where it lacked room. */
static int step(struct leg *leg, struct nectar_view piece, size_t room, size_t *used)
{
    size_t before = leg->out.len, owed = leg->forward.owed_len;
    struct ws_message event;
    int error = ws_forward(&leg->forward, piece.data, piece.len, used, &leg->out, room, &event);

    if (leg->waits && leg->forward.owed_len == 0) {
        leg->due++;
        leg->waits = false;
    }
    fuzz_assert(*used <= piece.len);
    fuzz_assert(leg->out.len - before <= room + owed);
    fuzz_assert(leg->out.cap <= 2 * (leg->out.len + room) + WS_FORWARD_CONTROL + 512 ||
                room == OUT_MAX);
    fuzz_assert(!(error || leg->closed) || event.opcode == WS_NONE);
    fuzz_assert(!leg->closed || (leg->out.len == before && *used == piece.len));
    if (event.opcode != WS_NONE) {
        fuzz_assert(event.opcode != WS_BINARY);
        told_note(&leg->told, &event);
        leg->closed = event.opcode == WS_CLOSE;
    }
    fuzz_assert(error || event.opcode != WS_NONE || *used == piece.len || room < OUT_MAX);
    return error;
}

static int pass_piece(struct leg *leg, struct nectar_view piece)
{
    size_t least = WS_FORWARD_ROOM;
    int error = 0;

    while (piece.len > 0 && !error) {
        size_t room = leg->flags & TIGHT ? leg->room : OUT_MAX, used;

        error = step(leg, piece, room, &used);
        fuzz_take(&piece, used);
        if (!error && used == 0 && piece.len > 0) {
            /* With enough of it every call goes on. */
            error = step(leg, piece, room > least ? room : least, &used);
            fuzz_assert(error || used > 0);
            fuzz_take(&piece, used);
        }
    }
    return error;
}

static void check_error_sticks(struct leg *leg, int error)
{
    size_t before = leg->out.len, used = 1;
    struct ws_message event;

    fuzz_assert(error == NECTAR_EFRAME || error == NECTAR_ETEXT || error == NECTAR_ETOOBIG);
    fuzz_assert(ws_forward(&leg->forward, (const uint8_t *)"\x89", 1, &used, &leg->out, OUT_MAX,
                           &event) == error);
    fuzz_assert(used == 0 && event.opcode == WS_NONE && leg->out.len == before);
}

/* What has passed: the same messages; the only control frames are ours, and if an error came
 * nothing that was judged wrong. */
static void check_passed(struct leg *leg, const struct told *meant)
{
    struct told passed;

    told_decode(&passed, bytes_view(&leg->out), leg->flags & TO_SERVER, 0);
    fuzz_assert(passed.error == 0);
    fuzz_assert(fuzz_same(bytes_view(&passed.messages), bytes_view(&meant->messages)));
    fuzz_assert(passed.controls.len == leg->due * (4 + sizeof(uint32_t) + sizeof(int) + 2));
    told_free(&passed);
    leg->told.under_way = ws_forward_under_way(&leg->forward);
    fuzz_assert(leg->told.error == meant->error);
    fuzz_assert(fuzz_same(bytes_view(&leg->told.controls), bytes_view(&meant->controls)));
    fuzz_assert(meant->error || leg->told.under_way == meant->under_way);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {7};
    struct nectar_view in = {data, len}, rest;
    struct leg leg = {.flags = fuzz_byte(&in)};
    uint8_t how = fuzz_byte(&in);
    struct random_stream masks;
    struct told meant;

    leg.room = fuzz_byte(&in);
    random_stream_init(&masks, seed);
    told_init(&leg.told);
    bytes_init(&leg.out, OUT_MAX);
    told_decode(&meant, in, leg.flags & FROM_CLIENT, 0);
    ws_forward_init(&leg.forward, leg.flags & FROM_CLIENT, leg.flags & TO_SERVER, &masks);
    rest = in;
    for (size_t nth = 0; rest.len > 0 && !leg.told.error; nth++) {
        struct nectar_view piece = fuzz_take(&rest, fuzz_piece(how, nth, rest.len));
        uint8_t *copy = fuzz_copy(piece);

        leg.told.error = pass_piece(&leg, (struct nectar_view){copy, piece.len});
        free(copy);
        if (nth % 3 == 0)
            say_ours(&leg);
    }
    if (leg.told.error)
        check_error_sticks(&leg, leg.told.error);
    check_passed(&leg, &meant);
    told_free(&meant);
    told_free(&leg.told);
    bytes_free(&leg.out);
    return 0;
}
