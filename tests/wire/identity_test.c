/* Who the peer says it is, and what becomes of those who lie about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <nectar/error.h>

#include "base/view.h"
#include "wire/shared/pair.h"
#include "wire/shared/puppet.h"

static const enum nectar_role ROLES[] = {NECTAR_INITIATOR, NECTAR_RESPONDER};

enum { POLICY = 1008, PROTOCOL = 1002, TRY_LATER = 1013 };

/* A puppet of this role, about to say who it is. */
static struct msg_handshake prepare(struct puppet *puppet, enum nectar_role role,
                                    const struct side_script *script, uint8_t *signature)
{
    puppet_begin(puppet, role, script);
    puppet_upgrade(puppet);
    puppet_greet(puppet);
    return puppet_identity(puppet, signature);
}

/* It presents itself, and the link ends so; asked: how often it asked whose key that is. */
static void ends(struct puppet *puppet, const struct msg_handshake *identity, int error,
                 uint16_t code, size_t asked)
{
    puppet_present_as(puppet, identity);
    puppet_assert_ends(puppet, error, code);
    assert_int_equal(side_count(&puppet->side, NECTAR_LINK_IDENTIFY), asked);
    assert_int_equal(side_count(&puppet->side, NECTAR_LINK_OPEN), 0);
    assert_int_equal(nectar_link_stage(puppet->side.link), NECTAR_STAGE_AUTH);
    puppet_end(puppet);
}

static void versions(void **state)
{
    static const uint64_t wrong[] = {0, 2, 127, 128, 255};
    uint8_t signature[NECTAR_SIGNATURE_BYTES];

    (void)state;
    for (size_t r = 0; r < 2; r++) {
        struct msg_handshake identity;
        struct puppet puppet;

        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            identity = prepare(&puppet, ROLES[r], NULL, signature);
            identity.version = wrong[i];
            ends(&puppet, &identity, NECTAR_EVERSION, POLICY, 0);
        }
        identity = prepare(&puppet, ROLES[r], NULL, signature);
        identity.version = 256;
        ends(&puppet, &identity, NECTAR_EMESSAGE, PROTOCOL, 0);
    }
}

/* An initiator takes the node it dialled alone; a responder asks for whoever it is told. */
static void names(void **state)
{
    static const char *const malformed[] = {"", "Alice.nec", "a b", "a..b", "a@b", ".nec", "-\n"};
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    char longest[NECTAR_NAME_MAX + 2];
    struct msg_handshake identity;
    struct puppet puppet;

    (void)state;
    identity = prepare(&puppet, NECTAR_RESPONDER, NULL, signature);
    identity.name = view_of_text("carol.nec");
    ends(&puppet, &identity, NECTAR_EIDENTITY, POLICY, 0);
    identity = prepare(&puppet, NECTAR_RESPONDER, NULL, signature);
    identity.name = (struct nectar_view){(const uint8_t *)"bob.nec\0x", 9};
    ends(&puppet, &identity, NECTAR_EIDENTITY, POLICY, 0);
    identity =
        prepare(&puppet, NECTAR_RESPONDER, &(struct side_script){.dials = "carol.nec"}, signature);
    ends(&puppet, &identity, NECTAR_EIDENTITY, POLICY, 0);

    identity = prepare(&puppet, NECTAR_INITIATOR, NULL, signature);
    identity.name = view_of_text("carol.nec"); /* signed with another's key */
    ends(&puppet, &identity, NECTAR_ESIGNATURE, POLICY, 1);
    for (size_t r = 0; r < 2; r++) {
        for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
            identity = prepare(&puppet, ROLES[r], NULL, signature);
            identity.name = view_of_text(malformed[i]);
            ends(&puppet, &identity, NECTAR_EIDENTITY, POLICY, 0);
        }
        memset(longest, 'a', sizeof longest);
        longest[sizeof longest - 1] = '\0';
        identity = prepare(&puppet, ROLES[r], NULL, signature);
        identity.name = view_of_text(longest);
        ends(&puppet, &identity, NECTAR_EIDENTITY, POLICY, 0);
    }
}

static void signatures(void **state)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES + 1] = {0};

    (void)state;
    for (size_t r = 0; r < 2; r++) {
        struct msg_handshake identity;
        struct puppet puppet;

        for (size_t i = 0; i < NECTAR_SIGNATURE_BYTES; i += 3) {
            identity = prepare(&puppet, ROLES[r], NULL, signature);
            signature[i] ^= 1;
            ends(&puppet, &identity, NECTAR_ESIGNATURE, POLICY, 1);
        }
        for (size_t len = 0; len <= NECTAR_SIGNATURE_BYTES + 1; len++) {
            if (len == NECTAR_SIGNATURE_BYTES)
                continue;
            identity = prepare(&puppet, ROLES[r], NULL, signature);
            identity.signature.len = len;
            ends(&puppet, &identity, NECTAR_ESIGNATURE, POLICY, 0);
        }
        identity = prepare(&puppet, ROLES[r], NULL, signature);
        memset(signature, 0, sizeof signature);
        ends(&puppet, &identity, NECTAR_ESIGNATURE, POLICY, 1);
    }
}

