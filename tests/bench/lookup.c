/*
 * lookup URI NAME BATCH-FILE
 *
 * A name looked up in a registry on a chain, beside the same batch of calls sent and received by
 * libcurl and nothing else, over a connection that is kept. In turns; the median of all. Prints
 * what, figure and limit, us; leaves the batch in the file.
 */
#include <stdio.h>
#include <string.h>

#include <nectar/registry.h>

#include "base/view.h"
#include "bench/shared/tool.h"
#include "net/libcurl.h"
#include "pki/chain.h"
#include "pki/nectar_abi.h"

enum { TRIPS = 1000, WARM = 50, CALL_MAX = 1024 };

static struct nectar_registry *registry;
static struct chain chain;
static struct chain_batch batch;
static const struct libcurl *curl;
static CURL *easy;

static void look_up(const char *name)
{
    struct nectar_record record;

    must(nectar_registry_lookup(registry, name, true, &record, NULL) == 0, "lookup");
}

static size_t keep(char *data, size_t size, size_t count, void *context)
{
    return bytes_append(context, data, size * count) ? 0 : size * count;
}

static void save(const char *path, struct nectar_view batch_text)
{
    FILE *file = fopen(path, "w");

    must(file && fwrite(batch_text.data, 1, batch_text.len, file) == batch_text.len, "a file");
    must(fclose(file) == 0, "a file");
}

static void bare_open(const char *uri, const char *name, const char *path)
{
    static const struct pki_web web;
    char reason[NECTAR_REASON_MAX + 1];
    struct curl_slist *headers;
    struct pki_exchange exchange;
    struct nectar_view username;
    struct bytes data;

    must(chain_open(&chain, &PKI_NECTAR_HTTP, strchr(uri, ':') + 1, &web, reason) == 0, "a URI");
    must(nectar_abi_username(&username, name, "") == 0, "a name");
    bytes_init(&data, CALL_MAX);
    must(nectar_abi_record(&data, username) == 0, "a call");
    chain_begin(&batch, &chain, CHAIN_REPLY_MAX);
    chain_ask(&batch, NULL, bytes_view(&data));
    must(chain_prepare(&batch, &exchange) == 0, "a batch");
    bytes_free(&data);
    save(path, exchange.request);
    curl = libcurl_get();
    must(curl != NULL, "libcurl");
    easy = curl->curl_easy_init();
    headers = curl->curl_slist_append(NULL, "Content-Type: application/json");
    curl->curl_easy_setopt(easy, CURLOPT_URL, exchange.url);
    curl->curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl->curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl->curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)exchange.request.len);
    curl->curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange.request.data);
    curl->curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
    curl->curl_easy_setopt(easy, CURLOPT_WRITEDATA, (void *)&batch.text);
}

static void bare(void)
{
    bytes_clear(&batch.text);
    must(curl->curl_easy_perform(easy) == CURLE_OK && batch.text.len > 0, "a bare round trip");
}

int main(int argc, char **argv)
{
    static double us[2][TRIPS];
    const char *uris[] = {argc == 4 ? argv[1] : NULL};

    if (argc != 4) {
        fprintf(stderr, "usage: lookup URI NAME BATCH-FILE\n");
        return 2;
    }
    must(nectar_registry_open(&registry, uris, 1, NULL, NULL) == 0, "a registry");
    bare_open(argv[1], argv[2], argv[3]);
    for (int trip = -WARM; trip < TRIPS; trip++)
        for (int i = 0; i < 2; i++) {
            double start = now_s();

            if (i)
                bare();
            else
                look_up(argv[2]);
            if (trip >= 0)
                us[i][trip] = (now_s() - start) * 1e6;
        }
    printf("a lookup, us\t%.0f\t%.0f\n", median(us[0], TRIPS), median(us[1], TRIPS));
    nectar_registry_free(registry);
    return 0;
}
