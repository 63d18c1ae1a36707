#include "pki/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

static void round_trips(void **state)
{
    static const struct {
        const char *text;
        const char *host;
        uint16_t port;
    } ROWS[] = {
        {"147.135.114.167:9002", "147.135.114.167", 9002},
        {"localhost:1", "localhost", 1},
        {"My_Host-1.example.:65535", "My_Host-1.example.", 65535},
        {"[::1]:9002", "::1", 9002},
        {"[2001:db8::1]:80", "2001:db8::1", 80},
        {"[::ffff:1.2.3.4]:80", "::ffff:1.2.3.4", 80},
        {"[fe80::1%eth0]:9000", "fe80::1%eth0", 9000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char text[NECTAR_ADDRESS_TEXT_SIZE];
        struct nectar_address address;

        assert_int_equal(nectar_address_parse(&address, ROWS[i].text), 0);
        assert_string_equal(address.host, ROWS[i].host);
        assert_int_equal(address.port, ROWS[i].port);
        nectar_address_format(text, sizeof text, &address);
        assert_string_equal(text, ROWS[i].text);
    }
}

static void refused(void **state)
{
    static const char *const TEXTS[] = {
        "",           ":",         ":80",          "host",        "host:",        "host:0",
        "host:65536", "host:-1",   "host:+1",      "host: 1",     "host:1 ",      "host:1x",
        "host:99999", "host:0x50", "host:0000080", "ho st:80",    "host/:80",     "a@b:80",
        "::1:80",     "[::1]",     "[::1]80",      "[::1:80",     "[]:80",        "[1.2.3.4]:80",
        "[host]:80",  "[::g]:80",  "[::1%]:80",    "[::1%a/b]:1", "http://a:80",  "a\n:80",
        "\xc3\xa9:1", "a:1:2",     "[:::]:1",      "[1::2::3]:1", "[1:2:3:4]:80", "\"a\":1",
    };
    struct nectar_address address = {.host = "before", .port = 7};

    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        assert_int_equal(nectar_address_parse(&address, TEXTS[i]), NECTAR_EADDRESS);
    assert_string_equal(address.host, "before");
    assert_int_equal(address.port, 7);
}

static void every_port(void **state)
{
    (void)state;
    for (uint32_t port = 0; port < 70000; port++) {
        struct nectar_address address;
        char text[32];

        snprintf(text, sizeof text, "a:%u", port);
        assert_int_equal(nectar_address_parse(&address, text),
                         port >= 1 && port <= 65535 ? 0 : NECTAR_EADDRESS);
    }
}

static void the_longest_host(void **state)
{
    char text[NECTAR_HOST_MAX + 16];
    char back[NECTAR_ADDRESS_TEXT_SIZE];
    struct nectar_address address;

    (void)state;
    for (int len = NECTAR_HOST_MAX; len <= NECTAR_HOST_MAX + 1; len++) {
        memset(text, 'h', (size_t)len);
        memcpy(text + len, ":65535", sizeof ":65535");
        assert_int_equal(nectar_address_parse(&address, text),
                         len <= NECTAR_HOST_MAX ? 0 : NECTAR_EADDRESS);
    }
    assert_int_equal(nectar_address_parse(&address, text + 1), 0);
    nectar_address_format(back, sizeof back, &address);
    assert_string_equal(back, text + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(refused),
        cmocka_unit_test(every_port),
        cmocka_unit_test(the_longest_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