/* A good signature of another connection's static key. */
static void signature_of_another_connection(void **state)
{
    (void)state;
    for (size_t r = 0; r < 2; r++) {
        uint8_t signature[NECTAR_SIGNATURE_BYTES];
        struct puppet puppet;
        struct msg_handshake identity = prepare(&puppet, ROLES[r], NULL, signature);
        struct nectar_key *key = side_key(puppet.name);

        puppet.noise.s_public[0] ^= 1;
        nectar_key_sign(signature, key, puppet.noise.s_public, NOISE_KEY_BYTES);
        puppet.noise.s_public[0] ^= 1;
        nectar_key_free(key);
        ends(&puppet, &identity, NECTAR_ESIGNATURE, POLICY, 1);
    }
}

/* What the owner of the link says of the name. */
static void answers(void **state)
{
    const struct {
        struct side_script script;
        bool lies;
        int error;
        uint16_t code;
        size_t asked;
    } rows[] = {
        {{.answer = SIDE_UNKNOWN}, false, NECTAR_ESTRANGER, POLICY, 1},
        {{.answer = SIDE_UNKNOWN, .cached = true}, false, NECTAR_ESTRANGER, POLICY, 1},
        {{.answer = SIDE_OTHER_KEY}, false, NECTAR_ESIGNATURE, POLICY, 1},
        {{.answer = SIDE_REFUSES}, false, NECTAR_EUNREACHABLE, TRY_LATER, 1},
        {{.cached = true}, false, 0, 0, 1},
        {{.answer = SIDE_OTHER_KEY, .cached = true}, false, 0, 0, 2},
        {{.cached = true}, true, NECTAR_ESIGNATURE, POLICY, 2},
        {{.answer = SIDE_OTHER_KEY, .cached = true, .fresh_answer = SIDE_OTHER_KEY},
         false,
         NECTAR_ESIGNATURE,
         POLICY,
         2},
        {{.answer = SIDE_OTHER_KEY, .cached = true, .fresh_answer = SIDE_UNKNOWN},
         false,
         NECTAR_ESTRANGER,
         POLICY,
         2},
        {{.answer = SIDE_OTHER_KEY, .cached = true, .fresh_answer = SIDE_REFUSES},
         false,
         NECTAR_EUNREACHABLE,
         TRY_LATER,
         2},
    };

    (void)state;
    for (size_t r = 0; r < 2; r++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            uint8_t signature[NECTAR_SIGNATURE_BYTES];
            struct puppet puppet;
            struct msg_handshake identity = prepare(&puppet, ROLES[r], &rows[i].script, signature);

            signature[5] ^= rows[i].lies;
            if (rows[i].error) {
                ends(&puppet, &identity, rows[i].error, rows[i].code, rows[i].asked);
                continue;
            }
            puppet_present_as(&puppet, &identity);
            assert_int_equal(side_count(&puppet.side, NECTAR_LINK_IDENTIFY), rows[i].asked);
            for (size_t n = 0; n < rows[i].asked; n++) {
                const struct side_note *note = side_note(&puppet.side, NECTAR_LINK_IDENTIFY, n);

                assert_string_equal(note->text, puppet.name);
                assert_int_equal(note->fresh, n > 0);
            }
            assert_string_equal(side_note(&puppet.side, NECTAR_LINK_OPEN, 0)->text, puppet.name);
            puppet_end(&puppet);
        }
}

/* An owner may say "cached" of the fresh record too: it is asked no third time. */
static void cached_for_ever(void **state)
{
    struct side_script silent = {.answer = SIDE_SILENT, .fresh_answer = SIDE_SILENT};
    struct pair pair;

    (void)state;
    pair_begin(&pair, &silent, NULL);
    pair_run(&pair, SIZE_MAX);
    assert_int_equal(side_answer(&pair.alice, SIDE_OTHER_KEY, true), 0);
    assert_int_equal(side_feed(&pair.alice, NULL, 0), 0);
    assert_int_equal(pair.alice.note_count, 2);
    assert_true(pair.alice.notes[1].fresh);
    assert_int_equal(side_answer(&pair.alice, SIDE_OTHER_KEY, true), NECTAR_ESIGNATURE);
    pair_end(&pair);
}

