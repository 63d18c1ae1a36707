/*
 * What a proven peer may not say: each ends the connection with its own error and Close code, and
 * nothing of it is delivered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "msg/kernel.h"
#include "wire/shared/puppet.h"

enum { PROTOCOL = 1002, TOO_BIG = 1009, SMALL_CHUNK = 40 };

static const enum nectar_role ROLES[] = {NECTAR_INITIATOR, NECTAR_RESPONDER};

static void ends(struct puppet *puppet, int error, uint16_t code)
{
    puppet_assert_ends(puppet, error, code);
    assert_int_equal(nectar_link_stage(puppet->side.link), NECTAR_STAGE_FRAME);
    puppet_end(puppet);
}

/* The bytes of an honest hello. */
static struct bytes encode_hello(const struct puppet *puppet)
{
    struct nectar_message hello = puppet_hello(puppet);
    struct msg_encoded encoded;
    struct bytes whole;

    msg_encoded_init(&encoded);
    bytes_init(&whole, NECTAR_MESSAGE_MAX);
    assert_int_equal(msg_encode(&encoded, &hello, false), 0);
    for (size_t i = 0; i < encoded.count; i++)
        assert_int_equal(bytes_append(&whole, encoded.piece[i].data, encoded.piece[i].len), 0);
    msg_encoded_free(&encoded);
    return whole;
}

static void honest_first(void **state)
{
    (void)state;
    for (size_t r = 0; r < 2; r++) {
        struct puppet puppet;
        struct nectar_message hello;

        puppet_begin_open(&puppet, ROLES[r], NULL);
        hello = puppet_hello(&puppet);
        for (size_t chunk = 4; chunk < 200; chunk += 13)
            puppet_message(&puppet, &hello, chunk);
        assert_int_equal(puppet_flush(&puppet), 0);
        for (size_t n = 0; n < 16; n++)
            side_assert_same(&side_note(&puppet.side, NECTAR_LINK_MESSAGE, n)->message, &hello);
        puppet_end(&puppet);
    }
}

static void declared_lengths(void **state)
{
    static const uint32_t over[] = {NECTAR_MESSAGE_MAX + 1, 0x01000000, 0x7fffffff, 0x80000000,
                                    0xffffffff};
    struct puppet puppet;

    (void)state;
    for (size_t r = 0; r < 2; r++) {
        for (size_t i = 0; i < sizeof over / sizeof over[0]; i++) {
            puppet_begin_open(&puppet, ROLES[r], NULL);
            puppet_seal_whole(&puppet, over[i], "x", 1);
            ends(&puppet, NECTAR_ELENGTH, TOO_BIG);
        }
        puppet_begin_open(&puppet, ROLES[r], NULL);
        puppet_seal_whole(&puppet, NECTAR_MESSAGE_MAX, "x", 1);
        assert_int_equal(puppet_flush(&puppet), 0);
        assert_true(nectar_link_is_receiving(puppet.side.link));
        puppet_end(&puppet);
        puppet_begin_open(&puppet, ROLES[r], NULL);
        puppet_seal_whole(&puppet, 0, "", 0);
        ends(&puppet, NECTAR_EMESSAGE, PROTOCOL);
    }
}

static void first_chunks_too_short(void **state)
{
    struct puppet puppet;

    (void)state;
    for (size_t r = 0; r < 2; r++)
        for (size_t len = 0; len < 4; len++) {
            puppet_begin_open(&puppet, ROLES[r], NULL);
            puppet_seal(&puppet, "\0\0\0\0", len);
            ends(&puppet, NECTAR_ESHORT, PROTOCOL);
        }
}

