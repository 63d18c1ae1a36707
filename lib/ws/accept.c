/* The server's side of the upgrade. */
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include "base/view.h"
#include "ws/head.h"
#include "ws/upgrade.h"

/* An HTTP status, and its reason for the peer and the log; status 0: no objection. */
struct verdict {
    int status;
    const char *reason;
};

static const struct verdict FINE = {0, NULL};

/* What a request says of itself that counts. */
struct request {
    struct nectar_view key, version;
    int hosts, keys, versions;
    bool upgrade, connection, body;
};

static const struct {
    int status;
    const char *text, *fields;
} STATUSES[] = {
    {400, "Bad Request", ""},
    {404, "Not Found", ""},
    {405, "Method Not Allowed", "Allow: GET\r\n"},
    {426, "Upgrade Required",
     "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"},
    {431, "Request Header Fields Too Large", ""},
};

enum { STATUSES_COUNT = sizeof STATUSES / sizeof STATUSES[0], ERROR_SIZE = 512 };

/* Appends the HTTP error. That there is no room for it changes nothing: we close anyway. */
static void refuse(struct verdict verdict, struct bytes *answer, char reason[WS_REASON_SIZE])
{
    char text[ERROR_SIZE];
    size_t row = 0;

    while (row < STATUSES_COUNT - 1 && STATUSES[row].status != verdict.status)
        row++;
    snprintf(reason, WS_REASON_SIZE, "%s", verdict.reason);
    snprintf(text, sizeof text,
             "HTTP/1.1 %d %s\r\n%sConnection: close\r\nContent-Type: text/plain\r\n"
             "Content-Length: %zu\r\n\r\n%s\n",
             STATUSES[row].status, STATUSES[row].text, STATUSES[row].fields,
             strlen(verdict.reason) + 1, verdict.reason);
    (void)bytes_append_text(answer, text);
}

/* METHOD SP TARGET SP HTTP/1.1 */
static struct verdict judge_line(struct nectar_view line)
{
    struct nectar_view method, target, version, rest;

    if (!view_split(line, ' ', &method, &rest) || !view_split(rest, ' ', &target, &version) ||
        !view_equal_text(version, "HTTP/1.1"))
        return (struct verdict){400, "not an HTTP/1.1 request"};
    if (!view_equal_text(method, "GET"))
        return (struct verdict){405, "the method is not GET"};
    if (!view_equal_text(target, "/"))
        return (struct verdict){404, "the path is not /"};
    return FINE;
}

static void note_field(struct request *request, struct nectar_view name, struct nectar_view value)
{
    if (head_same(name, "Host")) {
        request->hosts++;
    } else if (head_same(name, "Upgrade")) {
        request->upgrade |= head_lists(value, "websocket");
    } else if (head_same(name, "Connection")) {
        request->connection |= head_lists(value, "Upgrade");
    } else if (head_same(name, "Sec-WebSocket-Key")) {
        request->keys++;
        request->key = value;
    } else if (head_same(name, "Sec-WebSocket-Version")) {
        request->versions++;
        request->version = value;
    } else if (head_same(name, "Content-Length")) {
        request->body |= !view_equal_text(value, "0");
    } else if (head_same(name, "Transfer-Encoding")) {
        request->body = true;
    }
}

/* Base64 of exactly 16 bytes: 22 digits, the last of which stands for 2 bits, and "==". */
static bool key_fits(struct nectar_view key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    if (key.len != HEAD_KEY_LENGTH || memcmp(key.data + 22, "==", 2) != 0)
        return false;
    for (size_t i = 0; i < 22; i++)
        if (key.data[i] == 0 || !strchr(digits, key.data[i]))
            return false;
    return strchr("AQgw", key.data[21]) != NULL;
}

static struct verdict judge_fields(const struct request *request)
{
    if (request->hosts != 1)
        return (struct verdict){400, "not exactly one Host"};
    if (request->body)
        return (struct verdict){400, "the request has a body"};
    if (!request->upgrade || !request->connection)
        return (struct verdict){426, "only WebSocket is spoken here"};
    if (request->versions != 1 || !view_equal_text(request->version, "13"))
        return (struct verdict){426, "the WebSocket version is not 13"};
    if (request->keys != 1 || !key_fits(request->key))
        return (struct verdict){400, "Sec-WebSocket-Key is not one of 16 bytes"};
    return FINE;
}

static struct verdict judge(struct nectar_view head, struct request *request)
{
    struct nectar_view line, name, value;
    struct verdict verdict;

    *request = (struct request){0};
    if (!head_line(&head, &line))
        return (struct verdict){400, "no request line"};
    verdict = judge_line(line);
    if (verdict.status)
        return verdict;
    while (head_line(&head, &line) && line.len > 0) {
        if (!head_field(line, &name, &value))
            return (struct verdict){400, "a malformed header line"};
        note_field(request, name, value);
    }
    return judge_fields(request);
}

static int welcome(struct bytes *answer, struct nectar_view key)
{
    char accept[HEAD_ANSWER_SIZE];
    char text[ERROR_SIZE];

    head_answer(accept, (const char *)key.data);
    snprintf(text, sizeof text,
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Accept: %s\r\n\r\n",
             accept);
    return bytes_append_text(answer, text);
}

int ws_upgrade_accept(struct bytes *head, const uint8_t *data, size_t len, size_t *used, bool *done,
                      struct bytes *answer, char reason[WS_REASON_SIZE])
{
    struct verdict verdict = FINE;
    struct request request;
    bool whole;
    int error = head_collect(head, data, len, used, &whole);

    *done = false;
    reason[0] = '\0';
    if (error == NECTAR_ETOOBIG) {
        verdict = (struct verdict){431, "the request is over 8 KiB"};
    } else if (error == NECTAR_EUPGRADE) {
        verdict = (struct verdict){400, "not an HTTP request"};
    } else if (!error && whole) {
        verdict = judge(bytes_view(head), &request);
        error = verdict.status ? NECTAR_EUPGRADE : welcome(answer, request.key);
        *done = !error;
    }
    if (verdict.status)
        refuse(verdict, answer, reason);
    if (error || *done)
        bytes_free(head);
    return error;
}
