/* URIs of registries on a chain: an endpoint, and what is asked of it there. */
#ifndef PKI_URI_H
#define PKI_URI_H

#include <stdbool.h>
#include <stdint.h>

#include <nectar/account.h>
#include <nectar/registry.h>

struct pki_uri {
    char *url;         /* of the endpoint; may hold secrets, and is wiped when freed */
    bool has_contract; /* a registry that is yet to be made has none */
    uint8_t contract[NECTAR_ACCOUNT_BYTES];
    bool has_multicall; /* of Hypermap: the contract that makes many calls in one */
    uint8_t multicall[NECTAR_ACCOUNT_BYTES];
    uint64_t chain;   /* 0: whichever the endpoint is on */
    uint64_t max_age; /* s, of its newest block; UINT64_MAX: any */
    uint64_t from;    /* the block that the logs are read from */
};

/*
 * Reads the rest of "KIND+http://[USER[:PASSWORD]@]HOST[:PORT][/PATH][?PARAMETER&...]", scheme
 * being what stands before the colon and ending in +http or +https. label: the URI for people,
 * without what may be secret (user, path) and without what asks nothing of another registry (chain,
 * max-age, from, multicall). NECTAR_EURI with a reason that holds nothing of the URI but the names
 * of parameters, NECTAR_ENOMEM.
 */
int pki_uri_parse(struct pki_uri *out, char label[NECTAR_HOST_MAX + 1], const char *scheme,
                  const char *rest, char reason[NECTAR_REASON_MAX + 1]);

void pki_uri_free(struct pki_uri *uri);

#endif
