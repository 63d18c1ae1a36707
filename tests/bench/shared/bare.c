#include "bench/shared/bare.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/shared/tool.h"
#include "codec/octets.h"
#include "crypto/aead.h"
#include "msg/split.h"
#include "ws/header.h"
#include "ws/mask.h"

enum {
    READ_BYTES = 256 << 10, /* as a node reads */
    FRAME_HEAD = 8,         /* of a masked frame; what it says is not looked at */
    FRAME_MAX = FRAME_HEAD + MSG_CHUNK_MAX + AEAD_TAG_BYTES,
};

static bool is_child;

static const uint8_t KEY[AEAD_KEY_BYTES] = {5, 6, 7, 8};
static const uint8_t MASK[WS_MASK_BYTES] = {1, 2, 3, 4};

static void write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

        must(n > 0, "not written");
        data += n;
        len -= (size_t)n;
    }
}

/* At least one byte. The end of the stream is the child's own. */
static size_t read_some(int fd, uint8_t *data, size_t room)
{
    ssize_t n = recv(fd, data, room, 0);

    if (n <= 0 && is_child)
        _exit(0);
    must(n > 0, "the other end has gone");
    return (size_t)n;
}

static size_t frame_seal(uint64_t *nonce, uint8_t *out, const uint8_t *in, size_t len)
{
    aead_seal(out + FRAME_HEAD, KEY, (*nonce)++, NULL, 0, in, len);
    ws_mask(out + FRAME_HEAD, len + AEAD_TAG_BYTES, MASK, 0);
    return FRAME_HEAD + len + AEAD_TAG_BYTES;
}

static void frame_open(uint64_t *nonce, uint8_t *out, uint8_t *frame, size_t len)
{
    ws_mask(frame + FRAME_HEAD, len + AEAD_TAG_BYTES, MASK, 0);
    must(aead_open(out, KEY, (*nonce)++, NULL, 0, frame + FRAME_HEAD, len + AEAD_TAG_BYTES),
         "a seal is broken");
}

/* A socket each; true in the child, which stays on our processor if asked to. */
static bool split(struct bare *bare, bool stays)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    must(listener >= 0 && bind(listener, (struct sockaddr *)&at, len) == 0 &&
             listen(listener, 1) == 0 && getsockname(listener, (struct sockaddr *)&at, &len) == 0,
         "no listener");
    bare->process = fork();
    must(bare->process >= 0, "no process");
    is_child = bare->process == 0;
    if (is_child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!stays)
            pin(false);
        bare->fd = accept(listener, NULL, NULL);
    } else {
        bare->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        must(bare->fd >= 0 && connect(bare->fd, (struct sockaddr *)&at, sizeof at) == 0,
             "not connected");
    }
    must(bare->fd >= 0, "not accepted");
    setsockopt(bare->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    close(listener);
    return is_child;
}

static uint8_t *room(size_t bytes)
{
    uint8_t *data = malloc(bytes);

    must(data != NULL, "no memory");
    return data;
}

/* --- large messages -------------------------------------------------------------------------- */

/* One message, opened to where it belongs; what came behind it stays in input. */
static void take_message(int fd, uint64_t *nonce, uint8_t *input, size_t *have, uint8_t *out,
                         size_t size)
{
    size_t at = 0;

    while (size > 0) {
        size_t chunk = size < MSG_CHUNK_MAX ? size : MSG_CHUNK_MAX;
        size_t frame = FRAME_HEAD + chunk + AEAD_TAG_BYTES;

        if (*have - at < frame) {
            memmove(input, input + at, *have - at);
            *have -= at;
            for (at = 0; *have < frame;)
                *have += read_some(fd, input + *have, READ_BYTES);
        }
        frame_open(nonce, out, input + at, chunk);
        at += frame;
        out += chunk;
        size -= chunk;
    }
    memmove(input, input + at, *have - at);
    *have -= at;
}

static void take_bulk(int fd, size_t size, size_t packed, size_t count)
{
    uint8_t *input = room(READ_BYTES + FRAME_MAX), *message = room(size);
    uint64_t opened = 0;
    size_t have = 0;

    for (size_t done = 1;; done++) {
        take_message(fd, &opened, input, &have, message, size);
        if (size != packed)
            must(octets_pack(message, size, packed) == size, "not what was sent");
        if (done % count == 0)
            write_all(fd, message, 1);
    }
}

