/*
 * Frames. Input: side and way of cutting in a byte each, then the stream. Whatever the cuts, the
 * same comes out; and what came out, written again by our own side, is read as the same.
 */
#include <string.h>

#include "fuzz/shared/frames.h"

enum { AGAIN_MAX = 8 << 20 };

/* One note of told_note: its size, opcode and code, and then its bytes. */
static void write_again(struct ws_frames *frames, struct bytes *out, struct nectar_view notes)
{
    while (notes.len > 0) {
        uint32_t size;
        int opcode;
        uint16_t code;
        uint8_t *payload;
        struct nectar_view body;
        size_t extra;

        memcpy(&size, fuzz_take(&notes, sizeof size).data, sizeof size);
        memcpy(&opcode, fuzz_take(&notes, sizeof opcode).data, sizeof opcode);
        memcpy(&code, fuzz_take(&notes, sizeof code).data, sizeof code);
        body = fuzz_take(&notes, size);
        extra = opcode == WS_CLOSE && code != WS_CLOSE_NO_CODE ? 2 : 0;
        fuzz_assert(ws_encode_begin(frames, out, (enum ws_opcode)opcode, extra + size, &payload) ==
                    0);
        if (extra) {
            payload[0] = (uint8_t)(code >> 8);
            payload[1] = (uint8_t)code;
        }
        memcpy(payload + extra, body.data, body.len);
        ws_encode_end(frames, payload, extra + size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t seed[RANDOM_SEED_BYTES] = {9};
    struct nectar_view in = {data, len};
    bool masked = fuzz_byte(&in) & 1;
    uint8_t how = fuzz_byte(&in);
    struct told whole, cut, read;
    struct random_stream masks;
    struct ws_frames *frames;
    struct bytes again;

    told_decode(&whole, in, masked, 0);
    told_decode(&cut, in, masked, how);
    told_assert_same(&whole, &cut);
    random_stream_init(&masks, seed);
    bytes_init(&again, AGAIN_MAX);
    fuzz_assert(ws_frames_new(&frames, masked, &masks) == 0);
    write_again(frames, &again, bytes_view(&whole.messages));
    write_again(frames, &again, bytes_view(&whole.controls));
    told_decode(&read, bytes_view(&again), masked, how);
    whole.error = 0;
    whole.under_way = false;
    told_assert_same(&whole, &read);
    ws_frames_free(frames);
    bytes_free(&again);
    told_free(&whole);
    told_free(&cut);
    told_free(&read);
    return 0;
}
