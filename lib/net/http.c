#include "net/http.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nectar/error.h>
#include <nectar/version.h>

#include "base/time.h"
#include "net/libcurl.h"

enum { CONNECTIONS_KEPT = 8, POLL_MS = 1000 };

struct net_http {
    const struct libcurl *curl; /* NULL: not needed yet */
    CURLM *multi;
    CURL *idle; /* the last one's handle, for the next; NULL: none */
    struct curl_slist *headers;
    int stop;     /* -1: there is none */
    bool stopped; /* it has said so */
};

/* An exchange under way. */
struct transfer {
    const struct libcurl *curl;
    struct net_http_exchange *exchange;
    CURL *easy; /* NULL: it has ended */
    char words[CURL_ERROR_SIZE];
};

uint64_t net_http_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return TIME_S((uint64_t)now.tv_sec) + (uint64_t)now.tv_nsec / 1000;
}

static void end(struct net_http_exchange *exchange, int error, const char *reason)
{
    exchange->error = error;
    exchange->ended = net_http_now();
    snprintf(exchange->reason, sizeof exchange->reason, "%.*s", NET_HTTP_REASON_SIZE - 1, reason);
}

/* --- opening --------------------------------------------------------------------------------- */

int net_http_new(struct net_http **out, int stop)
{
    struct net_http *http = calloc(1, sizeof *http);

    if (!http)
        return NECTAR_ENOMEM;
    http->stop = stop;
    *out = http;
    return 0;
}

void net_http_free(struct net_http *http)
{
    if (!http)
        return;
    if (http->idle)
        http->curl->curl_easy_cleanup(http->idle);
    if (http->multi)
        http->curl->curl_multi_cleanup(http->multi);
    if (http->headers)
        http->curl->curl_slist_free_all(http->headers);
    free(http);
}

static bool add_header(struct net_http *http, const char *line)
{
    struct curl_slist *longer = http->curl->curl_slist_append(http->headers, line);

    if (longer)
        http->headers = longer;
    return longer != NULL;
}

/* NECTAR_EOFFLINE: there is no libcurl. */
static int make_ready(struct net_http *http)
{
    if (!http->curl)
        http->curl = libcurl_get();
    if (!http->curl)
        return NECTAR_EOFFLINE;
    /* No "Expect: 100-continue": some servers let one wait for it. */
    if (!http->headers &&
        (!add_header(http, "Content-Type: application/json") ||
         !add_header(http, "Accept: application/json") || !add_header(http, "Expect:"))) {
        http->curl->curl_slist_free_all(http->headers);
        http->headers = NULL;
        return NECTAR_ENOMEM;
    }
    if (!http->multi) {
        http->multi = http->curl->curl_multi_init();
        if (http->multi)
            http->curl->curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS,
                                          (long)CONNECTIONS_KEPT);
    }
    return http->multi ? 0 : NECTAR_ENOMEM;
}

/* --- one transfer ---------------------------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    size_t len = size * count; /* size is 1 */

    transfer->exchange->error = bytes_append(transfer->exchange->reply, data, len);
    return transfer->exchange->error ? 0 : len;
}

/* In the unit of libcurl, where 0 is none. */
static long timeout_ms(uint64_t timeout)
{
    if (timeout == TIME_NEVER)
        return 0;
    if (timeout / 1000 >= INT_MAX)
        return INT_MAX;
    return (long)((timeout + 999) / 1000) + (timeout == 0);
}

#define SET(option, value)                                                                         \
    ok = ok && transfer->curl->curl_easy_setopt(transfer->easy, option, value) == CURLE_OK

/* Those of every exchange, which a handle keeps. */
static bool set_terms(const struct transfer *transfer, const struct net_http *http)
{
    bool ok = true;

    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, ""); /* whatever the environment says */
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a deadline does not wait for a resolver that hangs */
    SET(CURLOPT_USERAGENT, "nectar-net/" NECTAR_VERSION);
    SET(CURLOPT_HTTPHEADER, http->headers);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    return ok;
}

static bool set_options(struct transfer *transfer)
{
    const struct net_http_exchange *exchange = transfer->exchange;
    const struct bytes *reply = exchange->reply;
    bool ok = true;

    SET(CURLOPT_URL, exchange->url);
    SET(CURLOPT_TIMEOUT_MS, timeout_ms(exchange->timeout));
    SET(CURLOPT_CONNECTTIMEOUT_MS, timeout_ms(exchange->timeout));
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)(reply->max - reply->len));
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->request.len);
    SET(CURLOPT_POSTFIELDS, (const char *)exchange->request.data);
    SET(CURLOPT_WRITEDATA, (void *)transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->words);
    SET(CURLOPT_PRIVATE, (void *)transfer);
    return ok;
}
#undef SET