static void too_many_bytes(void **state)
{
    (void)state;
    for (size_t r = 0; r < 2; r++) {
        struct puppet puppet;
        struct bytes hello;

        puppet_begin_open(&puppet, ROLES[r], NULL);
        hello = encode_hello(&puppet);
        /* In the one chunk; */
        puppet_seal_whole(&puppet, (uint32_t)hello.len - 1, hello.data, hello.len);
        ends(&puppet, NECTAR_EEXCESS, PROTOCOL);
        /* in a later one; */
        puppet_begin_open(&puppet, ROLES[r], NULL);
        puppet_seal_whole(&puppet, (uint32_t)hello.len, hello.data, SMALL_CHUNK);
        puppet_seal(&puppet, hello.data, hello.len - SMALL_CHUNK + 1);
        ends(&puppet, NECTAR_EEXCESS, PROTOCOL);
        /* and declared, so that they follow the message itself. */
        puppet_begin_open(&puppet, ROLES[r], NULL);
        assert_int_equal(bytes_append_byte(&hello, 0xc0), 0);
        puppet_seal_whole(&puppet, (uint32_t)hello.len, hello.data, hello.len);
        ends(&puppet, NECTAR_EMESSAGE, PROTOCOL);
        bytes_free(&hello);
    }
}

/* Cut at every byte, with a length that says so. */
static void truncated(void **state)
{
    struct puppet puppet;
    struct bytes hello;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    hello = encode_hello(&puppet);
    puppet_end(&puppet);
    for (size_t len = 0; len < hello.len; len++) {
        puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
        puppet_seal_whole(&puppet, (uint32_t)len, hello.data, len);
        ends(&puppet, NECTAR_EMESSAGE, PROTOCOL);
    }
    /* Cut with a length that says otherwise, it is waited for. */
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    puppet_seal_whole(&puppet, (uint32_t)hello.len, hello.data, hello.len - 1);
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_int_equal(side_count(&puppet.side, NECTAR_LINK_MESSAGE), 0);
    assert_int_equal(nectar_link_end(puppet.side.link), NECTAR_ECUT);
    puppet_end(&puppet);
    bytes_free(&hello);
}

static void no_transport_messages(void **state)
{
    static const uint8_t junk[64] = {1, 2, 3};

    (void)state;
    for (size_t r = 0; r < 2; r++)
        for (size_t len = 0; len <= sizeof junk; len++) {
            struct puppet puppet;

            puppet_begin_open(&puppet, ROLES[r], NULL);
            puppet_frame(&puppet, 0x82, junk, len);
            ends(&puppet, NECTAR_EDECRYPT, PROTOCOL);
        }
}

/* A message with one address changed; NULL stays as it is. */
static void address_ends(enum nectar_role role, const char *source, const char *target, int error)
{
    struct puppet puppet;
    struct nectar_message hello;

    puppet_begin_open(&puppet, role, NULL);
    hello = puppet_hello(&puppet);
    if (source)
        hello.source = view_of_text(source);
    if (target)
        hello.target = view_of_text(target);
    puppet_message(&puppet, &hello, SMALL_CHUNK);
    ends(&puppet, error, PROTOCOL);
}

static void addresses(void **state)
{
    static const enum nectar_role A = NECTAR_INITIATOR, B = NECTAR_RESPONDER;

    (void)state;
    address_ends(A, "carol.nec@net:distro:sys", NULL, NECTAR_ESOURCE);
    address_ends(A, "bob.nec@net:distro:sys", NULL, NECTAR_ESOURCE);
    address_ends(A, "alice.ne@net:distro:sys", NULL, NECTAR_ESOURCE);
    address_ends(A, "alice.nec2@net:distro:sys", NULL, NECTAR_ESOURCE);
    address_ends(A, "Alice.nec@net:distro:sys", NULL, NECTAR_ESOURCE);
    address_ends(B, "alice.nec@net:distro:sys", NULL, NECTAR_ESOURCE);
    address_ends(A, NULL, "carol.nec@net:distro:sys", NECTAR_ETARGET);
    address_ends(A, NULL, "alice.nec@net:distro:sys", NECTAR_ETARGET);
    address_ends(B, NULL, "bob.nec@net:distro:sys", NECTAR_ETARGET);
    address_ends(B, NULL, "alice.nec.nec@net:distro:sys", NECTAR_ETARGET);
    address_ends(A, "alice.nec@Net:distro:sys", NULL, NECTAR_EPROCESS);
    address_ends(A, "alice.nec@n_t:distro:sys", NULL, NECTAR_EPROCESS);
    address_ends(A, "alice.nec@net:dis.tro:sys", NULL, NECTAR_EPROCESS);
    address_ends(B, "bob.nec@net:distro:sy s", NULL, NECTAR_EPROCESS);
    address_ends(B, "bob.nec@net:distro:s\xc3\xa9s", NULL, NECTAR_EPROCESS);
    address_ends(A, "alice.nec@net:distro", NULL, NECTAR_EMESSAGE);
    address_ends(A, "alice.nec", NULL, NECTAR_EMESSAGE);
    address_ends(A, "", NULL, NECTAR_EMESSAGE);
    address_ends(A, "alice.nec@net:distro:sys:x", NULL, NECTAR_EMESSAGE);
    address_ends(A, NULL, "bob.nec", NECTAR_EMESSAGE);
}

