/*
 * Two links back to back, and what lies between them: it passes on, flips, inserts, drops and
 * repeats bytes, and lets time pass, while their owners talk and close. Input: what each end is,
 * then steps. Whatever it does, what an end hears is what the other has said, in that order; and if
 * it does nothing but cut, nothing fails.
 */
#include <stdlib.h>

#include <nectar/error.h>

#include "fuzz/shared/end.h"

enum { LINE_MAX = 64 << 20, STEPS_MAX = 200, HEAP_MIN = 1 << 20, HEAP_FACTOR = 8 };

struct line {
    struct end *from, *to;
    size_t at; /* of what was written, what is gone */
    bool mangled;
};

struct pair {
    struct end ends[2];
    struct line lines[2];
    bool timed, meddled; /* time has passed; an owner has done more than talk */
};

static void heard_by(void *context, const struct nectar_message *message)
{
    const struct line *line = context;

    end_expect(line->from, line->to->messages - 1, message);
}

/* What was written and has not gone by. */
static struct nectar_view waiting(const struct line *line)
{
    struct nectar_view all = bytes_view(&line->from->wrote);

    fuzz_take(&all, line->at);
    return all;
}

static void pass(struct line *line, size_t n)
{
    struct nectar_view rest = waiting(line);
    size_t used;

    end_feed(line->to, fuzz_take(&rest, n ? n : rest.len), &used);
    line->at += used;
}

static void mangle(struct line *line, uint8_t how, struct nectar_view *in)
{
    struct bytes *wrote = &line->from->wrote;
    size_t n = fuzz_byte(in), left = wrote->len - line->at;
    struct nectar_view added;
    size_t used;

    line->mangled = true;
    switch (how) {
    case 0: /* flip */
        if (left > 0)
            wrote->data[line->at + n % left] ^= (uint8_t)(1u << (fuzz_byte(in) & 7));
        break;
    case 1: /* insert */
        added = fuzz_take(in, n);
        end_feed(line->to, added, &used);
        break;
    case 2: /* drop */
        line->at += n < left ? n : left;
        break;
    default: /* repeat what has gone by */
        added = bytes_view(wrote);
        added.len = line->at;
        fuzz_take(&added, n < line->at ? line->at - n : 0);
        end_feed(line->to, added, &used);
        break;
    }
}

/* Low bits: what; bit 3: which end or direction; bits 4 and 5: how. */
static void step(struct pair *pair, uint8_t op, struct nectar_view *in)
{
    struct line *line = &pair->lines[op >> 3 & 1];
    struct end *end = &pair->ends[op >> 3 & 1];
    uint8_t arg;

    switch (op & 7) {
    case 0:
        pass(line, 0);
        break;
    case 1:
        pass(line, fuzz_byte(in));
        break;
    case 2:
    case 3:
        mangle(line, op >> 4 & 3, in);
        break;
    case 4:
        pair->timed = true;
        end_tick(end, op >> 4);
        break;
    case 5:
        end_act(end, 0, fuzz_byte(in));
        break;
    case 6:
        arg = fuzz_byte(in);
        pair->meddled |= (arg & 7) > 2;
        end_act(end, arg, fuzz_byte(in));
        break;
    default: /* everything, both ways, twice */
        for (int i = 0; i < 4; i++)
            pass(&pair->lines[i & 1], 0);
        break;
    }
}

/* Who is let alone and knows whom, has no error. */
static void check_honest(const struct pair *pair)
{
    bool strange = false;

    for (int i = 0; i < 2; i++) {
        uint8_t flags = pair->ends[i].flags;

        strange |= pair->lines[i].mangled || (flags & END_ANSWER) == END_UNKNOWN ||
                   flags & (END_VIA | END_RELAYS);
    }
    strange |= pair->ends[0].flags & END_ASKS_PROXY && !(pair->ends[1].flags & END_TAKES_PROXY);
    if (strange || pair->timed || pair->meddled)
        return;
    fuzz_assert(pair->ends[0].error == 0 && pair->ends[1].error == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len};
    static struct pair pair;
    size_t said;

    end_key(END_ALICE), end_key(END_BOB), end_key(END_ROUTER), end_key("mallory.nec");
    fuzz_heap_begin();
    pair = (struct pair){.timed = false};
    end_begin(&pair.ends[0], fuzz_byte(&in) & (uint8_t)~END_RESPONDS);
    end_begin(&pair.ends[1], fuzz_byte(&in) | END_RESPONDS);
    for (int i = 0; i < 2; i++) {
        pair.lines[i] = (struct line){.from = &pair.ends[i], .to = &pair.ends[!i]};
        pair.ends[!i].hear = heard_by;
        pair.ends[!i].context = &pair.lines[i];
    }
    for (int i = 0; i < STEPS_MAX && in.len > 0; i++)
        step(&pair, fuzz_byte(&in), &in);
    check_honest(&pair);
    said = pair.ends[0].wrote.len + pair.ends[1].wrote.len + pair.ends[0].asked_for +
           pair.ends[1].asked_for;
    fuzz_assert(fuzz_heap_peak() <= HEAP_MIN + HEAP_FACTOR * (said + len));
    end_end(&pair.ends[0]);
    end_end(&pair.ends[1]);
    return 0;
}
