/* Seeds of what reads streams: the upgrade, frames, a passthrough. */
#include <stdio.h>
#include <string.h>

#include "base/view.h"
#include "fuzz/seeds/seed.h"
#include "fuzz/shared/fuzz.h"
#include "unit/shared/frames.h"
#include "ws/upgrade.h"

enum { STREAM_MAX = 200000 };

#define CLIENT "GET / HTTP/1.1\r\nHost: a\r\n"
#define WANTED                                                                                     \
    "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"                                    \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static const char *const REQUESTS[] = {
    CLIENT WANTED "Sec-WebSocket-Version: 13\r\n\r\n",
    CLIENT WANTED "Sec-WebSocket-Version: 13\r\nOrigin: http://a\r\nSec-WebSocket-Protocol: x\r\n"
                  "Sec-WebSocket-Extensions: permessage-deflate\r\nContent-Length: 0\r\n\r\n",
    CLIENT WANTED "Sec-WebSocket-Version: 8\r\n\r\n",
    CLIENT WANTED "Sec-WebSocket-Version: 13\r\nContent-Length: 5\r\n\r\nhello",
    CLIENT WANTED "Sec-WebSocket-Version: 13\r\nTransfer-Encoding: chunked\r\n\r\n",
    CLIENT WANTED "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    CLIENT "\r\n",
    "POST / HTTP/1.1\r\n\r\n",
    "GET /x HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1\r\nno field\r\n\r\n",
    "\r\n\r\n",
    "GET / HTTP/1.1\n\n",
};

static const char *const RESPONSES[] = {
    "HTTP/1.1 404 Not Found\r\n\r\n",
    ("HTTP/1.1 101\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nno field\r\n\r\n",
    "SSH-2.0-OpenSSH_9.2\r\n",
    "\r\n\r\n",
};

static void write_texts(const char *side, uint8_t first, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char label[40];

        snprintf(label, sizeof label, "%s-%zu", side, i);
        seed_write("upgrade", label, (uint8_t[]){first, (uint8_t)i}, 2, view_of_text(texts[i]));
    }
}

/* What our own client says, and the right answer to it, with more header lines behind. */
static void write_honest(void)
{
    static const char *const more[] = {
        "",
        "Sec-WebSocket-Extensions: x\r\n",
        "Sec-WebSocket-Protocol: x\r\n",
        "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n",
    };
    uint8_t nonce[WS_NONCE_BYTES];
    struct bytes request, answer, head;
    char reason[WS_REASON_SIZE];
    size_t used;
    bool done;

    memcpy(nonce, "nectar-net nonce", sizeof nonce);
    bytes_init(&request, STREAM_MAX);
    bytes_init(&answer, STREAM_MAX);
    bytes_init(&head, WS_UPGRADE_MAX);
    fuzz_assert(ws_upgrade_request(&request, "127.0.0.1:9000", nonce) == 0);
    fuzz_assert(
        ws_upgrade_accept(&head, request.data, request.len, &used, &done, &answer, reason) == 0);
    fuzz_assert(done);
    seed_write("upgrade", "request", "\x01", 2, bytes_view(&request));
    answer.len -= 2;
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        struct bytes text;
        char label[40];

        bytes_init(&text, STREAM_MAX);
        fuzz_assert(bytes_append(&text, answer.data, answer.len) == 0);
        fuzz_assert(bytes_append_text(&text, more[i]) == 0);
        fuzz_assert(bytes_append_text(&text, "\r\n") == 0);
        snprintf(label, sizeof label, "answer-%zu", i);
        seed_write("upgrade", label, "\x00\x07", 2, bytes_view(&text));
        bytes_free(&text);
    }
    bytes_free(&request);
    bytes_free(&answer);
}

static const char LARGE[60000];

