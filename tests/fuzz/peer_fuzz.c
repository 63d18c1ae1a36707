/*
 * A link and a peer that seals what the input says. Input: what the link is, how its bytes are cut,
 * the handshake's payload (its length in a byte; 0: an honest one), then steps.
 */
#include <stdlib.h>

#include <nectar/error.h>

#include "fuzz/shared/peer.h"

enum { STEPS_MAX = 200, HEAP_MIN = 1 << 20, HEAP_FACTOR = 8, WHOLE = 0x82 };

/* A byte, or two where it is large. */
static size_t length(struct nectar_view *in)
{
    size_t n = fuzz_byte(in);

    return n < 200 ? n : (n - 200) * 256 + fuzz_byte(in);
}

static void step(struct peer *peer, uint8_t op, struct nectar_view *in)
{
    uint8_t arg;

    switch (op & 7) {
    case 0:
        peer_seal(peer, fuzz_take(in, length(in)));
        break;
    case 1:
    case 2:
        peer_whole(peer, fuzz_take(in, length(in)));
        break;
    case 3:
        arg = op & 8 ? WHOLE : fuzz_byte(in);
        peer_frame(peer, arg, fuzz_take(in, length(in)));
        break;
    case 4:
        peer_raw(peer, fuzz_take(in, length(in)));
        break;
    case 5:
        end_tick(&peer->end, op >> 3);
        break;
    case 6:
        arg = fuzz_byte(in);
        end_act(&peer->end, op >> 3, arg);
        break;
    default:
        peer->fragment = fuzz_byte(in);
        break;
    }
    peer_listen(peer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct nectar_view in = {data, len}, payload;
    static struct peer peer;
    uint8_t flags = fuzz_byte(&in), how = fuzz_byte(&in);

    end_key(END_ALICE), end_key(END_BOB), end_key(END_ROUTER), end_key("mallory.nec");
    if (!(flags & END_RESPONDS))
        flags &= (uint8_t)~END_RELAYS;
    fuzz_heap_begin();
    peer_begin(&peer, flags, how);
    peer_upgrade(&peer);
    payload = fuzz_take(&in, fuzz_byte(&in));
    if (payload.len == 0)
        payload.data = NULL;
    peer_shake(&peer, payload);
    for (int i = 0; i < STEPS_MAX && in.len > 0; i++)
        step(&peer, fuzz_byte(&in), &in);
    fuzz_assert(fuzz_heap_peak() <=
                HEAP_MIN +
                    HEAP_FACTOR * (peer.end.wrote.len + peer.end.asked_for + peer.end.fed + len));
    peer_end(&peer);
    return 0;
}
