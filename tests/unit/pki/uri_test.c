/* URIs of registries on a chain: what is taken, and what is shown of them. What is refused is in
 * tests/chain/lookup.bats, too, by the words that users see. */
#include "pki/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "pki/driver.h"
#include "pki/list.h"

#define CONTRACT "0x5fbdb2315678afecb367f032d93f642f64180aa3"
#define SUMMED   "0x5FbDB2315678afecb367f032d93F642f64180aa3"
#define TEN      "0123456789"
#define SIXTY    TEN TEN TEN TEN TEN TEN

static char label[NECTAR_HOST_MAX + 1];
static char reason[NECTAR_REASON_MAX + 1];

static void taken(void **state)
{
    static const struct {
        const char *rest, *url, *label;
    } ROWS[] = {
        {"//h", "https://h", "nectar+https://h"},
        {"//h/", "https://h/", "nectar+https://h"},
        {"//h:1?contract=" CONTRACT, "https://h:1", "nectar+https://h:1?contract=" SUMMED},
        {"//h:1/v2/KEY?contract=" SUMMED "&chain=8453&max-age=60&from=7", "https://h:1/v2/KEY",
         "nectar+https://h:1/...?contract=" SUMMED},
        {"//u:p%40@h.example/", "https://u:p%40@h.example/", "nectar+https://h.example"},
        {"//[::1]:65535?from=0&contract=" CONTRACT, "https://[::1]:65535",
         "nectar+https://[::1]:65535?contract=" SUMMED},
        {"//127.0.0.1/a:b@c", "https://127.0.0.1/a:b@c", "nectar+https://127.0.0.1/..."},
        {"//" SIXTY SIXTY SIXTY "/x", "https://" SIXTY SIXTY SIXTY "/x",
         "nectar+https://...6789" SIXTY "/..."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct pki_uri uri;

        assert_int_equal(pki_uri_parse(&uri, label, "nectar+https", ROWS[i].rest, reason), 0);
        assert_string_equal(uri.url, ROWS[i].url);
        assert_string_equal(label, ROWS[i].label);
        assert_true(uri.has_contract == (strstr(ROWS[i].rest, "contract=") != NULL));
        assert_true(!uri.has_contract || uri.contract[0] == 0x5f);
        assert_int_equal(uri.chain, strstr(ROWS[i].rest, "chain=") ? 8453 : 0);
        assert_true(uri.max_age == (strstr(ROWS[i].rest, "max-age=") ? 60 : UINT64_MAX));
        assert_int_equal(uri.from, strstr(ROWS[i].rest, "from=7") ? 7 : 0);
        pki_uri_free(&uri);
    }
}

/* Hypermap has one parameter more, which others have not. */
static void of_hypermap(void **state)
{
    static const char REST[] = "//h:1?multicall=" CONTRACT "&chain=31337";
    struct pki_uri uri;

    (void)state;
    assert_int_equal(pki_uri_parse(&uri, label, "hypermap+http", REST, reason), 0);
    assert_true(uri.has_multicall && uri.multicall[0] == 0x5f);
    assert_false(uri.has_contract);
    assert_string_equal(label, "hypermap+http://h:1");
    pki_uri_free(&uri);
    assert_int_equal(pki_uri_parse(&uri, label, "hypermap+http", "//h?multi=1", reason),
                     NECTAR_EURI);
    assert_non_null(strstr(reason, "multicall="));
    assert_int_equal(pki_uri_parse(&uri, label, "nectar+http", REST, reason), NECTAR_EURI);
    assert_null(strstr(reason, "multicall="));
}

static void refused(void **state)
{
    static const char *const ROWS[] = {
        "",
        "h",
        "/h",
        "//",
        "//?contract=" CONTRACT,
        "///x",
        "//:80",
        "//h:",
        "//h:00080",
        "//h:99999999999999999999",
        "//[]:1",
        "//[::1",
        "//[::1]1",
        "//[h]:1",
        "//::1",
        "//h h",
        "//h\n",
        "//h\x80",
        "//a@b@c",
        "//u[@h",
        "//@@h",
        "//h/\x7f",
        "//h/ x",
        "//h#x",
        "//h?",
        "//h?&",
        "//h?contract",
        "//h?contract=",
        "//h?contract=" CONTRACT "0",
        "//h?contract=" CONTRACT "&",
        "//h?Contract=" CONTRACT,
        "//h?chain=01",
        "//h?chain= 1",
        "//h?chain=1&chain=1",
        "//h?chain=1000000000000000",
        "//h?max-age=0",
        "//h?max-age=1.5",
        "//h?from=0x1",
    };
    static char longer[4000] = "//h/";
    struct pki_uri uri;

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        *reason = '\0';
        if (pki_uri_parse(&uri, label, "nectar+http", ROWS[i], reason) != NECTAR_EURI || !*reason)
            fail_msg("taken: %s", ROWS[i]);
        assert_null(uri.url);
    }
    memset(longer + 4, 'x', sizeof longer - 5);
    assert_int_equal(pki_uri_parse(&uri, label, "nectar+http", longer, reason), NECTAR_EURI);
}

static void without_a_network(void **state)
{
    static const char *const uris[] = {"sqlite:/x", "nectar+http://h?contract=" CONTRACT};
    struct nectar_registry *registry = NULL;

    (void)state;
    assert_int_equal(pki_list_open(&registry, uris, 2, NULL, NULL, reason), NECTAR_EURI);
    assert_string_equal(reason, "nectar+http: there is no network here");
    assert_int_equal(pki_list_open(&registry, uris, 1, NULL, NULL, reason), 0);
    assert_false(nectar_registry_is_remote(registry));
    nectar_registry_free(registry);
    assert_int_equal(nectar_registry_open(&registry, uris, 2, NULL, reason), 0);
    assert_true(nectar_registry_is_remote(registry));
    nectar_registry_free(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken),
        cmocka_unit_test(of_hypermap),
        cmocka_unit_test(refused),
        cmocka_unit_test(without_a_network),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
