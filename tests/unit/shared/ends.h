/*
 * Four endpoints of one registry, and a clock that stands still but while they are asked; to be
 * included by the one file of a test program.
 */
#ifndef UNIT_ENDS_H
#define UNIT_ENDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/time.h"
#include "pki/list.h"
#include "pki/web.h"
#include "unit/shared/chain_node.h"
#include "unit/shared/scratch.h"

enum { ENDS = 4 };

struct end {
    bool fails;
    uint64_t takes;    /* us to an answer; TIME_NEVER: there is none */
    uint8_t first_key; /* not 0: it says this key once */
    struct chain_node node;
    size_t asked;
};

static struct end ends[ENDS];
static uint64_t clock_us;
static size_t warnings;
static char said[1000]; /* the last of them */
static struct scratch scratch;
static struct nectar_registry *registry;
static struct nectar_record found;
static struct nectar_answer seen;

/* Returns how long it takes. */
static inline uint64_t ask_end(struct end *end, struct pki_exchange *exchange)
{
    struct chain_node node = end->node;
    bool late = end->takes > exchange->timeout;

    end->asked++;
    node.time = clock_us / TIME_S(1);
    if (end->first_key)
        node.key = end->first_key;
    end->first_key = 0;
    exchange->status = 200;
    exchange->error = end->fails ? NECTAR_EOFFLINE : late ? NECTAR_EDEADLINE : 0;
    snprintf(exchange->reason, sizeof exchange->reason, "why");
    if (!exchange->error)
        chain_node_answer(exchange->reply, exchange->request, &node);
    return end->fails ? 0 : late ? exchange->timeout : end->takes;
}

static inline void ends_post(void *context, struct pki_exchange *exchanges, size_t count)
{
    uint64_t longest = 0;

    (void)context;
    for (size_t i = 0; i < count; i++) {
        unsigned which = (unsigned)exchanges[i].url[sizeof "http://" - 1] - '0';
        uint64_t took;

        assert_in_range(which, 0, ENDS - 1);
        took = ask_end(&ends[which], &exchanges[i]);
        longest = took > longest ? took : longest;
    }
    clock_us += longest;
    for (size_t i = 0; i < count; i++)
        exchanges[i].ended = clock_us;
}

static inline uint64_t ends_now(void *context)
{
    (void)context;
    return clock_us;
}

static inline void ends_hear(void *context, enum nectar_log_level level, const char *line)
{
    (void)context;
    if (level != NECTAR_LOG_WARNING)
        return;
    warnings++;
    snprintf(said, sizeof said, "%s", line);
}

/* With the cache of all tests' registries. */
static inline struct nectar_registry *ends_open_uris(const char *const *uris, size_t count)
{
    static const struct pki_web WEB = {.post = ends_post, .now = ends_now};
    static const struct nectar_log LOG = {NECTAR_LOG_FRAME, ends_hear, NULL};
    struct nectar_registry *out = NULL;

    assert_int_equal(pki_list_open(&out, uris, count, &WEB, &LOG, NULL), 0);
    assert_int_equal(nectar_registry_cache(out, scratch_path(&scratch, "cache")), 0);
    return out;
}

/* The first so many of them. */
static inline struct nectar_registry *ends_open(size_t count)
{
    static const char *const URIS[ENDS] = {
        "nectar+http://0?contract=" CHAIN_NODE_CONTRACT,
        "nectar+http://1?contract=" CHAIN_NODE_CONTRACT,
        "nectar+http://2?contract=" CHAIN_NODE_CONTRACT,
        "nectar+http://3?contract=" CHAIN_NODE_CONTRACT,
    };

    return ends_open_uris(URIS, count);
}

static inline void ends_reset(void)
{
    for (size_t i = 0; i < ENDS; i++)
        ends[i] = (struct end){.takes = 1000, .node = {.chain = 31337, .head = 100, .key = 1}};
}

static inline int ends_begin(void **state)
{
    (void)state;
    scratch_begin(&scratch);
    ends_reset();
    clock_us = TIME_S((uint64_t)1700000000);
    warnings = 0;
    registry = NULL;
    return 0;
}

static inline int ends_end(void **state)
{
    (void)state;
    nectar_registry_free(registry);
    scratch_end(&scratch);
    return 0;
}

/* Asks; what has been counted so far is forgotten. */
static inline int ends_ask(bool fresh)
{
    for (size_t i = 0; i < ENDS; i++)
        ends[i].asked = 0;
    return nectar_registry_lookup(registry, "a.nec", fresh, &found, &seen);
}

/* It is found, where that one says. */
static inline void assert_by(int which)
{
    char source[32];

    snprintf(source, sizeof source, "nectar+http://%d?", which);
    assert_int_equal(ends_ask(true), 0);
    if (strncmp(seen.source, source, strlen(source)) != 0)
        fail_msg("by %s, not %s", seen.source, source);
}

#endif