/* The owner may take its time: what the peer says meanwhile waits, and nothing is taken from it. */
static void late_answer(void **state)
{
    struct nectar_message hello = {.source = view_of_text(SIDE_ALICE "@cli:nectar-net:sys"),
                                   .target = view_of_text(SIDE_BOB "@net:distro:sys")};
    struct side_script silent = {.answer = SIDE_SILENT};
    struct pair pair;
    uint64_t waits;

    (void)state;
    pair_begin(&pair, &(struct side_script){.sends = {&hello}}, &silent);
    pair_run(&pair, SIZE_MAX);
    assert_true(nectar_link_is_open(pair.alice.link));
    assert_int_equal(pair.bob.note_count, 1);
    waits = pair.bob.received;
    assert_int_equal(side_send(&pair.alice, &hello), 0);
    pair_run(&pair, SIZE_MAX);
    assert_true(pair.bob.received == waits);
    assert_int_equal(side_send(&pair.bob, &hello), NECTAR_ECLOSED);
    assert_int_equal(side_answer(&pair.bob, SIDE_TRUE_KEY, false), 0);
    assert_int_equal(side_feed(&pair.bob, NULL, 0), 0);
    pair_run(&pair, SIZE_MAX);
    assert_true(nectar_link_is_open(pair.bob.link));
    assert_int_equal(side_count(&pair.bob, NECTAR_LINK_MESSAGE), 2);
    pair_end(&pair);
}

/* An initiator that never gets its answer never says who it is: message 3 is not written. */
static void says_nothing_unproven(void **state)
{
    struct side_script silent = {.answer = SIDE_SILENT};
    struct pair pair;
    size_t wrote;

    (void)state;
    pair_begin(&pair, &silent, NULL);
    pair_run(&pair, SIZE_MAX);
    wrote = pair.alice.wrote.len;
    assert_int_equal(pair.bob.note_count, 0);
    assert_int_equal(side_answer(&pair.alice, SIDE_TRUE_KEY, false), 0);
    side_drain(&pair.alice, SIZE_MAX);
    assert_true(pair.alice.wrote.len > wrote + 64 + 64);
    pair_end(&pair);
}

static void proxy_requests(void **state)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES];
    struct msg_handshake identity;
    struct puppet puppet;

    (void)state;
    identity = prepare(&puppet, NECTAR_INITIATOR, NULL, signature);
    identity.proxy_request = true;
    ends(&puppet, &identity, NECTAR_EPROXY, POLICY, 0);
    identity =
        prepare(&puppet, NECTAR_INITIATOR, &(struct side_script){.allow_proxy = true}, signature);
    identity.proxy_request = true;
    puppet_present_as(&puppet, &identity);
    assert_true(nectar_link_is_open(puppet.side.link));
    puppet_end(&puppet);
    /* From a responder it means nothing. */
    identity = prepare(&puppet, NECTAR_RESPONDER, NULL, signature);
    identity.proxy_request = true;
    puppet_present_as(&puppet, &identity);
    assert_true(nectar_link_is_open(puppet.side.link));
    puppet_end(&puppet);
}

/* Payloads that are none: cut anywhere, with something behind, or something else altogether. */
static void payloads(void **state)
{
    uint8_t signature[NECTAR_SIGNATURE_BYTES];

    (void)state;
    for (size_t r = 0; r < 2; r++) {
        struct bytes payload;
        struct puppet puppet;
        struct msg_handshake identity = prepare(&puppet, ROLES[r], NULL, signature);

        bytes_init(&payload, 1024);
        assert_int_equal(msg_handshake_encode(&payload, &identity), 0);
        assert_int_equal(bytes_append_byte(&payload, 0xc0), 0);
        puppet_end(&puppet);
        for (size_t len = 0; len <= payload.len; len++) {
            bool honest = len == payload.len - 1;

            prepare(&puppet, ROLES[r], NULL, signature);
            puppet_present(&puppet, (struct nectar_view){payload.data, len});
            assert_int_equal(puppet.side.error, honest ? 0 : NECTAR_EMESSAGE);
            assert_int_equal(nectar_link_is_open(puppet.side.link), honest);
            puppet_end(&puppet);
        }
        bytes_free(&payload);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),       cmocka_unit_test(names),
        cmocka_unit_test(signatures),     cmocka_unit_test(signature_of_another_connection),
        cmocka_unit_test(answers),        cmocka_unit_test(cached_for_ever),
        cmocka_unit_test(late_answer),    cmocka_unit_test(says_nothing_unproven),
        cmocka_unit_test(proxy_requests), cmocka_unit_test(payloads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