static void begin(struct transfer *transfer, struct net_http *http)
{
    const struct libcurl *curl = http->curl;
    bool ok = true;

    transfer->curl = curl;
    transfer->easy = http->idle;
    http->idle = NULL;
    if (!transfer->easy) {
        transfer->easy = curl->curl_easy_init();
        ok = transfer->easy && set_terms(transfer, http);
    }
    if (ok && set_options(transfer) &&
        curl->curl_multi_add_handle(http->multi, transfer->easy) == CURLM_OK)
        return;
    curl->curl_easy_cleanup(transfer->easy);
    transfer->easy = NULL;
    end(transfer->exchange, NECTAR_ENOMEM, "libcurl refuses the request");
}

static int error_of(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
        return 0;
    case CURLE_OPERATION_TIMEDOUT:
        return NECTAR_EDEADLINE;
    case CURLE_FILESIZE_EXCEEDED:
        return NECTAR_ETOOBIG;
    case CURLE_OUT_OF_MEMORY:
        return NECTAR_ENOMEM;
    default:
        return NECTAR_EOFFLINE;
    }
}

static void finish(struct transfer *transfer, struct net_http *http, CURLcode code)
{
    const struct libcurl *curl = transfer->curl;
    struct net_http_exchange *exchange = transfer->exchange;
    char reason[CURL_ERROR_SIZE + 64];
    long status = 0, refused = 0, sent = 0;

    curl->curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    curl->curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &refused);
    curl->curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &sent);
    exchange->status = (int)status;
    exchange->unsent = sent == 0;
    snprintf(reason, sizeof reason, "%s",
             *transfer->words ? transfer->words : curl->curl_easy_strerror(code));
    if (code == CURLE_COULDNT_CONNECT && refused > 0 && refused < INT_MAX)
        snprintf(reason, sizeof reason, "%.180s: %s", transfer->words, strerror((int)refused));
    /* What stopped the body, if it was us, is known better. */
    end(exchange, code == CURLE_WRITE_ERROR && exchange->error ? exchange->error : error_of(code),
        code == CURLE_OK ? "" : reason);
    curl->curl_multi_remove_handle(http->multi, transfer->easy);
    curl->curl_easy_setopt(transfer->easy, CURLOPT_ERRORBUFFER, NULL); /* ours does not last */
    if (!http->idle)
        http->idle = transfer->easy;
    else
        curl->curl_easy_cleanup(transfer->easy);
    transfer->easy = NULL;
}

/* --- all of them ----------------------------------------------------------------------------- */

static void collect(struct net_http *http)
{
    const CURLMsg *message;
    int left;

    while ((message = http->curl->curl_multi_info_read(http->multi, &left))) {
        CURLcode code = message->data.result;
        struct transfer *transfer = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        http->curl->curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish(transfer, http, code);
    }
}

/* Waits until something can be done, or all has to end. */
static CURLMcode await(struct net_http *http)
{
    struct curl_waitfd stop = {.fd = http->stop, .events = CURL_WAIT_POLLIN};
    CURLMcode code =
        http->curl->curl_multi_poll(http->multi, &stop, http->stop >= 0, POLL_MS, NULL);

    http->stopped = stop.revents != 0;
    return code;
}

static void run(struct net_http *http)
{
    int running = 0;
    CURLMcode code;

    do {
        code = http->curl->curl_multi_perform(http->multi, &running);
        collect(http);
        if (running > 0 && code == CURLM_OK)
            code = await(http);
    } while (running > 0 && code == CURLM_OK && !http->stopped);
}

static const char *why_not_begun(const struct net_http *http, int error)
{
    if (http->stopped)
        return "stopped";
    return error == NECTAR_EOFFLINE ? "libcurl.so.4 is needed and not there"
                                    : nectar_error_text(error);
}

void net_http_post(struct net_http *http, struct net_http_exchange *exchanges, size_t count)
{
    struct transfer *transfers = calloc(count, sizeof *transfers);
    int error = transfers ? 0 : NECTAR_ENOMEM;

    if (!error)
        error = http->stopped ? NECTAR_EOFFLINE : make_ready(http);

    for (size_t i = 0; i < count; i++) {
        struct net_http_exchange *exchange = &exchanges[i];

        exchange->status = 0;
        exchange->error = 0;
        exchange->stopped = http->stopped;
        if (error) {
            end(exchange, error, why_not_begun(http, error));
            continue;
        }
        transfers[i].exchange = exchange;
        begin(&transfers[i], http);
    }
    if (!error)
        run(http);
    for (size_t i = 0; !error && i < count; i++)
        if (transfers[i].easy) {
            exchanges[i].stopped = http->stopped;
            finish(&transfers[i], http,
                   http->stopped ? CURLE_ABORTED_BY_CALLBACK : CURLE_FAILED_INIT);
        }
    free(transfers);
}
