#include "ws/upgrade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <nectar/error.h>

#include <cmocka.h>

/* The example of RFC 6455, section 1.3: "the sample nonce". */
#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define UP     "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define WANTED UP "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n"
#define GOOD   "GET / HTTP/1.1\r\nHost: h:1\r\n" WANTED "\r\n"
#define SWITCH "HTTP/1.1 101 Switching Protocols\r\n"
#define YES    SWITCH UP "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n"

static const uint8_t NONCE[WS_NONCE_BYTES] = "the sample nonce";

struct result {
    int error;
    bool done;
    size_t used;
    char answer[1024];
    char reason[WS_REASON_SIZE];
};

/* Hands text over in steps of so many bytes; server: to ws_upgrade_accept. */
static struct result run(bool server, const char *text, size_t len, size_t step)
{
    struct result result = {0};
    struct bytes head, answer;

    bytes_init(&head, WS_UPGRADE_MAX);
    bytes_init(&answer, sizeof result.answer - 1);
    while (result.used < len && !result.done && !result.error) {
        const uint8_t *at = (const uint8_t *)text + result.used;
        size_t n = len - result.used < step ? len - result.used : step, used;

        if (server)
            result.error =
                ws_upgrade_accept(&head, at, n, &used, &result.done, &answer, result.reason);
        else
            result.error =
                ws_upgrade_confirm(&head, at, n, &used, &result.done, NONCE, result.reason);
        assert_true(used <= n);
        result.used += used;
    }
    if (result.done || result.error)
        assert_null(head.data);
    if (answer.len > 0)
        memcpy(result.answer, answer.data, answer.len);
    bytes_free(&head);
    bytes_free(&answer);
    return result;
}

/* Checks the answer to a request, whole and byte by byte. */
static void expect_answer(const char *request, int status)
{
    for (size_t step = 1; step < 100000; step *= 400) {
        struct result result = run(true, request, strlen(request), step);
        char start[32];

        snprintf(start, sizeof start, "HTTP/1.1 %d ", status);
        if (strncmp(result.answer, start, strlen(start)) != 0)
            fail_msg("expected %d for\n%s\ngot %s", status, request, result.answer);
        assert_int_equal(result.done, status == 101);
        assert_int_equal(result.error, status == 101   ? 0
                                       : status == 431 ? NECTAR_ETOOBIG
                                                       : NECTAR_EUPGRADE);
        assert_int_equal(result.reason[0] != '\0', status != 101);
    }
}

static void expect_refused(const char *response, const char *reason)
{
    for (size_t step = 1; step < 100000; step *= 400) {
        struct result result = run(false, response, strlen(response), step);

        if (result.error != NECTAR_EUPGRADE)
            fail_msg("expected a refusal (%s) for\n%s", reason, response);
        assert_false(result.done);
        assert_string_equal(result.reason, reason);
    }
}

static void the_example_of_the_rfc_is_answered(void **state)
{
    struct result result = run(true, GOOD, strlen(GOOD), 8192);

    (void)state;
    assert_int_equal(result.error, 0);
    assert_true(result.done);
    assert_string_equal(result.answer, YES);
}

static void a_browsers_request_is_answered(void **state)
{
    (void)state;
    expect_answer("GET / HTTP/1.1\r\nHost: localhost:9000\r\nUser-Agent: Mozilla/5.0 (X11)\r\n"
                  "Accept: */*\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip\r\n"
                  "sec-websocket-version: 13\r\nOrigin: https://example.org\r\n"
                  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                  "Sec-WebSocket-Protocol: chat, superchat\r\nSEC-WEBSOCKET-KEY:" KEY "\r\n"
                  "Connection: keep-alive, Upgrade\r\nCookie: a=\xc3\xa9\r\nPragma: no-cache\r\n"
                  "Cache-Control:\tno-cache \t\r\nupgrade: WebSocket\r\nContent-Length: 0\r\n\r\n",
                  101);
    expect_answer("GET / HTTP/1.1\r\nHost:\r\nUpgrade: h2c\r\nUpgrade: x, websocket\r\n"
                  "Connection: close\r\nConnection: upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"
                  "Sec-WebSocket-Version: 13\r\n\r\n",
                  101);
}