static void talk(struct bytes *to, bool masked)
{
    char long_text[301] = {0};

    memset(long_text, 'l', sizeof long_text - 1);
    frames_put(to, masked, FIN | WS_BINARY, "whole");
    frames_put(to, masked, WS_BINARY, "one ");
    frames_put(to, masked, FIN | WS_PING, "p");
    frames_put(to, masked, CONTINUE, "");
    frames_put(to, masked, FIN | CONTINUE, "two");
    frames_put(to, masked, FIN | WS_PONG, "");
    frames_put(to, masked, FIN | WS_BINARY, long_text);
    frames_put(to, masked, FIN | WS_BINARY, "");
}

/* Heads that do not end within what is allowed. */
static void write_endless(void)
{
    for (int server = 0; server < 2; server++) {
        struct bytes text;

        bytes_init(&text, STREAM_MAX);
        fuzz_assert(bytes_append_text(&text, server ? REQUESTS[0] : RESPONSES[1]) == 0);
        text.len -= 2;
        while (text.len <= WS_UPGRADE_MAX)
            fuzz_assert(bytes_append_text(&text, "Field: of no interest at all\r\n") == 0);
        seed_write("upgrade", server ? "endless-request" : "endless-answer",
                   (uint8_t[]){(uint8_t)server, 250}, 2, bytes_view(&text));
        bytes_free(&text);
    }
}

/* Streams that end with what is wrong, or with a Close, or in the middle. */
static void ending(struct bytes *to, bool masked, int which)
{
    static const char *const texts[] = {"\x03\xe8gone", "", "\x03", "\x03\xed", "\x03\xe8\xff"};

    switch (which) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
        frames_put(to, masked, FIN | WS_CLOSE, texts[which]);
        frames_put(to, masked, FIN | WS_BINARY, "more");
        break;
    case 5:
        frames_put(to, masked, FIN | WS_TEXT, "text");
        break;
    case 6:
        frames_put(to, masked, FIN | CONTINUE, "no beginning");
        break;
    case 7:
        frames_put(to, !masked, FIN | WS_BINARY, "wrong mask");
        break;
    case 8:
        frames_put_as(to, masked, FIN | WS_BINARY, "x", 1, IN_TWO);
        break;
    case 9:
        frames_put(to, masked, WS_BINARY, "cut");
        break;
    case 10:
        frames_put_as(to, masked, WS_BINARY, texts, 8, SHORTEST);
        to->data[to->len - 8 - (masked ? 4 : 0) - 1] |= 127;
        fuzz_assert(bytes_append(to, "\0\0\0\0\0\1\0\0", 8) == 0);
        break;
    case 11: /* much is declared, and does not come */
        frames_put_as(to, masked, FIN | WS_BINARY, LARGE, sizeof LARGE, SHORTEST);
        to->len -= sizeof LARGE - 7;
        break;
    case 12:
        frames_put(to, masked, WS_PING, "in fragments");
        break;
    default:
        frames_put(to, masked, FIN | 0x40 | WS_BINARY, "reserved");
        break;
    }
}

static void write_frames(void)
{
    enum { ENDINGS = 14 };

    for (int masked = 0; masked < 2; masked++)
        for (int i = 0; i < ENDINGS; i++) {
            struct bytes stream;
            char label[40];

            bytes_init(&stream, STREAM_MAX);
            talk(&stream, masked);
            ending(&stream, masked, i);
            snprintf(label, sizeof label, "%s-%d", masked ? "masked" : "bare", i);
            seed_write("frame", label, (uint8_t[]){(uint8_t)masked, (uint8_t)(5 * i)}, 2,
                       bytes_view(&stream));
            for (int legs = 0; legs < 8; legs++) {
                snprintf(label, sizeof label, "%s-%d-%d", masked ? "masked" : "bare", i, legs);
                seed_write(
                    "forward", label,
                    (uint8_t[]){(uint8_t)(masked | legs << 1), (uint8_t)(7 * i), (uint8_t)(5 * i)},
                    3, bytes_view(&stream));
            }
            bytes_free(&stream);
        }
}

void seed_streams(void)
{
    write_texts("server", 1, REQUESTS, sizeof REQUESTS / sizeof REQUESTS[0]);
    write_texts("client", 0, RESPONSES, sizeof RESPONSES / sizeof RESPONSES[0]);
    write_honest();
    write_endless();
    write_frames();
}
