/*
 * What registries on a chain ask of the network, which pki does not know: whoever opens a list of
 * registries brings it.
 */
#ifndef PKI_WEB_H
#define PKI_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum { PKI_WEB_REASON_SIZE = 128 };

/* A question and its answer: a POST over HTTP. */
struct pki_exchange {
    const char *url;            /* may hold secrets: never shown */
    struct nectar_view request; /* a JSON text */
    uint64_t timeout;           /* us, for all of it */
    struct bytes *reply;        /* a JSON text, if all is well; its maximum ends the exchange */

    /* How it ended. */
    bool stopped;   /* nobody wants it any more; it says nothing of who was asked */
    int status;     /* of HTTP; 0 where none came */
    int error;      /* 0 a whole reply, whatever its status; NECTAR_EOFFLINE, NECTAR_EDEADLINE,
                       NECTAR_ETOOBIG, NECTAR_ENOMEM */
    uint64_t ended; /* us since 1970 */
    bool unsent;    /* on error: nothing of the request has been sent */
    char reason[PKI_WEB_REASON_SIZE]; /* on error, without the URL */
};

/* Used by one thread at a time. */
struct pki_web {
    void *context;

    /* Makes all the exchanges at once, and returns when each has ended, in a reply or an error. */
    void (*post)(void *context, struct pki_exchange *exchanges, size_t count);

    /* The time, us since 1970, by the clock that `ended` is of. */
    uint64_t (*now)(void *context);

    void (*free)(void *context);
};

#endif