static void offers_are_declined_by_silence(void **state)
{
    const char *request = "GET / HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Extensions: "
                          "permessage-deflate\r\nSec-WebSocket-Protocol: chat\r\n" WANTED "\r\n";
    struct result result = run(true, request, strlen(request), 8192);

    (void)state;
    assert_string_equal(result.answer, YES);
}

static void bytes_behind_the_head_are_left(void **state)
{
    const char *request = GOOD "\x82\x00", *response = YES "\x82\x00";

    (void)state;
    for (size_t step = 1; step < 300; step++) {
        assert_int_equal(run(true, request, strlen(GOOD) + 2, step).used, strlen(GOOD));
        assert_int_equal(run(false, response, strlen(YES) + 2, step).used, strlen(YES));
    }
}

static void every_cut_waits_for_more(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < strlen(GOOD); cut++) {
        struct result result = run(true, GOOD, cut, 8192);

        assert_true(!result.error && !result.done && result.used == cut && !result.answer[0]);
    }
    for (size_t cut = 0; cut < strlen(YES); cut++) {
        struct result result = run(false, YES, cut, 8192);

        assert_true(!result.error && !result.done && result.used == cut);
    }
}

static void other_methods_and_paths_are_refused(void **state)
{
    (void)state;
    expect_answer("POST / HTTP/1.1\r\nHost: h\r\n" WANTED "\r\n", 405);
    expect_answer("get / HTTP/1.1\r\nHost: h\r\n" WANTED "\r\n", 405);
    expect_answer("GET /ws HTTP/1.1\r\nHost: h\r\n" WANTED "\r\n", 404);
    expect_answer("GET /?a HTTP/1.1\r\nHost: h\r\n" WANTED "\r\n", 404);
    expect_answer("GET /\xff HTTP/1.1\r\nHost: h\r\n" WANTED "\r\n", 404);
    expect_answer("GET  HTTP/1.1\r\nHost: h\r\n" WANTED "\r\n", 404);
}

