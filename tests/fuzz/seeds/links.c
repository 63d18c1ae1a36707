/*
 * Seeds of the links. For a lone link they are what an honest peer says to it: two ends talk, each
 * from its fixed seed, and what one writes is noted down as the other's input. For the other two
 * they are steps, written by hand.
 */
#include <stdio.h>
#include <string.h>

#include "base/view.h"
#include "fuzz/seeds/seed.h"
#include "fuzz/shared/end.h"
#include "msg/routing.h"
#include "unit/shared/frames.h"
#include "ws/upgrade.h"

enum { STEPS_SIZE = 1 << 20, FEED = 1, ACT = 3 };

static void put_feed(struct bytes *to, const uint8_t *data, size_t n)
{
    const uint8_t head[] = {FEED, (uint8_t)(n >> 8), (uint8_t)n};

    fuzz_assert(n <= UINT16_MAX);
    fuzz_assert(bytes_append(to, head, sizeof head) == 0 && bytes_append(to, data, n) == 0);
}

/* All that from has written and to has not had, as a step of to. */
static bool hand(struct end *from, struct end *to, struct bytes *steps)
{
    struct nectar_view rest = bytes_view(&from->wrote);
    size_t used;

    fuzz_take(&rest, to->fed);
    if (rest.len == 0 || to->error)
        return false;
    put_feed(steps, rest.data, rest.len);
    end_feed(to, rest, &used);
    return used > 0;
}

static void act(struct end *end, struct bytes *steps, uint8_t what, uint8_t size)
{
    const uint8_t step[] = {(uint8_t)(ACT | what << 4), size};

    fuzz_assert(bytes_append(steps, step, sizeof step) == 0);
    end_act(end, what, size);
}

static void talk(struct end *ends, struct bytes *steps)
{
    while ((int)hand(&ends[0], &ends[1], &steps[1]) | (int)hand(&ends[1], &ends[0], &steps[0]))
        ;
}

static void write_conversation(const char *label, uint8_t alice, uint8_t bob)
{
    static struct end ends[2];
    struct bytes steps[2];
    uint8_t flags[] = {alice, bob | END_RESPONDS};

    for (int i = 0; i < 2; i++) {
        bytes_init(&steps[i], STEPS_SIZE);
        end_begin(&ends[i], flags[i]);
    }
    talk(ends, steps);
    for (int i = 0; i < 2; i++) {
        act(&ends[i], &steps[i], 0, 11);
        act(&ends[i], &steps[i], 0, 248);
    }
    talk(ends, steps);
    act(&ends[0], &steps[0], 3, 0);
    talk(ends, steps);
    for (int i = 0; i < 2; i++) {
        char name[40];

        snprintf(name, sizeof name, "%s-%d", label, i);
        seed_write("link", name, (uint8_t[]){flags[i], i ? 0 : 200}, 2, bytes_view(&steps[i]));
        end_end(&ends[i]);
        bytes_free(&steps[i]);
    }
}

/* A request to a router, and the frames behind it. */
static void write_request(const char *label, uint8_t flags, uint64_t version, const char *target)
{
    static const uint8_t nonce[WS_NONCE_BYTES], signature[NECTAR_SIGNATURE_BYTES] = {200, 1};
    const struct msg_routing request = {.version = version,
                                        .source = view_of_text(END_ALICE),
                                        .signature = {signature, sizeof signature},
                                        .target = view_of_text(target)};
    struct bytes stream, encoded, steps;

    bytes_init(&stream, STEPS_SIZE);
    bytes_init(&encoded, STEPS_SIZE);
    bytes_init(&steps, STEPS_SIZE);
    fuzz_assert(ws_upgrade_request(&stream, "a:1", nonce) == 0);
    fuzz_assert(msg_routing_encode(&encoded, &request) == 0);
    frames_put_as(&stream, true, FIN | WS_BINARY, encoded.data, encoded.len, SHORTEST);
    frames_put(&stream, true, FIN | WS_BINARY, "0123456789abcdef0123456789abcdef");
    frames_put(&stream, true, FIN | WS_PING, "p");
    frames_put(&stream, true, FIN | WS_CLOSE, "\x03\xe8");
    put_feed(&steps, stream.data, stream.len);
    seed_write("link", label, (uint8_t[]){flags | END_RESPONDS, 77}, 2, bytes_view(&steps));
    bytes_free(&stream);
    bytes_free(&encoded);
    bytes_free(&steps);
}

/* A first frame that is no first message. */
static void write_first(const char *label, const char *frame, size_t len)
{
    static const uint8_t nonce[WS_NONCE_BYTES];
    struct bytes stream, steps;

    bytes_init(&stream, STEPS_SIZE);
    bytes_init(&steps, STEPS_SIZE);
    fuzz_assert(ws_upgrade_request(&stream, "a:1", nonce) == 0);
    frames_put_as(&stream, true, FIN | WS_BINARY, frame, len, SHORTEST);
    put_feed(&steps, stream.data, stream.len);
    seed_write("link", label, (uint8_t[]){END_RESPONDS, 0}, 2, bytes_view(&steps));
    bytes_free(&stream);
    bytes_free(&steps);
}

#define STEPS(text) (const uint8_t *)(text), sizeof(text) - 1

#define THIRTY_TWO "0123456789abcdef0123456789abcdef"

