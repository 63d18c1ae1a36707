#include "pki/nectar_abi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "contract/registry.h"
#include "eth/abi.h"
#include "pki/record.h"

enum { CALL_MAX = 64 << 10 };

static struct nectar_record direct(void)
{
    struct nectar_record record = {.name = "squid.nec", .has_key = true, .key = {1, 2}};

    assert_int_equal(nectar_address_parse(&record.ws, "host.example:9002"), 0);
    return record;
}

static void usernames(void **state)
{
    struct nectar_view username;

    (void)state;
    assert_int_equal(nectar_abi_username(&username, "squid.nec", "nec"), 0);
    assert_true(view_equal_text(username, "squid"));
    assert_int_equal(nectar_abi_username(&username, "squid.nec", ""), 0);
    assert_int_equal(nectar_abi_username(&username, "squid.os", "nec"), NECTAR_ENAME);
    assert_int_equal(nectar_abi_username(&username, "a.squid.nec", "nec"), NECTAR_ENAME);
    assert_int_equal(nectar_abi_username(&username, "squid", "nec"), NECTAR_ENAME);
    assert_int_equal(nectar_abi_username(&username, "Squid.nec", "nec"), NECTAR_ENAME);
}

/* What a transaction would say, as text. */
static char *described(const struct bytes *data, bool creates)
{
    struct nectar_tx tx = {.data = data->data, .data_len = data->len, .creates = creates};
    char *text = NULL;

    assert_int_equal(nectar_tx_call(&text, &tx), 0);
    return text;
}

static void assert_described(struct bytes *data, const char *text)
{
    char *told = described(data, false);

    assert_non_null(told);
    assert_string_equal(told, text);
    free(told);
    bytes_clear(data);
}

static void calls_are_told_by_name(void **state)
{
    static const uint8_t KEY[NECTAR_PUBLIC_BYTES] = {0xab};
    struct nectar_record record = direct();
    struct abi_writer writer;
    struct bytes data;
    char *told;

    (void)state;
    bytes_init(&data, CALL_MAX);
    memcpy(record.routers[0], "loach.nec", sizeof "loach.nec");
    memcpy(record.routers[1], "eel.os", sizeof "eel.os");
    memcpy(record.routers[2], "a.b.nec", sizeof "a.b.nec");
    record.router_count = 3;
    assert_int_equal(nectar_abi_publish(&data, view_of_text("squid"), &record, "nec"), 0);
    assert_described(&data, "{\"function\":\"publish\",\"arguments\":{\"username\":\"squid\","
                            "\"networkingKey\":\"0102000000000000000000000000000000000000000000000"
                            "000000000000000\",\"host\":\"host.example\",\"wsPort\":9002,"
                            "\"tcpPort\":0,\"allowedRouters\":\"loach,eel.os,a.b.nec\"}}");
    assert_int_equal(nectar_abi_set_key(&data, view_of_text("squid"), KEY), 0);
    assert_described(&data, "{\"function\":\"setKey\",\"arguments\":{\"username\":\"squid\","
                            "\"networkingKey\":\"ab00000000000000000000000000000000000000000000000"
                            "000000000000000\"}}");
    abi_write_call(&writer, &data, REGISTRY_TRANSFER, 2);
    abi_put_bytes(&writer, view_of_text("squid"));
    abi_put_address(&writer, KEY);
    assert_int_equal(abi_write_end(&writer), 0);
    assert_described(&data, "{\"function\":\"transfer\",\"arguments\":{\"username\":\"squid\","
                            "\"to\":\"0xab00000000000000000000000000000000000000\"}}");
    assert_int_equal(bytes_append(&data, registry_code, registry_code_len), 0);
    assert_int_equal(nectar_abi_constructor(&data, "os"), 0);
    told = described(&data, true);
    assert_string_equal(told, "{\"function\":\"constructor\",\"arguments\":{\"tld\":\"os\"}}");
    free(told);
    bytes_free(&data);
}

static void cut_calls_are_told_as_none(void **state)
{
    struct nectar_record record = direct();
    struct bytes data;

    (void)state;
    bytes_init(&data, CALL_MAX);
    assert_int_equal(nectar_abi_publish(&data, view_of_text("squid"), &record, "nec"), 0);
    while (data.len > 0) {
        data.len--;
        assert_null(described(&data, false));
    }
    bytes_free(&data);
}

static void two_hosts_are_no_record(void **state)
{
    struct nectar_record record = direct();
    struct bytes data;

    (void)state;
    bytes_init(&data, CALL_MAX);
    assert_int_equal(nectar_address_parse(&record.tcp, "other.example:1"), 0);
    assert_int_equal(nectar_abi_publish(&data, view_of_text("squid"), &record, "nec"),
                     NECTAR_EADDRESS);
    assert_int_equal(nectar_address_parse(&record.tcp, "host.example:1"), 0);
    assert_int_equal(nectar_abi_publish(&data, view_of_text("squid"), &record, "nec"), 0);
    bytes_free(&data);
}

/* A reply of record(), as the contract writes it. */
static void reply(struct bytes *out, uint8_t owner, const char *host, uint64_t ws, uint64_t tcp,
                  const char *routers)
{
    const uint8_t address[ABI_ADDRESS] = {owner};
    const uint8_t key[ABI_WORD] = {7};
    struct abi_writer writer;

    bytes_clear(out);
    abi_write_bare(&writer, out, 1);
    abi_open_tuple(&writer, 6);
    abi_put_address(&writer, address);
    abi_put_word(&writer, key);
    abi_put_bytes(&writer, view_of_text(host));
    abi_put_uint(&writer, ws);
    abi_put_uint(&writer, tcp);
    abi_put_bytes(&writer, view_of_text(routers));
    abi_close(&writer);
    assert_int_equal(abi_write_end(&writer), 0);
}