static void malformed_requests_are_refused(void **state)
{
    static const char *const bad[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: h\r\n" WANTED "\r\n",
        "GET / HTTP/1.1 \r\nHost: h\r\n" WANTED "\r\n",
        "GET / http/1.1\r\nHost: h\r\n" WANTED "\r\n",
        "GET /  HTTP/1.1\r\nHost: h\r\n" WANTED "\r\n",
        " GET / HTTP/1.1\r\nHost: h\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\nHost: h\r\n",
        "GET / HTTP/1.1\rHost: h\r\n",
        "GET / HTTP/1.1\r\r\nHost: h\r\n",
        "\nGET / HTTP/1.1\r\n",
        "\x16\x03\x01",
        "GET / HTTP/1.1\r\nHost: h\x7f",
        "GET / HTTP/1.1\r\nHost: \x1b[31m",
        "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\r\nHost : h\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\r\nHost\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nA(b): x\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nA\xc3\xa9: x\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nhost: h\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n" WANTED "\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" WANTED "\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_answer(bad[i], 400);
}

#define WITH_KEY(key)                                                                              \
    "GET / HTTP/1.1\r\nHost: h\r\n" UP "Sec-WebSocket-Version: 13\r\n"                             \
    "Sec-WebSocket-Key: " key "\r\n\r\n"

static void bad_keys_are_refused(void **state)
{
    (void)state;
    expect_answer(WITH_KEY("AAAAAAAAAAAAAAAAAAAAAA=="), 101);
    expect_answer(WITH_KEY("+/9zAAAAAAAAAAAAAAAAAQ=="), 101);
    expect_answer(WITH_KEY(""), 400);
    expect_answer(WITH_KEY("AAAA"), 400);
    expect_answer(WITH_KEY("AAAAAAAAAAAAAAAAAAAAAAA="), 400);
    expect_answer(WITH_KEY("AAAAAAAAAAAAAAAAAAAAAAAA"), 400);
    expect_answer(WITH_KEY("AAAAAAAAAAAAAAAAAAAAAA==="), 400);
    expect_answer(WITH_KEY("AAAAAAAAAAAAAAAAAAAAAB=="), 400);
    expect_answer(WITH_KEY("AAAAAAAA-AAAAAAAAAAAAA=="), 400);
    expect_answer(WITH_KEY("AAAAAAAAAAAA=AAAAAAAAA=="), 400);
    expect_answer(WITH_KEY(KEY "\r\nSec-WebSocket-Key: " KEY), 400);
    expect_answer("GET / HTTP/1.1\r\nHost: h\r\n" UP "Sec-WebSocket-Version: 13\r\n\r\n", 400);
}

#define WITH_VERSION(line)                                                                         \
    "GET / HTTP/1.1\r\nHost: h\r\n" UP "Sec-WebSocket-Key: " KEY "\r\n" line "\r\n"

static void other_versions_and_plain_requests_get_426(void **state)
{
    static const char *const bad[] = {
        WITH_VERSION("Sec-WebSocket-Version: 8\r\n"),
        WITH_VERSION("Sec-WebSocket-Version: 013\r\n"),
        WITH_VERSION("Sec-WebSocket-Version: 13, 8\r\n"),
        WITH_VERSION("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n"),
        WITH_VERSION(""),
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websockets\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        expect_answer(bad[i], 426);
        assert_non_null(strstr(run(true, bad[i], strlen(bad[i]), 8192).answer,
                               "\r\nSec-WebSocket-Version: 13\r\n"));
    }
}

static void over_eight_kib_is_refused(void **state)
{
    static char text[WS_UPGRADE_MAX + 512];
    size_t start, fill;

    (void)state;
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: h\r\n" WANTED "X: ");
    start = strlen(text);
    fill = WS_UPGRADE_MAX - start - 4;
    memset(text + start, 'x', sizeof text - start - 1);
    expect_answer(text, 431);
    /* A head of exactly 8 KiB is still good; one byte more is not. */
    memcpy(text + start + fill, "\r\n\r\n", 5);
    expect_answer(text, 101);
    memcpy(text + start + fill, "x\r\n\r\n", 6);
    expect_answer(text, 431);
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(run(false, text, sizeof text - 1, 100).error, NECTAR_ETOOBIG);
}

static void no_room_for_the_answer_is_an_error(void **state)
{
    struct bytes head, answer;
    char reason[WS_REASON_SIZE];
    size_t used;
    bool done;

    (void)state;
    bytes_init(&head, WS_UPGRADE_MAX);
    bytes_init(&answer, 16);
    assert_int_equal(ws_upgrade_accept(&head, (const uint8_t *)GOOD, strlen(GOOD), &used, &done,
                                       &answer, reason),
                     NECTAR_ETOOBIG);
    assert_false(done);
}

static void our_request_is_accepted_and_our_answer_confirmed(void **state)
{
    struct bytes request;
    struct result result;

    (void)state;
    bytes_init(&request, 8192);
    assert_int_equal(ws_upgrade_request(&request, "[::1]:9000", NONCE), 0);
    result = run(true, (const char *)request.data, request.len, 8192);
    assert_true(result.done);
    assert_int_equal(result.used, request.len);
    assert_memory_equal(request.data, "GET / HTTP/1.1\r\nHost: [::1]:9000\r\n", 34);
    assert_true(run(false, result.answer, strlen(result.answer), 1).done);
    bytes_free(&request);
}

static void hosts_that_cannot_be_are_refused(void **state)
{
    static char host[WS_UPGRADE_MAX];
    struct bytes request;

    (void)state;
    bytes_init(&request, 16384);
    assert_int_equal(ws_upgrade_request(&request, "h\r\nX: y", NONCE), NECTAR_EADDRESS);
    assert_int_equal(ws_upgrade_request(&request, "h x", NONCE), NECTAR_EADDRESS);
    assert_int_equal(ws_upgrade_request(&request, "h\xc3\xa9", NONCE), NECTAR_EADDRESS);
    memset(host, 'x', sizeof host - 1);
    assert_int_equal(ws_upgrade_request(&request, host, NONCE), NECTAR_ETOOBIG);
    request.max = 20;
    assert_int_equal(ws_upgrade_request(&request, "h", NONCE), NECTAR_ETOOBIG);
    assert_int_equal(request.len, 0);
}

static void good_responses_are_confirmed(void **state)
{
    static const char *const good[] = {
        YES,
        "HTTP/1.1 101\r\n" UP "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
        "HTTP/1.1 101 \r\n" UP "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
        SWITCH "connection: upgrade\r\nupgrade: WEBSOCKET\r\nsec-websocket-accept:" ACCEPT
               "\r\ncontent-length: 0\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        for (size_t step = 1; step < 300; step += 7) {
            struct result result = run(false, good[i], strlen(good[i]), step);

            assert_int_equal(result.error, 0);
            assert_true(result.done);
        }
}

#define WITH_ACCEPT(rest) SWITCH UP "Sec-WebSocket-Accept: " ACCEPT "\r\n" rest "\r\n"

static void bad_responses_are_refused(void **state)
{
    (void)state;
    expect_refused("HTTP/1.1 503 Service Unavailable\r\n", "HTTP/1.1 503 Service Unavailable");
    expect_refused("HTTP/1.1 200 \xff\r\n", "HTTP/1.1 200 ?");
    expect_refused("HTTP/1.1 1011 x\r\n", "HTTP/1.1 1011 x");
    expect_refused("HTTP/1.0 101 x\r\n", "HTTP/1.0 101 x");
    expect_refused("SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2");
    expect_refused("SSH-2.0-OpenSSH_9.2\n", "not an HTTP response");
    expect_refused("\x15\x03\x01", "not an HTTP response");
    expect_refused(SWITCH UP "\r\n", "wrong Sec-WebSocket-Accept");
    expect_refused(SWITCH UP "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                   "wrong Sec-WebSocket-Accept");
    expect_refused(WITH_ACCEPT("Sec-WebSocket-Accept: " ACCEPT "\r\n"),
                   "wrong Sec-WebSocket-Accept");
    expect_refused(SWITCH "Upgrade: websocket\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
                   "101 without Upgrade: websocket");
    expect_refused(SWITCH "Connection: Upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
                   "101 without Upgrade: websocket");
    expect_refused(WITH_ACCEPT("Sec-WebSocket-Extensions: permessage-deflate\r\n"),
                   "an extension that was not asked for");
    expect_refused(WITH_ACCEPT("Sec-WebSocket-Protocol: chat\r\n"),
                   "a subprotocol that was not asked for");
    expect_refused(WITH_ACCEPT("Content-Length: 5\r\n"), "101 with a body");
    expect_refused(WITH_ACCEPT("Transfer-Encoding: chunked\r\n"), "101 with a body");
    expect_refused(WITH_ACCEPT("X\r\n"), "a malformed header line");
}

static void a_long_status_line_is_cut(void **state)
{
    char text[400];
    struct result result;

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "HTTP/1.1 404 ", 13);
    memcpy(text + sizeof text - 2, "\r\n", 2);
    result = run(false, text, sizeof text, 8192);
    assert_int_equal(result.error, NECTAR_EUPGRADE);
    assert_int_equal(strlen(result.reason), WS_REASON_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_rfc_is_answered),
        cmocka_unit_test(a_browsers_request_is_answered),
        cmocka_unit_test(offers_are_declined_by_silence),
        cmocka_unit_test(bytes_behind_the_head_are_left),
        cmocka_unit_test(every_cut_waits_for_more),
        cmocka_unit_test(other_methods_and_paths_are_refused),
        cmocka_unit_test(malformed_requests_are_refused),
        cmocka_unit_test(bad_keys_are_refused),
        cmocka_unit_test(other_versions_and_plain_requests_get_426),
        cmocka_unit_test(over_eight_kib_is_refused),
        cmocka_unit_test(no_room_for_the_answer_is_an_error),
        cmocka_unit_test(our_request_is_accepted_and_our_answer_confirmed),
        cmocka_unit_test(hosts_that_cannot_be_are_refused),
        cmocka_unit_test(good_responses_are_confirmed),
        cmocka_unit_test(bad_responses_are_refused),
        cmocka_unit_test(a_long_status_line_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
