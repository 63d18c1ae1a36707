/*
 * Asking servers over HTTP and HTTPS: a POST of a JSON text each, several at once. libcurl does it,
 * and is opened for the first of them.
 *
 * No redirect is followed, no proxy is used whatever the environment says (a key in a URL, and the
 * question what stands in a registry, are the server's alone, and one on this machine is asked
 * directly), no file of passwords or cookies is read, certificates are verified.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum { NET_HTTP_REASON_SIZE = 128 };

struct net_http_exchange {
    const char *url;
    struct nectar_view request; /* the body */
    uint64_t timeout;           /* us, from resolving the name to the last byte; TIME_NEVER: none */
    struct bytes *reply;        /* the body is appended; its maximum ends the exchange */

    /* How it ended. */
    bool stopped;   /* nobody wants it any more; it says nothing of the server */
    int status;     /* of HTTP; 0 where none came */
    int error;      /* 0 a whole reply, whatever its status; NECTAR_EOFFLINE, NECTAR_EDEADLINE,
                       NECTAR_ETOOBIG, NECTAR_ENOMEM */
    uint64_t ended; /* us since 1970, by the clock of this machine */
    bool unsent;    /* on error: nothing of the request has left this machine */
    char reason[NET_HTTP_REASON_SIZE]; /* on error: in libcurl's words, without the URL */
};

/* Keeps connections from one exchange to the next. Used by one thread at a time; there may be many
 * in as many threads. */
struct net_http;

/* stop: a descriptor that is readable once all exchanges have to end, and none begins any more; -1:
 * none. It is the caller's, and outlives the object. NECTAR_ENOMEM. */
int net_http_new(struct net_http **out, int stop);

/* Makes all the exchanges at once; returns when each has ended. Blocks. */
void net_http_post(struct net_http *http, struct net_http_exchange *exchanges, size_t count);

/* us since 1970, by the clock of this machine. */
uint64_t net_http_now(void);

/* NULL is allowed. */
void net_http_free(struct net_http *http);

#endif
