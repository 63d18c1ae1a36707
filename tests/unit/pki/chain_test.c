/*
 * Lookups of a registry on a chain with its replies at hand: several endpoints at once, and memory
 * that is refused. What endpoints do wrong is in tests/chain/lookup.bats, with real ones.
 */
#include "pki/chain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "pki/list.h"
#include "unit/shared/chain_node.h"
#include "unit/shared/scarce.h"

enum { ATTEMPTS_MAX = 2000, NOW = 1700000000 };

#define CONTRACT CHAIN_NODE_CONTRACT
#define URI      "nectar+http://h?contract=" CONTRACT

static const struct chain_node NODE = {.chain = 31337, .head = 77, .time = NOW - 5, .key = 2};

static size_t asked; /* exchanges in the last call */

static void post(void *context, struct pki_exchange *exchanges, size_t count)
{
    (void)context;
    asked = count;
    for (size_t i = 0; i < count; i++) {
        chain_node_answer(exchanges[i].reply, exchanges[i].request, &NODE);
        exchanges[i].error = exchanges[i].reply->len ? 0 : NECTAR_ENOMEM;
        exchanges[i].status = 200;
        exchanges[i].ended = (uint64_t)NOW * 1000000;
    }
}

static uint64_t now(void *context)
{
    (void)context;
    return (uint64_t)NOW * 1000000;
}

static const struct pki_web WEB = {.post = post, .now = now};

/* --- tests ----------------------------------------------------------------------------------- */

static void lookup(void)
{
    const char *uris[] = {URI};
    struct nectar_registry *registry = NULL;
    struct nectar_answer seen;
    struct nectar_record record;
    int error = pki_list_open(&registry, uris, 1, &WEB, NULL, NULL);

    if (error) {
        assert_true(scarce.fails_at == 0 && error == NECTAR_ENOMEM);
        return;
    }
    error = nectar_registry_lookup(registry, "a.nec", true, &record, &seen);
    if (error)
        assert_true(scarce.fails_at == 0 && error == NECTAR_ENOMEM);
    /* With memory again, it answers again. */
    if (error)
        error = nectar_registry_lookup(registry, "a.nec", true, &record, &seen);
    assert_int_equal(error, 0);
    assert_string_equal(record.ws.host, "::1");
    assert_int_equal(seen.block, 77);
    assert_true(seen.age_s > 4.9 && seen.age_s < 5.1);
    nectar_registry_free(registry);
}

static void a_lookup_without_memory(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    lookup(); /* warms the libraries up */
    assert_in_range(scarce_each(lookup, ATTEMPTS_MAX), 50, ATTEMPTS_MAX - 1);
}

/* Two endpoints: in turn, or having to agree. */
static unsigned wanted;

static void lookup_at_two(void)
{
    const char *uris[] = {URI, "nectar+http://i?contract=" CONTRACT};
    struct nectar_registry *registry = NULL;
    struct nectar_answer seen;
    struct nectar_record record;
    int error = pki_list_open(&registry, uris, 2, &WEB, NULL, NULL);

    if (error) {
        assert_true(scarce.fails_at == 0 && error == NECTAR_ENOMEM);
        return;
    }
    nectar_registry_quorum(registry, wanted);
    error = nectar_registry_lookup(registry, "a.nec", true, &record, &seen);
    if (error) {
        assert_true(scarce.fails_at == 0 && error == NECTAR_ENOMEM);
        error = nectar_registry_lookup(registry, "a.nec", true, &record, &seen);
    }
    assert_int_equal(error, 0);
    assert_string_equal(record.ws.host, "::1");
    error = nectar_registry_lookup(registry, "b.nec", true, &record, &seen);
    assert_true(error == NECTAR_EUNKNOWN || (scarce.fails_at == 0 && error == NECTAR_ENOMEM));
    nectar_registry_free(registry);
}

static void two_endpoints_without_memory(void **state)
{
    (void)state;
    if (!SCARCE)
        skip();
    for (wanted = 1; wanted <= 2; wanted++) {
        lookup_at_two();
        assert_in_range(scarce_each(lookup_at_two, ATTEMPTS_MAX), 50, ATTEMPTS_MAX - 1);
    }
}

static void names_and_the_tld(void **state)
{
    const char *uris[] = {URI};
    struct nectar_registry *registry = NULL;
    struct nectar_answer seen;
    struct nectar_record record;
    char full[NECTAR_NAME_MAX + 1];

    (void)state;
    assert_int_equal(pki_list_open(&registry, uris, 1, &WEB, NULL, NULL), 0);
    asked = 0;
    assert_int_equal(nectar_registry_full_name(full, registry, "x.os", &seen), 0);
    assert_int_equal(nectar_registry_full_name(full, registry, "A", &seen), NECTAR_ENAME);
    assert_int_equal(asked, 0);
    assert_int_equal(nectar_registry_full_name(full, registry, "a", &seen), 0);
    assert_string_equal(full, "a.nec");
    assert_int_equal(asked, 1);
    asked = 0; /* now it is known */
    assert_int_equal(nectar_registry_full_name(full, registry, "b", &seen), 0);
    assert_int_equal(nectar_registry_lookup(registry, "a.os", true, &record, &seen),
                     NECTAR_EUNKNOWN);
    assert_int_equal(nectar_registry_lookup(registry, "a.b.nec", true, &record, &seen),
                     NECTAR_EUNKNOWN);
    assert_int_equal(asked, 0);
    assert_int_equal(nectar_registry_lookup(registry, "b.nec", true, &record, &seen),
                     NECTAR_EUNKNOWN);
    assert_int_equal(asked, 1);
    nectar_registry_free(registry);
}

/* What a list of endpoints will be asked like. */
static void several_at_once(void **state)
{
    enum { COUNT = 3 };
    struct chain chains[COUNT] = {0};
    struct chain_batch batches[COUNT];
    struct pki_exchange exchanges[COUNT];
    char reason[NECTAR_REASON_MAX + 1];
    struct nectar_answer seen = {.block = 0};

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(
            chain_open(&chains[i], &PKI_NECTAR_HTTP,
                       i == 1 ? "//h?chain=5&contract=" CONTRACT : "//h?contract=" CONTRACT, &WEB,
                       reason),
            0);
        chain_begin(&batches[i], &chains[i], CHAIN_REPLY_MAX);
        assert_int_equal(chain_prepare(&batches[i], &exchanges[i]), 0);
    }
    post(NULL, exchanges, COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(chain_take(&batches[i], &exchanges[i], &seen),
                         i == 1 ? NECTAR_EUNREACHABLE : 0);
        assert_int_equal(chains[i].id, i == 1 ? 5 : 31337);
        chain_end(&batches[i]);
        chain_close(&chains[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lookup_without_memory),
        cmocka_unit_test(two_endpoints_without_memory),
        cmocka_unit_test(names_and_the_tld),
        cmocka_unit_test(several_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
