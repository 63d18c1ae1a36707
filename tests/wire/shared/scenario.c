#include "wire/shared/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/time.h"
#include "base/view.h"
#include "msg/split.h"
#include "wire/shared/request.h"

enum { LARGE = 2 * MSG_CHUNK_MAX + 100 };

static uint8_t large_body[LARGE];
static struct nectar_message request, answer, large, large_back, rich;

static size_t step_of(const struct scenario *scenario)
{
    return scenario->step ? scenario->step : SIZE_MAX;
}

static void play_pair(struct stage *stage, const struct scenario *scenario)
{
    struct pair *pair = &stage->pair;

    pair_begin(pair, &scenario->alice, &scenario->bob);
    pair_run(pair, step_of(scenario));
    pair_live(pair, scenario->span);
}

/* Once both are open, one of them closes. */
static void play_closed(struct stage *stage, const struct scenario *scenario)
{
    struct pair *pair = &stage->pair;

    play_pair(stage, scenario);
    if (nectar_link_is_open(pair->bob.link))
        assert_int_equal(side_close(&pair->bob), 0);
    pair_run(pair, step_of(scenario));
}

static void play_through(struct stage *stage, const struct scenario *scenario)
{
    struct through *through = &stage->through;

    through_begin(through, &scenario->alice, &scenario->bob, scenario->second);
    through_meet(through, step_of(scenario));
    if (through_is_broken(through))
        return;
    through_run(through, step_of(scenario));
    through_live(through, scenario->span);
}

/* The router refuses both. */
static void play_turned_away(struct stage *stage, const struct scenario *scenario)
{
    struct through *through = &stage->through;

    through_begin(through, &scenario->alice, &scenario->bob, scenario->second);
    through_meet(through, SIZE_MAX);
    for (int i = 0; i < 2 && !through_is_broken(through); i++) {
        struct side *end = &through->ends[i], *leg = &through->legs[i];

        assert_int_equal(side_refuse(leg, NECTAR_EUNREACHABLE), NECTAR_EUNREACHABLE);
        side_feed(end, leg->wrote.data + end->received, leg->wrote.len - (size_t)end->received);
    }
}

/* Each frame of a stream after its head, in two; a control frame stays whole. */
static void fragment(struct bytes *out, const struct take_stream *stream)
{
    bytes_init(out, stream->bytes.len + stream->frame_count * 8 + 1);
    assert_int_equal(bytes_append(out, stream->bytes.data, stream->head), 0);
    for (size_t i = 0; i < stream->frame_count; i++) {
        const struct take_frame *frame = &stream->frames[i];
        const uint8_t *at = stream->bytes.data + frame->begin;
        const uint8_t *payload = stream->bytes.data + frame->payload;
        bool masked = (at[1] & 0x80) != 0;
        /* At a whole number of masks, so that the second part has the same. */
        size_t len = frame->end - frame->payload, first = len / 2 / 4 * 4;

        if (frame->opcode >= 8) {
            assert_int_equal(bytes_append(out, at, frame->end - frame->begin), 0);
            continue;
        }
        for (int part = 0; part < 2; part++) {
            size_t n = part ? len - first : first;
            uint8_t header[4] = {(uint8_t)(part ? 0x80 : frame->opcode),
                                 (uint8_t)((masked ? 0x80 : 0) | 126), (uint8_t)(n >> 8),
                                 (uint8_t)n};

            if (n < 126)
                header[1] = (uint8_t)((masked ? 0x80 : 0) | n);
            assert_int_equal(bytes_append(out, header, n < 126 ? 2 : 4), 0);
            if (masked)
                assert_int_equal(bytes_append(out, payload - 4, 4), 0);
            assert_int_equal(bytes_append(out, payload + (part ? first : 0), n), 0);
        }
    }
}

/* One side alone is given what it heard once, in fragments. */
static void play_fragments(struct stage *stage, const struct scenario *scenario)
{
    struct bytes heard;
    struct take take;

    take_record(&take, &scenario->alice, &scenario->bob);
    fragment(&heard, take_heard_by(&take, scenario->second));
    take_play(&take, &stage->alone, scenario->second);
    side_feed(&stage->alone, heard.data, heard.len);
    bytes_free(&heard);
    take_end(&take);
}

