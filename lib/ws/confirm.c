/* The client's side of the upgrade. */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/text.h>

#include "base/view.h"
#include "ws/head.h"
#include "ws/upgrade.h"

static void write_key(char out[HEAD_KEY_LENGTH + 1], const uint8_t nonce[WS_NONCE_BYTES])
{
    _Static_assert(NECTAR_BASE64_SIZE(WS_NONCE_BYTES) == HEAD_KEY_LENGTH + 1, "16 bytes");
    nectar_base64_encode(out, nonce, WS_NONCE_BYTES);
}

int ws_upgrade_request(struct bytes *out, const char *host, const uint8_t nonce[WS_NONCE_BYTES])
{
    char key[HEAD_KEY_LENGTH + 1];
    const char *parts[] = {"GET / HTTP/1.1\r\nHost: ", host,
                           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ",
                           key, "\r\nSec-WebSocket-Version: 13\r\n\r\n"};
    size_t len = 0;
    int error;

    for (const char *c = host; *c; c++)
        if (*c <= ' ' || *c == 0x7f)
            return NECTAR_EADDRESS;
    write_key(key, nonce);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        len += strlen(parts[i]);
    if (len > WS_UPGRADE_MAX)
        return NECTAR_ETOOBIG;
    error = bytes_reserve(out, len);
    for (size_t i = 0; !error && i < sizeof parts / sizeof parts[0]; i++)
        error = bytes_append_text(out, parts[i]);
    return error;
}

/* What a response says of itself that counts. */
struct response {
    struct nectar_view accept;
    int accepts;
    bool upgrade, connection, body, extension, subprotocol;
};

static void note_field(struct response *response, struct nectar_view name, struct nectar_view value)
{
    if (head_same(name, "Upgrade")) {
        response->upgrade |= head_same(value, "websocket");
    } else if (head_same(name, "Connection")) {
        response->connection |= head_lists(value, "Upgrade");
    } else if (head_same(name, "Sec-WebSocket-Accept")) {
        response->accepts++;
        response->accept = value;
    } else if (head_same(name, "Sec-WebSocket-Extensions")) {
        response->extension = true;
    } else if (head_same(name, "Sec-WebSocket-Protocol")) {
        response->subprotocol = true;
    } else if (head_same(name, "Content-Length")) {
        response->body |= !view_equal_text(value, "0");
    } else if (head_same(name, "Transfer-Encoding")) {
        response->body = true;
    }
}

static const char *judge_fields(const struct response *response,
                                const uint8_t nonce[WS_NONCE_BYTES])
{
    char key[HEAD_KEY_LENGTH + 1], expected[HEAD_ANSWER_SIZE];

    write_key(key, nonce);
    head_answer(expected, key);
    if (!response->upgrade || !response->connection)
        return "101 without Upgrade: websocket";
    if (response->accepts != 1 || !view_equal_text(response->accept, expected))
        return "wrong Sec-WebSocket-Accept";
    if (response->extension)
        return "an extension that was not asked for";
    if (response->subprotocol)
        return "a subprotocol that was not asked for";
    if (response->body)
        return "101 with a body";
    return NULL;
}

/* The objection to a whole head, NULL if there is none. */
static const char *judge(struct nectar_view head, const uint8_t nonce[WS_NONCE_BYTES])
{
    struct response response = {0};
    struct nectar_view line, name, value;

    (void)head_line(&head, &line); /* the status line, judged before */
    while (head_line(&head, &line) && line.len > 0) {
        if (!head_field(line, &name, &value))
            return "a malformed header line";
        note_field(&response, name, value);
    }
    return judge_fields(&response, nonce);
}

/* Is it "HTTP/1.1 101", with a reason of any kind behind it? */
static bool switches(struct nectar_view line)
{
    static const char start[] = "HTTP/1.1 101";
    size_t len = sizeof start - 1;

    return line.len >= len && memcmp(line.data, start, len) == 0 &&
           (line.len == len || line.data[len] == ' ');
}

/* The status line for people: printable ASCII, cut to size. */
static void tell_status(char reason[WS_REASON_SIZE], struct nectar_view line)
{
    size_t len = line.len < WS_REASON_SIZE - 1 ? line.len : WS_REASON_SIZE - 1;

    for (size_t i = 0; i < len; i++)
        reason[i] = line.data[i] >= ' ' && line.data[i] < 0x7f ? (char)line.data[i] : '?';
    reason[len] = '\0';
}

/* Judges what has come so far; the status line as soon as it is here. */
static int confirm(const struct bytes *head, bool whole, const uint8_t nonce[WS_NONCE_BYTES],
                   char reason[WS_REASON_SIZE])
{
    struct nectar_view rest = bytes_view(head), line;
    const char *objection;

    if (!head_line(&rest, &line))
        return 0;
    if (!switches(line)) {
        tell_status(reason, line);
        return NECTAR_EUPGRADE;
    }
    objection = whole ? judge(bytes_view(head), nonce) : NULL;
    if (!objection)
        return 0;
    snprintf(reason, WS_REASON_SIZE, "%s", objection);
    return NECTAR_EUPGRADE;
}

int ws_upgrade_confirm(struct bytes *head, const uint8_t *data, size_t len, size_t *used,
                       bool *done, const uint8_t nonce[WS_NONCE_BYTES], char reason[WS_REASON_SIZE])
{
    bool whole;
    int error = head_collect(head, data, len, used, &whole);

    *done = false;
    reason[0] = '\0';
    if (error == NECTAR_EUPGRADE)
        snprintf(reason, WS_REASON_SIZE, "not an HTTP response");
    else if (error == NECTAR_ETOOBIG)
        snprintf(reason, WS_REASON_SIZE, "a response over 8 KiB");
    else if (!error)
        error = confirm(head, whole, nonce, reason);
    *done = !error && whole;
    if (error || *done)
        bytes_free(head);
    return error;
}