void bare_bulk_begin(struct bare *bare, struct nectar_view body, bool array, size_t count)
{
    size_t size = array ? octets_size(body.data, body.len) : body.len;

    if (split(bare, false))
        take_bulk(bare->fd, size, body.len, count);
}

void bare_bulk(struct bare *bare, struct nectar_view body, bool array, size_t count)
{
    uint8_t *expanded = array ? room(2 * body.len) : NULL;
    uint8_t *out = room((2 * body.len / MSG_CHUNK_MAX + 1) * FRAME_MAX), answer;

    for (size_t done = 0; done < count; done++) {
        const uint8_t *data = array ? expanded : body.data;
        size_t size = array ? octets_expand(expanded, body.data, body.len) : body.len, len = 0;

        for (size_t at = 0, chunk; at < size; at += chunk) {
            chunk = size - at < MSG_CHUNK_MAX ? size - at : MSG_CHUNK_MAX;
            len += frame_seal(&bare->sealed, out + len, data + at, chunk);
        }
        write_all(bare->fd, out, len);
    }
    must(read_some(bare->fd, &answer, 1) == 1, "no answer");
    free(expanded);
    free(out);
}

/* --- small messages ------------------------------------------------------------------------- */

static size_t framed(size_t bytes)
{
    return FRAME_HEAD + bytes + AEAD_TAG_BYTES;
}

/* Answers all that a read has brought by one write. */
static void answer_small(int fd, size_t bytes, size_t answer)
{
    size_t most = READ_BYTES / framed(bytes) + 1, have = 0, at, len;
    uint8_t *input = room(READ_BYTES + framed(bytes)), *out = room(most * framed(answer));
    uint8_t *plain = room(bytes + answer);
    uint64_t opened = 0, sealed = 0;

    memset(plain, 0, bytes + answer);
    for (;;) {
        have += read_some(fd, input + have, READ_BYTES);
        for (at = len = 0; have - at >= framed(bytes); at += framed(bytes)) {
            frame_open(&opened, plain, input + at, bytes);
            len += frame_seal(&sealed, out + len, plain, answer);
        }
        memmove(input, input + at, have - at);
        have -= at;
        write_all(fd, out, len);
    }
}

void bare_small_begin(struct bare *bare, size_t bytes, size_t answer)
{
    if (split(bare, false))
        answer_small(bare->fd, bytes, answer);
}

void bare_small(struct bare *bare, size_t bytes, size_t answer, size_t count, size_t window)
{
    uint8_t *input = room(READ_BYTES + framed(answer)), *out = room(window * framed(bytes));
    uint8_t *plain = room(bytes + answer);
    size_t sent = 0, done = 0, have = 0, at, len;

    memset(plain, 0, bytes + answer);
    while (done < count) {
        for (len = 0; sent < count && sent - done < window; sent++)
            len += frame_seal(&bare->sealed, out + len, plain, bytes);
        write_all(bare->fd, out, len);
        have += read_some(bare->fd, input + have, READ_BYTES);
        for (at = 0; have - at >= framed(answer); at += framed(answer), done++)
            frame_open(&bare->opened, plain, input + at, answer);
        memmove(input, input + at, have - at);
        have -= at;
    }
    free(input);
    free(out);
    free(plain);
}

/* --- one after the other -----------------------------------------------------------------------
 */

static void take(int fd, uint8_t *data, size_t len)
{
    for (size_t have = 0; have < len;)
        have += read_some(fd, data + have, len - have);
}

void bare_echo_begin(struct bare *bare, size_t bytes, size_t answer)
{
    if (split(bare, true)) {
        uint8_t *data = room(bytes + answer);

        memset(data, 0, bytes + answer);
        for (;;) {
            take(bare->fd, data, bytes);
            write_all(bare->fd, data, answer);
        }
    }
}

void bare_echo(const struct bare *bare, size_t bytes, size_t answer)
{
    static uint8_t data[FRAME_MAX];

    must(bytes <= sizeof data && answer <= sizeof data, "too long");
    write_all(bare->fd, data, bytes);
    take(bare->fd, data, answer);
}

void bare_end(struct bare *bare)
{
    close(bare->fd);
    kill(bare->process, SIGKILL);
    waitpid(bare->process, NULL, 0);
}
