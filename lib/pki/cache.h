/*
 * What registries on a chain have said, kept for the next time and for other processes: records,
 * and how the endpoints did. An SQLite file in the cache folder, registries.db, that can be thrown
 * away at any time, is bounded, and is never needed: where it cannot be read or written, that is
 * told once, and all goes on without it. No URL stands in it, only the hashes of some.
 */
#ifndef PKI_CACHE_H
#define PKI_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include <nectar/identity.h>
#include <nectar/log.h>

enum {
    CACHE_RECORDS_MAX = 8192,
    CACHE_ENDPOINTS_MAX = 256,
    CACHE_ID_BYTES = 32, /* of an endpoint: a hash of its URL */
};

struct cache;

/* A cache in a folder; nothing is opened yet. log is borrowed. NULL: no memory. */
struct cache *cache_new(const char *folder, const struct nectar_log *log);
void cache_free(struct cache *cache); /* NULL is allowed, here and below: nothing is kept */

struct cache_record {
    struct nectar_record record;
    uint64_t block;                   /* the newest, when it was read, */
    uint64_t time;                    /* and of when that was, s since 1970 */
    uint64_t read;                    /* when, us since 1970 */
    uint64_t quorum;                  /* how many endpoints said the same */
    char source[NECTAR_HOST_MAX + 1]; /* a label */
};

/* registry: a text that stands for it. The record that is kept of a name; false: none. */
bool cache_find(struct cache *cache, struct cache_record *out, const char *registry,
                const char *name);
void cache_put(struct cache *cache, const char *registry, const struct cache_record *record);
void cache_forget(struct cache *cache, const char *registry, const char *name);
/* As if it had been read long ago. */
void cache_age(struct cache *cache, const char *registry, const char *name);

/* How an endpoint did. All-zero: nothing is known. */
struct cache_endpoint {
    uint64_t chain;                 /* that it is on */
    uint64_t head;                  /* the newest block it told of */
    uint64_t seen;                  /* when it last answered, us since 1970 */
    uint64_t failures;              /* in a row, since then */
    uint64_t until;                 /* it is left alone, us since 1970 */
    char tld[NECTAR_LABEL_MAX + 1]; /* of its registry */
};

bool cache_find_endpoint(struct cache *cache, struct cache_endpoint *out,
                         const uint8_t id[CACHE_ID_BYTES]);
void cache_put_endpoint(struct cache *cache, const uint8_t id[CACHE_ID_BYTES],
                        const struct cache_endpoint *endpoint);

#endif