/* A target process is whatever it likes: whether there is such a one is not the link's to say. */
static void target_processes(void **state)
{
    struct puppet puppet;
    struct nectar_message hello;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    hello = puppet_hello(&puppet);
    hello.target = view_of_text(SIDE_BOB "@No_Such:Process:x");
    puppet_message(&puppet, &hello, SMALL_CHUNK);
    assert_int_equal(puppet_flush(&puppet), 0);
    side_assert_same(&side_note(&puppet.side, NECTAR_LINK_MESSAGE, 0)->message, &hello);
    puppet_end(&puppet);
}

/* What came before the offence has been delivered, what comes behind it is not. */
static void only_what_follows_is_lost(void **state)
{
    struct puppet puppet;
    struct nectar_message hello;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    hello = puppet_hello(&puppet);
    puppet_message(&puppet, &hello, SMALL_CHUNK);
    puppet_seal(&puppet, "", 0);
    puppet_message(&puppet, &hello, SMALL_CHUNK);
    assert_int_equal(puppet_flush(&puppet), NECTAR_ESHORT);
    assert_int_equal(side_count(&puppet.side, NECTAR_LINK_MESSAGE), 1);
    puppet_end(&puppet);
}

/* A message of the largest length in chunks of every kind, empty ones among them. */
static void largest_from_a_peer(void **state)
{
    uint8_t *body = calloc(1, NECTAR_MESSAGE_MAX);
    struct puppet puppet;
    struct nectar_message hello;
    struct msg_encoded encoded;

    (void)state;
    assert_non_null(body);
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    hello = puppet_hello(&puppet);
    hello.body = (struct nectar_view){body, NECTAR_MESSAGE_MAX - 100};
    msg_encoded_init(&encoded);
    assert_int_equal(msg_encode(&encoded, &hello, false), 0);
    hello.body.len += NECTAR_MESSAGE_MAX - encoded.size;
    msg_encoded_free(&encoded);
    puppet_message(&puppet, &hello, 50000);
    assert_int_equal(puppet_flush(&puppet), 0);
    side_assert_same(&side_note(&puppet.side, NECTAR_LINK_MESSAGE, 0)->message, &hello);
    puppet_end(&puppet);
    free(body);
}

static void empty_chunks(void **state)
{
    struct puppet puppet;
    struct bytes hello;

    (void)state;
    puppet_begin_open(&puppet, NECTAR_INITIATOR, NULL);
    hello = encode_hello(&puppet);
    puppet_seal_whole(&puppet, (uint32_t)hello.len, "", 0);
    puppet_seal(&puppet, "", 0);
    for (size_t i = 0; i < hello.len; i++) {
        puppet_seal(&puppet, hello.data + i, 1);
        if (i + 1 < hello.len)
            puppet_seal(&puppet, "", 0);
    }
    assert_int_equal(puppet_flush(&puppet), 0);
    assert_int_equal(side_count(&puppet.side, NECTAR_LINK_MESSAGE), 1);
    puppet_end(&puppet);
    bytes_free(&hello);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_first),
        cmocka_unit_test(declared_lengths),
        cmocka_unit_test(first_chunks_too_short),
        cmocka_unit_test(too_many_bytes),
        cmocka_unit_test(truncated),
        cmocka_unit_test(no_transport_messages),
        cmocka_unit_test(addresses),
        cmocka_unit_test(target_processes),
        cmocka_unit_test(only_what_follows_is_lost),
        cmocka_unit_test(largest_from_a_peer),
        cmocka_unit_test(empty_chunks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