static void say(struct nectar_message *message, const char *from, const char *to)
{
    *message = (struct nectar_message){.id = 7,
                                       .source = view_of_text(from),
                                       .target = view_of_text(to),
                                       .expects_response = true,
                                       .expects_s = 5,
                                       .body = view_of_text("hello\x80")};
}

void scenarios_begin(void)
{
    memset(large_body, 0xd7, sizeof large_body);
    say(&request, SIDE_ALICE "@cli:nectar-net:sys", SIDE_BOB "@net:distro:sys");
    say(&answer, SIDE_BOB "@cli:nectar-net:sys", SIDE_ALICE "@net:distro:sys");
    answer.expects_response = false;
    answer.expects_s = 0;
    large = request;
    large_back = answer;
    large.body = large_back.body = (struct nectar_view){large_body, sizeof large_body};
    rich = request;
    rich.blob = rich.body = (struct nectar_view){large_body, MSG_CHUNK_MAX - 9};
    rich.mime = view_of_text("text/plain");
    rich.context = view_of_text("context");
    rich.metadata = view_of_text("metadata");
}

#define VIA    .via = REQUEST_ROUTER
#define CALLED .via = REQUEST_ROUTER, .dials = SIDE_ALICE

const struct scenario SCENARIOS[] = {
    {.name = "nothing is said", .play = play_pair},
    {.name = "in bin, answered",
     .alice = {.sends = {&request, &request}},
     .bob = {.acks = true, .sends = {&answer}},
     .play = play_pair,
     .messages = 5},
    {.name = "in arrays, answered",
     .alice = {.sends = {&request, &large}, .compat = true},
     .bob = {.acks = true, .compat = true},
     .play = play_pair,
     .messages = 4},
    {.name = "a few bytes at a time",
     .alice = {.sends = {&request}},
     .bob = {.acks = true},
     .play = play_pair,
     .step = 7,
     .messages = 2},
    {.name = "larger than a chunk, both ways",
     .alice = {.sends = {&large, &request}, .acks = true},
     .bob = {.acks = true, .sends = {&large_back, &answer}},
     .play = play_pair,
     .messages = 8},
    {.name = "larger than a chunk, in pieces",
     .alice = {.sends = {&large}},
     .bob = {.acks = true},
     .play = play_pair,
     .step = 5000,
     .messages = 2},
    {.name = "blob, mime, context, metadata",
     .alice = {.sends = {&rich}},
     .bob = {.acks = true},
     .play = play_pair,
     .messages = 2},
    {.name = "asks for a proxy",
     .alice = {.sends = {&request}, .proxy_request = true},
     .bob = {.acks = true, .allow_proxy = true},
     .play = play_pair,
     .messages = 2},
    {.name = "the cached key is not the one",
     .alice = {.sends = {&request}},
     .bob = {.acks = true, .answer = SIDE_OTHER_KEY, .cached = true},
     .play = play_pair,
     .messages = 2},
    {.name = "the initiator's cached key is not the one",
     .alice = {.sends = {&request}, .answer = SIDE_OTHER_KEY, .cached = true},
     .bob = {.acks = true},
     .play = play_pair,
     .messages = 2},
    {.name = "the initiator closes",
     .alice = {.sends = {&request}, .closes_after = 1},
     .bob = {.acks = true},
     .play = play_pair,
     .messages = 2},
    {.name = "the responder closes behind its answer",
     .alice = {.sends = {&request}},
     .bob = {.acks = true, .closes_after = 1},
     .play = play_pair,
     .messages = 2},
    {.name = "the responder closes", .play = play_closed},
    {.name = "two minutes of pings, and memory given back",
     .alice = {.sends = {&large}},
     .bob = {.acks = true},
     .play = play_pair,
     .span = TIME_S(125),
     .messages = 2},
    {.name = "signed with another's key",
     .alice = {.signer = "mallory.nec"},
     .play = play_pair,
     .errors = {0, NECTAR_ESIGNATURE}},
    {.name = "the responder signs with another's key",
     .bob = {.signer = "mallory.nec"},
     .play = play_pair,
     .errors = {NECTAR_ESIGNATURE, 0}},
    {.name = "a stranger",
     .bob = {.answer = SIDE_UNKNOWN},
     .play = play_pair,
     .errors = {0, NECTAR_ESTRANGER}},
    {.name = "who it is cannot be told",
     .bob = {.answer = SIDE_REFUSES},
     .play = play_pair,
     .errors = {0, NECTAR_EUNREACHABLE}},
    {.name = "another key, also afresh",
     .bob = {.answer = SIDE_OTHER_KEY, .cached = true, .fresh_answer = SIDE_OTHER_KEY},
     .play = play_pair,
     .errors = {0, NECTAR_ESIGNATURE}},
    {.name = "another than was dialled",
     .bob = {.name = "carol.nec"},
     .play = play_pair,
     .errors = {NECTAR_EIDENTITY, 0}},
    {.name = "a proxy is not wanted",
     .alice = {.proxy_request = true},
     .play = play_pair,
     .errors = {0, NECTAR_EPROXY}},
    {.name = "nobody says whose key it is",
     .bob = {.answer = SIDE_SILENT},
     .play = play_pair,
     .span = TIME_S(20),
     .errors = {0, NECTAR_EDEADLINE}},
    {.name = "through a router, called back",
     .alice = {VIA, .sends = {&request, &large}, .acks = true},
     .bob = {CALLED, .sends = {&large_back}, .acks = true},
     .play = play_through,
     .second = NECTAR_RESPONDER,
     .messages = 6},
    {.name = "through a router, dialled, in pieces",
     .alice = {VIA, .sends = {&request, &large}},
     .bob = {.acks = true},
     .play = play_through,
     .second = NECTAR_RESPONDER,
     .step = 1000,
     .messages = 4},
    {.name = "through a router for two minutes",
     .alice = {VIA},
     .bob = {CALLED},
     .play = play_through,
     .second = NECTAR_RESPONDER,
     .span = TIME_S(125)},
    {.name = "through a router, two that ask",
     .alice = {VIA},
     .bob = {CALLED, .name = SIDE_BOB},
     .play = play_through,
     .second = NECTAR_INITIATOR,
     .errors = {NECTAR_EHANDSHAKE, 0, NECTAR_EHANDSHAKE, 0}},
    {.name = "the router refuses",
     .alice = {VIA},
     .bob = {CALLED},
     .play = play_turned_away,
     .second = NECTAR_RESPONDER},
    {.name = "the initiator is given fragments",
     .alice = {.sends = {&request}},
     .bob = {.acks = true, .sends = {&large_back}},
     .play = play_fragments,
     .second = NECTAR_INITIATOR,
     .messages = 2},
    {.name = "the responder is given fragments",
     .alice = {.sends = {&request, &large}},
     .bob = {.acks = true},
     .play = play_fragments,
     .second = NECTAR_RESPONDER,
     .messages = 2},
};

const size_t SCENARIO_COUNT = sizeof SCENARIOS / sizeof SCENARIOS[0];

struct side *scenario_player(struct stage *stage, const struct scenario *scenario, size_t n)
{
    struct side *const pair[] = {&stage->pair.alice, &stage->pair.bob},
                       *const through[] = {&stage->through.ends[0], &stage->through.legs[0],
                                           &stage->through.ends[1], &stage->through.legs[1]};

    if (scenario->play == play_fragments)
        return n < 1 ? &stage->alone : NULL;
    if (scenario->play == play_through || scenario->play == play_turned_away)
        return n < 4 ? through[n] : NULL;
    return n < 2 ? pair[n] : NULL;
}

void scenario_end(struct stage *stage, const struct scenario *scenario)
{
    struct side *side;

    for (size_t n = 0; (side = scenario_player(stage, scenario, n)); n++)
        side_end(side);
    for (int i = 0; i < 2; i++)
        bytes_free(&stage->through.passed[i]);
}