static void replies(void **state)
{
    uint8_t owner[NECTAR_ACCOUNT_BYTES];
    struct nectar_record record = {.has_key = false};
    struct bytes data;

    (void)state;
    bytes_init(&data, CALL_MAX);
    reply(&data, 1, "h", 1, 2, "loach,eel.os");
    assert_int_equal(nectar_abi_read_record(&record, owner, "squid.nec", "nec", bytes_view(&data)),
                     0);
    assert_int_equal(owner[0], 1);
    assert_string_equal(record.name, "squid.nec");
    assert_true(record.has_key && record.key[0] == 7);
    assert_int_equal(record.tcp.port, 2);
    assert_string_equal(record.routers[0], "loach.nec");
    assert_string_equal(record.routers[1], "eel.os");
    /* Nobody's is no record, whatever else it says. */
    reply(&data, 0, "h h", 1, 2, ",");
    record.name[0] = '\0';
    assert_int_equal(nectar_abi_read_record(&record, owner, "squid.nec", "nec", bytes_view(&data)),
                     0);
    assert_int_equal(owner[0], 0);
    assert_string_equal(record.name, "");
    bytes_free(&data);
}

static void replies_that_are_no_record(void **state)
{
    static const struct {
        const char *host;
        uint64_t ws;
        const char *routers;
    } BAD[] = {
        {"h h", 1, ""}, {"", 1, ""}, {"", 0, ","}, {"", 0, "a,"}, {"", 0, ",a"}, {"", 0, "A"},
    };
    uint8_t owner[NECTAR_ACCOUNT_BYTES];
    struct nectar_record record;
    struct bytes data;

    (void)state;
    bytes_init(&data, CALL_MAX);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        reply(&data, 1, BAD[i].host, BAD[i].ws, 0, BAD[i].routers);
        assert_int_equal(
            nectar_abi_read_record(&record, owner, "squid.nec", "nec", bytes_view(&data)),
            NECTAR_EFORMAT);
        assert_int_equal(owner[0], 1); /* who may replace it */
    }
    reply(&data, 1, "h", 1, 2, "loach");
    while (data.len > 0) {
        data.len--;
        assert_int_equal(
            nectar_abi_read_record(&record, owner, "squid.nec", "nec", bytes_view(&data)),
            NECTAR_EFORMAT);
        assert_int_equal(owner[0], 0);
    }
    bytes_free(&data);
}

static void errors_by_name(void **state)
{
    static const struct {
        uint32_t selector;
        const char *signature;
    } ROWS[] = {
#define ROW(selector, signature) {selector, signature},
        REGISTRY_ERRORS(ROW)
#undef ROW
    };
    const uint8_t word[ABI_WORD] = {'_'};
    char text[256];
    struct bytes data;

    (void)state;
    bytes_init(&data, CALL_MAX);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        size_t name = strcspn(ROWS[i].signature, "(");
        const char *type = ROWS[i].signature + name + 1;
        struct abi_writer writer;

        bytes_clear(&data);
        abi_write_call(&writer, &data, ROWS[i].selector, *type == ')' ? 0 : 1);
        if (*type == 'a')
            abi_put_address(&writer, word);
        else if (*type == 'b')
            abi_put_word(&writer, word);
        else if (*type == 's')
            abi_put_bytes(&writer, view_of_text("squid"));
        assert_int_equal(abi_write_end(&writer), 0);
        assert_true(nectar_abi_explain(text, sizeof text, bytes_view(&data)));
        assert_memory_equal(text, ROWS[i].signature, name + 1);
        if (*type == 's')
            assert_string_equal(text + name, "(\"squid\")");
        if (*type == 'b')
            assert_string_equal(text + name, "(0x5f)");
        if (*type == ')')
            assert_string_equal(text + name, "()");
        /* Cut, or with more behind, it is none. */
        data.len--;
        assert_false(nectar_abi_explain(text, sizeof text, bytes_view(&data)));
        data.len++;
        assert_int_equal(bytes_append(&data, "", 1), 0);
        assert_false(nectar_abi_explain(text, sizeof text, bytes_view(&data)));
    }
    assert_false(nectar_abi_explain(text, sizeof text, (struct nectar_view){NULL, 0}));
    bytes_free(&data);
}

static void tlds(void **state)
{
    char tld[NECTAR_LABEL_MAX + 1];
    struct bytes data;

    (void)state;
    bytes_init(&data, CALL_MAX);
    for (size_t i = 0; i < 4; i++) {
        static const char *const TEXTS[] = {"nec", "", "a.b", "Nec"};

        bytes_clear(&data);
        assert_int_equal(nectar_abi_constructor(&data, TEXTS[i]), 0);
        assert_int_equal(nectar_abi_read_tld(tld, bytes_view(&data)), i == 0 ? 0 : NECTAR_EFORMAT);
    }
    assert_string_equal(tld, "nec");
    bytes_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usernames),
        cmocka_unit_test(calls_are_told_by_name),
        cmocka_unit_test(cut_calls_are_told_as_none),
        cmocka_unit_test(two_hosts_are_no_record),
        cmocka_unit_test(replies),
        cmocka_unit_test(replies_that_are_no_record),
        cmocka_unit_test(errors_by_name),
        cmocka_unit_test(tlds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
