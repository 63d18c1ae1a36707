/* Addresses, processes, and what a body asks of the node. */
#include "msg/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/view.h"
#include "msg/action.h"

static void parts(void **state)
{
    struct msg_address address;

    (void)state;
    assert_true(msg_address_parse(&address, view_of_text("a.nec@net:distro:sys")));
    assert_true(view_equal_text(address.node, "a.nec"));
    assert_true(view_equal_text(address.process, MSG_NET_PROCESS));
    assert_true(msg_address_parse(&address, view_of_text("a:b@P Q:d:s")));
    assert_true(view_equal_text(address.node, "a:b"));
    assert_true(view_equal_text(address.process, "P Q:d:s"));
}

static void not_an_address(void **state)
{
    static const char *const texts[] = {"",          "a",         "@",         "a@",     "@n:d:s",
                                        "a@n",       "a@n:d",     "a@n:d:",    "a@n::s", "a@:d:s",
                                        "a@n:d:s:x", "a@b@n:d:s", "a@n:d:s@b", "n:d:s",  "a/n:d:s",
                                        "a@::",      "a@n:d:s@"};
    struct msg_address address = {.node = view_of_text("untouched")};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (msg_address_parse(&address, view_of_text(texts[i])))
            fail_msg("taken: %s", texts[i]);
    assert_true(view_equal_text(address.node, "untouched"));
    assert_false(msg_address_parse(&address, (struct nectar_view){0}));
}

static void on_a_node(void **state)
{
    static const char *const OTHERS[] = {"alice.ne", "alice.nec.nec", "blice.nec", "alice.nec@net",
                                         ""};
    struct nectar_view text = view_of_text("alice.nec@net:distro:sys"), process;

    (void)state;
    assert_true(msg_address_on(&process, text, "alice.nec"));
    assert_true(view_equal_text(process, "net:distro:sys"));
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
        assert_false(msg_address_on(&process, text, OTHERS[i]));
    text.len = strlen("alice.nec");
    assert_false(msg_address_on(&process, text, "alice.nec"));
}

static void processes(void **state)
{
    static const char *const good[] = {"net:distro:sys", "a-1:b-2:c.d-3.e", "0:0:.", "-:-:-"};
    static const char *const bad[] = {"",        "n",       "n:d",       "n:d:",        ":d:s",
                                      "n::s",    "n:d:s:x", "N:d:s",     "n:d:S",       "n.x:d:s",
                                      "n:d.x:s", "n_:d:s",  "n:d:s ",    " n:d:s",      "n:d:s\n",
                                      "n:d:s/",  "n:d:s_",  "n\x7f:d:s", "\xc3\xa9:d:s"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!msg_process_valid(view_of_text(good[i])))
            fail_msg("refused: %s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (msg_process_valid(view_of_text(bad[i])))
            fail_msg("taken: %s", bad[i]);
    assert_false(msg_process_valid((struct nectar_view){(const uint8_t *)"n:d:s\0", 6}));
    assert_false(msg_process_valid((struct nectar_view){0}));
}

#define BODY(text) ((struct nectar_view){(const uint8_t *)(text), sizeof(text) - 1})
#define REQUEST    "\x81\xb1"
#define NAME       "ConnectionRequest"

static void requests(void **state)
{
    struct nectar_view name = {0};

    (void)state;
    assert_int_equal(msg_action_decode(BODY(REQUEST NAME "\xa5"
                                                         "a.nec"),
                                       &name),
                     MSG_CONNECTION_REQUEST);
    assert_true(view_equal_text(name, "a.nec"));
    name = (struct nectar_view){0};
    assert_int_equal(msg_action_decode(BODY(REQUEST NAME "\xa5"
                                                         "a.nec!"),
                                       &name),
                     MSG_HELLO);
    assert_int_equal(msg_action_decode(BODY(REQUEST NAME "\xa5"
                                                         "a.ne"),
                                       &name),
                     MSG_HELLO);
    assert_int_equal(msg_action_decode(BODY(REQUEST NAME "\xa1\xff"), &name), MSG_HELLO);
    assert_int_equal(msg_action_decode(BODY(REQUEST NAME), &name), MSG_HELLO);
    assert_int_equal(msg_action_decode(BODY("\x82\xb1" NAME "\xa1"
                                            "a"),
                                       &name),
                     MSG_HELLO);
    assert_int_equal(msg_action_decode((struct nectar_view){0}, &name), MSG_HELLO);
    assert_null(name.data);
}

static void updates(void **state)
{
    struct nectar_view name;

    (void)state;
    assert_int_equal(msg_action_decode(
                         BODY("\x81\xa9HnsUpdate\x95\xa1n\xa1k\x90\x81\xa2ws\x01\x91\xa1r"), &name),
                     MSG_REGISTRY_UPDATE);
    assert_int_equal(msg_action_decode(BODY("\x81\xaeHnsBatchUpdate\x90"), &name),
                     MSG_REGISTRY_UPDATE);
    assert_int_equal(
        msg_action_decode(BODY("\x81\xa9HnsUpdate\x94\xa1n\xa1k\x90\x81\xa2ws\x01"), &name),
        MSG_HELLO);
    /* A count that nothing stands behind. */
    assert_int_equal(msg_action_decode(BODY("\x81\xaeHnsBatchUpdate\xdd\xff\xff\xff\xff"), &name),
                     MSG_HELLO);
    assert_int_equal(msg_action_decode(BODY("\x81\xaeHnsBatchUpdate\x90\x00"), &name), MSG_HELLO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts),     cmocka_unit_test(not_an_address), cmocka_unit_test(processes),
        cmocka_unit_test(on_a_node), cmocka_unit_test(requests),       cmocka_unit_test(updates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