static const struct {
    const char *target, *label;
    struct nectar_view input;
} BY_HAND[] = {
    {"pair",
     "open-talk-close",
     {STEPS("\x00\x00\x07\x07\x05\x0b\x0d\xfa\x07\x06\x03\x00\x07\x07")}},
    {"pair", "small-pieces", {STEPS("\x00\x00\x01\x50\x01\xff\x09\x30\x07\x05\x03\x01\x09\x07")}},
    {"pair", "flipped", {STEPS("\x00\x00\x07\x05\x40\x02\x20\x03\x07\x07")}},
    {"pair", "repeated", {STEPS("\x00\x00\x07\x05\x40\x07\x32\x40\x07")}},
    {"pair", "inserted", {STEPS("\x00\x00\x07\x12\x04\x89\x80\x00\x00\x00\x00\x07")}},
    {"pair", "dropped", {STEPS("\x00\x00\x07\x05\x40\x22\x05\x07")}},
    {"pair", "time", {STEPS("\x00\x00\x07\x64\x6c\x07\x84\x8c\x07\x84\x8c\x07")}},
    {"pair", "stale-key", {STEPS("\x40\x40\x07\x05\x09\x0d\xf0\x07")}},
    {"pair",
     "full",
     {STEPS("\x00\x00\x07\x06\x06\x00\x05\xff\x05\xff\x05\xff\x05\xff\x05\xff\x06\x06\x00\x07")}},
    {"pair", "late-answer", {STEPS("\x80\x80\x07\x06\x07\x00\x07\x0e\x07\x00\x07\x05\x01\x07")}},
    {"pair", "unknown", {STEPS("\xc0\xc0\x07\x07")}},
    {"pair", "proxy", {STEPS("\x20\x10\x07\x05\x01\x07")}},
    {"peer", "chunks", {STEPS("\x01\x00\x00\x00\x06\x00\x00\x00\x05zz\x00\x03zzz")}},
    {"peer", "fragments", {STEPS("\x01\x09\x00\x07\x05\x01\x02zz\x00\x03zzz")}},
    {"peer", "too-large", {STEPS("\x01\x00\x00\x00\x04\x7f\x00\x00\x00")}},
    {"peer", "excess", {STEPS("\x01\x00\x00\x00\x07\x00\x00\x00\x01zzz")}},
    {"peer", "ping-close", {STEPS("\x00\x00\x00\x03\x89\x02hi\x06\x05\x03\x88\x02\x03\xe8")}},
    {"peer", "sends", {STEPS("\x00\x00\x00\x06\x40\x06\xfa\x06\x03\x05")}},
    {"peer", "via", {STEPS("\x02\x00\x00\x06\x40")}},
    {"peer", "via-responds", {STEPS("\x03\x00\x00\x06\x40")}},
    {"peer",
     "bad-version",
     {STEPS("\x01\x00\x10\x94\x02\xa9"
            "alice.nec\xc4\x00\xc2")}},
    {"peer",
     "short-signature",
     {STEPS("\x01\x00\x10\x94\x01\xa9"
            "alice.nec\xc4\x00\xc2")}},
    {"peer",
     "other-name",
     {STEPS("\x00\x00\x10\x94\x01\xa9"
            "alice.nec\xc4\x00\xc2")}},
    {"peer",
     "wrong-signature",
     {STEPS("\x01\x00\x50\x94\x01\xa9"
            "alice.nec\xc4\x40" THIRTY_TWO THIRTY_TWO "\xc2")}},
    {"peer", "bad-name", {STEPS("\x01\x00\x07\x94\x01\xa1/\xc4\x00\xc2")}},
};

/* A message that is right for the link in everything, and ones that are not. */
static void write_messages(void)
{
    static const char *const from[] = {END_ALICE "@a:b:c", END_ALICE "@A:b:c", "eve.nec@a:b:c"},
                             *const to[] = {END_BOB "@net:distro:sys", "eve.nec@a:b:c"};

    for (size_t i = 0; i < 6; i++) {
        const char *source = from[i % 3], *target = to[i / 3];
        uint8_t input[200] = {END_RESPONDS, (uint8_t)i, 0, 1};
        char label[40];
        int n = snprintf((char *)input + 5, sizeof input - 5,
                         "\x96\x07%c%s%c%s%c\x81\xa7Request\x95\xc2%c\xc4\x02hi%c\x90%c",
                         (char)(0xa0 + strlen(source)), source, (char)(0xa0 + strlen(target)),
                         target, 0xc0, 0xc0, 0xc0, 0xc0);

        input[4] = (uint8_t)n;
        snprintf(label, sizeof label, "message-%zu", i);
        seed_write("peer", label, "", 0, (struct nectar_view){input, 5 + (size_t)n});
    }
}

void seed_links(void)
{
    write_conversation("plain", 0, 0);
    write_conversation("stale", END_STALE_KEY, END_STALE_KEY);
    write_conversation("proxy", END_ASKS_PROXY, END_TAKES_PROXY | END_ROUTES);
    write_conversation("refused-proxy", END_ASKS_PROXY, 0);
    write_conversation("unknown", 0, END_UNKNOWN);
    write_request("route", END_ROUTES, 1, END_BOB);
    write_request("route-elsewhere", END_ROUTES, 1, "NOT A NAME");
    write_request("route-version", END_ROUTES, 2, END_BOB);
    write_request("route-of-no-router", 0, 1, END_BOB);
    for (size_t i = 0; i < sizeof BY_HAND / sizeof BY_HAND[0]; i++)
        seed_write(BY_HAND[i].target, BY_HAND[i].label, "", 0, BY_HAND[i].input);
    write_messages();
    write_first("first-of-low-order", (const char[32]){0}, 32);
    write_first("first-too-short", "12345", 5);
    write_first("first-too-long", THIRTY_TWO THIRTY_TWO, 64);
}
