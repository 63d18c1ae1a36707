/* The list of registries, given the network. */
#include <stdlib.h>
#include <string.h>

#include <nectar/error.h>
#include <nectar/registry.h>

#include "net/http.h"
#include "node/registry.h"
#include "pki/list.h"

_Static_assert((int)PKI_WEB_REASON_SIZE == (int)NET_HTTP_REASON_SIZE, "one size of reasons");

static void post(void *context, struct pki_exchange *exchanges, size_t count)
{
    struct net_http_exchange *asked = calloc(count, sizeof *asked);

    for (size_t i = 0; i < count; i++) {
        struct pki_exchange *exchange = &exchanges[i];

        exchange->error = NECTAR_ENOMEM;
        if (asked)
            asked[i] = (struct net_http_exchange){.url = exchange->url,
                                                  .request = exchange->request,
                                                  .timeout = exchange->timeout,
                                                  .reply = exchange->reply};
    }
    if (!asked)
        return;
    net_http_post(context, asked, count);
    for (size_t i = 0; i < count; i++) {
        exchanges[i].stopped = asked[i].stopped;
        exchanges[i].status = asked[i].status;
        exchanges[i].error = asked[i].error;
        exchanges[i].ended = asked[i].ended;
        exchanges[i].unsent = asked[i].unsent;
        memcpy(exchanges[i].reason, asked[i].reason, sizeof asked[i].reason);
    }
    free(asked);
}

static uint64_t now(void *context)
{
    (void)context;
    return net_http_now();
}

static void free_http(void *context)
{
    net_http_free(context);
}

int registry_open(struct nectar_registry **out, const char *const *uris, size_t count, int stop,
                  const struct nectar_log *log, char *reason)
{
    struct pki_web web = {.post = post, .now = now, .free = free_http};
    struct net_http *http;
    int error = net_http_new(&http, stop);

    if (error)
        return error;
    web.context = http;
    return pki_list_open(out, uris, count, &web, log, reason);
}

int nectar_registry_open(struct nectar_registry **out, const char *const *uris, size_t count,
                         const struct nectar_log *log, char *reason)
{
    return registry_open(out, uris, count, -1, log, reason);
}
